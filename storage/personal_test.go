// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// withheld are the columns that name an account and are not in what a person takes along,
// with the reason.
var withheld = map[string]string{
	"account_counts.account_id":        "numbers of what is in the archive",
	"account_keys.account_id":          "opens something: the account itself",
	"account_newest.account_id":        "a note of the program about the posts",
	"account_notes.target_id":          "a note that somebody else keeps for themselves",
	"account_words.account_id":         "words of the profile, for the search",
	"application_files.account_id":     "of those who applied, and theirs",
	"applications.account_id":          "of those who applied, and theirs",
	"audit.on_behalf":                  "the log of a co-op, which its stewards read",
	"backfills.account_id":             "a note of the program",
	"blocks.target_id":                 "whom others block is theirs",
	"board_changes.account_id":         "a note of the program",
	"bring_bars.account_id":            "a decision of the staff about a server",
	"ceremonies.account_id":            "opens something, for minutes",
	"code_pauses.account_id":           "a count of wrong codes",
	"code_seeds.account_id":            "opens something",
	"codes.account_id":                 "opens something, for minutes",
	"codes.person_id":                  "opens something, for minutes",
	"comparison_posts.account_id":      "a note of the program",
	"comparisons.account_id":           "a note of the program",
	"decision_numbers.author_id":       "a number",
	"deliveries.signer_id":             "a post on its way",
	"documents.owner_id":               "in outbox.json",
	"endorsements.target_id":           "whom others show is on their profile",
	"hidden_suggestions.target_id":     "what others do not want to see is theirs",
	"incoming.recipient_id":            "what others sent, for some days",
	"job_links.person_id":              "opens something",
	"job_references.author_id":         "a number",
	"jobs.author_id":                   "in posts.jsonl",
	"list_accounts.account_id":         "lists of others are theirs",
	"mutes.target_id":                  "whom others mute is theirs",
	"notification_permissions.from_id": "of whom others want to hear is theirs",
	"notification_requests.from_id":    "of whom others want to hear is theirs",
	"notifications.from_id":            "what others were told",
	"offer_records.from_id":            "with the agreements of both sides, in the room",
	"passwords.account_id":             "opens something",
	"post_addressees.account_id":       "posts of others",
	"posts.author_id":                  "in posts.jsonl and outbox.json",
	"recovery_codes.account_id":        "opens something",
	"requests.author_id":               "in outbox.json",
	"roles.given_by":                   "a role of somebody else",
	"search_queries.account_id":        "a search that is an account of its own",
	"teams.account_id":                 "the room of a team, which has an archive of its own",
}

// opens are names of columns that open something.
var opens = regexp.MustCompile(`hash|sealed|seed|secret|credential|handle|access|auth|p256dh|rsa|ed25519|password`)

// TestPersonalRowsAreWhole: of each column that names an account one row is planted for a
// person. What they take along holds every one of them, but those that a list says why,
// and nothing that opens anything.
func TestPersonalRowsAreWhole(t *testing.T) {
	url, clock := storagetest.SQLiteURL(t), storagetest.NewClock()
	s, err := storage.Open(t.Context(), storage.Options{URL: url, Now: clock.Now, SecretKeys: storagetest.Keys()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	w := &world{T: t, s: s, clock: clock}
	ana := w.account("ana", "", coop.Person)
	planted := plant(t, open(t, url), ana.ID)
	given := rowsOf(t, s, ana.ID)
	for table, want := range expected(planted) {
		if got := len(given[table]); got != want {
			t.Errorf("%s: %d rows are given, want %d", table, got, want)
		}
	}
	for table, rows := range given {
		for name := range rows[0] {
			if opens.MatchString(name) {
				t.Errorf("%s.%s is given", table, name)
			}
		}
	}
	for column := range withheld {
		if !slices.Contains(planted, column) {
			t.Errorf("%s is withheld, and there is no such column", column)
		}
	}
}

// expected counts the planted rows that are given, by table.
func expected(planted []string) map[string]int {
	rows := map[string]int{}
	for _, column := range planted {
		table, _, _ := strings.Cut(column, ".")
		if rows[table] += 0; withheld[column] == "" {
			rows[table]++
		}
	}
	return rows
}

// rowsOf reads all that a person gets, by table; each row must be JSON.
func rowsOf(t *testing.T, s *storage.Store, account coop.ID) map[string][]storage.PersonalRow {
	t.Helper()
	given := map[string][]storage.PersonalRow{}
	for _, table := range storage.PersonalTables() {
		err := s.PersonalRows(t.Context(), table, account, func(row storage.PersonalRow) error {
			given[table] = append(given[table], row)
			_, err := json.Marshal(row)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return given
}

// TestPersonalRows: on both databases the rows are about the person alone, and name
// accounts by their address, times by the time.
func TestPersonalRows(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, bea := w.account("ana", "", coop.Person), w.account("bea", "", coop.Person)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			if err := tx.AddBlock(ctx, storage.Block{Blocker: ana.ID, Target: bea.ID}); err != nil {
				return err
			}
			return tx.AddAudit(ctx, &coop.AuditEntry{Who: "cleo", Act: "account.suspend", Target: string(ana.IRI), Why: "rude"})
		})
		given := rowsOf(w.T, w.s, ana.ID)
		if rows := given["blocks"]; len(rows) != 1 || rows[0]["target"] != string(bea.IRI) || !strings.HasPrefix(rows[0]["at"].(string), "2030-") {
			w.Errorf("blocks: %v", rows)
		}
		if rows := given["audit"]; len(rows) != 1 || rows[0]["why"] != "rude" || rows[0]["who"] != nil {
			w.Errorf("what was done to her: %v", rows)
		}
		if len(rowsOf(w.T, w.s, bea.ID)["blocks"]) != 0 {
			w.Error("bea is told who blocks her")
		}
		if err := w.s.PersonalRows(w.Context(), "passwords", ana.ID, nil); err == nil {
			w.Error("a table that is not in the list is read")
		}
	})
}
