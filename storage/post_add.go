// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Arrival is what comes with a post: the bytes that say so and the way it came.
type Arrival struct {
	// Object and Activity are the documents to keep, as they were sent; either may
	// be nil. Their OwnerID and PostID are filled in, of a local post's also
	// their ID; Public is set by the post's visibility.
	Object, Activity *coop.Document
	// Path is how it reached us; empty for local posts. A post of another server
	// without a path came by its author, directly.
	Path coop.Path
	// Quiet tells nobody here: backfill, imports.
	Quiet bool
}

// AddPost stores a post, local or remote, with every row that it means: kind,
// hashtags, addressees, mentions, documents, path, the link to its parent and of
// waiting children to it, duplicates, notifications. It fills in p.ID (where it is
// zero), p.Author, p.InReplyToID and p.Thread. A post that is known adds only its
// path and returns false. [coop.ErrGone] says that a tombstone stands, or that the
// author is gone; [coop.ErrNotFound] that the author is not stored;
// [coop.ErrConflict] that the IRI is another author's.
func (tx *Tx) AddPost(ctx context.Context, p *coop.Post, by Arrival) (added bool, err error) {
	if added, err = tx.addPost(ctx, p, by); err != nil {
		return false, fmt.Errorf("add post %s: %w", p.IRI, err)
	}
	return added, nil
}

// addPost is the story of AddPost, a step a line.
func (tx *Tx) addPost(ctx context.Context, p *coop.Post, by Arrival) (bool, error) {
	// A parent and its answer, or a Create and its Delete, may come at once.
	if err := tx.alone(ctx, string(p.IRI), string(p.InReplyTo)); err != nil {
		return false, err
	}
	if err := tx.admitAuthor(ctx, p); err != nil {
		return false, err
	}
	if err := mayPost(ctx, p.AuthorID, p); err != nil {
		return false, err
	}
	if known, err := tx.knownID(ctx, p, by); known || err != nil {
		return false, err
	}
	if err := tx.placePost(ctx, p); err != nil {
		return false, err
	}
	if inserted, err := tx.insertPost(ctx, p); err != nil {
		return false, err
	} else if !inserted {
		// Another transaction was first: its row can be seen now.
		_, err := tx.knownPost(ctx, p, by)
		return false, err
	}
	tx.aboutPost(p)
	tx.notePublished(p, by)
	for _, step := range []func(context.Context, *coop.Post, Arrival) error{
		tx.putNewPoll, tx.putChildren, tx.quietlyTouched, tx.putDocuments, tx.putFirstPath, tx.linkChildren, tx.noteAnswer, tx.noteConversation, tx.tellOfPost,
	} {
		if err := step(ctx, p, by); err != nil {
			return false, err
		}
	}
	return true, nil
}

// admitAuthor checks the author, and that the id can be one.
func (tx *Tx) admitAuthor(ctx context.Context, p *coop.Post) (err error) {
	if p.IRI.Host() == "" {
		return &coop.InvalidError{Field: "id", Problem: "a post needs an http or https address"}
	}
	if p.AuthorID == 0 && p.Author != nil {
		p.AuthorID = p.Author.ID
	}
	if p.Author, err = tx.Account(ctx, p.AuthorID); err != nil {
		return err
	}
	p.Local = p.Author.Local
	if p.Author.Gone() {
		return coop.ErrGone
	}
	return nil
}

// knownID handles an id that was withdrawn or is a post's that is here. Most are
// neither, and one question says so.
func (tx *Tx) knownID(ctx context.Context, p *coop.Post, by Arrival) (bool, error) {
	seen, err := tx.number(ctx, `
		SELECT CASE WHEN
			EXISTS (SELECT 1 FROM accounts WHERE iri = $1) THEN 2 WHEN
			EXISTS (SELECT 1 FROM tombstones WHERE iri = $1) OR EXISTS (SELECT 1 FROM posts WHERE iri = $1)
		THEN 1 ELSE 0 END`, cleanText(string(p.IRI)))
	if err != nil || seen == 0 {
		return false, err
	}
	if seen == 2 {
		return false, fmt.Errorf("the id of an account: %w", coop.ErrConflict) // one id is one thing
	}
	if err := tx.admitID(ctx, p); err != nil {
		return false, err
	}
	return tx.knownPost(ctx, p, by)
}

// admitPost checks the author and that the id was not withdrawn.
func (tx *Tx) admitPost(ctx context.Context, p *coop.Post) error {
	if err := tx.admitAuthor(ctx, p); err != nil {
		return err
	}
	return tx.admitID(ctx, p)
}

// admitID checks that the id was not withdrawn.
func (tx *Tx) admitID(ctx context.Context, p *coop.Post) error {
	buried, err := tx.buried(ctx, p.IRI, p.Author.IRI)
	if err == nil && buried {
		return coop.ErrGone
	}
	return err
}

// stored is what a decision about a known post needs.
type stored struct {
	id, author         int64
	root               string
	draft              bool
	published, changed time.Time
}

// storedPost asks for what stored holds of the post with an id on the network.
const storedPost = `
	SELECT id, author_id, thread, draft, published_at, changed_at
	FROM posts
	WHERE iri = $1`

// stored finds a post by its id on the network, hidden or not, for the program.
func (r reader) stored(ctx context.Context, iri coop.IRI) (*stored, error) {
	return first(ctx, r, scanStored, storedPost, cleanText(string(iri)))
}

