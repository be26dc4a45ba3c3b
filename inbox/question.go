// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"minga/coop"
	"minga/federation/document"
	"minga/storage"
)

// onlyCounts tells whether a new state of a question says nothing new but how many
// voted, or that it is over: such an Update is no edit, also where it says a time.
func onlyCounts(old, post *coop.Post) bool {
	if old.Poll == nil || post.Poll == nil || !old.Poll.SameQuestion(post.Poll) {
		return false
	}
	a, errA := json.Marshal(said(old))
	b, errB := json.Marshal(said(post))
	return errA == nil && errB == nil && string(a) == string(b)
}

// said is what the author of a post wrote.
func said(p *coop.Post) any {
	return []any{p.Title, p.Summary, p.Sensitive, p.Content, p.ContentMap, p.Attachments, p.Visibility, p.Decision}
}

// count takes over the counts of a poll that is stored. An older state that arrives
// late is told by its time, where it says one.
func (w *work) count(old, post *coop.Post, object *document.Object) (effect, error) {
	post.ID = old.ID
	if at, ok := object.Time("updated"); ok && at.Before(old.Updated.Truncate(time.Second)) {
		return nil, drop("older")
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		fresh, err := w.firstTime(ctx, tx)
		if err != nil {
			return err
		}
		if fresh {
			if err := tx.CountPoll(ctx, post, w.in.arrivalOf(post, object, w.kept(), w.path())); err != nil {
				return err
			}
		}
		return w.announceOnBoards(ctx, tx, post, false)
	}, nil
}

// pollEvery is how old the counts of a poll elsewhere must be to be asked for anew.
const pollEvery = 5 * time.Minute

// RefreshPoll looks at the origin of a poll elsewhere how many voted, if that was not
// asked for five minutes and it was not over then. It gives the post as it is stored
// afterwards, for the program itself: whether somebody may see it is the caller's
// question. Errors as [Inbox.Post]; the post given is then as good as before.
func (in *Inbox) RefreshPoll(ctx context.Context, post *coop.Post) (*coop.Post, error) {
	if post.Local || post.Poll == nil || !stale(post.Poll, in.now()) {
		return post, nil
	}
	if !in.polls.once(string(post.IRI), in.now()) {
		return post, nil
	}
	if err := in.allowed(ctx, post.IRI); err != nil {
		return post, err
	}
	doc, err := in.fetchDocument(ctx, string(post.IRI), noRemote())
	if err != nil {
		return post, fetchFault(err)
	}
	return in.recount(ctx, post, unwrap(doc))
}

// stale tells whether counts may have changed since they were read.
func stale(p *coop.Poll, now time.Time) bool {
	return now.Sub(p.FetchedAt) >= pollEvery && !p.Over(p.FetchedAt)
}

// recount keeps what the origin answered: new counts, or a new state of the post.
func (in *Inbox) recount(ctx context.Context, post *coop.Post, doc *document.Object) (*coop.Post, error) {
	if coop.IRI(doc.ID()) != post.IRI || coop.IRI(doc.Owner()) != post.Author.IRI {
		return post, fmt.Errorf("poll %s: %w", post.IRI, coop.ErrNotFound)
	}
	now, err := in.believePost(ctx, doc, post.Author)
	if err != nil {
		return post, err
	}
	err = in.store.Write(ctx, func(tx *storage.Tx) error {
		arrival := in.arrivalOf(now, doc, nil, coop.Path{How: "fetch"})
		arrival.Quiet = true
		if !onlyCounts(post, now) {
			_, err := in.storePost(ctx, tx, now, arrival)
			return err
		}
		now.ID = post.ID
		return tx.CountPoll(ctx, now, arrival)
	})
	if err != nil && !errors.Is(err, coop.ErrConflict) {
		return post, err
	}
	return in.store.PostByIRI(ctx, coop.System(), post.IRI)
}
