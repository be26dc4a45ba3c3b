// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// writes counts how often something is sent to the database.
type writes struct {
	net.Conn
	n *atomic.Int64
}

// Write implements net.Conn.
func (w writes) Write(p []byte) (int, error) {
	w.n.Add(1)
	return w.Conn.Write(p)
}

// exchangeTest is a connection of its own with a table that only it sees.
func exchangeTest(t *testing.T) (conn *pgx.Conn, sent *atomic.Int64) {
	t.Helper()
	url := os.Getenv("MINGA_TEST_POSTGRES")
	if url == "" {
		t.Skip("needs PostgreSQL (MINGA_TEST_POSTGRES)")
	}
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	sent = &atomic.Int64{}
	plain := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := plain(ctx, network, address)
		return writes{c, sent}, err
	}
	if conn, err = pgx.ConnectConfig(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	if _, err := conn.Exec(t.Context(), `CREATE TEMPORARY TABLE words (word TEXT PRIMARY KEY)`); err != nil {
		t.Fatal(err)
	}
	return conn, sent
}

// kept are the words that were committed.
func kept(t *testing.T, conn *pgx.Conn) string {
	t.Helper()
	rows, err := conn.Query(t.Context(), `SELECT word FROM words ORDER BY word`)
	if err != nil {
		t.Fatal(err)
	}
	words, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(words, " ")
}

const addWord = `INSERT INTO words (word) VALUES ($1)`

// TestWhatNobodyWaitsForGoesOutTogether counts the exchanges of a transaction: the
// beginning goes out with the first question, changes with the next, the last with the end.
func TestWhatNobodyWaitsForGoesOutTogether(t *testing.T) {
	conn, sent := exchangeTest(t)
	ctx := t.Context()
	story := func(first string) {
		x := newExchange(conn)
		for _, word := range []string{"a", "b", "c"} {
			if err := x.soon(ctx, outcome{}, addWord, first+word); err != nil {
				t.Fatal(err)
			}
		}
		var n int
		if err := x.QueryRow(ctx, `SELECT COUNT(*) FROM words WHERE word LIKE $1`, first+"%").Scan(&n); err != nil || n != 3 {
			t.Fatalf("the question sees %d of 3 that were said before it: %v", n, err)
		}
		counted := int64(-1)
		err := x.soon(ctx, outcome{counted: func(rows int64) { counted = rows }}, `DELETE FROM words WHERE word IN ($1, $2)`, first+"a", first+"b")
		if err != nil || counted != -1 {
			t.Fatalf("told of %d before it went out: %v", counted, err)
		}
		rows, err := x.Query(ctx, `SELECT word FROM words WHERE word LIKE $1`, first+"%")
		if err != nil {
			t.Fatal(err)
		}
		words, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(words) != 1 || counted != 2 {
			t.Fatalf("left %v, told of %d: %v", words, counted, err)
		}
		if err := x.soon(ctx, outcome{}, addWord, first+"d"); err != nil {
			t.Fatal(err)
		}
		if err := x.commit(ctx); err != nil {
			t.Fatal(err)
		}
		x.rollback(ctx) // does nothing
	}
	story("1") // prepares what the next one finds
	before := sent.Load()
	story("2")
	if n := sent.Load() - before; n != 3 {
		t.Errorf("%d exchanges, want 3: the first question, the second, the end", n)
	}
	if got := kept(t, conn); got != "1c 1d 2c 2d" {
		t.Errorf("kept %q", got)
	}
}

