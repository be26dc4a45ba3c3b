// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWhatWasToldBeforeKeepsItsOrder runs the step that gives notifications their own
// counter over rows of before.
func TestWhatWasToldBeforeKeepsItsOrder(t *testing.T) {
	for engine, url := range map[string]string{"sqlite": "sqlite://" + t.TempDir() + "/minga.db", "postgres": ""} {
		t.Run(engine, func(t *testing.T) {
			if engine == "postgres" {
				url = emptyPostgres(t)
			}
			s := openFor(t, url)
			for _, sql := range []string{
				`CREATE TABLE accounts (id BIGINT PRIMARY KEY)`, `INSERT INTO accounts (id) VALUES (1)`,
				`CREATE TABLE posts (id BIGINT PRIMARY KEY)`, `CREATE TABLE reports (id BIGINT PRIMARY KEY)`,
				`CREATE TABLE notifications (
					id BIGINT PRIMARY KEY, account_id BIGINT NOT NULL, kind TEXT NOT NULL, from_id BIGINT NOT NULL, post_id BIGINT NOT NULL,
					created_at BIGINT NOT NULL, UNIQUE (account_id, kind, from_id, post_id))`,
				`INSERT INTO notifications (id, account_id, kind, from_id, post_id, created_at) VALUES
					(900, 1, 'follow', 3, 0, 1700000000000), (500, 1, 'favourite', 3, 9, 1700000000000), (700, 1, 'mention', 3, 8, 1700000000000)`,
			} {
				exec(t, s, sql)
			}
			step, err := fs.ReadFile(migrations, "migrations/"+engine+"/0018_told.sql")
			if err != nil {
				t.Fatal(err)
			}
			for statement := range strings.SplitSeq(withoutRemarks(string(step)), ";") {
				if strings.TrimSpace(statement) != "" {
					exec(t, s, statement)
				}
			}
			exec(t, s, `INSERT INTO notifications (account_id, kind, from_id, post_id, about_id, group_key, filtered, created_at) VALUES (1, 'x', 1, 1, 0, '', FALSE, 1)`)
			got, err := s.lines(t.Context(), `SELECT id || ' ' || kind || ' ' || group_key FROM notifications ORDER BY id`)
			want := []string{"100000000000001 favourite favourite-9-472212", "100000000000002 mention ", "100000000000003 follow follow-472212", "100000000000004 x "}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Error(diff, err)
			}
		})
	}
}

// withoutRemarks takes the remarks out of a step.
func withoutRemarks(step string) string {
	var out strings.Builder
	for line := range strings.Lines(step) {
		if !strings.HasPrefix(strings.TrimSpace(line), "--") {
			out.WriteString(line)
		}
	}
	return out.String()
}
