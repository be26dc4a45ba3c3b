// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// deliveriesPath is how far a post came, for its author and the staff.
const deliveriesPath = "/deliveries"

// deliveriesView is how far a post came.
type deliveriesView struct {
	formFrame
	Name, Lang, URL string // of the post
	Words           string
	Servers         []serverLine
}

// serverLine is how far a post came at one server.
type serverLine struct {
	Host, Says string
	At         moment // since when it has it, or when it is tried next
	Error      string // as the machine says it
	Bad        bool
}

// deliveriesRoutes is the table of this page.
func (f *Face) deliveriesRoutes() []auth.Route {
	return []auth.Route{
		{Method: "GET", Path: deliveriesPath + "/:id", Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.HTML, Handle: f.deliveriesPage},
	}
}

// deliveriesPage answers GET /deliveries/ID.
func (f *Face) deliveriesPage(c *gin.Context) error {
	p, err := f.sentPost(c)
	if err != nil {
		return err
	}
	servers, sum, err := f.Store.ServersOfPost(c.Request.Context(), p.ID)
	if err != nil {
		return err
	}
	view := deliveriesView{formFrame: f.formFrame(c, "deliveries_title", nil), Name: p.Title, Lang: p.Language, URL: f.pathOf(p)}
	if view.Name == "" {
		view.Name = view.T("deliveries_post")
	}
	view.Words = view.T("mine_sent", "Arrived", view.Number(max(sum.Queued-sum.Waiting-sum.Dead, 0)), "Waiting", view.Number(sum.Waiting), "Dead", view.Number(sum.Dead))
	for _, s := range servers {
		view.Servers = append(view.Servers, serverLineOf(view.tongue, s))
	}
	return f.show(c, http.StatusOK, "deliveries", view)
}

// serverLineOf says it in words.
func serverLineOf(t *tongue, s storage.ServerState) serverLine {
	line := serverLine{Host: s.Host, Says: t.T("deliveries_" + s.State), At: momentOf(t, s.At), Error: s.Error}
	switch s.State {
	case storage.ServerWaiting, storage.ServerResting:
		line.At = momentOf(t, s.NextAt)
	case storage.ServerDead:
		line.Bad = true
	}
	return line
}

// sentPost finds the post of the path, which the person wrote, may publish for, or looks
// after as staff; to anybody else it is not there.
func (f *Face) sentPost(c *gin.Context) (*coop.Post, error) {
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, fmt.Errorf("post %.40q: %w", c.Param("id"), coop.ErrNotFound)
	}
	speaks, err := auth.Speakable(c, coop.ActPublish)
	if err != nil {
		return nil, err
	}
	return f.sentBy(c.Request.Context(), id, append(speaks, auth.Account(c)))
}

// sentBy is a local post by one of the accounts.
func (f *Face) sentBy(ctx context.Context, id coop.ID, authors []*coop.Account) (*coop.Post, error) {
	for _, a := range authors {
		p, err := f.Store.Post(ctx, storage.Seeing(ctx, a.ID), id)
		if err == nil && p.Local && slices.ContainsFunc(authors, func(b *coop.Account) bool { return b.ID == p.AuthorID }) {
			return p, nil
		}
	}
	return nil, fmt.Errorf("post %s of another: %w", id, coop.ErrNotFound)
}
