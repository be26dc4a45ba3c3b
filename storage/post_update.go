// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"minga/coop"
)

// HoldPost lets nobody else change a post before the transaction ends: of two edits at
// once the second begins with what the first made. A post that is not here is none of
// its concern.
func (tx *Tx) HoldPost(ctx context.Context, id coop.ID) error {
	return tx.holdPosts(ctx, []coop.ID{id})
}

// holdPosts is HoldPost of several.
func (tx *Tx) holdPosts(ctx context.Context, ids []coop.ID) error {
	for part := range slices.Chunk(ids, mostIn) {
		var a args
		if _, err := tx.exec(ctx, "SELECT id FROM posts WHERE id IN "+in(&a, numbers(part))+" ORDER BY id FOR NO KEY UPDATE", a...); err != nil {
			return fmt.Errorf("hold %d posts from %s on: %w", len(part), part[0], err)
		}
	}
	return nil
}

// UpdatePost stores a new state of a known post by its IRI; ID, author, Published
// and paths stay (a draft takes the Published of its publication), the state before
// becomes a [coop.Revision] (100 at most, the oldest goes). A remote state that is
// older than the stored one is ignored and returns false; an article's with a lower
// version goes into its history, and with an equal one is ignored.
// [coop.ErrNotFound] says that the post is not known, [coop.ErrGone] that it was
// withdrawn, [coop.ErrForbidden] that the author differs.
func (tx *Tx) UpdatePost(ctx context.Context, p *coop.Post, by Arrival) (changed bool, err error) {
	if changed, err = tx.updatePost(ctx, p, by); err != nil {
		return false, fmt.Errorf("update post %s: %w", p.IRI, err)
	}
	return changed, nil
}

// updatePost is the story of UpdatePost.
func (tx *Tx) updatePost(ctx context.Context, p *coop.Post, by Arrival) (bool, error) {
	before, err := tx.heldState(ctx, p)
	if err != nil {
		return false, err
	}
	if coop.ID(before.author) != p.AuthorID {
		return false, coop.ErrForbidden
	}
	old, err := tx.Post(ctx, coop.System(), coop.ID(before.id))
	if err != nil {
		return false, err
	}
	if err := mayPost(ctx, p.AuthorID, old); err != nil {
		return false, err
	}
	tx.aboutPost(p)
	if news, err := tx.isNews(ctx, p, old, before); !news || err != nil {
		return false, err
	}
	if err := tx.rewrite(ctx, p, old, before.draft); err != nil {
		return false, err
	}
	was, err := tx.clearChildren(ctx, p.ID)
	if err != nil {
		return false, err
	}
	if err := tx.dropRequest(ctx, p, old); err != nil {
		return false, err
	}
	for _, step := range []func(context.Context, *coop.Post, Arrival) error{tx.putPoll, tx.putChildren, tx.quietlyTouched, tx.putDocuments} {
		if err := step(ctx, p, by); err != nil {
			return false, err
		}
	}
	// Its copies of before may be nobody's copies now.
	if err := tx.electJobs(ctx, was); err != nil {
		return false, err
	}
	if before.draft && !isDraft(p) {
		tx.notePublished(p, by)
		return true, tx.tellOfPost(ctx, p, by)
	}
	if !isDraft(p) {
		tx.changed(coop.Change{Kind: coop.ChangeEdit, Post: p.ID, Account: p.AuthorID})
	}
	return true, tx.tellOfUpdate(ctx, p, old, by)
}

// heldState finds what is stored of a post that may be changed, and lets nobody else
// change it, though others may point to it, as a vote does: a state that comes by two ways at once has its effect by one of them.
func (tx *Tx) heldState(ctx context.Context, p *coop.Post) (*stored, error) {
	before, missing := first(ctx, tx.reader, scanStored, storedPost+" FOR NO KEY UPDATE", cleanText(string(p.IRI)))
	if missing != nil && !errors.Is(missing, coop.ErrNotFound) {
		return nil, missing
	}
	// Asked after the wait: it may have been for a withdrawal.
	if err := tx.admitPost(ctx, p); err != nil {
		return nil, err
	}
	return before, missing
}

// isNews gives the new state what stays of the old, and tells whether it is newer.
func (tx *Tx) isNews(ctx context.Context, p, old *coop.Post, before *stored) (bool, error) {
	now := tx.e.now()
	p.ID, p.InReplyTo, p.InReplyToID, p.Thread = old.ID, old.InReplyTo, old.InReplyToID, old.Thread
	if !before.draft || p.Published.IsZero() || p.Published.After(now) {
		p.Published = old.Published
		if before.draft && !isDraft(p) {
			p.Published = now
		}
	}
	if p.Updated.IsZero() || p.Updated.After(now) && !p.Local { // other nodes' clocks are believed
		p.Updated = now
	}
	if before.draft && p.Local {
		p.Updated = time.Time{}
		return true, nil
	}
	if old.Article != nil && p.Article != nil && !p.Local && p.Article.Version < old.Article.Version {
		return false, tx.addRevision(ctx, old.ID, p)
	}
	return !p.Updated.Before(before.changed) && !sameState(p, old), nil
}

