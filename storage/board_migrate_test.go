// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
)

// TestJobsOfBeforeAreFoundByTheBoard runs the step that gives the board its own words
// over jobs of before.
func TestJobsOfBeforeAreFoundByTheBoard(t *testing.T) {
	for engine, url := range map[string]string{"sqlite": "sqlite://" + t.TempDir() + "/minga.db", "postgres": ""} {
		t.Run(engine, func(t *testing.T) {
			words := []string{
				`CREATE VIRTUAL TABLE post_search USING fts5 (title, body, content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2')`,
				`INSERT INTO post_search (rowid, title, body) VALUES (1, '', 'web developer of boats'), (2, '', 'developer web'), (3, 'web', 'web developer')`,
			}
			if engine == "postgres" {
				url = emptyPostgres(t)
				words = []string{
					`CREATE TABLE post_search (post_id BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)`,
					`INSERT INTO post_search (post_id, words) VALUES (1, 'web:1 developer:2 of:3 boats:4'), (2, 'developer:1 web:2'), (3, 'web:1 web:2 developer:3')`,
				}
			}
			s := openFor(t, url)
			for _, sql := range append(words,
				`CREATE TABLE posts (id BIGINT PRIMARY KEY)`, `INSERT INTO posts (id) VALUES (1), (2), (3)`,
				`CREATE TABLE jobs (post_id BIGINT PRIMARY KEY, payload TEXT NOT NULL)`,
				`INSERT INTO jobs (post_id, payload) VALUES (1, '{"time_overlap":{"tz":"Europe/Rome","from":"09:00","until":"13:00"}}'), (2, '{}')`,
				`CREATE TABLE job_facets (post_id BIGINT NOT NULL, facet TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (post_id, facet, value))`) {
				exec(t, s, sql)
			}
			step, err := fs.ReadFile(migrations, "migrations/"+engine+"/0035_board.sql")
			if err != nil {
				t.Fatal(err)
			}
			tables, _, _ := strings.Cut(string(step), "-- +goose StatementBegin")
			for statement := range strings.SplitSeq(withoutRemarks(tables), ";") {
				if strings.TrimSpace(statement) != "" {
					exec(t, s, statement)
				}
			}
			query, _ := coop.ParseTextQuery(`"web developer"`)
			found, err := s.jobsWithWords(t.Context(), query)
			if diff := cmp.Diff([]int64{1}, found); diff != "" || err != nil {
				t.Error(diff, err)
			}
			windows, err := s.lines(t.Context(), `SELECT post_id || ' ' || facet || ' ' || value FROM job_facets`)
			if diff := cmp.Diff([]string{"1 window Europe/Rome 09:00 13:00"}, windows); diff != "" || err != nil {
				t.Error(diff, err)
			}
		})
	}
}
