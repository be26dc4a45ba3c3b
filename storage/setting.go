// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Setting reads one setting that an admin changed, or [coop.ErrNotFound].
func (r reader) Setting(ctx context.Context, key string) (string, error) {
	var value string
	err := r.q.QueryRow(ctx, `SELECT value FROM settings WHERE key = $1`, key).Scan(&value)
	if err != nil {
		return "", fmt.Errorf("setting %s: %w", key, notFound(err))
	}
	return value, nil
}

// Settings reads all settings that an admin changed, by their keys.
func (r reader) Settings(ctx context.Context) (map[string]string, error) {
	rows, err := r.q.Query(ctx, `SELECT key, value FROM settings`)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	all := map[string]string{}
	var key, value string
	_, err = pgx.ForEachRow(rows, []any{&key, &value}, func() error {
		all[key] = value
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	return all, nil
}

// SetSetting keeps one setting: a key of at most 100 letters, a value of 100,000.
func (tx *Tx) SetSetting(ctx context.Context, key, value string) error {
	_, err := tx.q.Exec(ctx, `
		INSERT INTO settings (key, value, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
		key, value, tx.e.now().UnixMilli())
	if err != nil {
		return fmt.Errorf("set setting %s: %w", key, err)
	}
	return nil
}

// DeleteSetting goes back to the default; a missing one is no error.
func (tx *Tx) DeleteSetting(ctx context.Context, key string) error {
	_, err := tx.q.Exec(ctx, `DELETE FROM settings WHERE key = $1`, key)
	return err
}

// TakeSetting deletes a setting and gives what it was, or [coop.ErrNotFound]: of several
// who take it at once, one gets it.
func (tx *Tx) TakeSetting(ctx context.Context, key string) (string, error) {
	var value string
	err := tx.q.QueryRow(ctx, `DELETE FROM settings WHERE key = $1 RETURNING value`, key).Scan(&value)
	if err != nil {
		return "", fmt.Errorf("setting %s: %w", key, notFound(err))
	}
	return value, nil
}
