// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// testNow is the clock of the tests of this file.
func testNow() time.Time { return time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC) }

// onBoth runs test on an empty, unmigrated database of either engine.
func onBoth(t *testing.T, test func(t *testing.T, s *Store)) {
	t.Run("sqlite", func(t *testing.T) {
		test(t, openFor(t, "sqlite://"+filepath.Join(t.TempDir(), "a file?#%.db")))
	})
	t.Run("postgres", func(t *testing.T) { test(t, openFor(t, emptyPostgres(t))) })
}

func openFor(t *testing.T, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{URL: url, Now: testNow})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// emptyPostgres gives the URL of a schema of its own, dropped at the end.
func emptyPostgres(t *testing.T) string {
	t.Helper()
	admin := os.Getenv("MINGA_TEST_POSTGRES")
	if admin == "" {
		t.Skip("MINGA_TEST_POSTGRES is not set")
	}
	schema := strings.ToLower("engine_" + filepath.Base(filepath.Dir(t.TempDir())))
	schema = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, schema)
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := conn.Exec(ctx, "DROP SCHEMA "+schema+" CASCADE")
		if err = errors.Join(err, conn.Close(ctx)); err != nil {
			t.Error(err)
		}
	})
	return admin + "&search_path=" + schema
}

// row has one of each kind of column.
type row struct {
	ID   coop.ID
	IRI  coop.IRI
	Flag bool
	Body []byte
	N    *int64
	Text *string
}

func makeThings(t *testing.T, s *Store) {
	t.Helper()
	bytea := "BYTEA"
	if s.Engine() == SQLite {
		bytea = "BLOB"
	}
	err := s.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.q.Exec(t.Context(), "CREATE TABLE things (id BIGINT NOT NULL PRIMARY KEY, iri TEXT NOT NULL, flag BOOLEAN NOT NULL, body "+bytea+", n BIGINT, text TEXT CHECK (length(text) < 9))")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestValuesComeBackAsTheyWent(t *testing.T) {
	n, text := int64(-5), "ñandú"
	rows := []row{
		{1, "https://a.test/1", true, []byte{0, 255, 1}, &n, &text},
		{2, "", false, nil, nil, nil},
		{3, "https://a.test/3", true, []byte{}, new(int64), new(string)},
		{1<<63 - 1, "x", false, []byte("text"), nil, &text},
	}
	onBoth(t, func(t *testing.T, s *Store) {
		makeThings(t, s)
		for _, r := range rows {
			err := s.Write(t.Context(), func(tx *Tx) error {
				_, err := tx.q.Exec(t.Context(), `INSERT INTO things (text, n, body, flag, iri, id) VALUES ($6, $5, $4, $3, $2, $1)`, r.ID, r.IRI, r.Flag, r.Body, r.N, r.Text)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.q.Query(t.Context(), `SELECT id, iri, flag, body, n, text FROM things WHERE flag OR NOT flag ORDER BY id`)
		if err != nil {
			t.Fatal(err)
		}
		back, err := pgx.CollectRows(got, pgx.RowToStructByName[row])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rows, back, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestErrorsHaveTheirKind(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		makeThings(t, s)
		add := func(id coop.ID, text string) error {
			return s.Write(t.Context(), func(tx *Tx) error {
				_, err := tx.q.Exec(t.Context(), `INSERT INTO things (id, iri, flag, text) VALUES ($1, '', $2, $3)`, id, true, text)
				return err
			})
		}
		if err := add(1, "ok"); err != nil {
			t.Fatal(err)
		}
		if err := add(1, "ok"); !errors.Is(err, coop.ErrConflict) {
			t.Errorf("twice the same key: %v", err)
		}
		var invalid *coop.InvalidError
		if err := add(2, "much too long"); !errors.As(err, &invalid) {
			t.Errorf("over a limit: %v", err)
		}
		for _, bad := range []string{"a\x00b", "a\xffb"} {
			if err := add(3, bad); !errors.As(err, &invalid) {
				t.Errorf("bad text %q: %v", bad, err)
			}
		}
		var n int64
		err := s.q.QueryRow(t.Context(), `SELECT id FROM things WHERE text = $1`, "a\x00").Scan(&n)
		if !errors.As(err, &invalid) {
			t.Errorf("bad text in a question: %v", err)
		}
		if err := s.q.QueryRow(t.Context(), `SELECT id FROM things WHERE id = 9`).Scan(&n); !errors.Is(notFound(err), coop.ErrNotFound) {
			t.Errorf("no row: %v", err)
		}
		if err := s.q.QueryRow(t.Context(), `SELECT n FROM things WHERE id = 1`).Scan(&n); err == nil {
			t.Error("a NULL became a number")
		}
	})
}

func TestListsGoInAsOneParameter(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		rows, err := s.q.Query(t.Context(), `
			SELECT CAST(r.value ->> 1 AS bigint) AS n, r.value ->> 0 AS s
			FROM jsonb_array_elements($1::jsonb) AS r
			WHERE r.value ->> 0 IN (SELECT l.value FROM jsonb_array_elements_text($2::jsonb) AS l)
			ORDER BY 1`, list([][]any{{"b", int64(1) << 60}, {"a\"ñ", 1}, {"c", 2}}), list([]string{"b", "a\"ñ"}))
		if err != nil {
			t.Fatal(err)
		}
		type pair struct {
			N int64
			S string
		}
		got, err := pgx.CollectRows(rows, pgx.RowToStructByName[pair])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]pair{{1, "a\"ñ"}, {1 << 60, "b"}}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOpenRefusesOtherURLs(t *testing.T) {
	for _, url := range []string{"", "mysql://root:hunter2@h/x", "sqlite:", "sqlite://", "sqlite:///", "sqlite://:memory:", "minga.db", "postgres://h/x?default_query_exec_mode=simple_protocol"} {
		s, err := Open(t.Context(), Options{URL: url, Now: testNow})
		if err == nil {
			_ = s.Close()
			t.Errorf("%q was opened", url)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
	if _, err := Open(t.Context(), Options{URL: "sqlite:///nowhere/at/all/minga.db", Now: testNow}); err == nil {
		t.Error("a file in a missing folder was opened")
	}
	if _, err := Open(t.Context(), Options{URL: "sqlite://" + t.TempDir() + "/a.db", Now: testNow, SecretKeys: [][]byte{{1, 2}}}); err == nil {
		t.Error("a short key was taken")
	}
}

func TestFileIsForItsOwnerOnly(t *testing.T) {
	dir := t.TempDir()
	s := openFor(t, "sqlite://"+dir+"/minga.db")
	makeThings(t, s)
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 2 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		if info, _ := f.Info(); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f.Name(), info.Mode())
		}
	}
	var mode string
	var full, keys int64
	for pragma, into := range map[string]any{"PRAGMA journal_mode": &mode, "PRAGMA synchronous": &full, "PRAGMA foreign_keys": &keys} {
		if err := s.db.(*sqliteDB).write1.QueryRow(t.Context(), pragma).Scan(into); err != nil {
			t.Fatal(err)
		}
	}
	if mode != "wal" || full != 2 || keys != 1 {
		t.Errorf("journal %s, synchronous %d, foreign keys %d", mode, full, keys)
	}
	if _, err := s.q.Exec(t.Context(), `DELETE FROM things`); err == nil {
		t.Error("a reader could write")
	}
}
