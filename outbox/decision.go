// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"minga/coop"
	"minga/storage"
)

// Decisions
//
// A decision is a Question [wire example 17] with an electorate that is frozen when it
// opens: the full members of a federation, one ballot each, or the people of one co-op or
// instance, whose ballots never leave it. Who has no part in it sees a poll and may vote
// there; that is an echo, shown apart and counted nowhere.
//
// A ballot is a Note to who opened it alone [wire example 24]; the last one before the end
// counts. An objection or a block changes the stage at once and everybody is told; its
// author takes it back by another ballot, or the proposal is amended, which clears all
// ballots. The clock ends a decision: the outcome goes out with the counts and, where that
// was said when it opened, with the list of ballots and of who could vote, so that anybody
// can count again ([coop.Tally]). What the decision hangs on then hears of it
// ([Outbox.decided]).

// OpenDecision opens a decision in the name of n.Author, in the caller's transaction, and
// tells who may vote. Complaints are [coop.Invalid]: fields title, text, method, options,
// unit, quorum, ends; code nobody on unit says that nobody could vote.
func (o *Outbox) OpenDecision(ctx context.Context, tx *storage.Tx, n coop.NewDecision) (*coop.Post, error) {
	p, err := o.newDecision(&n)
	if err != nil {
		return nil, err
	}
	electors, err := o.electorate(ctx, tx, &n)
	if err != nil {
		return nil, err
	}
	number, err := tx.NextDecisionNumber(ctx, n.Author.ID)
	if err != nil {
		return nil, err
	}
	p.IRI = below(n.Author.IRI, "decisions/"+strconv.FormatInt(number, 10))
	p.URL, p.Thread, p.Decision.Electors = string(p.IRI), below(p.IRI, "context"), len(electors)
	if err := o.decisionAudience(ctx, tx, &n, p, electors); err != nil {
		return nil, err
	}
	o.finishDecision(p)
	if err := o.publish(ctx, tx, p); err != nil {
		return nil, err
	}
	if err := tx.FreezeElectors(ctx, p.ID, electors); err != nil {
		return nil, err
	}
	return p, o.tellOfDecision(ctx, tx, p)
}

// NewDecision is [Outbox.OpenDecision] in a transaction of its own.
func (o *Outbox) NewDecision(ctx context.Context, n coop.NewDecision) (*coop.Post, error) {
	var p *coop.Post
	err := o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		p, err = o.OpenDecision(ctx, tx, n)
		return err
	})
	return p, err
}

// newDecision is the post of a decision, as far as it can be written before anything is
// asked of the store.
func (o *Outbox) newDecision(n *coop.NewDecision) (*coop.Post, error) {
	now := o.now().UTC()
	if n.Language == "" {
		n.Language = o.words.Closest(n.Author.Language)
	}
	if n.Unit == "" {
		n.Unit = coop.UnitCoop
	}
	if err := n.Validate(now); err != nil {
		return nil, err
	}
	p := &coop.Post{
		Author: n.Author, AuthorID: n.Author.ID, Local: true, Kind: coop.KindQuestion, Type: "Question", Language: n.Language, Published: now, Ends: n.Ends.UTC(),
		Visibility: coop.VisiblePublic,
		Decision: &coop.Decision{
			Title: n.Titles[n.Language], TitleMap: n.Titles, Markdown: n.Texts, Method: n.Method, Unit: n.Unit, Quorum: n.Quorum, Stage: coop.StageOpen,
			Options: n.Method.Options(), ListBallots: n.ListBallots && n.Unit == coop.UnitCoop, Subject: n.Subject,
		},
	}
	if n.Method == coop.MethodAdvice {
		p.Decision.Options = slices.Clone(n.Options)
	}
	p.Poll = &coop.Poll{Ends: p.Ends}
	for _, key := range p.Decision.Options {
		p.Poll.Options = append(p.Poll.Options, coop.PollOption{Title: o.words.Option(n.Language, n.Method, key)})
	}
	return p, nil
}

// electorate are who may vote, as it is now: the full members of an organization, each of
// which is verified, or the people of a co-op or of this instance.
func (o *Outbox) electorate(ctx context.Context, tx *storage.Tx, n *coop.NewDecision) ([]coop.ID, error) {
	var ids []coop.ID
	var err error
	switch {
	case n.Unit == coop.UnitPerson && n.Author.Kind == coop.Federation:
		ids, err = tx.ElectPeople(ctx, 0)
	case n.Unit == coop.UnitPerson:
		ids, err = tx.ElectPeople(ctx, n.Author.ID)
	case n.Author.Members == "":
		return nil, &coop.InvalidError{Field: "unit", Code: coop.CodeNotAllowed, Problem: "only a federation or a team has co-ops that vote"}
	default:
		list, members := []*coop.Membership(nil), error(nil)
		list, members = allMembers(ctx, tx, n.Author.ID)
		for _, m := range list {
			if m.Role == coop.RoleFull {
				ids = append(ids, m.Member.ID)
			}
		}
		err = members
	}
	if err == nil && len(ids) == 0 {
		err = &coop.InvalidError{Field: "unit", Code: coop.CodeNobody, Problem: "there is nobody who could vote"}
	}
	return ids, err
}

