// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/origin"
	"minga/storage"
)

// Ballots (FEP-9967). A vote in a poll comes as Create of a Note that has a name, the
// answer chosen, and inReplyTo, the poll, and no text. Where several answers may be
// chosen each comes in a Create of its own, or all in one list. It is the word of
// whoever sent it: what was merely forwarded is no ballot, and none is ever fetched.

// isBallot tells ballots from posts.
func isBallot(doc *document.Object) bool {
	return doc.Type() == "Note" && doc.Text("name").Value != "" && doc.Ref("inReplyTo").ID != "" &&
		doc.Text("content").Value == "" && len(doc.Attachments()) == 0
}

// ballots are those that an activity brings, as long as it brings nothing else.
func (w *work) ballots() []*document.Object {
	list := w.doc.Objects("object", document.MaxOptions)
	for _, one := range list {
		if !isBallot(one) {
			return nil
		}
	}
	return list
}

// vote counts the ballots of one voter in a poll of ours: before its end, for answers
// that it has, from somebody who may see it and is not blocked.
func (w *work) vote(ctx context.Context, ballots []*document.Object) (effect, error) {
	poll := coop.IRI(ballots[0].Ref("inReplyTo").ID)
	switch {
	case w.hint:
		return nil, drop("unproven_ballot")
	case !w.in.local(poll):
		return nil, drop("not_for_us")
	}
	post, voter, err := w.votesIn(ctx, poll)
	if err != nil {
		return nil, err
	}
	if post.Decision != nil {
		return w.decide(ballots, post, voter)
	}
	options, err := w.chosen(ballots, post)
	if err != nil {
		return nil, err
	}
	v := storage.Vote{Post: post.ID, Account: voter.ID, Options: options, At: w.inc.ReceivedAt}
	return func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.AddVotes(ctx, v)
		if errors.Is(err, coop.ErrState) || errors.Is(err, coop.ErrConflict) || errors.Is(err, coop.ErrNotFound) {
			return nil // too late, or one vote too many: the first stays
		}
		if err != nil {
			return err
		}
		return tx.AddHolder(ctx, post.ID, voter.Inbox.Host(), inboxOf(voter))
	}, nil
}

// votesIn finds the poll as the voter may see it: who is blocked does not.
func (w *work) votesIn(ctx context.Context, iri coop.IRI) (*coop.Post, *coop.Account, error) {
	known, err := w.in.store.PostByIRI(ctx, coop.System(), iri)
	if err != nil {
		return nil, nil, err
	}
	if known.Poll == nil || !known.Local {
		return nil, nil, drop("no_poll")
	}
	voter, err := w.author(ctx)
	if err != nil {
		return nil, nil, err
	}
	host, _ := origin.Host(string(voter.IRI))
	post, err := w.in.store.PostByIRI(ctx, coop.Signed(voter.ID, host), iri)
	return post, voter, err
}

// chosen are the places of the answers that the ballots name. All must be the
// actor's own and about the same poll.
func (w *work) chosen(ballots []*document.Object, post *coop.Post) ([]int, error) {
	var options []int
	for _, b := range ballots {
		if coop.IRI(b.Owner()) != w.actor || coop.IRI(b.Ref("inReplyTo").ID) != post.IRI || b.ID() != "" && !sameOrigin(coop.IRI(b.ID()), w.actor) {
			return nil, drop("foreign_ballot")
		}
		option := post.Poll.Option(coop.CleanLine(b.Text("name").Value, 10*coop.MaxPollTitle))
		if option < 0 {
			return nil, drop("no_such_answer")
		}
		options = append(options, option)
	}
	return options, nil
}
