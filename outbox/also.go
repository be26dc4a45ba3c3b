// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"

	"minga/coop"
	"minga/storage"
)

// Also is what else happens in the transaction of an act, such as the entry of the
// audit log that says who did it.
type Also func(ctx context.Context, tx *storage.Tx) error

// Noted adds an entry to the audit log.
func Noted(e coop.AuditEntry) Also {
	return func(ctx context.Context, tx *storage.Tx) error {
		entry := e // a transaction may run twice
		return tx.AddAudit(ctx, &entry)
	}
}

// besides does it all.
func besides(ctx context.Context, tx *storage.Tx, also []Also) error {
	for _, do := range also {
		if err := do(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}
