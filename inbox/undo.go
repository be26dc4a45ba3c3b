// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"

	"minga/coop"
	"minga/federation/document"
	"minga/storage"
)

// undo takes back a follow, like, boost, block, Join, Invite, Offer or Delete of the actor's own,
// found by its id or, where that is not known, by its shape. What never came is kept as
// a tombstone, so that it stays undone when it comes late.
func (w *work) undo(ctx context.Context) (effect, error) {
	r := w.doc.Ref("object")
	id, copy := coop.IRI(r.ID), r.Object()
	if actor := coop.IRI(copy.Ref("actor").ID); actor != "" && actor != w.actor {
		return nil, drop("not_owner")
	}
	for _, find := range []func(context.Context, coop.IRI, *document.Object) (effect, error){
		w.undoFollow, w.undoLikeOrBoost, w.undoBlock, w.undoJoin, w.undoInvite, w.undoOffer, w.undoAgreed, w.undoDelete,
	} {
		do, err := find(ctx, id, copy)
		if do != nil || err != nil && !errors.Is(err, coop.ErrNotFound) {
			return do, err
		}
	}
	if id == "" || !sameOrigin(id, w.actor) {
		return nil, drop("unknown_object")
	}
	if err := w.unheard(ctx, id); err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddTombstone(ctx, storage.Tombstone{IRI: id, FormerType: copy.Type(), Owner: w.actor, At: w.in.now()})
	}, nil
}

// unheard demands that an id is of nothing that we keep: no tombstone is put up for
// what somebody else has by the neighbour on its server.
func (w *work) unheard(ctx context.Context, id coop.IRI) error {
	_, err := w.in.store.AccountByIRI(ctx, id)
	if errors.Is(err, coop.ErrNotFound) {
		_, err = w.in.store.PostByIRI(ctx, coop.System(), id)
	}
	switch {
	case errors.Is(err, coop.ErrNotFound), errors.Is(err, coop.ErrGone):
		return nil
	case err != nil:
		return err
	}
	return drop("not_owner")
}

func (w *work) undoFollow(ctx context.Context, id coop.IRI, copy *document.Object) (effect, error) {
	f, err := w.in.store.FollowByIRI(ctx, id)
	if taken := err == nil && f.Follower.IRI != w.actor; (taken || errors.Is(err, coop.ErrNotFound)) && copy.Type() == "Follow" {
		// Somebody else of the same server may have used the id; that hides nothing.
		f, err = w.followBetween(ctx, w.actor, coop.IRI(copy.Ref("object").ID))
	}
	if err != nil {
		return nil, err
	}
	if f.Follower.IRI != w.actor {
		return nil, drop("not_owner")
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.RemoveFollow(ctx, f.Follower.ID, f.Target.ID)
		return err
	}, nil
}

func (w *work) undoLikeOrBoost(ctx context.Context, id coop.IRI, copy *document.Object) (effect, error) {
	named, err := w.in.store.ReactionByIRI(ctx, id)
	if err == nil {
		do, err := w.undoReaction(ctx, named)
		if !errors.Is(err, drop("not_owner")) {
			return do, err
		}
	}
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return nil, err
	}
	// Somebody else of the same server may have used the id; that hides nothing.
	reaction, err := w.reactionByShape(ctx, copy)
	if errors.Is(err, coop.ErrNotFound) && named != nil {
		return nil, drop("not_owner")
	}
	if err != nil {
		return nil, err
	}
	return w.undoReaction(ctx, reaction)
}

// reactionByShape finds what the actor did with the post that the copy names.
func (w *work) reactionByShape(ctx context.Context, copy *document.Object) (*storage.Reaction, error) {
	kind := storage.Like
	switch copy.Type() {
	case "Like", "EmojiReact":
	case "Announce":
		kind = storage.Boost
	default:
		return nil, coop.ErrNotFound
	}
	actor, err := w.in.store.AccountByIRI(ctx, w.actor)
	if err != nil {
		return nil, err
	}
	post, err := w.in.store.PostByIRI(ctx, coop.System(), coop.IRI(copy.Ref("object").ID))
	if err != nil {
		return nil, storeNotFound(err)
	}
	return w.in.store.ReactionOf(ctx, kind, actor.ID, post.ID)
}

