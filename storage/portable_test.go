// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// filled puts something of many kinds into a world.
func (w *world) filled() {
	w.Helper()
	federation, telar := w.account("fed", "", coop.Federation), w.account("telar", "", coop.Coop)
	eva, far := w.account("eva", "", coop.Person), w.account("lejos", "far.example", coop.Coop)
	w.follow(far, federation)
	w.follow(eva, far)
	w.member(telar, federation)
	w.post(telar, job("Baker of sourdough"))
	first := w.post(far, func(p *coop.Post) { p.Content, p.Hashtags = "<p>Ñandú y pan</p>", []string{"Pan"} })
	w.post(eva, func(p *coop.Post) { p.InReplyTo, p.Content = first.IRI, "<p>An answer with a \\ and a \" in it</p>" })
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		return errors.Join(
			tx.SetSetting(ctx, "kept", "a\tb\nc"),
			tx.PutSecret(ctx, "outbox/secret", []byte{0, 1, 255}),
			tx.AddTask(ctx, storage.Task{Kind: "test.null", Key: "1"}),
			tx.AddTask(ctx, storage.Task{Kind: "test.empty", Key: "2", Payload: []byte{}}),
			tx.AddAudit(ctx, &coop.AuditEntry{Who: "eva", Act: "peer.allow", Target: "far.example"}),
		)
	})
}

// contents are all rows of a database as text, table by table.
func contents(t *testing.T, s *storage.Store) (rows []string, marks storage.Marks) {
	t.Helper()
	err := s.Snapshot(t.Context(), func(x *storage.Snapshot) (err error) {
		for _, table := range x.List() {
			_, err := x.Export(t.Context(), table, func(row []any) error {
				rows = append(rows, fmt.Sprintf("%s %#v", table.Name, row))
				return nil
			})
			if err != nil {
				return err
			}
		}
		marks, err = x.Marks(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, marks
}

// carry takes everything of one database over into another.
func carry(ctx context.Context, from, to *storage.Store) error {
	err := from.Snapshot(ctx, func(x *storage.Snapshot) error {
		return to.ImportAll(ctx, func(in *storage.Importer) error {
			for _, table := range x.List() {
				names := make([]string, len(table.Columns))
				for i, c := range table.Columns {
					names[i] = c.Name
				}
				if err := in.Begin(ctx, table.Name, names); err != nil {
					return err
				}
				if _, err := x.Export(ctx, table, func(row []any) error { return in.Put(ctx, row) }); err != nil {
					return err
				}
			}
			marks, err := x.Marks(ctx)
			in.Marks(marks)
			return err
		})
	})
	if err != nil {
		return err
	}
	return to.RebuildSearch(ctx, nil)
}

// target opens an empty database of the kind that is asked for.
func target(t *testing.T, engine storage.Engine, now func() time.Time) *storage.Store {
	t.Helper()
	if engine == storage.Postgres {
		return storagetest.OpenPostgres(t, now)
	}
	return storagetest.OpenAt(t, now)
}

func TestRowsGoOverIntoEitherEngine(t *testing.T) {
	for _, to := range []storage.Engine{storage.SQLite, storage.Postgres} {
		t.Run("into "+string(to), func(t *testing.T) {
			eachWorld(t, func(w *world) {
				w.filled()
				there := target(w.T, to, w.clock.Now)
				if err := carry(w.Context(), w.s, there); err != nil {
					w.Fatal(err)
				}
				before, marks := contents(w.T, w.s)
				after, carried := contents(w.T, there)
				if diff := cmp.Diff(before, after); diff != "" || len(before) < 40 {
					w.Errorf("%d rows; what differs:\n%s", len(before), diff)
				}
				if carried.Millis < marks.Millis {
					w.Errorf("ids were given up to %d and are given from %d", marks.Millis, carried.Millis)
				}
				whole(w, there)
			})
		})
	}
}

// whole looks whether a database that took rows over is as good as the one they are of.
func whole(w *world, there *storage.Store) {
	w.Helper()
	found, err := there.Check(w.Context())
	if err != nil || len(found) > 0 {
		w.Errorf("the check finds %v, %v", found, err)
	}
	if err := there.VerifyAudit(w.Context()); err != nil {
		w.Error(err)
	}
	for _, q := range []string{"sourdough", "nandu pan", "answer"} {
		text, err := coop.ParseTextQuery(q)
		if err != nil {
			w.Fatal(err)
		}
		query := storage.PostSearch{Text: text}
		before, err1 := w.s.SearchPosts(w.Context(), coop.Anonymous(), query)
		after, err2 := there.SearchPosts(w.Context(), coop.Anonymous(), query)
		if err := errors.Join(err1, err2); err != nil || len(after) == 0 || len(before) != len(after) {
			w.Errorf("%s finds %d posts there and %d here: %v", q, len(after), len(before), err)
		}
	}
	// What is written from now on gets ids and numbers that nothing had.
	next := &world{T: w.T, s: there, clock: w.clock, n: 100}
	telar, err := there.AccountByHandle(w.Context(), "telar", "")
	if err != nil {
		w.Fatal(err)
	}
	next.post(telar, job("Miller"))
	next.write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddTask(ctx, storage.Task{Kind: "test.more", Key: "3"})
	})
}

func TestAnImportIsAllOrNothing(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.filled()
		before, _ := contents(w.T, w.s)
		for name, fill := range map[string]func(ctx context.Context, in *storage.Importer) error{
			"no such table": func(ctx context.Context, in *storage.Importer) error { return in.Begin(ctx, "sqlite_master", nil) },
			"a column misses": func(ctx context.Context, in *storage.Importer) error {
				return in.Begin(ctx, "settings", []string{"key"})
			},
			"a column twice": func(ctx context.Context, in *storage.Importer) error {
				return in.Begin(ctx, "settings", []string{"key", "key", "value"})
			},
			"a text as a number": func(ctx context.Context, in *storage.Importer) error {
				return errors.Join(in.Begin(ctx, "settings", []string{"key", "value", "updated_at"}), in.Put(ctx, []any{"a", "b", "c"}))
			},
			"a NUL": func(ctx context.Context, in *storage.Importer) error {
				return errors.Join(in.Begin(ctx, "settings", []string{"key", "value", "updated_at"}), in.Put(ctx, []any{"a", "b\x00", int64(1)}))
			},
			"a row that points nowhere": func(ctx context.Context, in *storage.Importer) error {
				return errors.Join(in.Begin(ctx, "passwords", columnsOf(w, "passwords")), in.Put(ctx, zeroRow(w, "passwords")))
			},
		} {
			if err := w.s.ImportAll(w.Context(), func(in *storage.Importer) error { return fill(w.Context(), in) }); err == nil {
				w.Errorf("%s: taken", name)
			}
			if after, _ := contents(w.T, w.s); !slices.Equal(before, after) {
				w.Fatalf("%s: something changed", name)
			}
		}
		w.sound()
	})
}