// sameState tells that an Update came twice: nothing of it is new.
func sameState(p, old *coop.Post) bool {
	if !changedAt(p).Equal(changedAt(old)) {
		return false
	}
	a, errA := jsonText(bare(p))
	b, errB := jsonText(bare(old))
	return errA == nil && errB == nil && a == b
}

// changedAt is when a state was written: one that was never changed, when it was
// published. An edit in that same second says the same time.
func changedAt(p *coop.Post) time.Time {
	if p.Updated.IsZero() {
		return p.Published
	}
	return p.Updated
}

// bare is a post without what reads fill in.
func bare(p *coop.Post) coop.Post {
	c := *p
	c.Author, c.ReachedThrough, c.Replies, c.Boosts, c.Likes, c.Updated = nil, nil, 0, 0, 0, time.Time{}
	if c.Poll != nil {
		c.Poll = c.Poll.Clone() // counts are no state that anybody wrote
		c.Poll.Count(&coop.Poll{Options: make([]coop.PollOption, len(c.Poll.Options))})
	}
	if c.Job != nil {
		job := *c.Job
		job.ConfirmedAt = time.Time{} // when we looked, nothing that anybody wrote
		c.Job = &job
	}
	return c
}

// rewrite keeps the old state as a revision and writes the new one. Drafts leave no
// history: nobody saw them.
func (tx *Tx) rewrite(ctx context.Context, p, old *coop.Post, draft bool) error {
	if !draft && !sameVersion(p, old) {
		if err := tx.addRevision(ctx, old.ID, old); err != nil {
			return err
		}
	}
	organization, err := tx.membersOf(ctx, p)
	if err != nil {
		return err
	}
	row, err := postRow(p, organization)
	if err != nil {
		return err
	}
	return tx.update(ctx, "posts", row, "id", int64(p.ID))
}

// sameVersion tells that an article is the version that it was: only what stands
// around its text has changed, such as a day on which it was checked.
func sameVersion(p, old *coop.Post) bool {
	return p.Article != nil && old.Article != nil && p.Article.Version == old.Article.Version && old.Article.Version > 0 &&
		p.Title == old.Title && p.Summary == old.Summary && p.Content == old.Content && p.Source == old.Source
}

// mostRevisions is how many earlier states of one post are kept.
const mostRevisions = 100

// addRevision keeps a state of a post. Numbers only rise, so that the oldest can be
// told when it has to go.
func (tx *Tx) addRevision(ctx context.Context, id coop.ID, p *coop.Post) error {
	last, err := tx.number(ctx, `SELECT COALESCE(MAX(number), 0) FROM revisions WHERE post_id = $1`, int64(id))
	if err != nil {
		return err
	}
	version, reason, at := last+1, "", p.Updated
	if p.Article != nil {
		version, reason = p.Article.Version, coop.Truncate(p.Article.Reason, 1000)
	}
	if at.IsZero() {
		at = p.Published
	}
	details, err := jsonText(revisionDetails{Attachments: p.Attachments, Options: pollOptions(p), Language: p.Language})
	if err != nil {
		return err
	}
	if _, err = tx.insert(ctx, "revisions", []column{
		{"post_id", int64(id)},
		{"number", last + 1},
		{"version", version},
		{"at", msOf(at)},
		{"title", coop.Truncate(p.Title, 500)},
		{"summary", coop.Truncate(p.Summary, 10_000)},
		{"content", p.Content},
		{"source", p.Source},
		{"reason", reason},
		{"sensitive", p.Sensitive},
		{"details", details},
	}, ""); err != nil {
		return err
	}
	_, err = tx.exec(ctx, `DELETE FROM revisions WHERE post_id = $1 AND number <= $2`, int64(id), last+1-mostRevisions)
	return err
}

// Revisions lists the earlier states of a post that the viewer may see, the latest
// stored first, 100 at most.
func (r reader) Revisions(ctx context.Context, v coop.Viewer, post coop.ID) ([]coop.Revision, error) {
	if _, err := r.Post(ctx, v, post); err != nil {
		return nil, err
	}
	return all(ctx, r, scanRevision, `
		SELECT post_id, version, at, title, summary, content, source, reason, sensitive, details
		FROM revisions
		WHERE post_id = $1
		ORDER BY number DESC
		LIMIT $2`, int64(post), mostRevisions)
}
