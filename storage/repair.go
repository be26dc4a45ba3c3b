// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// repairs are what can be made good without anybody's choice: each says what it did, and
// does it by one statement that both engines understand. Nothing that somebody wrote is
// changed or removed.
var repairs = [...]struct{ did, sql string }{
	{"destinations are due again", `
		UPDATE destinations
		SET due_at = 0
		WHERE due_at IS NULL AND EXISTS (SELECT 1 FROM deliveries e WHERE e.host = destinations.host)`},
	{"activities without bytes were dropped, so that they can be sent again", `
		DELETE FROM incoming
		WHERE state = 'waiting' AND body IS NULL`},
	{"activities are worked on again", `
		UPDATE incoming
		SET ready = TRUE
		WHERE id IN (
			SELECT MIN(i.id)
			FROM incoming i
			WHERE i.state = 'waiting'
			GROUP BY i.actor
			HAVING SUM(CASE WHEN i.ready THEN 1 ELSE 0 END) = 0)`},
	{"notifications about nothing were dropped", `
		DELETE FROM notifications
		WHERE post_id <> 0 AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.id = notifications.post_id)`},
	{"named accounts were linked", `
		UPDATE post_addressees
		SET account_id = (SELECT a.id FROM accounts a WHERE a.iri = post_addressees.iri)
		WHERE account_id = 0 AND EXISTS (SELECT 1 FROM accounts a WHERE a.iri = post_addressees.iri)`},
	{"counts of accounts were counted again", `
		UPDATE account_counts
		SET posts = (SELECT w.posts FROM (` + countedAccounts + `) w WHERE w.id = account_counts.account_id),
			followers = (SELECT w.followers FROM (` + countedAccounts + `) w WHERE w.id = account_counts.account_id),
			following = (SELECT w.following FROM (` + countedAccounts + `) w WHERE w.id = account_counts.account_id)
		WHERE account_id IN (SELECT w.id FROM (` + miscountedAccounts + `) w)`},
}

// countedAccounts are the counts of each account as they should be.
const countedAccounts = `
	SELECT a.id,
		(SELECT COUNT(*) FROM posts p WHERE p.author_id = a.id AND p.visibility IN ('public', 'unlisted') AND NOT p.draft AND NOT p.frozen) AS posts,
		(SELECT COUNT(*) FROM follows f WHERE f.target_id = a.id AND f.state = 'accepted') AS followers,
		(SELECT COUNT(*) FROM follows f WHERE f.follower_id = a.id AND f.state = 'accepted') AS following
	FROM accounts a`

// miscountedAccounts are the accounts whose counts are others.
const miscountedAccounts = `
	SELECT n.id
	FROM (` + countedAccounts + `) n
	JOIN account_counts c ON c.account_id = n.id
	WHERE c.posts <> n.posts OR c.followers <> n.followers OR c.following <> n.following`

// Repair makes good of what [Store.Check] finds what is safe to make good, and says what
// it did, a sentence each. The search is written anew when words are missing. The rest is
// for people, or for a backup.
func (s *Store) Repair(ctx context.Context) ([]string, error) {
	done, err := s.repairRows(ctx)
	if err != nil {
		return nil, fmt.Errorf("repair: %w", err)
	}
	missing, err := s.wordless(ctx)
	if err == nil && missing > 0 {
		done = append(done, fmt.Sprintf("%d posts that could not be found are found again", missing))
		err = s.repairSearch(ctx)
	}
	if err != nil {
		return done, fmt.Errorf("repair the search: %w", err)
	}
	return done, nil
}

// repairRows does what one transaction does.
func (s *Store) repairRows(ctx context.Context) (done []string, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		done = nil
		for _, r := range repairs {
			n, err := tx.exec(ctx, r.sql)
			if err != nil {
				return fmt.Errorf("%s: %w", r.did, err)
			}
			if n > 0 {
				done = append(done, fmt.Sprintf("%d %s", n, r.did))
			}
		}
		moved, err := tx.repairNumbers(ctx)
		done = append(done, moved...)
		return err
	})
	return done, err
}

