// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"

	"minga/coop"
)

// NoteChange lets tests note any change.
func NoteChange(tx *Tx, c coop.Change) { tx.changed(c) }

// Damage lets tests run a statement that the program never does.
func Damage(ctx context.Context, tx *Tx, sql string, values ...any) error {
	_, err := tx.exec(ctx, sql, values...)
	return err
}

// SealedColumns are the columns that a rotation seals anew.
func SealedColumns() (list []string) {
	for _, place := range sealedPlaces() {
		list = append(list, place.name())
	}
	return list
}
