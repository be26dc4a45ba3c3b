// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"

	"minga/coop"
	"minga/federation/document"
	"minga/storage"
)

// add is a pin in the actor's own featured collection, or a member in its own
// members. Collections of ours are nobody's to change.
func (w *work) add(ctx context.Context) (effect, error) { return w.collect(ctx, true) }

// remove is the end of either.
func (w *work) remove(ctx context.Context) (effect, error) { return w.collect(ctx, false) }

func (w *work) collect(ctx context.Context, in bool) (effect, error) {
	object, target := coop.IRI(w.doc.Ref("object").ID), coop.IRI(w.doc.Ref("target").ID)
	if target == "" {
		target = coop.IRI(w.doc.Ref("origin").ID)
	}
	actor, err := w.knownAuthor(ctx)
	if err != nil {
		return nil, err
	}
	if actor == nil {
		return nil, drop("concerns_nobody")
	}
	if tag := w.doc.Object("object"); tag != nil && tag.Type() == "Hashtag" {
		return w.featureTag(actor, tag, target, in)
	}
	switch {
	case target == "" || object == "":
		return nil, drop("no_object")
	case target == actor.Featured:
		return w.pin(ctx, actor, object, in)
	case actor.Kind == coop.Team && target == actor.IRI+"/agreements":
		return w.teamAgreement(ctx, actor, in)
	case target == actor.Members, target == actor.IRI && !in:
		return w.membershipSide(ctx, actor, object, in)
	}
	return nil, drop("not_owner")
}

// featureTag shows a hashtag on the actor's profile, or ends it. Others name the
// collection of pinned posts as the target of that, or the one of hashtags.
func (w *work) featureTag(actor *coop.Account, tag *document.Object, target coop.IRI, in bool) (effect, error) {
	if target == "" || target != actor.Featured && target != actor.FeaturedTags {
		return nil, drop("not_owner")
	}
	name := tag.String("name")
	return func(ctx context.Context, tx *storage.Tx) error {
		if in {
			return keepFeaturedTag(ctx, tx, actor.ID, name)
		}
		_, err := tx.UnfeatureTag(ctx, actor.ID, name)
		return err
	}, nil
}

// keepFeaturedTag keeps what can be a hashtag, as many as a profile shows.
func keepFeaturedTag(ctx context.Context, tx *storage.Tx, account coop.ID, name string) error {
	_, _, err := tx.FeatureTag(ctx, account, name)
	var invalid *coop.InvalidError
	if errors.As(err, &invalid) {
		return nil
	}
	return err
}

// pin features a post of the actor's own that we keep; one that we do not keep is
// fetched where somebody here follows the actor.
func (w *work) pin(ctx context.Context, actor *coop.Account, object coop.IRI, in bool) (effect, error) {
	post, err := w.in.store.PostByIRI(ctx, coop.System(), object)
	if errors.Is(err, coop.ErrNotFound) && in && sameOrigin(object, w.actor) {
		followed, ferr := w.in.store.FollowedHere(ctx, actor.ID)
		if ferr != nil {
			return nil, ferr
		}
		if followed {
			post, err = w.in.fetchPost(ctx, object, coop.Path{How: "fetch"})
		}
	}
	if err != nil {
		return nil, err
	}
	if post.AuthorID != actor.ID {
		return nil, drop("not_owner")
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		if in {
			return tx.Pin(ctx, actor.ID, post.ID, w.in.now())
		}
		return tx.Unpin(ctx, actor.ID, post.ID)
	}, nil
}
