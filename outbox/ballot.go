// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/outbox/text"
	"minga/storage"
)

// CastBallot casts the ballot of an account of this instance in a decision that it may
// see: an option by its key, and a reason, which an objection or a block needs. It takes
// the place of the one before. An *[coop.InvalidError] on option or reason says why it
// cannot count; [coop.ErrNotFound] that there is no such decision.
func (o *Outbox) CastBallot(ctx context.Context, account *coop.Account, post coop.ID, option, reason string) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error { return o.castBallot(ctx, tx, account, post, option, reason) })
}

// castBallot is CastBallot in a transaction.
func (o *Outbox) castBallot(ctx context.Context, tx *storage.Tx, account *coop.Account, post coop.ID, option, reason string) error {
	if err := tx.HoldPost(ctx, post); err != nil {
		return err
	}
	p, err := tx.Post(ctx, storage.Seeing(ctx, account.ID), post)
	if err == nil && (p.Decision == nil || p.Author == nil) {
		err = coop.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("vote in %s: %w", post, err)
	}
	may, err := tx.MayVote(ctx, p.ID, account.ID)
	if err != nil {
		return err
	}
	if !may {
		return &coop.InvalidError{Field: "option", Code: coop.CodeNoElector, Problem: "this account is not among those who decide"}
	}
	reason, now := coop.CleanText(reason, coop.MaxBallotReason+1), o.now().UTC()
	if err := p.Decision.MayCast(option, reason, p.Ends, now); err != nil {
		return err
	}
	b := &coop.Ballot{VoterID: account.ID, Voter: account, Option: option, Reason: reason, At: now}
	if p.Local {
		return o.KeepBallot(ctx, tx, p, b)
	}
	if err := o.sendDecisionBallot(ctx, tx, p, b); err != nil {
		return err
	}
	return tx.PutBallot(ctx, p, b)
}

// voteInDecision is a vote in the poll that other clients see of a decision: the ballot of
// who may cast one; false says that it is an echo. In a decision of ours that is all that
// becomes of it; elsewhere its server judges.
func (o *Outbox) voteInDecision(ctx context.Context, tx *storage.Tx, account *coop.Account, p *coop.Post, choices []int) (done bool, err error) {
	if err := p.Poll.MayChoose(choices, nil, o.now()); err != nil {
		return false, err
	}
	may, err := tx.MayVote(ctx, p.ID, account.ID)
	if err != nil {
		return false, err
	}
	if may {
		return true, o.castBallot(ctx, tx, account, p.ID, p.Decision.Options[choices[0]], "")
	}
	if !p.Local {
		return false, nil
	}
	return true, tx.AddEcho(ctx, storage.Vote{Post: p.ID, Account: account.ID, Options: choices, At: o.now()})
}

// sendDecisionBallot brings a ballot to who opened the decision, and to nobody else [wire
// example 24].
func (o *Outbox) sendDecisionBallot(ctx context.Context, tx *storage.Tx, p *coop.Post, b *coop.Ballot) error {
	id, err := tx.NextID(ctx, o.now())
	if err != nil {
		return err
	}
	b.IRI = below(b.Voter.IRI, "ballots/"+id.String())
	note := vocabulary.Note{
		ID: string(below(b.IRI, "note")), AttributedTo: string(b.Voter.IRI), To: []string{string(p.Author.IRI)}, InReplyTo: string(p.IRI), Published: b.At,
		Name:  p.Poll.Options[p.Decision.Option(b.Option)].Ballot(),
		Extra: vocabulary.Members{{Name: "ballot", Value: vocabulary.Members{{Name: "type", Value: "Ballot"}, {Name: "option", Value: b.Option}}.Add("reason", b.Reason)}},
	}
	to, err := o.toOne(ctx, tx, p.Author)
	if err != nil {
		return err
	}
	_, err = o.send(ctx, tx, outgoing{activity: wrap(note, "Create", b.IRI), signer: b.Voter, object: p.IRI, urgent: true}, to)
	return err
}

// KeepBallot keeps a ballot of an elector that may be cast, in a decision of ours whose
// post is held; an objection that stands now, or stands no more, changes the stage, of
// which everybody hears.
func (o *Outbox) KeepBallot(ctx context.Context, tx *storage.Tx, p *coop.Post, b *coop.Ballot) error {
	if err := tx.PutBallot(ctx, p, b); err != nil {
		return err
	}
	ballots, err := tx.Ballots(ctx, p.ID)
	if err != nil {
		return err
	}
	d, action := p.Decision, coop.DecisionSettle
	if coop.Tally(d.Electors, ballots, d.Quorum, d.Method).Objections > 0 {
		action = coop.DecisionObject
	}
	next, err := d.Stage.Step(action)
	if err != nil || next == d.Stage {
		return err
	}
	d.Stage = next
	if err := o.changeDecision(ctx, tx, p); err != nil {
		return err
	}
	return tx.TellOfDecision(ctx, p)
}

// RefuseBallot says to somebody elsewhere why their ballot in a decision of ours was not
// counted: a Reject of the activity that brought it, with the reason in words. Code is one
// of coop's: late, no_elector, no_option, reason.
func (o *Outbox) RefuseBallot(ctx context.Context, tx *storage.Tx, p *coop.Post, voter *coop.Account, ballot coop.IRI, code string) error {
	iri, err := o.newIRI(ctx, tx, p.Author.IRI, "Reject")
	if err != nil {
		return err
	}
	to, err := o.toOne(ctx, tx, voter)
	if err != nil {
		return err
	}
	lang := voter.Language
	if lang == "" {
		lang = p.Language
	}
	said := o.words.Say(lang, "ballot_"+code, map[string]string{"Title": p.Decision.TitleIn(lang)})
	activity := vocabulary.Activity{
		ID: iri, Type: "Reject", Actor: string(p.Author.IRI), To: []string{string(voter.IRI)}, Published: o.now(), Object: string(ballot),
		Content: text.Paragraph(said, false),
	}
	_, err = o.send(ctx, tx, outgoing{activity: activity, signer: p.Author, object: p.IRI, urgent: true}, to)
	return err
}
