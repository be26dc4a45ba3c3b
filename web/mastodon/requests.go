// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/respond"
)

// requestRoutes are requests of federations and co-ops.
func (f *Face) requestRoutes() []auth.Route {
	public := func(path string, h respond.Handler) auth.Route { return f.public("/v1/minga"+path, "", h) }
	write := func(method, path string, limit auth.Limit, h respond.Handler) auth.Route {
		return f.write(method, "/v1/minga"+path, scopeWrite, limit, h).For(coop.ActRequest)
	}
	return append(
		allFor(coop.ActRequest, f.update("/v1/minga/requests/:id", scopeWrite, auth.LimitPosts, f.updateRequest)),
		public("/requests", f.listRequests),
		public("/requests/:id", f.getRequest),
		public("/requests/:id/coverage", f.coverage),
		f.own("/v1/minga/requests/mine", scopeRead, f.ownRequests).For(coop.ActRequest),
		f.own("/v1/minga/requests/:id/file", scopeRead, f.requestFile).For(coop.ActRequest),
		write("POST", "/requests", auth.LimitPosts, f.createRequest),
		write("POST", "/requests/:id/:step", auth.LimitPosts, f.stepRequest),
		write("DELETE", "/requests/:id", auth.LimitDeletes, f.deleteRequest),
	)
}

// listRequests answers GET /api/v1/minga/requests, newest first: those that take offers,
// or with state=all or a state those of it; `q` (words), `skill` (a name or address) and
// `author` (an id) narrow.
func (f *Face) listRequests(c *gin.Context) error {
	q, err := f.requestQuery(c)
	if err != nil {
		return err
	}
	ctx, viewer := c.Request.Context(), auth.Viewer(c)
	list, err := f.Store.Requests(ctx, viewer, q, pageOf(c, 20, 40))
	if err != nil {
		return err
	}
	total, err := f.Store.CountRequests(ctx, viewer, q)
	if err != nil {
		return err
	}
	c.Header("X-Total-Count", strconv.Itoa(total))
	return f.showRequests(c, list)
}

// requestQuery reads what narrows a list of requests.
func (f *Face) requestQuery(c *gin.Context) (q coop.RequestQuery, err error) {
	q.Skill, q.Author = c.Query("skill"), askedID(c, "author")
	switch state := c.Query("state"); state {
	case "":
		q.Takes = f.Now()
	case "all":
	default:
		q.States = []coop.RequestState{coop.RequestState(state)}
	}
	if words := c.Query("q"); words != "" {
		q.Text, err = coop.ParseTextQuery(words)
	}
	return q, err
}

// showRequests answers a page of requests.
func (f *Face) showRequests(c *gin.Context, list []*coop.Post) error {
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	return f.showStatuses(c, list)
}

// ownRequests answers GET /api/v1/minga/requests/mine: all of the token's account, drafts
// and what clients sent too.
func (f *Face) ownRequests(c *gin.Context) error {
	list, err := f.Store.RequestsOf(c.Request.Context(), auth.Account(c).ID, pageOf(c, 20, 40))
	if err != nil {
		return err
	}
	return f.showRequests(c, list)
}

// askedRequest finds a request: a published one that the viewer may see, or one of the
// token's account in whatever state.
func (f *Face) askedRequest(c *gin.Context) (*coop.Post, error) {
	p, err := f.post(c, coop.KindRequest)
	if errors.Is(err, coop.ErrNotFound) {
		if own, ownErr := f.ownRequest(c); ownErr == nil {
			return own, nil
		}
	}
	return p, err
}

// ownRequest finds a request of the token's account; that of another is not found.
func (f *Face) ownRequest(c *gin.Context) (*coop.Post, error) {
	id, err := idOf(c)
	if err != nil {
		return nil, err
	}
	self := auth.Account(c)
	if self == nil {
		return nil, coop.ErrNotFound
	}
	if token := auth.TokenOf(c); token == nil || !token.May(coop.ActRequest.In(self.Kind), self.Kind) {
		return nil, fmt.Errorf("request %s: %w", id, coop.ErrNotFound)
	}
	p, err := f.Store.RequestOf(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	if p.AuthorID != self.ID {
		return nil, fmt.Errorf("request %s of another: %w", id, coop.ErrNotFound)
	}
	return p, nil
}

// getRequest answers GET /api/v1/minga/requests/:id.
func (f *Face) getRequest(c *gin.Context) error {
	p, err := f.askedRequest(c)
	if err != nil {
		return err
	}
	return f.showStatus(c, p)
}
