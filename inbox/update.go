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

// update takes over a new state: of the actor itself by fetching it, of a
// membership, of a team's plan, or of a post that the actor owns here.
func (w *work) update(ctx context.Context) (effect, error) {
	r := w.doc.Ref("object")
	id, copy := coop.IRI(r.ID), r.Object()
	switch {
	case id != "" && id == w.actor, copy.Class() == document.Actor && copy != nil:
		return w.updateActor(ctx, id)
	case copy.Type() == "Membership":
		return w.updateMembership(ctx, copy)
	case copy.Type() == "Plan" && coop.IRI(copy.Owner()) == w.actor && sameOrigin(id, w.actor):
		return w.teamPlan(ctx, copy)
	case copy.Type() == "Tombstone" && sameOrigin(id, w.actor):
		return w.deletePost(ctx, id)
	}
	return w.updatePost(ctx, id)
}

// updateActor never believes what was sent: profile, keys and addresses change
// only by fetching the actor's id. Bursts are put together to one a minute.
func (w *work) updateActor(ctx context.Context, id coop.IRI) (effect, error) {
	if !sameOrigin(id, w.actor) {
		return nil, drop("foreign_object")
	}
	if _, err := w.in.store.AccountByIRI(ctx, id); err != nil {
		return nil, err // unknown: nobody here would read it
	}
	if !w.in.visitOnce("actor "+string(id), w.in.now()) {
		return func(ctx context.Context, tx *storage.Tx) error { return w.in.queueRefetch(ctx, tx, id) }, nil
	}
	if _, err := w.in.Refresh(ctx, id); err != nil {
		return nil, err
	}
	return nil, nil
}

// updatePost takes over a new state of a post. The stored owner decides, whoever
// the new state says it is by; one that we do not keep and would want is kept
// now, quietly.
func (w *work) updatePost(ctx context.Context, id coop.IRI) (effect, error) {
	old, err := w.in.store.PostByIRI(ctx, coop.System(), id)
	if errors.Is(err, coop.ErrNotFound) {
		return w.updateUnknown(ctx, id)
	}
	if err != nil {
		return nil, err
	}
	if old.Author == nil || old.Author.IRI != w.actor {
		return nil, drop("not_owner")
	}
	state, err := w.newState(ctx, old)
	if err != nil {
		return nil, err
	}
	if onlyCounts(old, state.post) {
		return w.count(old, state.post, state.object)
	}
	if err := w.date(state.post, state.object, old); err != nil {
		return nil, err
	}
	state.post.ID = old.ID
	return func(ctx context.Context, tx *storage.Tx) error { return w.replace(ctx, tx, state) }, nil
}

// newState is a post as an Update says it is now, and the room that it is for, if any.
type newState struct {
	post   *coop.Post
	object *document.Object
	room   *coop.Account
}

// newState reads the new state of a post of the actor's.
func (w *work) newState(ctx context.Context, old *coop.Post) (s newState, err error) {
	if s.object, err = w.object(ctx); err != nil {
		return s, err
	}
	if s.room, err = w.enter(ctx, s.object); err != nil {
		return s, err
	}
	if s.post, err = w.in.believeSaid(ctx, s.object, old.Author, s.room); err != nil {
		return s, err
	}
	return s, nil
}

// replace stores a new state, once, and says it where the post was said.
func (w *work) replace(ctx context.Context, tx *storage.Tx, s newState) error {
	fresh, err := w.firstTime(ctx, tx)
	if err != nil {
		return err
	}
	if !fresh { // a board of ours may still have to say it
		return w.announceOnBoards(ctx, tx, s.post, false)
	}
	if err := takesPlace(ctx, tx, s.post); err != nil {
		return err
	}
	changed, err := tx.UpdatePost(ctx, s.post, w.in.arrivalOf(s.post, s.object, w.kept(), w.path()))
	if err != nil || !changed {
		return err
	}
	if err := w.tellElectors(ctx, tx, s.post); err != nil {
		return err
	}
	if s.room != nil {
		return w.forwardInRoom(ctx, tx, s.room)
	}
	return w.announceOnBoards(ctx, tx, s.post, false)
}

// takesPlace looks whether a new state may take the place of what is stored by now;
// what is known of that and is nobody's to take back stays.
func takesPlace(ctx context.Context, tx *storage.Tx, now *coop.Post) error {
	old, err := heldPost(ctx, tx, now.ID)
	if err != nil {
		return err
	}
	if !mayReplace(old, now) {
		return drop("not_a_step")
	}
	keepKnown(old.Decision, now.Decision)
	if old.Request != nil && now.Request != nil {
		now.Request.KeepHours(old.Request)
	}
	return nil
}

// date gives a new state its time where its reader found none later than the post
// itself: now, if it says none. One that says to be from before the post is not new.
func (w *work) date(post *coop.Post, object *document.Object, old *coop.Post) error {
	if !post.Updated.IsZero() {
		return nil
	}
	now := w.in.now()
	post.Updated = now
	said, ok := object.Time("updated")
	switch {
	case !ok && w.hint:
		// Nobody said that it changed, and neither does its origin: only another text
		// than ours makes another state of it.
		post.Updated = maxTime(old.Updated, old.Published)
	case !ok:
	case said.Before(old.Published.Truncate(time.Second)):
		return drop("older")
	case said.Before(now):
		// Also when it is the second of the publication: with the time of its arrival
		// the next state, which says the second after, would count as older.
		post.Updated = maxTime(said, old.Published)
	}
	return nil
}

// updateMemory is how long it is remembered that an Update had its effect.
const updateMemory = 7 * 24 * time.Hour

// firstTime says whether this Update has its effect for the first time: it comes by
// itself and by boards, and two states of one second are told apart by nothing but
// their order. What nobody proved says nothing about an id.
func (w *work) firstTime(ctx context.Context, tx *storage.Tx) (bool, error) {
	if w.hint || w.id == "" {
		return true, nil
	}
	return tx.Replay(ctx, "update "+string(w.id), w.in.now().Add(updateMemory))
}

// updateUnknown fetches a post that an Update speaks of and that we would want.
func (w *work) updateUnknown(ctx context.Context, id coop.IRI) (effect, error) {
	if !sameOrigin(id, w.actor) {
		return nil, drop("foreign_object")
	}
	if copy := w.doc.Ref("object").Object(); copy != nil {
		concerns, err := w.concerns(ctx, copy)
		if err != nil {
			return nil, err
		}
		if !concerns {
			return nil, drop("concerns_nobody")
		}
	}
	object, err := w.refetch(ctx, id)
	if err != nil {
		return nil, err
	}
	return w.keepCreated(ctx, object, true)
}

// visitOnce says whether something is done for the first time within a minute.
func (in *Inbox) visitOnce(key string, now time.Time) bool { return in.touched.once(key, now) }
