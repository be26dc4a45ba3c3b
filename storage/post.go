// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"time"

	"minga/coop"
)

// PostQuery says which posts are wanted. Empty fields do not narrow.
type PostQuery struct {
	Authors   []coop.ID       // by one of these
	Kinds     []coop.PostKind // of one of these kinds
	LocalOnly bool            // of authors of this instance
	Listed    bool            // public ones only, as in lists, feeds and search
	InReplyTo coop.ID         // direct replies to this post
	NoReplies bool            // only posts that answer nothing
	Thread    coop.IRI        // of this thread
	Hashtag   string          // without #, in any case
	Via       coop.ID         // brought or boosted by this federation or board
	Since     time.Time       // published at or after
	// OpenJobs leaves out jobs that are not open.
	OpenJobs bool
}

// Arrival is what comes with a post: the bytes that say so and the way it came.
type Arrival struct {
	// Object and Activity are the documents to keep, as they were sent; either may
	// be nil. Their ID, OwnerID and PostID are filled in; Public is set by the
	// post's visibility.
	Object, Activity *coop.Document
	// Path is how it reached us; zero Via for local posts.
	Path coop.Path
	// Quiet tells nobody here: backfill, imports.
	Quiet bool
}

// Tombstone says that something with this id was here and was withdrawn.
type Tombstone struct {
	IRI        coop.IRI
	FormerType string   // type on the wire; empty when it was never seen
	Owner      coop.IRI // whose it was; empty when unknown
	At         time.Time
	Local      bool // of this instance
}

// Post finds a post that the viewer may see. [coop.ErrNotFound] says that it is
// not there, or, in the same words, that the viewer may not see it;
// [coop.ErrGone] that it was withdrawn (ask [reader.Tombstone]).
func (r reader) Post(ctx context.Context, v coop.Viewer, id coop.ID) (*coop.Post, error) {
	return nil, errNotBuilt
}

// PostByIRI is [reader.Post] by the id on the network.
func (r reader) PostByIRI(ctx context.Context, v coop.Viewer, iri coop.IRI) (*coop.Post, error) {
	return nil, errNotBuilt
}

// PostsByID finds those of the posts that the viewer may see, in the order of ids.
func (r reader) PostsByID(ctx context.Context, v coop.Viewer, ids []coop.ID) ([]*coop.Post, error) {
	return nil, errNotBuilt
}

// Posts lists posts that the viewer may see, newest first, with their authors,
// paths and counts: four statements, however many posts.
func (r reader) Posts(ctx context.Context, v coop.Viewer, q PostQuery, page coop.Page) ([]*coop.Post, error) {
	return nil, errNotBuilt
}

// CountPosts counts what [reader.Posts] would list without a page.
func (r reader) CountPosts(ctx context.Context, v coop.Viewer, q PostQuery) (int, error) {
	return 0, errNotBuilt
}

// VisibleDocument finds the bytes of an activity or object that the viewer may
// see: its post's visibility, or Public for documents without a post. Errors are
// those of [reader.Post].
func (r reader) VisibleDocument(ctx context.Context, v coop.Viewer, iri coop.IRI) (*coop.Document, error) {
	return nil, errNotBuilt
}

// Tombstone finds what was withdrawn, or gives [coop.ErrNotFound].
func (r reader) Tombstone(ctx context.Context, iri coop.IRI) (*Tombstone, error) {
	return nil, errNotBuilt
}

// Revisions lists the earlier states of a post that the viewer may see, newest
// first, 100 at most.
func (r reader) Revisions(ctx context.Context, v coop.Viewer, post coop.ID) ([]coop.Revision, error) {
	return nil, errNotBuilt
}

// Pinned lists the featured posts of an account, the last pinned first.
func (r reader) Pinned(ctx context.Context, v coop.Viewer, account coop.ID) ([]*coop.Post, error) {
	return nil, errNotBuilt
}

// Ancestors lists the posts above one that the viewer may see, the root first, at
// most depth levels up; it stops at the first that is hidden.
func (r reader) Ancestors(ctx context.Context, v coop.Viewer, post coop.ID, depth int) ([]*coop.Post, error) {
	return nil, errNotBuilt
}

// AddPost stores a post, local or remote, with every row that it means: kind,
// hashtags, addressees, mentions, documents, path, the link to its parent and of
// waiting children to it, duplicates, notifications. It fills in p.ID,
// p.InReplyToID, p.AuthorID's author and p.Thread. A post that is known adds only
// its path and returns false. [coop.ErrGone] says that a tombstone stands, or that
// the author is gone; [coop.ErrNotFound] that the author is not stored.
func (tx *Tx) AddPost(ctx context.Context, p *coop.Post, by Arrival) (added bool, err error) {
	return false, errNotBuilt
}

// UpdatePost stores a new state of a known post by its IRI; ID, author, Published
// and paths stay, the state before becomes a [coop.Revision] (100 at most, the
// oldest goes). A remote state that is older than the stored one is ignored and
// returns false; an article's with a lower or equal version goes into its history.
// [coop.ErrNotFound] says that the post is not known, [coop.ErrGone] that it was
// withdrawn, [coop.ErrForbidden] that the author differs.
func (tx *Tx) UpdatePost(ctx context.Context, p *coop.Post, by Arrival) (changed bool, err error) {
	return false, errNotBuilt
}

// RemovePost makes a post a tombstone: its text, bytes, hashtags, mentions,
// revisions and notifications go; replies stay. The owner is the author's IRI; a
// post of another gives [coop.ErrForbidden]. What is not known gets a tombstone
// too, so that a Create that comes late finds it.
func (tx *Tx) RemovePost(ctx context.Context, iri, owner coop.IRI, at time.Time) error {
	return errNotBuilt
}

// AddTombstone keeps the id of something that is not a post from being used
// again: an activity undone before it came, an account. The first one stays.
func (tx *Tx) AddTombstone(ctx context.Context, t Tombstone) error { return errNotBuilt }

// Pin features a post of the account itself; twice is once.
func (tx *Tx) Pin(ctx context.Context, account, post coop.ID, at time.Time) error {
	return errNotBuilt
}

// Unpin ends [Tx.Pin]; a missing one is no error.
func (tx *Tx) Unpin(ctx context.Context, account, post coop.ID) error { return errNotBuilt }