// storeNotFound makes one error of gone and never there.
func storeNotFound(err error) error {
	if errors.Is(err, coop.ErrGone) {
		return coop.ErrNotFound
	}
	return err
}

// undoReaction removes a like or boost of the actor's own, and the way by which a
// boost had brought the post.
func (w *work) undoReaction(ctx context.Context, reaction *storage.Reaction) (effect, error) {
	actor, err := w.in.store.Account(ctx, reaction.Actor)
	if err != nil {
		return nil, err
	}
	if actor.IRI != w.actor {
		return nil, drop("not_owner")
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		if _, err := tx.Unreact(ctx, reaction.Kind, reaction.Actor, reaction.Post); err != nil {
			return err
		}
		if reaction.Kind == storage.Boost {
			return tx.RemovePath(ctx, reaction.Post, reaction.Actor, "announce")
		}
		post, err := tx.Post(ctx, coop.System(), reaction.Post)
		if err != nil {
			return storeFault("look up a post", err)
		}
		return w.announceOnBoards(ctx, tx, post, false)
	}, nil
}

func (w *work) undoBlock(ctx context.Context, id coop.IRI, copy *document.Object) (effect, error) {
	block, err := w.in.store.BlockByIRI(ctx, id)
	if errors.Is(err, coop.ErrNotFound) && copy.Type() == "Block" {
		block, err = w.blockByShape(ctx, coop.IRI(copy.Ref("object").ID))
	}
	if err != nil {
		return nil, err
	}
	blocker, err := w.in.store.Account(ctx, block.Blocker)
	if err != nil {
		return nil, err
	}
	if blocker.IRI != w.actor {
		return nil, drop("not_owner")
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.RemoveBlock(ctx, block.Blocker, block.Target)
		return err
	}, nil
}

func (w *work) blockByShape(ctx context.Context, target coop.IRI) (*storage.Block, error) {
	known, err := w.in.store.AccountsByIRI(ctx, []coop.IRI{w.actor, target})
	if err != nil {
		return nil, err
	}
	if known[w.actor] == nil || known[target] == nil {
		return nil, coop.ErrNotFound
	}
	return &storage.Block{Blocker: known[w.actor].ID, Target: known[target].ID}, nil
}

// undoJoin takes a petition back that was not decided, or ends the membership.
func (w *work) undoJoin(ctx context.Context, id coop.IRI, copy *document.Object) (effect, error) {
	m, err := w.in.store.MembershipByJoin(ctx, id)
	if errors.Is(err, coop.ErrNotFound) && copy.Type() == "Join" {
		m, err = w.membershipBetween(ctx, w.actor, coop.IRI(copy.Ref("object").ID))
	}
	if err != nil {
		return nil, err
	}
	return w.endMembership(m, m.Member, coop.MembershipLeft)
}

// undoDelete brings back what its owner had withdrawn: not from what was kept,
// which is gone, but as its origin serves it now (FEP-4f05).
func (w *work) undoDelete(ctx context.Context, _ coop.IRI, copy *document.Object) (effect, error) {
	if copy.Type() != "Delete" {
		return nil, coop.ErrNotFound
	}
	id := coop.IRI(copy.Ref("object").ID)
	tombstone, err := w.in.store.Tombstone(ctx, id)
	if err != nil {
		return nil, err
	}
	if tombstone.Owner != w.actor || tombstone.Local {
		return nil, drop("not_owner")
	}
	object, err := w.refetch(ctx, id)
	if err != nil {
		return nil, err
	}
	keep, err := w.keepCreated(ctx, object, true)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.DropTombstone(ctx, id); err != nil {
			return err
		}
		return keep(ctx, tx)
	}, nil
}
