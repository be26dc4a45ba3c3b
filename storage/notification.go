// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"

	"minga/coop"
)

// Notifications lists what an account was told, newest first, with who did it.
// What the account may no longer see is left out.
func (r reader) Notifications(ctx context.Context, account coop.ID, page coop.Page) ([]coop.Notification, error) {
	return nil, errNotBuilt
}

// Notify tells one account of this instance something that is not the consequence
// of a post, reaction or follow; twice the same is once.
func (tx *Tx) Notify(ctx context.Context, n coop.Notification) error { return errNotBuilt }

// DismissNotification removes one; a missing one is no error.
func (tx *Tx) DismissNotification(ctx context.Context, account, id coop.ID) error {
	return errNotBuilt
}

// ClearNotifications removes all of an account.
func (tx *Tx) ClearNotifications(ctx context.Context, account coop.ID) error { return errNotBuilt }
