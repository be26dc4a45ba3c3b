// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/respond"
)

// decisionRoutes are decisions: opened by federations and co-ops, voted in by their
// delegates.
func (f *Face) decisionRoutes() []auth.Route {
	public := func(path string, h respond.Handler) auth.Route { return f.public("/v1/minga"+path, "", h) }
	write := func(path string, limit auth.Limit, act coop.RoleAct, h respond.Handler) auth.Route {
		return f.write("POST", "/v1/minga"+path, scopeWrite, limit, h).For(act)
	}
	return []auth.Route{
		public("/decisions", f.listDecisions),
		public("/decisions/:id", f.getDecision),
		public("/decisions/:id/ballots", f.decisionBallots),
		public("/decisions/:id/recount", f.recountDecision),
		write("/decisions", auth.LimitPosts, coop.ActDecide, f.createDecision),
		write("/decisions/:id/ballot", auth.LimitAPI, coop.ActBallot, f.castBallot),
		write("/decisions/:id/amend", auth.LimitPosts, coop.ActDecide, f.amendDecision),
		write("/decisions/:id/withdraw", auth.LimitAPI, coop.ActDecide, f.withdrawDecision),
		write("/decisions/:id/publish", auth.LimitAPI, coop.ActDecide, f.publishDecision),
	}
}

// oneDecision finds the decision of the address, as who asks may see it.
func (f *Face) oneDecision(c *gin.Context) (*coop.Post, error) {
	id, err := idOf(c)
	if err != nil {
		return nil, err
	}
	p, err := f.Store.Post(c.Request.Context(), auth.Viewer(c), id)
	if err == nil && (p.Decision == nil || p.Poll == nil || p.Author == nil) {
		err = fmt.Errorf("decision %s: %w", id, coop.ErrNotFound)
	}
	return p, err
}

// listDecisions answers GET /api/v1/minga/decisions, newest first: `author` (an id)
// narrows to who opened them, `running` to those that take ballots or not, `mine` to those
// in which the token's account may vote.
func (f *Face) listDecisions(c *gin.Context) error {
	ctx, viewer := c.Request.Context(), auth.Viewer(c)
	q := storage.DecisionQuery{Running: c.Query("running") == "true", Ended: c.Query("running") == "false"}
	q.Author = askedID(c, "author")
	if mine, _ := strconv.ParseBool(c.Query("mine")); mine {
		if q.Elector = -1; auth.Account(c) != nil {
			q.Elector = auth.Account(c).ID
		}
	}
	list, err := f.Store.Decisions(ctx, viewer, q, pageOf(c, 20, 40))
	if err != nil {
		return err
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	return f.showDecisions(c, list)
}

// showDecisions answers decisions as who asks may see them.
func (f *Face) showDecisions(c *gin.Context, list []*coop.Post) error {
	ctx, viewer := c.Request.Context(), auth.Viewer(c)
	out, authors := make([]*decisionJSON, 0, len(list)), []*entity.Account{}
	for _, p := range list {
		one, err := f.decision(ctx, viewer, p)
		if err != nil {
			return err
		}
		out, authors = append(out, one), append(authors, one.Account)
	}
	if err := f.complete(ctx, authors...); err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// getDecision answers GET /api/v1/minga/decisions/:id.
func (f *Face) getDecision(c *gin.Context) error {
	p, err := f.oneDecision(c)
	if err != nil {
		return err
	}
	return f.showDecision(c, p)
}

// showDecision answers one decision.
func (f *Face) showDecision(c *gin.Context, p *coop.Post) error {
	out, err := f.decision(c.Request.Context(), auth.Viewer(c), p)
	if err != nil {
		return err
	}
	if err := f.complete(c.Request.Context(), out.Account); err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}
