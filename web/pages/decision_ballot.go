// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// ballotView is the form of a ballot.
type ballotView struct {
	formFrame
	Action   string
	Decision string
	Head     line
	Text     prose
	Facts    []fact
	Ends     moment
	Who      person
	As       string
	Others   []choice
	Options  []choice
	Objects  string // the option that needs a reason; empty: none
	Reason   string
	Before   bool // there is a ballot, which this one replaces
}

// ballotFor finds the decision of the address and for whom the person votes: whom as= names,
// else the first who may.
func (f *Face) ballotFor(c *gin.Context, as string) (*coop.Post, *coop.Account, []*coop.Account, error) {
	r, err := f.decisionReader(c)
	if err != nil {
		return nil, nil, nil, err
	}
	ctx := c.Request.Context()
	p, err := r.one(ctx, f.Store, c.Param("id"))
	if err != nil {
		return nil, nil, nil, err
	}
	var chosen *coop.Account
	var may []*coop.Account
	for _, a := range r.voters {
		elects, err := f.Store.MayVote(ctx, p.ID, a.ID)
		if err != nil {
			return nil, nil, nil, err
		}
		if !elects {
			continue
		}
		may = append(may, a)
		if a.ID.String() == as || chosen == nil {
			chosen = a
		}
	}
	if chosen == nil {
		return nil, nil, nil, &coop.RoleError{Act: coop.ActBallot}
	}
	return p, chosen, may, nil
}

// ballotPage answers GET /decisions/ID/ballot.
func (f *Face) ballotPage(c *gin.Context) error {
	p, as, may, err := f.ballotFor(c, c.Query("as"))
	if err != nil {
		return err
	}
	option, reason := "", ""
	b, err := f.Store.BallotOf(c.Request.Context(), p.ID, as.ID)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	if err == nil {
		option, reason = b.Option, b.Reason
	}
	view := f.ballotView(c, p, as, may, option, reason)
	view.Before = err == nil
	if p.Decision.Over(p.Ends, f.Now()) {
		c.Redirect(http.StatusSeeOther, decisionPath(p, ""))
		return nil
	}
	return f.show(c, http.StatusOK, "decision-ballot", view)
}

// ballotView makes the page of the form.
func (f *Face) ballotView(c *gin.Context, p *coop.Post, as *coop.Account, may []*coop.Account, option, reason string) *ballotView {
	d := p.Decision
	view := &ballotView{
		formFrame: f.formFrame(c, "decision_ballot_title", nil), Action: decisionPath(p, "/ballot"), Decision: decisionPath(p, ""), Who: f.person(as), As: as.ID.String(), Reason: reason,
	}
	t := view.tongue
	view.Section = "decisions"
	view.Head, view.Text, view.Facts, view.Ends = lineOf(t.Lang, p.Language, d.Title, d.TitleMap), f.proposal(t, p), t.decisionFacts(p), t.minute(p.Ends)
	for _, key := range d.Options {
		view.Options = append(view.Options, choice{key, t.option(p, key), key == option})
		if d.Method.Objects(key) {
			view.Objects = t.option(p, key)
		}
	}
	if len(may) > 1 {
		for _, a := range may {
			view.Others = append(view.Others, choice{a.ID.String(), f.person(a).Name, a.ID == as.ID})
		}
	}
	return view
}

// castBallot answers POST /decisions/ID/ballot.
func (f *Face) castBallot(c *gin.Context) error {
	p, as, may, err := f.ballotFor(c, c.PostForm(auth.AsField))
	if err != nil {
		return err
	}
	if wanted := c.PostForm(auth.AsField); wanted != "" && as.ID.String() != wanted {
		return &coop.RoleError{Act: coop.ActBallot} // never for another than was meant
	}
	if as.ID != auth.Account(c).ID {
		if _, err := auth.ActAs(c, as.ID, coop.ActBallot.In(as.Kind)); err != nil {
			return err
		}
	}
	option, reason := c.PostForm("option"), coop.CleanText(coop.Truncate(c.PostForm("reason"), 12_000), coop.MaxBallotReason+1)
	err = f.Outbox.CastBallot(c.Request.Context(), as, p.ID, option, reason)
	var invalid *coop.InvalidError
	if errors.As(err, &invalid) {
		view := f.ballotView(c, p, as, may, option, reason)
		view.complain(invalid.Field, view.ballotProblem(invalid))
		return f.show(c, http.StatusUnprocessableEntity, "decision-ballot", view)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, decisionPath(p, "?done=ballot"))
	return nil
}

// ballotProblem says why a ballot does not count.
func (t *tongue) ballotProblem(e *coop.InvalidError) string {
	switch e.Code {
	case coop.CodeNoElector, coop.CodeLate, coop.CodeNoOption, coop.CodeReason:
		return t.T("decision_wrong_" + e.Code)
	}
	return t.T("problem_too_long")
}