// table finds a table of the world.
func table(w *world, name string) storage.Table {
	w.Helper()
	tables, err := w.s.Tables(w.Context())
	at := slices.IndexFunc(tables, func(t storage.Table) bool { return t.Name == name })
	if err != nil || at < 0 {
		w.Fatalf("no table %s: %v", name, err)
	}
	return tables[at]
}

// columnsOf are the names of its columns.
func columnsOf(w *world, name string) (names []string) {
	for _, c := range table(w, name).Columns {
		names = append(names, c.Name)
	}
	return names
}

// zeroRow is a row of it that says nothing.
func zeroRow(w *world, name string) (row []any) {
	for _, c := range table(w, name).Columns {
		row = append(row, map[storage.Class]any{
			storage.ClassNumber: int64(1), storage.ClassFlag: false, storage.ClassText: "x", storage.ClassBytes: []byte("x"), storage.ClassReal: 0.5,
		}[c.Class])
	}
	return row
}

func TestASnapshotStandsStill(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.filled()
		rows := func(x *storage.Snapshot) (n int64) {
			n, err := x.Export(w.Context(), table(w, "posts"), func([]any) error { return nil })
			if err != nil {
				w.Fatal(err)
			}
			return n
		}
		err := w.s.Snapshot(w.Context(), func(x *storage.Snapshot) error {
			before := rows(x)
			w.post(w.account("late", "", coop.Coop))
			if after := rows(x); after != before {
				w.Errorf("%d posts became %d", before, after)
			}
			return nil
		})
		if err != nil {
			w.Fatal(err)
		}
	})
}

func TestTablesAreTheSameInBothEngines(t *testing.T) {
	lite, pg := storagetest.Open(t), storagetest.OpenPostgres(t, time.Now)
	list := func(s *storage.Store) (lines []string) {
		tables, err := s.Tables(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range tables {
			lines = append(lines, fmt.Sprintf("%s %v", table.Name, table.Columns))
		}
		return lines
	}
	left, right := list(lite), list(pg)
	if diff := cmp.Diff(left, right); diff != "" || len(left) < 130 {
		t.Errorf("%d tables:\n%s", len(left), diff)
	}
	if slices.ContainsFunc(left, func(line string) bool {
		name, _, _ := strings.Cut(line, " ")
		return strings.HasSuffix(name, "_search") || name == "id_clock"
	}) {
		t.Error("what each engine has in its own way is carried")
	}
}

func TestAnOlderSchemaIsMadeAndBroughtUp(t *testing.T) {
	for _, url := range []func(testing.TB) string{
		func(t testing.TB) string { return "sqlite://" + t.TempDir() + "/old.db" }, storagetest.PostgresURL,
	} {
		t.Run("", func(t *testing.T) {
			s, err := storage.Open(t.Context(), storage.Options{URL: url(t), Now: time.Now})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			if err := s.MigrateTo(t.Context(), 9999); !errors.Is(err, storage.ErrNewerSchema) {
				t.Errorf("a schema of the future: %v", err)
			}
			if err := s.MigrateTo(t.Context(), 34); err == nil {
				t.Error("a schema that never was")
			}
			if err := s.MigrateTo(t.Context(), 30); err != nil {
				t.Fatal(err)
			}
			if has, err := s.Populated(t.Context()); has || err != nil {
				t.Errorf("a schema without rows holds something: %v", err)
			}
			if err := s.MigrateTo(t.Context(), 20); err == nil {
				t.Error("the schema went back")
			}
			if err := s.Migrate(t.Context(), nil); err != nil {
				t.Error(err)
			}
		})
	}
}
