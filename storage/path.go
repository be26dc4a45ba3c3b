// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"time"

	"minga/coop"
)

// AddPath notes one more way by which a post reached us; the first time of each
// way stays.
func (tx *Tx) AddPath(ctx context.Context, post coop.ID, p coop.Path) error { return errNotBuilt }

// RemovePath takes a way back: Undo(Announce) by a board. A post of another server
// without any way left is hidden from public lists.
func (tx *Tx) RemovePath(ctx context.Context, post, via coop.ID, how string) error {
	return errNotBuilt
}

// HidePathsOf ends all ways through an account: the follow of it ended or it was
// blocked. Copies that came only by it leave public lists; what also came by
// another way stays. [Tx.ShowPathsOf] takes it back.
func (tx *Tx) HidePathsOf(ctx context.Context, via coop.ID, at time.Time) error {
	return errNotBuilt
}

// ShowPathsOf is the end of [Tx.HidePathsOf]: followed again.
func (tx *Tx) ShowPathsOf(ctx context.Context, via coop.ID) error { return errNotBuilt }

// AddHolder notes that a server holds a post: it boosted, liked, answered or
// fetched it with a signature. Inbox is where it wants to hear of changes, its
// shared inbox where it has one.
func (tx *Tx) AddHolder(ctx context.Context, post coop.ID, host string, inbox coop.IRI) error {
	return errNotBuilt
}

// Holders lists where to tell changes of a post, the newest holder first, at most
// limit (federation.md 8: 5,000).
func (r reader) Holders(ctx context.Context, post coop.ID, limit int) ([]Inbox, error) {
	return nil, errNotBuilt
}
