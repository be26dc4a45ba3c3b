// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"

	"minga/coop"
	"minga/storage"
)

// delete withdraws what the actor owns: itself, a post, or the activity of a like
// or boost. Of another's post on its own server it only makes us look.
func (w *work) delete(ctx context.Context) (effect, error) {
	id := coop.IRI(w.doc.Ref("object").ID)
	switch {
	case id == "":
		return nil, drop("no_object")
	case id == w.actor:
		return w.deleteActor(ctx)
	case !sameOrigin(id, w.actor):
		return nil, drop("foreign_object")
	}
	return w.deletePost(ctx, id)
}

// deletePost is final at once for the stored owner: what an author took back is
// never shown again because a cache still had it.
func (w *work) deletePost(ctx context.Context, id coop.IRI) (effect, error) {
	post, err := w.in.store.PostByIRI(ctx, coop.System(), id)
	switch {
	case errors.Is(err, coop.ErrGone):
		return nil, nil
	case errors.Is(err, coop.ErrNotFound):
		return w.deleteUnknown(ctx, id)
	case err != nil:
		return nil, err
	}
	if post.Author == nil {
		return nil, drop("not_owner")
	}
	if post.Author.IRI != w.actor {
		if err := w.lookGone(ctx, id); err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		if err := w.announceOnBoards(ctx, tx, post, false); err != nil {
			return err
		}
		if err := w.forwardDelete(ctx, tx, post); err != nil {
			return err
		}
		if room, err := tx.TeamByMembers(ctx, post.To); err == nil && post.Visibility == coop.VisibleMembers {
			if err := w.forwardInRoom(ctx, tx, room); err != nil {
				return err
			}
		}
		return tx.RemovePost(ctx, id, post.Author.IRI, w.in.now())
	}, nil
}

// lookGone asks the origin whether a post that somebody else deleted is gone, and
// drops the activity if it is not.
func (w *work) lookGone(ctx context.Context, id coop.IRI) error {
	doc, err := w.refetch(ctx, id)
	isGone, missing := gone(err)
	switch {
	case isGone || missing:
		return nil
	case err != nil:
		return err
	case doc.Type() == "Tombstone":
		return nil
	}
	return drop("not_owner")
}

// deleteUnknown: a like or boost by its activity, or something that has not come
// yet: its tombstone waits for it, so that a Create that comes late stays dead.
func (w *work) deleteUnknown(ctx context.Context, id coop.IRI) (effect, error) {
	if w.hint {
		return nil, drop("unknown_object")
	}
	reaction, err := w.in.store.ReactionByIRI(ctx, id)
	if err == nil {
		return w.undoReaction(ctx, reaction)
	}
	if !errors.Is(err, coop.ErrNotFound) {
		return nil, err
	}
	if err := w.unheard(ctx, id); err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.RemovePost(ctx, id, w.actor, w.in.now())
	}, nil
}

// deleteActor makes an actor a tombstone; what it wrote is removed by a task. Of a team that
// a co-op of ours is in, all stays as it is here.
func (w *work) deleteActor(ctx context.Context) (effect, error) {
	if w.hint || w.via != nil {
		return nil, drop("not_owner")
	}
	account, err := w.in.store.AccountByIRI(ctx, w.actor)
	if err != nil {
		return nil, err
	}
	if account.Local {
		return nil, drop("local_actor")
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.DeleteAccount(ctx, account.ID, w.in.now())
	}, nil
}

// forwardDelete forwards the Delete of what was forwarded before.
func (w *work) forwardDelete(ctx context.Context, tx *storage.Tx, post *coop.Post) error {
	if post.InReplyTo == "" || w.via != nil || w.hint || w.id == "" {
		return nil
	}
	addressed, err := w.addressesOurCollection(ctx, tx, post)
	if err != nil || !addressed {
		return err
	}
	return w.in.o.Answers.Forward(ctx, tx, w.activityDocument(), post, w.inc.Host)
}
