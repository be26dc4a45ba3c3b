// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// crowd fills a database with a million posts of ten thousand accounts, of which a
// thousand have been silent since the first fifth, and with a hundred thousand accounts
// that are searched.
var crowd = []string{
	`INSERT INTO accounts (id, iri, kind, actor_type, name, handle, host, server, local, display_name, bio, bio_source, language, url, inbox,
		shared_inbox, outbox, followers, following, featured, jobs, knowledge, requests, members, locked, discoverable, indexable, memorial,
		moved_to, details, email, rank, created_at, updated_at, fetched_at)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
	SELECT i, 'https://h' || (i % 500) || '.example/u/' || i, 'person', 'Person', 'u' || i, 'u' || i, 'h' || (i % 500) || '.example', 'h' || (i % 500) || '.example',
		i <= 100, 'User ' || i, '', '', 'es', '', '', '', '', '', '', '', '', '', '', '', FALSE, TRUE, TRUE, FALSE, '', '{}', '', '', 0, 0, 0
	FROM n`,
	`INSERT INTO account_words (account_id, word) SELECT id, handle || '@' || host FROM accounts`,
	`INSERT INTO account_words (account_id, word) SELECT id, 'user' FROM accounts`,
	`INSERT INTO posts (id, iri, author_id, local, kind, type, visibility, audience, in_reply_to, in_reply_to_id, thread, title, summary, sensitive,
		language, content, source, source_type, url, details, published_at, updated_at, changed_at, ends_at, draft)
	WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
	SELECT (1700000000000 + q.i * 10000) * 65536 + 1, 'https://h.example/p/' || q.i, q.a, q.a <= 100, 'note', 'Note', 'public', '', '', 0,
		'https://h.example/p/' || q.i, '', '', FALSE, 'es', '<p>The bakery sells what the night has baked, and ' || q.i || ' loaves besides.</p>', '', '', '',
		'{}', 1700000000000 + q.i * 10000, 0, 1700000000000 + q.i * 10000, 0, FALSE
	FROM (SELECT i, CASE WHEN i <= 200000 THEN 9001 + (i * 7919) % 1000 ELSE 1 + (i * 7919) % 9000 END AS a FROM n) q`,
	`INSERT INTO reactions (id, kind, actor_id, post_id, iri, content, at)
	WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 300000)
	SELECT (1700000000000 + i * 33000) * 65536 + 2, CASE WHEN i % 3 = 0 THEN 'boost' ELSE 'like' END,
		CASE WHEN i <= 60000 THEN 9001 + (i * 31) % 1000 ELSE 1 + (i * 31) % 9000 END,
		(1700000000000 + i * 30000) * 65536 + 1, '', '', 1700000000000 + i * 33000
	FROM n`,
	`INSERT INTO follows (id, iri, follower_id, target_id, state, note, created_at, updated_at)
	SELECT 1000000 + id, '', 1, id, 'accepted', '', 0, 0 FROM accounts WHERE id BETWEEN 9001 AND 10000`,
	`INSERT INTO follows (id, iri, follower_id, target_id, state, note, created_at, updated_at)
	SELECT 2000000 + id, '', 2, id, 'accepted', '', 0, 0 FROM accounts WHERE id = 5000`,
	`INSERT INTO follows (id, iri, follower_id, target_id, state, note, created_at, updated_at)
	SELECT 3000000 + id, '', 3, id, 'accepted', '', 0, 0 FROM accounts WHERE id BETWEEN 4001 AND 5000`,
	`INSERT INTO follows (id, iri, follower_id, target_id, state, note, created_at, updated_at)
	SELECT 4000000 + id, '', 4, id, 'accepted', '', 0, 0 FROM accounts WHERE id <= 10000 AND id % 50 = 0`,
}

// crowded opens a crowd. It takes a minute or two.
func crowded(b *testing.B, engine storage.Engine) *storage.Store {
	b.Helper()
	path := filepath.Join(b.TempDir(), "crowd.db")
	url, driver, source := "sqlite://"+path, "sqlite", path
	if engine == storage.Postgres {
		url = storagetest.PostgresURL(b)
		driver, source = "pgx", url
	}
	s, err := storage.Open(b.Context(), storage.Options{URL: url, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(b.Context(), nil); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, text := range append(slices.Clone(crowd), "ANALYZE") {
		if engine == storage.Postgres {
			text = strings.Replace(text, "ANALYZE", "VACUUM ANALYZE", 1)
		} else {
			text = strings.TrimPrefix(text, "ANALYZE") // the program does not ask SQLite for it either
		}
		if _, err := db.ExecContext(b.Context(), text); text != "" && err != nil {
			b.Fatalf("%v in %s", err, text)
		}
	}
	return s
}

// BenchmarkReading is what a reader waits for at a million posts. It tells the time in
// the middle and that which one in a hundred takes.
func BenchmarkReading(b *testing.B) {
	readers := map[string]coop.ID{"a thousand silent": 1, "one": 2, "a thousand": 3, "two hundred": 4, "nobody": 5}
	middle := coop.NewID(time.UnixMilli(1700000000000+9_000_000_000), 1)
	pages := map[string]coop.Page{"newest": {}, "further on": {Max: middle}, "what is new": {Min: middle}}
	for _, engine := range []storage.Engine{storage.SQLite, storage.Postgres} {
		b.Run(string(engine), func(b *testing.B) {
			s := crowded(b, engine)
			for who, me := range readers {
				for what, page := range pages {
					b.Run("home/follows "+who+"/"+what, func(b *testing.B) {
						timed(b, func() error { _, err := s.Home(b.Context(), me, page); return err })
					})
				}
			}
			for _, text := range []string{"u", "u9", "user 77", "@u4711@h2"} {
				b.Run("accounts/"+text, func(b *testing.B) {
					timed(b, func() error {
						_, err := s.SearchAccounts(b.Context(), coop.As(3), storage.AccountSearch{Text: text})
						return err
					})
				})
			}
			b.Run("public", func(b *testing.B) {
				timed(b, func() error {
					_, err := s.PublicTimeline(b.Context(), coop.As(3), storage.PublicQuery{}, coop.Page{})
					return err
				})
			})
			b.Run("public/local", func(b *testing.B) {
				timed(b, func() error {
					_, err := s.PublicTimeline(b.Context(), coop.As(3), storage.PublicQuery{Local: true}, coop.Page{})
					return err
				})
			})
			b.Run("public/media", func(b *testing.B) {
				timed(b, func() error {
					_, err := s.PublicTimeline(b.Context(), coop.As(3), storage.PublicQuery{OnlyMedia: true}, coop.Page{})
					return err
				})
			})
			b.Run("account", func(b *testing.B) {
				timed(b, func() error {
					_, err := s.AccountTimeline(b.Context(), coop.As(3), 5000, storage.AccountQuery{}, coop.Page{})
					return err
				})
			})
		})
	}
}

// timed asks again and again and reports how long it took.
func timed(b *testing.B, ask func() error) {
	b.Helper()
	for range 10 { // PostgreSQL plans the first times anew
		if err := ask(); err != nil {
			b.Fatal(err)
		}
	}
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		if err := ask(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
