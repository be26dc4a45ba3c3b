// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"

	"minga/coop"
)

// accentKey is the setting of the federation's colour.
const accentKey = "accent"

// Accent is the colour of the federation's pages as #RRGGBB; empty: that of this program.
func (r reader) Accent(ctx context.Context) (string, error) {
	text, err := r.Setting(ctx, accentKey)
	if errors.Is(err, coop.ErrNotFound) {
		return "", nil
	}
	return text, err
}

// PutAccent keeps a colour that [coop.NewAccent] took; empty goes back to this program's.
func (tx *Tx) PutAccent(ctx context.Context, text string) error {
	if text == "" {
		return tx.DeleteSetting(ctx, accentKey)
	}
	return tx.SetSetting(ctx, accentKey, text)
}
