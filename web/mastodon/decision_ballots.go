// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// decisionBallots answers GET /api/v1/minga/decisions/:id/ballots: to who may vote or
// opened it those that count now, to anybody the list once it is published; to others there
// is none.
func (f *Face) decisionBallots(c *gin.Context) error {
	p, err := f.oneDecision(c)
	if err != nil {
		return err
	}
	ctx, out := c.Request.Context(), []*ballotJSON{}
	insider, err := f.insider(ctx, auth.Viewer(c), p)
	if err != nil {
		return err
	}
	if !p.Decision.ShowsBallots(insider) {
		return fmt.Errorf("ballots of %s: %w", p.IRI, coop.ErrNotFound)
	}
	if len(p.Decision.Ballots) > 0 {
		for _, b := range p.Decision.Ballots {
			out = append(out, &ballotJSON{Voter: string(b.Voter), Option: b.Option, Reason: entity.Null(b.Reason)})
		}
		c.JSON(http.StatusOK, out)
		return nil
	}
	list, err := f.Store.Ballots(ctx, p.ID)
	for _, b := range list {
		out = append(out, newBallotJSON(b))
	}
	if err == nil {
		c.JSON(http.StatusOK, out)
	}
	return err
}

// insider tells whether a viewer opened a decision or may vote in it.
func (f *Face) insider(ctx context.Context, v coop.Viewer, p *coop.Post) (bool, error) {
	if v.Class != coop.ViewerAccount {
		return false, nil
	}
	if v.Account == p.AuthorID {
		return true, nil
	}
	return f.Store.MayVote(ctx, p.ID, v.Account)
}

// recountJSON is what the published list comes to.
type recountJSON struct {
	Electors   int            `json:"electors"`
	Cast       int            `json:"cast"`
	Needed     int            `json:"needed"`
	Quorum     bool           `json:"quorum_reached"`
	Counts     map[string]int `json:"counts"`
	Objections int            `json:"objections"`
	Result     string         `json:"result"`
	Published  entity.Null    `json:"published"` // the result that was published; null while it runs
	Agrees     bool           `json:"agrees"`
}

// recountDecision answers GET /api/v1/minga/decisions/:id/recount: the published list,
// counted again; to who may vote or opened it, in a decision of ours, what the ballots come
// to as they are.
func (f *Face) recountDecision(c *gin.Context) error {
	p, err := f.oneDecision(c)
	if err != nil {
		return err
	}
	r, ok := p.Decision.Recount()
	if !ok {
		if r, err = f.tally(c, p); err != nil {
			return err
		}
	}
	c.JSON(http.StatusOK, recountJSON{
		Electors: r.Electors, Cast: r.Cast, Needed: r.Needed, Quorum: r.Quorum, Counts: r.Counts, Objections: r.Objections,
		Result: string(r.Stage), Published: entity.Null(p.Decision.Result), Agrees: r.Stage == p.Decision.Result,
	})
	return nil
}

// tally is what the ballots of a decision of ours come to, for who may see them.
func (f *Face) tally(c *gin.Context, p *coop.Post) (coop.Result, error) {
	ctx, d := c.Request.Context(), p.Decision
	insider, err := f.insider(ctx, auth.Viewer(c), p)
	if err == nil && (!insider || !p.Local) {
		err = fmt.Errorf("no list of %s is published: %w", p.IRI, coop.ErrNotFound)
	}
	if err != nil {
		return coop.Result{}, err
	}
	ballots, err := f.Store.Ballots(ctx, p.ID)
	return coop.Tally(d.Electors, ballots, d.Quorum, d.Method), err
}

// castBallot answers POST /api/v1/minga/decisions/:id/ballot with `option` and `reason`.
func (f *Face) castBallot(c *gin.Context) error {
	p, err := f.oneDecision(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	option, reason := in.Text("option"), in.Text("reason")
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.Outbox.CastBallot(c.Request.Context(), auth.Account(c), p.ID, option, reason); err != nil {
		return err
	}
	return f.decisionNow(c, p.ID)
}
