// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"

	"minga/coop"
	"minga/federation/document"
	"minga/storage"
)

// Ballots in decisions [wire example 24]. They come as the votes of polls do, with a
// payload that has the option by its key and a reason. Who is of the electorate casts a
// ballot also by the poll of their own software; who is not, and does not mean to cast
// one, leaves an echo. A ballot that cannot count is answered by a Reject with its reason;
// of a decision that they may not see nobody is told anything.

// decisionBallot is what a ballot says, before anybody has judged it.
type decisionBallot struct {
	ballot coop.Ballot
	meant  bool // it has the payload: it is no vote in a poll
	number int  // place of the option, negative for none
}

// decide keeps a ballot in a decision of ours, notes an echo, or says why neither.
func (w *work) decide(ballots []*document.Object, post *coop.Post, voter *coop.Account) (effect, error) {
	b := ballots[0]
	if len(ballots) > 1 {
		return nil, drop("one_ballot")
	}
	if coop.IRI(b.Owner()) != w.actor || coop.IRI(b.Ref("inReplyTo").ID) != post.IRI || b.ID() != "" && !sameOrigin(coop.IRI(b.ID()), w.actor) {
		return nil, drop("foreign_ballot")
	}
	said := w.readBallot(b, post, voter)
	return func(ctx context.Context, tx *storage.Tx) error {
		now, err := heldPost(ctx, tx, post.ID)
		if err != nil || now.Decision == nil {
			return storeFault("look up a decision", err)
		}
		if err := w.judgeBallot(ctx, tx, now, said); err != nil {
			return err
		}
		return tx.AddHolder(ctx, post.ID, voter.Inbox.Host(), inboxOf(voter))
	}, nil
}

// readBallot reads a ballot; an option that there is not stays as it was written.
func (w *work) readBallot(b *document.Object, post *coop.Post, voter *coop.Account) decisionBallot {
	said := decisionBallot{number: post.Poll.Option(coop.CleanLine(b.Text("name").Value, 10*coop.MaxPollTitle))}
	if payload := b.Payload("ballot"); payload != nil {
		said.meant = true
		said.ballot.Option = line(payload, "option")
		said.ballot.Reason = plain(payload.Text("reason").Value, coop.MaxBallotReason)
		said.number = post.Decision.Option(said.ballot.Option)
	} else if said.number >= 0 {
		said.ballot.Option = post.Decision.Options[said.number]
	}
	said.ballot.VoterID, said.ballot.Voter, said.ballot.IRI, said.ballot.At = voter.ID, voter, w.id, w.inc.ReceivedAt
	// What was written before the proposal was amended is about another proposal.
	if at := sentAt(b); !at.IsZero() && at.Before(post.Decision.Amended) {
		said.ballot.Refused = coop.CodeLate
	}
	return said
}

// judgeBallot does what becomes of a ballot.
func (w *work) judgeBallot(ctx context.Context, tx *storage.Tx, p *coop.Post, said decisionBallot) error {
	b := said.ballot
	may, err := tx.MayVote(ctx, p.ID, b.VoterID)
	if err != nil {
		return err
	}
	code := b.Refused
	var invalid *coop.InvalidError
	switch err := p.Decision.MayCast(b.Option, b.Reason, p.Ends, b.At); {
	case !may && said.meant:
		code = coop.CodeNoElector
	case !may && (said.number < 0 || p.Decision.Over(p.Ends, b.At)):
		return nil // a vote in a poll that cannot count is told by nobody
	case !may:
		return tx.AddEcho(ctx, storage.Vote{Post: p.ID, Account: b.VoterID, Options: []int{said.number}, At: b.At})
	case code != "":
	case errors.As(err, &invalid):
		code = invalid.Code
	default:
		return w.in.o.Answers.KeepBallot(ctx, tx, p, &b)
	}
	return w.in.o.Answers.RefuseBallot(ctx, tx, p, b.Voter, b.IRI, code)
}

// ballotRefused notes that the server of a decision did not count a ballot of ours, with
// its reason, and tells who cast it.
func (w *work) ballotRefused(ctx context.Context, b coop.Ballot, yes bool) (effect, error) {
	post, err := w.in.store.Post(ctx, coop.System(), b.PostID)
	if err != nil {
		return nil, err
	}
	if yes || post.Local || post.Author == nil || post.Author.IRI != w.actor {
		return nil, drop("not_asked")
	}
	b.Refused = plain(w.doc.Text("content").Value, maxNote)
	if b.Refused == "" {
		b.Refused = "?"
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.RefuseBallot(ctx, b); err != nil {
			return err
		}
		return tx.TellOfDecision(ctx, post, b.VoterID)
	}, nil
}

// tellElectors tells who may vote here that a decision elsewhere has come or changed.
func (w *work) tellElectors(ctx context.Context, tx *storage.Tx, post *coop.Post) error {
	if post.Decision == nil {
		return nil
	}
	if post.Decision.Stage.Running() && post.Poll.Voters == 0 { // amended: nobody's ballot stands any more
		if err := tx.ClearBallots(ctx, post); err != nil {
			return err
		}
	}
	return w.in.o.Answers.DecisionCame(ctx, tx, post)
}

// electsHere tells whether a question is decided by an electorate in which an account of
// ours may stand: it concerns us then, whoever follows its author.
func (w *work) electsHere(ctx context.Context, object *document.Object) (bool, error) {
	d := object.Payload("decision")
	if d == nil || object.Type() != "Question" {
		return false, nil
	}
	return w.in.store.ElectsHere(ctx, ref(d, "electorate"))
}
