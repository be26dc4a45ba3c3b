// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import "context"

// Run executes a statement for a test that needs a row which this package has no
// method for.
func (tx *Tx) Run(ctx context.Context, sql string, values ...any) error {
	_, err := tx.exec(ctx, sql, values...)
	return err
}
