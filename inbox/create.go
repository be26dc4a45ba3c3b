// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"

	"minga/coop"
	"minga/federation/document"
	"minga/storage"
)

// create keeps a new post: by an author whom somebody here follows, or one that
// names or answers somebody here, or one that a board or relay brought. What a
// stranger wrote that concerns nobody here is dropped. Ballots are counted instead.
func (w *work) create(ctx context.Context) (effect, error) {
	if ballots := w.ballots(); len(ballots) > 0 {
		return w.vote(ctx, ballots)
	}
	if do, err := w.confirmed(ctx); do != nil || err != nil {
		return do, err
	}
	object, err := w.object(ctx)
	if err != nil {
		return nil, err
	}
	if object.Type() == "Plan" {
		return w.teamPlan(ctx, object)
	}
	return w.keepCreated(ctx, object, false)
}

// keepCreated is create for an object that may be believed: the actor's own copy,
// or what its origin serves, which may be by another of that origin (a person who
// posts for a group). Quiet tells nobody: for what came otherwise than as news.
func (w *work) keepCreated(ctx context.Context, object *document.Object, quiet bool) (effect, error) {
	if err := isPost(object); err != nil {
		return nil, err
	}
	concerns, err := w.concerns(ctx, object)
	if err != nil {
		return nil, err
	}
	if !concerns {
		return nil, drop("concerns_nobody")
	}
	room, err := w.enter(ctx, object)
	if err != nil {
		return nil, err
	}
	post, err := w.in.believeSaid(ctx, object, w.known, room)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		arrival := w.in.arrivalOf(post, object, w.kept(), w.path())
		arrival.Quiet = quiet
		added, err := w.in.storePost(ctx, tx, post, arrival)
		if err != nil {
			return err
		}
		if added && !quiet {
			if err := w.tellElectors(ctx, tx, post); err != nil {
				return err
			}
		}
		if room != nil {
			return w.saidInRoom(ctx, tx, room, post, added)
		}
		return w.afterCreate(ctx, tx, post, added)
	}, nil
}

// kept is the activity to keep beside the post: only what came as it was written.
func (w *work) kept() *coop.Document {
	if w.hint {
		return nil
	}
	return w.activityDocument()
}

// path is how what is worked on reached us.
func (w *work) path() coop.Path {
	switch {
	case w.via != nil:
		return coop.Path{Via: w.via.ID, How: "announce"}
	case w.hint:
		return coop.Path{How: "reply"}
	}
	return coop.Path{How: "direct"}
}

// concerns tells whether anybody here has to do with an object.
func (w *work) concerns(ctx context.Context, object *document.Object) (bool, error) {
	if w.via != nil {
		return true, nil
	}
	author, err := w.knownAuthor(ctx)
	if err != nil {
		return false, err
	}
	if author != nil {
		if followed, err := w.in.store.FollowedHere(ctx, author.ID); followed || err != nil {
			return followed, err
		}
	}
	if object.Audience().Visibility() == document.Limited && w.inc.Recipient != 0 {
		return true, nil
	}
	if named, err := w.namesLocal(ctx, object); named || err != nil {
		return named, err
	}
	if elects, err := w.electsHere(ctx, object); elects || err != nil {
		return elects, err
	}
	return w.knownPost(ctx, coop.IRI(object.Ref("inReplyTo").ID))
}

// namesLocal tells whether an account of this instance is addressed or mentioned.
func (w *work) namesLocal(ctx context.Context, object *document.Object) (bool, error) {
	local := w.in.localOf(object.Audience().All())
	for _, m := range object.Tags().Mentions {
		local = append(local, w.in.localOf([]string{m.Href})...)
	}
	if len(local) == 0 {
		return false, nil
	}
	known, err := w.in.store.AccountsByIRI(ctx, local)
	return len(known) > 0, err
}

// localOf are those of the addresses that are of this instance, at most 100.
func (in *Inbox) localOf(list []string) []coop.IRI {
	var out []coop.IRI
	for _, s := range list {
		if in.local(coop.IRI(s)) && len(out) < 100 {
			out = append(out, coop.IRI(s))
		}
	}
	return out
}

// knownPost tells whether we keep a post.
func (w *work) knownPost(ctx context.Context, iri coop.IRI) (bool, error) {
	if iri == "" {
		return false, nil
	}
	_, err := w.in.store.PostByIRI(ctx, coop.System(), iri)
	if errors.Is(err, coop.ErrNotFound) || errors.Is(err, coop.ErrGone) {
		return false, nil
	}
	return err == nil, err
}

// afterCreate sets in motion what follows from a post beside keeping it: the
// server holds our post that it answers, the boards say so, the thread is looked
// up where it is not known.
func (w *work) afterCreate(ctx context.Context, tx *storage.Tx, post *coop.Post, added bool) error {
	if err := w.announceOnBoards(ctx, tx, post, true); err != nil {
		return err
	}
	if added && post.Article != nil && w.in.local(post.Article.TranslationOf) {
		if err := w.in.o.Answers.Translated(ctx, tx, post); err != nil {
			return err
		}
	}
	if post.InReplyTo == "" {
		return w.announceByFederation(ctx, tx, post)
	}
	if !added {
		return nil
	}
	parent, err := tx.PostByIRI(ctx, coop.System(), post.InReplyTo)
	switch {
	case errors.Is(err, coop.ErrNotFound):
		return w.in.queueThread(ctx, tx, post)
	case errors.Is(err, coop.ErrGone) || err == nil && !parent.Local:
		return nil
	case err != nil:
		return err
	}
	if err := tx.AddHolder(ctx, parent.ID, post.Author.Inbox.Host(), inboxOf(post.Author)); err != nil {
		return err
	}
	return w.forward(ctx, tx, post)
}

// inboxOf is where a server wants what concerns everybody on it.
func inboxOf(a *coop.Account) coop.IRI {
	if a.SharedInbox != "" {
		return a.SharedInbox
	}
	return a.Inbox
}
