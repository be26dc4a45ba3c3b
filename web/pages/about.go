// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/outbox/text"
	"minga/storage"
)

// aboutPage says what this instance is.
type aboutPage struct {
	aboutFrame
	Who    person
	Boards []person
	Stats  storage.Stats
	Text   sanitize.Clean // what this place is, in its own words
	Said   said           // what else there is to read
}

// about answers /about.
func (f *Face) about(c *gin.Context) error {
	ctx := c.Request.Context()
	page := aboutPage{aboutFrame: f.aboutFrame(c, "about_title", nil)}
	page.Description = page.T("home_description", "Federation", page.Federation)
	federation, err := f.Store.FederationAccount(ctx)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	page.Who = f.person(federation)
	if page.Boards, err = f.boards(ctx); err != nil {
		return err
	}
	if page.Stats, err = f.Store.Stats(ctx); err != nil {
		return err
	}
	if page.Said, err = f.said(ctx); err != nil {
		return err
	}
	if page.Said.About {
		if s, err := f.Store.Statement(ctx, coop.StatementAbout); err == nil {
			clean, _ := text.Markdown(s.Texts.In(page.Lang))
			page.Text = sanitize.Page(clean)
		}
	}
	return f.show(c, http.StatusOK, "about", page)
}

// interactPage tells how to follow or answer from one's own account.
type interactPage struct {
	frame
	Asked  string
	Who    person
	Post   *noteCard
	Target string // what to paste into one's own server
}

// longestAsked is the longest address that is looked up.
const longestAsked = 2048

// interact answers /interact?uri=…: what is known here of an account or a post. It
// sends nobody anywhere and asks no other server.
func (f *Face) interact(c *gin.Context) error {
	asked := coop.CleanLine(coop.Truncate(c.Query("uri"), longestAsked), longestAsked)
	page := interactPage{frame: f.frame(c, "", "", nil), Asked: asked}
	page.Title, page.NoIndex = page.T("interact_title"), true
	if asked != "" {
		if err := f.look(c.Request.Context(), &page); err != nil && !errors.Is(err, coop.ErrNotFound) && !errors.Is(err, coop.ErrGone) {
			return err
		}
	}
	return f.show(c, http.StatusOK, "interact", page)
}

// look finds what an address or a handle names, among what is known here.
func (f *Face) look(ctx context.Context, page *interactPage) error {
	if handle, err := coop.ParseHandle(page.Asked); err == nil && !strings.Contains(page.Asked, "://") {
		return f.lookAccount(page, func() (*coop.Account, error) { return f.byHandle(ctx, handle.String()) })
	}
	p, err := f.Store.PostByIRI(ctx, anybody(), coop.IRI(page.Asked))
	if err == nil {
		card := f.noteCard(page.tongue, p)
		page.Post, page.Target = &card, string(p.IRI)
		return nil
	}
	if !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	return f.lookAccount(page, func() (*coop.Account, error) {
		a, err := f.Store.AccountByIRI(ctx, coop.IRI(page.Asked))
		if err == nil && a.Gone() {
			err = coop.ErrNotFound
		}
		return a, err
	})
}

// lookAccount shows an account that was found.
func (f *Face) lookAccount(page *interactPage, find func() (*coop.Account, error)) error {
	a, err := find()
	if err != nil {
		return err
	}
	page.Who = f.person(a)
	page.Target = page.Who.Handle
	return nil
}