// TestAnErrorNobodyWaitedForEndsTheTransaction: it is the answer of the next statement,
// and of the end, whoever passes it over; nothing is kept, and the connection is of use.
func TestAnErrorNobodyWaitedForEndsTheTransaction(t *testing.T) {
	refused := errors.New("refused")
	for what, fail := range map[string]func(ctx context.Context, x *exchange) error{
		"of the database": func(ctx context.Context, x *exchange) error { return x.soon(ctx, outcome{}, addWord, "first") },
		"that it was none": func(ctx context.Context, x *exchange) error {
			return x.soon(ctx, outcome{none: refused}, `DELETE FROM words WHERE word = $1`, "of nobody")
		},
	} {
		for next, ask := range map[string]func(ctx context.Context, x *exchange) error{
			"exec": func(ctx context.Context, x *exchange) error {
				_, err := x.Exec(ctx, addWord, "third")
				return err
			},
			"row":    func(ctx context.Context, x *exchange) error { return x.QueryRow(ctx, `SELECT 1`).Scan(new(int)) },
			"commit": func(ctx context.Context, x *exchange) error { return x.commit(ctx) },
			"query": func(ctx context.Context, x *exchange) error {
				rows, err := x.Query(ctx, `SELECT 1`)
				if err == nil {
					rows.Close()
				}
				return err
			},
		} {
			t.Run(what+", "+next, func(t *testing.T) {
				conn, _ := exchangeTest(t)
				ctx := t.Context()
				if _, err := conn.Exec(ctx, addWord, "first"); err != nil {
					t.Fatal(err)
				}
				x := newExchange(conn)
				if err := errors.Join(x.soon(ctx, outcome{}, addWord, "zero"), fail(ctx, x)); err != nil {
					t.Fatal(err)
				}
				err := ask(ctx, x)
				if what == "that it was none" && !errors.Is(err, refused) || what == "of the database" && violation(err) != "unique" {
					t.Errorf("the next was answered %v", err)
				}
				if next != "commit" {
					if _, later := x.Exec(ctx, addWord, "fourth"); later == nil {
						t.Error("what came later was done")
					}
					if x.soon(ctx, outcome{}, addWord, "fifth") == nil {
						t.Error("what came later was taken")
					}
					if x.commit(ctx) == nil {
						t.Error("who passed the error over could commit")
					}
				}
				x.rollback(ctx)
				if got := kept(t, conn); got != "first" {
					t.Errorf("kept %q", got)
				}
			})
		}
	}
}

// TestANodeOfAnOlderVersionHoldsAMoment plays one that counts ids of the past within its
// transaction, and waits there for what our transaction holds: neither waits for ever.
func TestANodeOfAnOlderVersionHoldsAMoment(t *testing.T) {
	url := emptyPostgres(t)
	s := openFor(t, url)
	if err := s.Migrate(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	at := testNow().Add(-time.Hour)
	older, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = older.Close(context.Background()) }()
	tx, err := older.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var used int64
	if err := tx.QueryRow(ctx, takeSlot, at.UnixMilli()).Scan(&used); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	runs := 0
	err = s.Write(ctx, func(ours *Tx) error {
		if err := ours.alone(ctx, "what both want"); err != nil {
			return err
		}
		if _, err := ours.number(ctx, `SELECT 1`); err != nil { // now it is held
			return err
		}
		if runs++; runs == 1 {
			go func() {
				_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, "what both want")
				ended <- errors.Join(err, tx.Commit(ctx))
			}()
		}
		id, err := ours.NextID(ctx, at)
		if err == nil && id <= coop.NewID(at, halfCounter) {
			t.Errorf("%d was given twice", id)
		}
		return err
	})
	if err := errors.Join(err, <-ended); err != nil {
		t.Error(err)
	}
	if runs < 2 {
		t.Error("nobody had to wait: nothing was tested")
	}
}

// TestATransactionWithoutAStatementIsNone sends nothing.
func TestATransactionWithoutAStatementIsNone(t *testing.T) {
	conn, sent := exchangeTest(t)
	before := sent.Load()
	x := newExchange(conn)
	if err := x.commit(t.Context()); err != nil {
		t.Error(err)
	}
	x.rollback(t.Context())
	if n := sent.Load() - before; n != 0 {
		t.Errorf("%d exchanges", n)
	}
}
