// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// whose are the names of columns that hold the id of an account.
var whose = []string{
	"account_id", "person_id", "owner_id", "actor_id", "author_id", "voter_id", "by_id", "from_id", "target_id", "blocker_id",
	"follower_id", "member_id", "organization_id", "reporter_id", "recipient_id", "signer_id", "proposed_by", "given_by", "on_behalf",
}

// outlive are the columns that name an account after its deletion, with the reason.
var outlive = map[string]string{
	"account_counts.account_id":    "numbers, which fall to nothing with the posts",
	"account_newest.account_id":    "empty once the posts are gone",
	"agreements.by_id":             "the record of both sides",
	"agreements.owner_id":          "the record of both sides",
	"application_files.account_id": "a co-op's: kept till the day that the applicant was told, and read by nobody",
	"applications.account_id":      "a co-op's: kept till the day that the applicant was told, and read by nobody",
	"audit.on_behalf":              "the audit log never changes",
	"board_changes.account_id":     "that something changed, until twenty thousand changes later",
	"decision_numbers.author_id":   "so that no number is given twice",
	"deliveries.signer_id":         "the Delete itself, until it is sent",
	"hiring.account_id":            "a co-op's: how long its applications are kept",
	"imports.person_id":            "for a co-op, whose it is; thirty days after its end",
	"job_references.author_id":     "so that no number is given twice",
	"jobs.author_id":               "the row of a post: planted here without one, it cannot go with it",
	"memberships.member_id":        "the history of both, with its end",
	"memberships.organization_id":  "the history of both, with its end",
	"offer_records.from_id":        "the record of both sides",
	"offers.by_id":                 "the record of both sides",
	"offers.owner_id":              "the record of both sides",
	"post_addressees.account_id":   "a post of somebody else names it",
	"reports.reporter_id":          "why something was done",
	"requests.author_id":           "the row of a post: planted here without one, it cannot go with it",
	"roles.given_by":               "somebody else's role",
	"service_terms.proposed_by":    "a word of the catalogue",
	"teams.account_id":             "the record of its members",
}

// TestNothingOutlivesADeletedAccount: of every table that names accounts one row is planted
// for a person. After the deletion, its task and a hundred days of sweeps only those are
// left that outlive it for a reason.
func TestNothingOutlivesADeletedAccount(t *testing.T) {
	url, clock := storagetest.SQLiteURL(t), storagetest.NewClock()
	s, err := storage.Open(t.Context(), storage.Options{URL: url, Now: clock.Now, SecretKeys: storagetest.Keys()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	w := &world{T: t, s: s, clock: clock}
	ana := w.account("ana", "", coop.Person)
	db := open(t, url)
	planted := plant(t, db, ana.ID)
	if len(planted) < 80 {
		t.Fatalf("planted in %d columns: %v", len(planted), planted)
	}
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.DeleteAccount(ctx, ana.ID, clock.Now()) })
	w.drain(ana)
	clock.Advance(100 * 24 * time.Hour)
	for range 3 {
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.SweepRecords(ctx, 1000)
			if err == nil {
				_, err = tx.SweepQueues(ctx, 1000)
			}
			if err == nil {
				_, err = tx.SweepMedia(ctx, clock.Now(), 1000)
			}
			if err == nil {
				_, err = tx.SweepExports(ctx, 1000)
			}
			return err
		})
	}
	for _, column := range planted {
		table, name, _ := strings.Cut(column, ".")
		var left int
		if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table+" WHERE "+name+" = ?", int64(ana.ID)).Scan(&left); err != nil {
			t.Fatal(err)
		}
		switch why := outlive[column]; {
		case left > 0 && why == "":
			t.Errorf("%s still names a deleted account", column)
		case left == 0 && why != "":
			t.Errorf("%s does not outlive the account: %s", column, why)
		}
	}
}

// plant writes one row for each column that names an account, and gives these columns.
func plant(t *testing.T, db *sql.DB, account coop.ID) (planted []string) {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, pragma := range []string{"foreign_keys = OFF", "ignore_check_constraints = ON", "recursive_triggers = OFF"} {
		if _, err := conn.ExecContext(t.Context(), "PRAGMA "+pragma); err != nil {
			t.Fatal(err)
		}
	}
	serial := 1 << 40
	for table, columns := range tablesOf(t, conn) {
		for _, column := range columns {
			if !slices.Contains(whose, column.name) || table == "accounts" {
				continue
			}
			names, values := []string{}, []any{}
			for _, c := range columns {
				serial++
				names, values = append(names, c.name), append(values, c.some(serial))
				if c.name == column.name {
					values[len(values)-1] = int64(account)
				}
			}
			question := fmt.Sprintf("INSERT OR IGNORE INTO %s (%s) VALUES (%s)", table, strings.Join(names, ", "), strings.TrimSuffix(strings.Repeat("?, ", len(names)), ", "))
			if _, err := conn.ExecContext(t.Context(), question, values...); err != nil {
				t.Fatalf("plant in %s for %s: %v", table, column.name, err)
			}
			planted = append(planted, table+"."+column.name)
		}
	}
	slices.Sort(planted)
	return planted
}

// tableColumn is a column as SQLite describes it.
type tableColumn struct{ name, kind string }

// some is a value of the column's kind that stands nowhere else.
func (c tableColumn) some(serial int) any {
	switch c.name {
	case "details", "payload":
		return "{}"
	case "in_reply_to_id", "thread":
		return 0
	}
	switch c.kind {
	case "TEXT":
		return fmt.Sprint("planted ", serial)
	case "BLOB":
		return fmt.Appendf(nil, "planted %d", serial)
	case "BOOLEAN":
		return false
	}
	if strings.HasSuffix(c.name, "_at") || strings.HasSuffix(c.name, "used") || c.name == "at" {
		return 0
	}
	return serial
}

// tablesOf asks for every table with its columns.
func tablesOf(t *testing.T, conn *sql.Conn) map[string][]tableColumn {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), `
		SELECT m.name, c.name, c.type
		FROM sqlite_master m
		JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '%_search%'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	tables := map[string][]tableColumn{}
	for rows.Next() {
		var table string
		var c tableColumn
		if err := rows.Scan(&table, &c.name, &c.kind); err != nil {
			t.Fatal(err)
		}
		tables[table] = append(tables[table], c)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return tables
}
