// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"time"

	"minga/coop"
	"minga/federation/document"
	"minga/storage"
)

// earlyAnswer is how long an answer to something that we do not know of is kept.
const earlyAnswer = 6 * time.Hour

// accept ends the waiting of a follow, a Join, an Invite, a suggestion or an offer of ours.
func (w *work) accept(ctx context.Context) (effect, error) { return w.answered(ctx, true) }

// reject refuses or ends them.
func (w *work) reject(ctx context.Context) (effect, error) { return w.answered(ctx, false) }

// answered finds what of ours is answered: by its id, else by the shape of the
// copy. It counts only from the one who was asked.
func (w *work) answered(ctx context.Context, yes bool) (effect, error) {
	r := w.doc.Ref("object")
	id, copy := coop.IRI(r.ID), r.Object()
	if do, err := w.answeredInRoom(ctx, id, yes); do != nil || err != nil {
		return do, err
	}
	f, err := w.ourFollow(ctx, id, copy)
	if err == nil {
		return w.followAnswered(f, yes)
	}
	if !errors.Is(err, coop.ErrNotFound) {
		return nil, err
	}
	m, err := w.ourJoin(ctx, id, copy)
	if err == nil {
		return w.joinAnswered(m, yes)
	}
	if !errors.Is(err, coop.ErrNotFound) {
		return nil, err
	}
	m, err = w.ourInvite(ctx, id, copy)
	if err == nil {
		return w.inviteAnswered(m, yes)
	}
	if !errors.Is(err, coop.ErrNotFound) {
		return nil, err
	}
	do, err := w.proposalAnswered(ctx, id, yes)
	if !errors.Is(err, coop.ErrNotFound) {
		return do, err
	}
	if !w.in.local(id) && !w.in.local(coop.IRI(copy.Ref("actor").ID)) {
		return nil, drop("not_for_us")
	}
	return nil, w.tooEarly("answer to something unknown")
}

// proposalAnswered is the answer to what one of ours proposed by an Offer;
// [coop.ErrNotFound] where it is none.
func (w *work) proposalAnswered(ctx context.Context, id coop.IRI, yes bool) (effect, error) {
	s, err := w.in.store.SuggestionByIRI(ctx, id)
	if err == nil {
		return w.suggestionAnswered(ctx, s, yes)
	}
	if !errors.Is(err, coop.ErrNotFound) {
		return nil, err
	}
	b, err := w.in.store.BallotByIRI(ctx, id)
	if err == nil {
		return w.ballotRefused(ctx, b, yes)
	}
	if !errors.Is(err, coop.ErrNotFound) {
		return nil, err
	}
	offer, err := w.in.store.OfferByIRI(ctx, id)
	if err != nil {
		return nil, err
	}
	return w.offerAnswered(ctx, offer, id, yes)
}

// tooEarly lets an activity wait for what it is about, for six hours.
func (w *work) tooEarly(what string) error {
	now := w.in.now()
	if now.Sub(w.inc.ReceivedAt) >= earlyAnswer || w.inc.Attempts >= 5 {
		return drop("answers_nothing")
	}
	return later{at: now.Add(time.Duration(w.inc.Attempts*w.inc.Attempts) * 20 * time.Minute), err: errors.New(what)}
}

// ourFollow is a follow by an account of ours of the actor who answers.
func (w *work) ourFollow(ctx context.Context, id coop.IRI, copy *document.Object) (*coop.Follow, error) {
	var f *coop.Follow
	err := error(coop.ErrNotFound)
	if w.in.local(id) {
		f, err = w.in.store.FollowByIRI(ctx, id)
	}
	if errors.Is(err, coop.ErrNotFound) && copy.Type() == "Follow" {
		f, err = w.followBetween(ctx, coop.IRI(copy.Ref("actor").ID), coop.IRI(copy.Ref("object").ID))
	}
	if err != nil {
		return nil, err
	}
	if !f.Follower.Local || f.Target.IRI != w.actor {
		return nil, drop("not_asked")
	}
	return f, nil
}

// followBetween finds a follow by who follows whom.
func (w *work) followBetween(ctx context.Context, follower, target coop.IRI) (*coop.Follow, error) {
	known, err := w.in.store.AccountsByIRI(ctx, []coop.IRI{follower, target})
	if err != nil {
		return nil, err
	}
	if known[follower] == nil || known[target] == nil {
		return nil, coop.ErrNotFound
	}
	return w.in.store.Follow(ctx, known[follower].ID, known[target].ID)
}

// followAnswered: an Accept makes a federation fetch what was there before; a
// Reject ends the follow, also after an Accept.
func (w *work) followAnswered(f *coop.Follow, yes bool) (effect, error) {
	return func(ctx context.Context, tx *storage.Tx) error {
		f, err := tx.Follow(ctx, f.Follower.ID, f.Target.ID) // it may have ended meanwhile
		if err != nil {
			return storeFault("look up a follow", err)
		}
		if !yes {
			_, err := tx.RemoveFollow(ctx, f.Follower.ID, f.Target.ID)
			return err
		}
		f.Note = plain(w.doc.Text("content").Value, 1000)
		return w.in.followAccepted(ctx, tx, f)
	}, nil
}

// followAccepted keeps that a follow of ours was accepted.
func (in *Inbox) followAccepted(ctx context.Context, tx *storage.Tx, f *coop.Follow) error {
	again := f.State == coop.FollowAccepted
	f.State = coop.FollowAccepted
	if err := tx.PutFollow(ctx, f); err != nil || again {
		return err
	}
	if err := tx.ShowPathsOf(ctx, f.Target.ID); err != nil {
		return err
	}
	if f.Follower.Kind != coop.Federation && f.Follower.Kind != coop.Board {
		return nil
	}
	return in.queueBackfill(ctx, tx, f.Target)
}

// ourJoin is a Join of a co-op of ours to the organization that answers.
func (w *work) ourJoin(ctx context.Context, id coop.IRI, copy *document.Object) (*coop.Membership, error) {
	var m *coop.Membership
	err := error(coop.ErrNotFound)
	if w.in.local(id) {
		m, err = w.in.store.MembershipByJoin(ctx, id)
	}
	if errors.Is(err, coop.ErrNotFound) && copy.Type() == "Join" {
		m, err = w.membershipBetween(ctx, coop.IRI(copy.Ref("actor").ID), coop.IRI(copy.Ref("object").ID))
	}
	if err != nil {
		return nil, err
	}
	if !m.Member.Local || m.Organization.IRI != w.actor {
		return nil, drop("not_asked")
	}
	return m, nil
}

// membershipBetween finds a membership by both sides.
func (w *work) membershipBetween(ctx context.Context, member, organization coop.IRI) (*coop.Membership, error) {
	known, err := w.in.store.AccountsByIRI(ctx, []coop.IRI{member, organization})
	if err != nil {
		return nil, err
	}
	if known[member] == nil || known[organization] == nil {
		return nil, coop.ErrNotFound
	}
	return w.in.store.MembershipOf(ctx, known[member].ID, known[organization].ID)
}
