// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// clientBody is what the form of a client carries at most, in bytes.
const clientBody = 64 << 10

// clientView is the form by which a client asks the network, without an account.
type clientView struct {
	formFrame
	Given   clientFields
	Sent    bool
	Kept    string // until when their address is kept at the latest
	Tongues []choice
}

// clientFields are its fields, as they were typed. Site is one that people do not see.
type clientFields struct{ Language, Title, Description, Client, Mail, Contact, Budget, Site string }

// clientPage answers GET /requests/new for who speaks for no co-op.
func (f *Face) clientPage(c *gin.Context) error {
	view := f.clientView(c)
	view.Given.Language = view.Lang
	view.Tongues = view.languageChoices([]string{view.Given.Language})
	return f.show(c, http.StatusOK, "request-client", view)
}

// clientView makes the page.
func (f *Face) clientView(c *gin.Context) *clientView {
	view := &clientView{formFrame: f.formFrame(c, "request_client_title", nil)}
	view.NoIndex, view.Description = false, view.T("request_client_description", "Federation", view.Federation)
	view.Section, view.Kept = "requests", view.Day(f.Now().Add(coop.RequestFileLife))
	return view
}

// clientSent answers GET /requests/sent.
func (f *Face) clientSent(c *gin.Context) error {
	view := f.clientView(c)
	view.Sent, view.NoIndex = true, true
	return f.show(c, http.StatusOK, "request-client", view)
}

// clientRequest answers POST /requests/new: what a client needs waits for a coordinator
// of the federation.
func (f *Face) clientRequest(c *gin.Context) error {
	view, ctx := f.clientView(c), c.Request.Context()
	text := func(name string, most int) string {
		return coop.CleanText(coop.Truncate(c.PostForm(name), 4*most), most)
	}
	view.Given = clientFields{
		Language: coop.CleanLanguage(c.PostForm("language")), Title: coop.CleanLine(text("title", 400), 400), Description: text("description", 30_000),
		Client: coop.CleanLine(text("client", 400), 400), Mail: coop.CleanLine(text("mail", 400), 400), Contact: coop.CleanLine(text("contact", 600), 600),
		Budget: coop.CleanLine(text("budget", 400), 400), Site: c.PostForm("site"),
	}
	view.Tongues = view.languageChoices([]string{view.Given.Language})
	if view.Given.Site != "" { // a program that fills in every field
		c.Redirect(http.StatusSeeOther, requestsPath+"/sent")
		return nil
	}
	err := f.Outbox.ReceiveRequest(ctx, view.Given.request(), view.Given.file())
	var list coop.Invalid
	switch {
	case errors.As(err, &list):
		for _, e := range list {
			field := map[string]string{"markdown": "description"}[e.Field]
			if field == "" {
				field = e.Field
			}
			if view.Problem(field) == "" {
				view.complain(field, view.requestProblem(field, e.Code))
			}
		}
		return f.show(c, http.StatusUnprocessableEntity, "request-client", view)
	case errors.Is(err, coop.ErrFull):
		view.complain("title", view.T("request_client_full"))
		return f.show(c, http.StatusUnprocessableEntity, "request-client", view)
	case err != nil:
		return err
	}
	c.Redirect(http.StatusSeeOther, requestsPath+"/sent")
	return nil
}

// request is what the client asks for: without roles, which the coordinators make of it.
func (g clientFields) request() *coop.Post {
	return &coop.Post{Language: g.Language, Request: &coop.Request{Title: g.Title, Markdown: map[string]string{g.Language: g.Description}, TitleMap: map[string]string{g.Language: g.Title}}}
}

// file is who the client is.
func (g clientFields) file() *coop.RequestFile {
	file := &coop.RequestFile{Client: g.Client, Mail: g.Mail, Contact: g.Contact, Public: true}
	if g.Budget != "" {
		file.Notes = g.Budget
	}
	return file
}
