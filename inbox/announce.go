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

// announce is a boost of a post, or, by a Group, an activity that it carries
// (FEP-1b12).
func (w *work) announce(ctx context.Context) (effect, error) {
	if w.via != nil {
		return nil, drop("announced_announce") // loops end here
	}
	r := w.doc.Ref("object")
	if copy := r.Object(); copy != nil && copy.Class() == document.Activity {
		return w.announcedActivity(ctx, copy)
	}
	return w.boost(ctx, coop.IRI(r.ID))
}

// boost counts a boost, and notes that the post came this way when somebody here
// follows the booster. An unknown post is fetched then, and only then.
func (w *work) boost(ctx context.Context, id coop.IRI) (effect, error) {
	if id == "" {
		return nil, drop("no_object")
	}
	followed, err := w.followedHere(ctx)
	if err != nil {
		return nil, err
	}
	post, err := w.in.store.PostByIRI(ctx, coop.System(), id)
	if errors.Is(err, coop.ErrNotFound) && followed && !w.in.local(id) {
		return w.boostUnknown(ctx, id)
	}
	if err != nil {
		return nil, err
	}
	if !w.boostable(post) {
		return nil, drop("not_public")
	}
	if !post.Local && !followed {
		return nil, drop("concerns_nobody")
	}
	return w.keepBoost(ctx, post, followed)
}

// followedHere tells whether an account of this instance follows the actor.
func (w *work) followedHere(ctx context.Context) (bool, error) {
	actor, err := w.knownAuthor(ctx)
	if err != nil || actor == nil {
		return false, err
	}
	return w.in.store.FollowedHere(ctx, actor.ID)
}

// boostUnknown fetches what was boosted; it may be an activity that a Group
// announced by its id alone.
func (w *work) boostUnknown(ctx context.Context, id coop.IRI) (effect, error) {
	booster, err := w.author(ctx)
	if err != nil {
		return nil, err
	}
	object, err := w.refetch(ctx, id)
	if err != nil {
		return nil, err
	}
	if object.Class() == document.Activity {
		return w.announcedActivity(ctx, object)
	}
	post, err := w.in.keepPost(ctx, object, coop.Path{Via: booster.ID, How: "announce"})
	if err != nil {
		return nil, err
	}
	if !w.boostable(post) {
		return nil, drop("not_public")
	}
	return w.keepBoost(ctx, post, true)
}

// boostable tells what may be boosted: what everybody may see, and one's own for
// followers.
func (w *work) boostable(post *coop.Post) bool {
	if post.Visibility == coop.VisibleFollowers {
		return post.Author != nil && post.Author.IRI == w.actor
	}
	return post.Visibility == coop.VisiblePublic || post.Visibility == coop.VisibleUnlisted
}

// boostAudience is who may know of a boost, by who is addressed: everybody where nobody
// is; whatever is neither for everybody nor unlisted is for followers alone, and so is
// every boost of a post that is.
func (w *work) boostAudience(post *coop.Post) coop.Visibility {
	a := w.doc.Audience()
	switch {
	case post.Visibility == coop.VisibleFollowers:
		return coop.VisibleFollowers
	case a.Visibility() == document.Everyone, len(a.All()) == 0:
		return coop.VisiblePublic
	case a.Visibility() == document.Unlisted:
		return coop.VisibleUnlisted
	}
	return coop.VisibleFollowers
}

// keepBoost counts the boost of a post that we keep.
func (w *work) keepBoost(ctx context.Context, post *coop.Post, followed bool) (effect, error) {
	booster, err := w.author(ctx)
	if err != nil {
		return nil, err
	}
	blocked, err := w.in.store.Blocked(ctx, booster.ID, post.AuthorID)
	if err != nil {
		return nil, err
	}
	if blocked {
		return nil, drop("blocked")
	}
	reaction := storage.Reaction{Kind: storage.Boost, Actor: booster.ID, Post: post.ID, IRI: w.id, At: w.published(), Audience: w.boostAudience(post)}
	return func(ctx context.Context, tx *storage.Tx) error {
		if _, err := tx.React(ctx, reaction); err != nil {
			return err
		}
		if post.Local || !followed {
			return nil
		}
		return tx.AddPath(ctx, post.ID, coop.Path{Via: booster.ID, How: "announce", At: w.in.now()})
	}, nil
}

// published is when the activity says that it was, never later than now.
func (w *work) published() time.Time {
	t, ok := w.doc.Time("published")
	if !ok || t.After(w.in.now()) {
		return w.in.now()
	}
	return t
}

// announcedActivity handles what a Group carries: the inner activity is believed
// with a good proof by its actor; without one its object is looked up at its own
// origin; what can be neither has no effect.
func (w *work) announcedActivity(ctx context.Context, copy *document.Object) (effect, error) {
	group, err := w.knownAuthor(ctx)
	if err != nil {
		return nil, err
	}
	if group == nil || group.ActorType != "Group" {
		return nil, drop("not_a_group")
	}
	followed, err := w.in.store.FollowedHere(ctx, group.ID)
	if err != nil {
		return nil, err
	}
	if !followed {
		return nil, drop("concerns_nobody")
	}
	inner, err := w.inner(ctx, copy, group)
	if err != nil {
		return nil, err
	}
	if do, err := w.hiddenOnBoard(ctx, inner, group); do != nil || err != nil {
		return do, err
	}
	return inner.prepare(ctx)
}

// inner is the carried activity as work of its own: proven, or a hint.
func (w *work) inner(ctx context.Context, copy *document.Object, group *coop.Account) (*work, error) {
	actor := coop.IRI(copy.Ref("actor").ID)
	if actor == "" || w.in.local(actor) {
		return nil, drop("local_actor")
	}
	if id := coop.IRI(copy.ID()); id != "" && !sameOrigin(id, actor) {
		return nil, drop("foreign_object")
	}
	if err := w.in.allowed(ctx, actor); err != nil {
		return nil, err
	}
	proven, _, err := w.in.proof(ctx, copy.Bytes(), actor, noRemote())
	if err != nil {
		return nil, drop("bad_proof")
	}
	inner := *w
	inner.doc, inner.id, inner.actor = copy, coop.IRI(copy.ID()), actor
	inner.via, inner.hint, inner.known = group, !proven, nil
	return &inner, nil
}

// hiddenOnBoard: a Delete that a Group announces by somebody who does not own the
// post is a moderator's. It takes the post off that board and does nothing else.
func (w *work) hiddenOnBoard(ctx context.Context, inner *work, group *coop.Account) (effect, error) {
	if inner.doc.Type() != "Delete" {
		return nil, nil
	}
	post, err := w.in.store.PostByIRI(ctx, coop.System(), coop.IRI(inner.doc.Ref("object").ID))
	if err != nil {
		return nil, storeFault("look up a post", err)
	}
	if post.Author != nil && post.Author.IRI == inner.actor {
		return nil, nil
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.RemovePath(ctx, post.ID, group.ID, "announce")
	}, nil
}