// decisionAudience addresses a decision. One of people that is not public stays here: it
// is for them alone by their names, or for whoever is signed in.
func (o *Outbox) decisionAudience(ctx context.Context, tx *storage.Tx, n *coop.NewDecision, p *coop.Post, electors []coop.ID) error {
	d, a := p.Decision, n.Author
	d.Electorate = a.Members
	if n.Unit == coop.UnitPerson || d.Electorate == "" {
		d.Electorate = a.IRI
	}
	switch {
	case !n.Members:
		p.To, p.Cc = []coop.IRI{coop.Public}, []coop.IRI{a.Followers}
		if n.Unit == coop.UnitCoop {
			p.Cc = append(p.Cc, a.Members)
		}
	case n.Unit == coop.UnitCoop:
		p.Visibility, p.To = coop.VisibleMembers, []coop.IRI{a.Members}
	case a.Kind == coop.Federation:
		p.Visibility = coop.VisibleLocal
	default:
		p.Visibility = coop.VisibleDirect
		people, err := tx.Accounts(ctx, electors)
		for _, id := range electors {
			if who := people[id]; who != nil {
				p.To = append(p.To, who.IRI)
			}
		}
		return err
	}
	return nil
}

// ownDecision finds a decision of ours that nobody else changes before the transaction
// ends.
func (o *Outbox) ownDecision(ctx context.Context, tx *storage.Tx, id coop.ID) (*coop.Post, error) {
	p, err := o.ownPost(ctx, tx, id)
	if err == nil && (p.Decision == nil || p.Poll == nil) {
		err = fmt.Errorf("decision %s: %w", id, coop.ErrNotFound)
	}
	return p, err
}

// changeDecision keeps a new state of a decision of ours and tells everybody who has it.
func (o *Outbox) changeDecision(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	p.Updated = o.edited(p)
	o.finishDecision(p)
	return o.update(ctx, tx, p)
}

// withDecision runs an act on a decision of ours in one transaction and gives the post as
// the act left it.
func (o *Outbox) withDecision(ctx context.Context, id coop.ID, act func(tx *storage.Tx, p *coop.Post) error) (*coop.Post, error) {
	var p *coop.Post
	err := o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		if p, err = o.ownDecision(ctx, tx, id); err != nil {
			return err
		}
		return act(tx, p)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// AmendDecision puts another proposal in the place of one that is running: its titles,
// texts and end are those of n. All ballots are cleared, which the text says, and who may
// vote is told. [coop.ErrState] says that it is over; complaints are [coop.Invalid].
func (o *Outbox) AmendDecision(ctx context.Context, id coop.ID, n coop.NewDecision) (*coop.Post, error) {
	return o.withDecision(ctx, id, func(tx *storage.Tx, p *coop.Post) error {
		d, now := p.Decision, o.now().UTC()
		if d.Over(p.Ends, now) {
			return fmt.Errorf("amend %s: %w", p.IRI, coop.ErrState)
		}
		next, err := d.Stage.Step(coop.DecisionAmend)
		if err != nil {
			return err
		}
		n.Language, n.Method, n.Unit, n.Quorum = p.Language, d.Method, d.Unit, d.Quorum
		n.Options = d.Options
		if n.Ends.IsZero() {
			if n.Ends = p.Ends; n.Ends.Before(now.Add(coop.MinDecisionTime)) {
				n.Ends = now.Add(coop.MinDecisionTime)
			}
		}
		if err := n.Validate(now); err != nil {
			return err
		}
		d.Stage, d.Title, d.TitleMap, d.Markdown, d.Amended = next, n.Titles[p.Language], n.Titles, n.Texts, now
		p.Ends, p.Poll.Ends = n.Ends.UTC(), n.Ends.UTC()
		if err := tx.ClearBallots(ctx, p); err != nil {
			return err
		}
		if err := o.changeDecision(ctx, tx, p); err != nil {
			return err
		}
		return o.tellOfDecision(ctx, tx, p)
	})
}

// WithdrawDecision ends a decision without an outcome. What it hangs on hears of it.
func (o *Outbox) WithdrawDecision(ctx context.Context, id coop.ID) (*coop.Post, error) {
	return o.withDecision(ctx, id, func(tx *storage.Tx, p *coop.Post) error { return o.withdrawDecision(ctx, tx, p) })
}

// withdrawDecision is WithdrawDecision in a transaction, of a decision of [Outbox.ownDecision].
func (o *Outbox) withdrawDecision(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	next, err := p.Decision.Stage.Step(coop.DecisionWithdraw)
	if err != nil || next == p.Decision.Stage {
		return err
	}
	p.Poll.Closed = o.now().UTC()
	return o.endDecision(ctx, tx, p, next)
}

// PublishDecision publishes what came out, with some words on it: plain text, or none.
func (o *Outbox) PublishDecision(ctx context.Context, id coop.ID, words string) (*coop.Post, error) {
	return o.withDecision(ctx, id, func(tx *storage.Tx, p *coop.Post) error {
		d := p.Decision
		if d.Stage.Running() {
			return fmt.Errorf("publish %s: %w", p.IRI, coop.ErrState) // the clock does, of advice
		}
		next, err := d.Stage.Step(coop.DecisionPublish)
		if err != nil {
			return err
		}
		d.Stage, d.Outcome = next, coop.CleanText(words, coop.MaxBallotReason)
		return o.changeDecision(ctx, tx, p)
	})
}
