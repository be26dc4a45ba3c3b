// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"time"

	"minga/coop"
)

// ReactionKind is Like or Boost.
type ReactionKind string

// The kinds of reactions.
const (
	Like  ReactionKind = "like"
	Boost ReactionKind = "boost" // Announce of the plain id
)

// Reaction is one account's like or boost of one post.
type Reaction struct {
	ID      coop.ID // set by the store
	Kind    ReactionKind
	Actor   coop.ID
	Post    coop.ID
	IRI     coop.IRI // id of the activity; empty: none
	At      time.Time
	Content string // emoji of a Like, plain text, 100 characters at most
	Quiet   bool   // tell nobody
}

// ReactionQuery says which reactions are wanted; at least Post or Actor.
type ReactionQuery struct {
	Post  coop.ID
	Actor coop.ID
	Kind  ReactionKind // empty: both
}

// ReactionByIRI finds a reaction by the id of its activity, or gives [coop.ErrNotFound].
func (r reader) ReactionByIRI(ctx context.Context, iri coop.IRI) (*Reaction, error) {
	return nil, errNotBuilt
}

// ReactionOf finds what one account did with one post, or gives [coop.ErrNotFound].
func (r reader) ReactionOf(ctx context.Context, kind ReactionKind, actor, post coop.ID) (*Reaction, error) {
	return nil, errNotBuilt
}

// Reactions lists reactions to posts that the viewer may see, by accounts that
// are not gone, newest first.
func (r reader) Reactions(ctx context.Context, v coop.Viewer, q ReactionQuery, page coop.Page) ([]Reaction, error) {
	return nil, errNotBuilt
}

// CountReactions counts what [reader.Reactions] would list without a page.
func (r reader) CountReactions(ctx context.Context, v coop.Viewer, q ReactionQuery) (int, error) {
	return 0, errNotBuilt
}

// React stores a like or boost, once for each account and post, tells the author
// if it is of this instance, and notes a remote actor's server as a holder. It
// returns false when it was there. [coop.ErrGone] says that its activity was undone
// before it came.
func (tx *Tx) React(ctx context.Context, x Reaction) (added bool, err error) { return false, errNotBuilt }

// Unreact removes a reaction with what it told; a missing one is no error and
// returns false.
func (tx *Tx) Unreact(ctx context.Context, kind ReactionKind, actor, post coop.ID) (removed bool, err error) {
	return false, errNotBuilt
}