// repairNumbers lets tables of PostgreSQL that count their rows go on after the last one;
// SQLite does it by itself.
func (tx *Tx) repairNumbers(ctx context.Context) (done []string, err error) {
	behind, err := tx.behind(ctx)
	for _, b := range behind {
		if _, err := tx.q.Exec(ctx, `SELECT setval(pg_get_serial_sequence($1, $2), $3)`, b.Table, b.Column, b.Last); err != nil {
			return nil, fmt.Errorf("numbers of %s: %w", b.Table, err)
		}
		done = append(done, fmt.Sprintf("numbers of %s go on after %d", b.Table, b.Last))
	}
	return done, err
}

// counter is a column that counts, and the highest number in it.
type counter struct {
	Table, Column string
	Last          int64
}

// behind are the counters that would give a number that is taken.
func (r reader) behind(ctx context.Context) ([]counter, error) {
	if r.e.engine == SQLite {
		return nil, nil
	}
	counters, err := all(ctx, r, func(row pgx.CollectableRow) (c counter, err error) {
		var given *int64
		err = row.Scan(&c.Table, &c.Column, &given)
		if given != nil {
			c.Last = *given
		}
		return c, err
	}, `
		SELECT c.relname::text, a.attname::text, pg_sequence_last_value(pg_get_serial_sequence(quote_ident(c.relname), a.attname)::regclass)
		FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> '' AND NOT a.attisdropped
		WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
		ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	var late []counter
	for _, c := range counters {
		last, err := r.number(ctx, strings.Join([]string{"SELECT COALESCE(MAX(", quoted(c.Column), "), 0) FROM ", quoted(c.Table)}, ""))
		if err != nil {
			return nil, err
		}
		if last > c.Last {
			late = append(late, counter{c.Table, c.Column, last})
		}
	}
	return late, nil
}

// wordless counts the jobs, articles and requests that nobody finds by their words, and
// the words of posts that are not there.
func (r reader) wordless(ctx context.Context) (int64, error) {
	ask := `
		SELECT (SELECT COUNT(*) FROM posts p WHERE p.kind IN ('job', 'article', 'request') AND p.id NOT IN (SELECT s.rowid FROM post_search s))
			+ (SELECT COUNT(*) FROM jobs j WHERE j.post_id NOT IN (SELECT s.rowid FROM job_search s))
			+ (SELECT COUNT(*) FROM post_search s WHERE s.rowid NOT IN (SELECT p.id FROM posts p))`
	if r.e.engine == Postgres {
		ask = `
			SELECT (SELECT COUNT(*) FROM posts p WHERE p.kind IN ('job', 'article', 'request') AND NOT EXISTS (SELECT 1 FROM post_search s WHERE s.post_id = p.id))
				+ (SELECT COUNT(*) FROM jobs j WHERE NOT EXISTS (SELECT 1 FROM job_search s WHERE s.post_id = j.post_id))`
	}
	return r.number(ctx, ask)
}

// repairSearch drops words of posts that are not there, and writes all others anew.
func (s *Store) repairSearch(ctx context.Context) error {
	if s.e.engine == SQLite {
		err := s.Write(ctx, func(tx *Tx) error {
			for _, table := range []string{"post_search", "job_search"} {
				if _, err := tx.exec(ctx, "DELETE FROM "+table+" WHERE rowid NOT IN (SELECT p.id FROM posts p)"); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return s.RebuildSearch(ctx, nil)
}

// checkDerived looks at what follows from other rows: words, counts, numbers.
func (r reader) checkDerived(ctx context.Context) (found []string, err error) {
	missing, err := r.wordless(ctx)
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	if missing > 0 {
		found = append(found, fmt.Sprintf("%d posts are not found by their words", missing))
	}
	wrong, err := r.number(ctx, `SELECT COUNT(*) FROM (`+miscountedAccounts+`) w`)
	if err != nil {
		return nil, fmt.Errorf("counts: %w", err)
	}
	if wrong > 0 {
		found = append(found, fmt.Sprintf("%d accounts have counts that are not so", wrong))
	}
	behind, err := r.behind(ctx)
	for _, b := range behind {
		found = append(found, fmt.Sprintf("%s would give numbers that are taken, up to %d", b.Table, b.Last))
	}
	return found, err
}
