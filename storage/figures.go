// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Figures are counts for who looks after an instance; each counts whole tables.
type Figures struct {
	Accounts map[string]int64 // of this instance that are not gone, by kind
	Posts    map[string]int64 // that are kept: local, remote
	Jobs     map[string]int64 // that are kept, each once, by status
	Peers    map[string]int64 // known servers: open, allow, limit, block (what was decided), and unavailable
	Media    map[string]int64 // bytes: local, remote
}

// Figures counts what is kept.
func (r reader) Figures(ctx context.Context) (Figures, error) {
	var f Figures
	for _, one := range []struct {
		into *map[string]int64
		sql  string
	}{
		{&f.Accounts, `SELECT kind, COUNT(*) FROM accounts WHERE local AND deleted_at = 0 GROUP BY kind`},
		{&f.Posts, `SELECT CASE WHEN local THEN 'local' ELSE 'remote' END, COUNT(*) FROM posts GROUP BY 1`},
		{&f.Jobs, `SELECT status, COUNT(*) FROM jobs WHERE duplicate_of = 0 GROUP BY status`},
		{&f.Peers, `
			SELECT CASE WHEN policy = '' THEN 'open' ELSE policy END, COUNT(*) FROM peers GROUP BY 1
			UNION ALL
			SELECT 'unavailable', COUNT(*) FROM destinations WHERE failures > 0 AND unavailable`},
		{&f.Media, `
			SELECT 'local', CAST(COALESCE(SUM(bytes + preview_bytes), 0) AS bigint) FROM media
			UNION ALL
			SELECT 'remote', CAST(COALESCE(SUM(bytes), 0) AS bigint) FROM media_cache`},
	} {
		counts, err := r.counts(ctx, one.sql)
		if err != nil {
			return Figures{}, fmt.Errorf("figures: %w", err)
		}
		*one.into = counts
	}
	return f, nil
}

// counts reads rows of a word and a number.
func (r reader) counts(ctx context.Context, sql string) (map[string]int64, error) {
	type count struct {
		word string
		n    int64
	}
	rows, err := all(ctx, r, func(row pgx.CollectableRow) (c count, err error) {
		err = row.Scan(&c.word, &c.n)
		return c, err
	}, sql)
	found := map[string]int64{}
	for _, c := range rows {
		found[c.word] = c.n
	}
	return found, err
}