// scanStored reads a row of storedPost.
func scanStored(row pgx.CollectableRow) (*stored, error) {
	var s stored
	var published, changed int64
	err := row.Scan(&s.id, &s.author, &s.root, &s.draft, &published, &changed)
	s.published, s.changed = atMs(published), atMs(changed)
	return &s, err
}

// knownPost handles a post that is here: one more way to it, nothing else.
func (tx *Tx) knownPost(ctx context.Context, p *coop.Post, by Arrival) (bool, error) {
	s, err := tx.stored(ctx, p.IRI)
	if errors.Is(err, coop.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if coop.ID(s.author) != p.AuthorID {
		return true, coop.ErrConflict
	}
	p.ID, p.Thread = coop.ID(s.id), coop.IRI(s.root)
	path, ok := arrivalPath(p, by)
	if !ok {
		return true, nil
	}
	return true, tx.AddPath(ctx, p.ID, path)
}

// placePost gives the post its id, its time and its place in a thread. What claims
// to be of the future is of now. An unknown parent is the best guess of a thread
// until it comes.
func (tx *Tx) placePost(ctx context.Context, p *coop.Post) error {
	now := tx.e.now()
	if p.Published.IsZero() || p.Published.After(now) {
		p.Published = now
	}
	if p.Updated.After(now) {
		p.Updated = now
	}
	if err := tx.placeInThread(ctx, p); err != nil || p.ID != 0 {
		return err
	}
	at := p.Published
	if p.Local {
		at = now
	}
	id, err := tx.NextID(ctx, at)
	p.ID = id
	return err
}

// placeInThread links the post to its parent where that is known.
func (tx *Tx) placeInThread(ctx context.Context, p *coop.Post) error {
	p.InReplyToID = 0
	if p.InReplyTo != "" && p.InReplyTo != p.IRI {
		parent, err := tx.stored(ctx, p.InReplyTo)
		if err == nil {
			p.InReplyToID, p.Thread = coop.ID(parent.id), coop.IRI(parent.root)
			return nil
		}
		if !errors.Is(err, coop.ErrNotFound) {
			return err
		}
	}
	switch {
	case p.Thread != "":
	case p.InReplyTo != "":
		p.Thread = p.InReplyTo
	default:
		p.Thread = p.IRI
	}
	return nil
}

// insertPost writes the row of posts; false says that it was there.
func (tx *Tx) insertPost(ctx context.Context, p *coop.Post) (bool, error) {
	organization, err := tx.membersOf(ctx, p)
	if err != nil {
		return false, err
	}
	row, err := postRow(p, organization)
	if err != nil {
		return false, err
	}
	row = append(row,
		column{"id", int64(p.ID)}, column{"iri", string(p.IRI)}, column{"author_id", int64(p.AuthorID)}, column{"local", p.Local},
		column{"in_reply_to", string(p.InReplyTo)}, column{"in_reply_to_id", int64(p.InReplyToID)}, column{"thread", string(p.Thread)})
	n, err := tx.insert(ctx, "posts", row, "ON CONFLICT (iri) DO NOTHING")
	return n > 0, err
}

// putFirstPath notes how a new post came, which is as reached as its row says.
func (tx *Tx) putFirstPath(ctx context.Context, p *coop.Post, by Arrival) error {
	path, ok := arrivalPath(p, by)
	if !ok {
		return nil
	}
	return tx.notePath(ctx, p.ID, path)
}

// arrivalPath is how the post came. Nothing came by a way to a local post.
func arrivalPath(p *coop.Post, by Arrival) (path coop.Path, ok bool) {
	path = by.Path
	if p.Local && path.Via == 0 {
		return path, false
	}
	if path.Via == 0 {
		path.Via = p.AuthorID
	}
	if path.How == "" {
		path.How = "direct"
	}
	return path, true
}

// linkChildren gives the post the replies that came before it, and the whole of
// their branches its thread.
func (tx *Tx) linkChildren(ctx context.Context, p *coop.Post, _ Arrival) error {
	n, err := tx.exec(ctx, `
		UPDATE posts
		SET in_reply_to_id = $1
		WHERE in_reply_to = $2 AND in_reply_to <> '' AND in_reply_to_id = 0 AND id <> $1`, int64(p.ID), string(p.IRI))
	if err != nil || n == 0 {
		return err
	}
	threads, err := all(ctx, tx.reader, scanText, belowOf+`
		SELECT DISTINCT p.thread FROM below JOIN posts p ON p.id = below.id`, int64(p.ID))
	if err != nil {
		return err
	}
	if _, err = tx.exec(ctx, belowOf+`
		UPDATE posts
		SET thread = $2
		WHERE id IN (SELECT id FROM below) AND id <> $1`, int64(p.ID), cleanText(string(p.Thread))); err != nil {
		return err
	}
	return tx.moveConversations(ctx, threads, p.Thread)
}

// belowOf are the posts below the post $1.
const belowOf = `
		WITH RECURSIVE below (id) AS (
			SELECT id FROM posts WHERE in_reply_to_id = $1 AND in_reply_to_id <> 0
			UNION
			SELECT c.id FROM below JOIN posts c ON c.in_reply_to_id = below.id AND c.in_reply_to_id <> 0)`

// noteAnswer notes that the server of a reply holds what it answers.
func (tx *Tx) noteAnswer(ctx context.Context, p *coop.Post, _ Arrival) error {
	if p.InReplyToID == 0 {
		return nil
	}
	return tx.holds(ctx, p.InReplyToID, p.Author)
}
