// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"

	"minga/storage"
)

// `minga config show` says what counts: also what nobody set, and what was chosen on a
// page, which lies in the database.

// counting are all settings with the value that counts. A database that does not answer
// is passed over: what was chosen on a page is then not known.
func (c *Config) counting(ctx context.Context, t *terminal) []settingRow {
	rows, defaults, reckoned := c.rows(), settingDefaults(), c.reckoned()
	picked, rehearsed := c.picked(ctx, t)
	for at, row := range rows {
		if row.Key == "rehearsal" {
			row = rehearsalRow(row, rehearsed)
			rows[at] = row
		}
		if row.Origin != "default" {
			continue
		}
		rows[at].Value = defaults[row.Key]
		if value, ok := reckoned[row.Key]; ok {
			rows[at].Value = value
		}
		if value, ok := picked[row.Key]; ok {
			rows[at].Value, rows[at].Origin = value, "page /admin/settings"
		}
	}
	return rows
}

// reckoned are the settings whose default hangs on others.
func (c *Config) reckoned() map[string]string {
	values := map[string]string{"account_domain": c.AccountDomain, "scheme": c.Scheme, "data_dir": c.DataDir, "dev": "0", "default_language": c.usualLanguage()}
	if c.Dev {
		values["dev"] = "1"
	}
	if databaseFile(c.DatabaseURL) != "" {
		values["database_url"] = c.DatabaseURL
	}
	return values
}

// picked are the settings that were chosen on a page, and how far a rehearsal is, as far as
// the database is there and tells. Nothing is made, and nothing changed.
func (c *Config) picked(ctx context.Context, t *terminal) (kept map[string]string, state storage.Rehearsal) {
	if !c.hasDatabase() {
		return nil, state
	}
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	store, err := storage.Open(ctx, storage.Options{URL: c.DatabaseURL, Now: t.now})
	if err != nil {
		return nil, state
	}
	kept, err = store.Settings(ctx)
	state, unread := store.Rehearsal(ctx)
	if err := errors.Join(err, unread, store.Close()); err != nil {
		return nil, storage.Rehearsal{}
	}
	for key, value := range kept {
		if s, ours := c.pageSetting(key); !ours || !fits(s, value) {
			delete(kept, key)
		}
	}
	return kept, state
}
