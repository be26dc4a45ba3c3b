// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// damages are what repair makes good: how it is made, what check finds, what repair says.
var damages = []struct {
	name   string
	damage []string
	found  string
	done   string
	only   storage.Engine // empty: both
}{
	{"a host that is never due", []string{`
		INSERT INTO documents (id, iri, public, body, queued, created_at, updated_at)
		VALUES (90001, 'https://a.test/1', TRUE, CAST('x' AS BLOB), 1, 0, 0)`, `
		INSERT INTO destinations (host, due_at, leased_until, fence, rest_until, failures, streak, failed_days, last_failed_day, unavailable, error, signature)
		VALUES ('b.test', NULL, 0, 0, 0, 0, 0, 0, 0, FALSE, '', '')`, `
		INSERT INTO deliveries (id, host, inbox, document_id, activity, object, lane, signer_id, urgent, lasting, due_at, expires_at, attempts, fence, error, created_at)
		VALUES (90001, 'b.test', 'https://b.test/inbox', 90001, 'Create', '', 0, 0, FALSE, FALSE, 0, 0, 0, 0, '', 0)`}, "never due", "due again", ""},
	{"an account that is named and not linked", []string{`UPDATE post_addressees SET account_id = 0`}, "known and not linked", "named accounts were linked", ""},
	{"counts that are not so", []string{`UPDATE account_counts SET posts = posts + 7`}, "counts that are not so", "counted again", ""},
	{"words that are lost", []string{`DELETE FROM post_search WHERE ROWID_OF > 0`}, "not found by their words", "are found again", ""},
	{"words of the board that are lost", []string{`DELETE FROM job_search WHERE ROWID_OF > 0`}, "not found by their words", "are found again", ""},
	{"words of what is not there", []string{`INSERT INTO post_search (rowid, title, body) VALUES (5, 'x', 'y')`}, "not found by their words", "are found again", storage.SQLite},
	{"a table that counts from the beginning", []string{`ALTER TABLE tasks ALTER COLUMN id RESTART WITH 1`}, "numbers that are taken", "go on after", storage.Postgres},
}

// TestRepairMakesGoodWhatCheckFinds: each damage is found, made good, and not found again.
func TestRepairMakesGoodWhatCheckFinds(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.filled()
		olga, nina := w.account("olga", "", coop.Person), w.account("nina", "", coop.Person)
		w.follow(olga, nina)
		w.post(olga, func(p *coop.Post) { p.Visibility, p.To = coop.VisibleDirect, []coop.IRI{nina.IRI} })
		sound(w, "before")
		for _, d := range damages {
			if d.only != "" && d.only != w.s.Engine() {
				continue
			}
			for _, statement := range d.damage {
				w.write(func(ctx context.Context, tx *storage.Tx) error {
					return storage.Damage(ctx, tx, inWordsOf(w.s.Engine(), statement))
				})
			}
			if found, err := w.s.Check(w.Context()); err != nil || !says(found, d.found) {
				w.Errorf("%s: check says %v, %v", d.name, found, err)
			}
			if done, err := w.s.Repair(w.Context()); err != nil || !says(done, d.done) {
				w.Errorf("%s: repair says %v, %v", d.name, done, err)
			}
			sound(w, d.name)
		}
	})
}

// sound: nothing is found, and nothing is repaired.
func sound(w *world, when string) {
	w.Helper()
	if found, err := w.s.Check(w.Context()); err != nil || len(found) != 0 {
		w.Errorf("%s: check says %v, %v", when, found, err)
	}
	if done, err := w.s.Repair(w.Context()); err != nil || len(done) != 0 {
		w.Errorf("%s: repair says %v, %v", when, done, err)
	}
}

// inWordsOf is a statement as an engine writes it.
func inWordsOf(e storage.Engine, statement string) string {
	if e == storage.Postgres {
		return strings.NewReplacer("ROWID_OF", "post_id", "CAST('x' AS BLOB)", `'\x78'::bytea`).Replace(statement)
	}
	return strings.ReplaceAll(statement, "ROWID_OF", "rowid")
}

// says tells whether a sentence is among those that were said.
func says(said []string, part string) bool { return strings.Contains(strings.Join(said, "\n"), part) }
