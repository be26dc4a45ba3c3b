// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// myRequestsView is what somebody may do for the requests of their co-ops and of the
// federation.
type myRequestsView struct {
	formFrame
	Shelves []requestShelf
}

// requestShelf is what one account has.
type requestShelf struct {
	Who                       person
	Waiting, Drafts, Requests []requestRow
}

// requestRow is a request in such a list.
type requestRow struct {
	Title, Lang, URL string
	State            stateBadge
	Saved            moment
}

// requestsShown is how many requests of one account are listed.
const requestsShown = 40

// myRequests answers GET /requests/mine: what waits to be read, drafts, and the rest.
func (f *Face) myRequests(c *gin.Context) error {
	list, err := auth.Speakable(c, coop.ActRequest)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return &coop.RoleError{Act: coop.ActRequest}
	}
	view := myRequestsView{formFrame: f.formFrame(c, "requests_mine", nil)}
	view.Section = "requests"
	for _, a := range list {
		shelf, err := f.requestShelf(c.Request.Context(), view.tongue, a)
		if err != nil {
			return err
		}
		view.Shelves = append(view.Shelves, shelf)
	}
	return f.show(c, http.StatusOK, "requests-mine", view)
}

// requestShelf is what an account has.
func (f *Face) requestShelf(ctx context.Context, t *tongue, a *coop.Account) (requestShelf, error) {
	shelf := requestShelf{Who: f.person(a)}
	posts, err := f.Store.RequestsOf(ctx, a.ID, coop.Page{Limit: requestsShown})
	for _, p := range posts {
		row := requestRow{Title: p.Request.Title, Lang: p.Language, URL: requestPath(p, "/edit"), State: t.requestBadge(p.Request, f.Now()), Saved: momentOf(t, lastChange(p))}
		if row.Title == "" {
			row.Title, row.Lang = t.T("request_untitled"), ""
		}
		switch p.Request.Status {
		case coop.RequestReview:
			shelf.Waiting = append(shelf.Waiting, row)
		case coop.RequestDraft:
			shelf.Drafts = append(shelf.Drafts, row)
		default:
			row.URL = f.pathOf(p)
			shelf.Requests = append(shelf.Requests, row)
		}
	}
	return shelf, err
}

// requestOwner finds in whose name a person may change the request of an address: that
// of anybody else is not found.
func (f *Face) requestOwner(c *gin.Context) (*coop.Post, *coop.Account, error) {
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, nil, err
	}
	p, err := f.Store.RequestOf(c.Request.Context(), id)
	if err != nil {
		return nil, nil, err
	}
	a, err := f.mayRequest(c, p)
	if err == nil && a == nil {
		err = notYours(id)
	}
	return p, a, err
}

// mayRequest is the author of a request of ours for whom the person who asks may change
// it; nil for nobody.
func (f *Face) mayRequest(c *gin.Context, p *coop.Post) (*coop.Account, error) {
	list, err := auth.Speakable(c, coop.ActRequest)
	for _, a := range list {
		if p.Local && a.ID == p.AuthorID {
			return a, err
		}
	}
	return nil, err
}

// viewersFor are the viewers as whom a person may read: themselves, and the co-ops and
// federations in which they hold a role.
func (f *Face) viewersFor(c *gin.Context) []coop.Viewer {
	me := auth.Account(c)
	if me == nil || auth.SessionOf(c) == nil {
		return nil
	}
	viewers := []coop.Viewer{storage.Seeing(c.Request.Context(), me.ID)}
	for _, h := range f.held(c) {
		if coop.RolesMay(h.Roles, coop.ActRead) {
			viewers = append(viewers, coop.ViewerFor(h.Account.ID, h.Roles))
		}
	}
	return viewers
}
