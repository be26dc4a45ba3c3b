// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"

	"minga/coop"
)

// decisionCount is a line of the count.
type decisionCount struct {
	Title       line
	Votes, Echo string
	Most, N     int
}

// ownBallot is how an account stands for which who reads may vote.
type ownBallot struct {
	Who      person
	Path     string // of the form; empty: no ballots are taken any more
	Option   string // empty: none was cast
	Reason   string
	Refused  string
	Language string
}

// ballotRow is a line of the list of ballots.
type ballotRow struct {
	Who    person
	Option string
	Reason string
	At     moment
}

// recountView is what the published list comes to.
type recountView struct {
	Cast, Electors, Needed string
	Quorum                 bool
	Objections             string
	Result                 string
	Agrees                 bool
}

// fillCounts adds the count, with what others chose beside it.
func (f *Face) fillCounts(ctx context.Context, view *decisionView, _ *decisionReader, p *coop.Post) error {
	echo := make([]int, len(p.Poll.Options))
	if p.Local {
		var err error
		if echo, err = f.Store.Echo(ctx, p.ID, len(echo)); err != nil {
			return err
		}
	}
	most := max(p.Decision.Electors, p.Poll.Votes(), 1)
	for i, o := range p.Poll.Options {
		one := decisionCount{Title: line{view.Lang, view.option(p, p.Decision.Options[i])}, Votes: view.Number(max(o.Votes, 0)), Echo: view.Number(echo[i]), Most: most, N: max(o.Votes, 0)}
		if p.Decision.Method == coop.MethodAdvice {
			one.Title = line{p.Language, o.Title}
		}
		view.Echoed = view.Echoed || echo[i] > 0
		view.Counts = append(view.Counts, one)
	}
	return nil
}

// fillElects says for whom who reads may vote, and how they did.
func (f *Face) fillElects(ctx context.Context, view *decisionView, r *decisionReader, p *coop.Post) error {
	for _, a := range r.voters {
		may, err := f.Store.MayVote(ctx, p.ID, a.ID)
		if err != nil {
			return err
		}
		if !may {
			continue
		}
		own := ownBallot{Who: f.person(a), Language: p.Language}
		if !view.Over {
			own.Path = view.Path + "/ballot?as=" + a.ID.String()
		}
		b, err := f.Store.BallotOf(ctx, p.ID, a.ID)
		if err != nil && !errors.Is(err, coop.ErrNotFound) {
			return err
		}
		if err == nil {
			own.Option, own.Reason, own.Refused = view.option(p, b.Option), b.Reason, b.Refused
		}
		view.Elects = append(view.Elects, own)
	}
	return nil
}

// fillBallots lists the ballots for who may see them: as they are, or as they were
// published.
func (f *Face) fillBallots(ctx context.Context, view *decisionView, r *decisionReader, p *coop.Post) error {
	for _, a := range r.accounts {
		may, err := f.Store.MayVote(ctx, p.ID, a.ID)
		if err != nil {
			return err
		}
		view.Inside = view.Inside || may || a.ID == p.AuthorID
	}
	if !p.Decision.ShowsBallots(view.Inside) {
		return nil
	}
	if len(p.Decision.Ballots) > 0 {
		return f.fillRoll(ctx, view, p)
	}
	if !p.Local {
		return nil
	}
	list, err := f.Store.Ballots(ctx, p.ID)
	for _, b := range list {
		view.Ballots = append(view.Ballots, ballotRow{f.person(b.Voter), view.option(p, b.Option), b.Reason, view.minute(b.At)})
	}
	return err
}

// fillRoll is the published list.
func (f *Face) fillRoll(ctx context.Context, view *decisionView, p *coop.Post) error {
	iris := make([]coop.IRI, len(p.Decision.Ballots))
	for i, b := range p.Decision.Ballots {
		iris[i] = b.Voter
	}
	names, err := f.names(ctx, iris)
	for _, b := range p.Decision.Ballots {
		who := names[b.Voter]
		if who.Name == "" {
			who = person{Name: string(b.Voter), URL: string(b.Voter)}
		}
		view.Ballots = append(view.Ballots, ballotRow{who, view.option(p, b.Option), b.Reason, moment{}})
	}
	return err
}

// recount counts the published list again; nil where there is none.
func (t *tongue) recount(d *coop.Decision) *recountView {
	r, ok := d.Recount()
	if !ok {
		return nil
	}
	return &recountView{
		Cast: t.Number(r.Cast), Electors: t.Number(r.Electors), Needed: t.Number(r.Needed), Quorum: r.Quorum, Objections: t.Number(r.Objections),
		Result: t.T("decision_stage_" + string(r.Stage)), Agrees: r.Stage == d.Result,
	}
}
