// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// SetAccountNote keeps what one account notes about another, plain text of at most
// [coop.MaxAccountNote] characters; an empty one removes it.
func (tx *Tx) SetAccountNote(ctx context.Context, account, target coop.ID, comment string) error {
	var err error
	if comment == "" {
		_, err = tx.exec(ctx, `DELETE FROM account_notes WHERE account_id = $1 AND target_id = $2`, int64(account), int64(target))
	} else {
		_, err = tx.insert(ctx, "account_notes", []column{
			{"account_id", int64(account)}, {"target_id", int64(target)}, {"comment", comment},
		}, "ON CONFLICT (account_id, target_id) DO UPDATE SET comment = excluded.comment")
	}
	if err != nil {
		return fmt.Errorf("note of %s about %s: %w", account, target, err)
	}
	return nil
}
