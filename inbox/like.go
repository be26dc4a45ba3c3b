// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"

	"minga/coop"
	"minga/federation/origin"
	"minga/storage"
)

// like counts a Like or EmojiReact, one an actor and post. The post must be one
// that we keep and that the actor may see: nothing is fetched for it.
func (w *work) like(ctx context.Context) (effect, error) {
	post, actor, err := w.reactedTo(ctx)
	if err != nil {
		return nil, err
	}
	reaction := storage.Reaction{
		Kind: storage.Like, Actor: actor.ID, Post: post.ID, IRI: w.id, At: w.in.now(),
		Content: coop.CleanLine(w.doc.String("content"), 100), UsedOn: w.usedOn(post, actor),
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		added, err := tx.React(ctx, reaction)
		if err != nil || !added && reaction.UsedOn == "" {
			return err
		}
		if !added {
			return tx.MarkUsed(ctx, actor.ID, post.ID, w.id, reaction.UsedOn)
		}
		return w.announceOnBoards(ctx, tx, post, false)
	}, nil
}

// usedOn is the day on which a co-op says that it used an article of somebody else;
// empty: it is only a like.
func (w *work) usedOn(post *coop.Post, actor *coop.Account) string {
	day := w.doc.String("usedOn")
	at, ok := coop.ParseDate(day)
	if !ok || at.After(w.in.now()) || post.Article == nil || post.AuthorID == actor.ID || actor.Kind != coop.Coop && actor.Kind != coop.Federation {
		return ""
	}
	return day
}

// reactedTo finds the post and who reacts. A stranger who reacts to what he may
// not see has no more effect than one who guesses an id.
func (w *work) reactedTo(ctx context.Context) (*coop.Post, *coop.Account, error) {
	iri := coop.IRI(w.doc.Ref("object").ID)
	if _, err := w.in.store.PostByIRI(ctx, coop.System(), iri); err != nil {
		return nil, nil, err
	}
	actor, err := w.author(ctx)
	if err != nil {
		return nil, nil, err
	}
	host, _ := origin.Host(string(actor.IRI))
	post, err := w.in.store.PostByIRI(ctx, coop.Signed(actor.ID, host), iri)
	if err != nil {
		return nil, nil, err
	}
	blocked, err := w.in.store.Blocked(ctx, actor.ID, post.AuthorID)
	if err != nil {
		return nil, nil, err
	}
	if blocked {
		return nil, nil, drop("blocked")
	}
	return post, actor, nil
}

// isUnknown tells whether a look-up found nothing, gone or not.
func isUnknown(err error) bool {
	return errors.Is(err, coop.ErrNotFound) || errors.Is(err, coop.ErrGone)
}
