// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"time"

	"minga/coop"
)

// Inbox is where something is delivered.
type Inbox struct {
	Inbox       coop.IRI // personal
	SharedInbox coop.IRI // empty: none
	Host        string   // of the inbox, lower-case, with a port that is written
	AccountID   coop.ID  // zero for a holder known by its server only
}

// Follow finds the follow of one account by another with both accounts, or gives
// [coop.ErrNotFound].
func (r reader) Follow(ctx context.Context, follower, target coop.ID) (*coop.Follow, error) {
	return nil, errNotBuilt
}

// FollowByIRI finds a follow by the id of its activity, or gives [coop.ErrNotFound].
func (r reader) FollowByIRI(ctx context.Context, iri coop.IRI) (*coop.Follow, error) {
	return nil, errNotBuilt
}

// Followers lists who follows an account, newest first; state "" lists asked and
// accepted ones. Accounts that are gone are left out.
func (r reader) Followers(ctx context.Context, id coop.ID, state coop.FollowState, page coop.Page) ([]*coop.Follow, error) {
	return nil, errNotBuilt
}

// Following lists whom an account follows, newest first, as [reader.Followers].
func (r reader) Following(ctx context.Context, id coop.ID, state coop.FollowState, page coop.Page) ([]*coop.Follow, error) {
	return nil, errNotBuilt
}

// CountFollowers counts what [reader.Followers] would list without a page.
func (r reader) CountFollowers(ctx context.Context, id coop.ID, state coop.FollowState) (int, error) {
	return 0, errNotBuilt
}

// CountFollowing counts what [reader.Following] would list without a page.
func (r reader) CountFollowing(ctx context.Context, id coop.ID, state coop.FollowState) (int, error) {
	return 0, errNotBuilt
}

// FollowerInboxes lists where the accepted followers on other servers take
// deliveries: one for each follower, those who are gone or on a blocked domain
// left out. The caller puts shared inboxes together.
func (r reader) FollowerInboxes(ctx context.Context, id coop.ID) ([]Inbox, error) {
	return nil, errNotBuilt
}

// LocalFollowers lists the accounts of this instance that follow id, accepted.
func (r reader) LocalFollowers(ctx context.Context, id coop.ID) ([]*coop.Account, error) {
	return nil, errNotBuilt
}

// FollowedHere tells whether any account of this instance follows id, accepted.
func (r reader) FollowedHere(ctx context.Context, id coop.ID) (bool, error) {
	return false, errNotBuilt
}

// PutFollow stores a follow or its new state, by follower and target: f.Follower.ID,
// f.Target.ID. It fills in f.ID; a newer IRI replaces the older. It tells the target
// if it is of this instance: once asked, once accepted.
func (tx *Tx) PutFollow(ctx context.Context, f *coop.Follow) error { return errNotBuilt }

// RemoveFollow ends a follow with what it told; a missing one is no error and
// returns false. When a federation or board of another server is then followed by
// nobody here, its paths are hidden ([Tx.HidePathsOf]).
func (tx *Tx) RemoveFollow(ctx context.Context, follower, target coop.ID) (removed bool, err error) {
	return false, errNotBuilt
}

// Block is one account's block of another.
type Block struct {
	ID      coop.ID // set by the store
	IRI     coop.IRI
	Blocker coop.ID
	Target  coop.ID
	At      time.Time
}

// Blocked tells whether a blocks b or b blocks a.
func (r reader) Blocked(ctx context.Context, a, b coop.ID) (bool, error) { return false, errNotBuilt }

// BlockByIRI finds a block by the id of its activity, or gives [coop.ErrNotFound].
func (r reader) BlockByIRI(ctx context.Context, iri coop.IRI) (*Block, error) {
	return nil, errNotBuilt
}

// AddBlock stores a block and ends the follows both ways; twice is once.
func (tx *Tx) AddBlock(ctx context.Context, b Block) error { return errNotBuilt }

// RemoveBlock ends a block; a missing one is no error and returns false.
func (tx *Tx) RemoveBlock(ctx context.Context, blocker, target coop.ID) (removed bool, err error) {
	return false, errNotBuilt
}
