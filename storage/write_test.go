// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"minga/coop"
)

// put adds a row of things.
func put(ctx context.Context, tx *Tx, id int64) error {
	_, err := tx.q.Exec(ctx, `INSERT INTO things (id, iri, flag) VALUES ($1, '', TRUE)`, id)
	return err
}

// ids lists the rows of things.
func ids(t *testing.T, s *Store) string {
	t.Helper()
	all, err := collectIDs(s.q.Query(t.Context(), `SELECT id FROM things ORDER BY id`))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Trim(fmt.Sprint(all), "[]")
}

func TestWriteKeepsAllOrNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		makeThings(t, s)
		stop := errors.New("stop")
		err := s.Write(t.Context(), func(tx *Tx) error {
			if err := put(t.Context(), tx, 1); err != nil {
				return err
			}
			return stop
		})
		if err != stop {
			t.Errorf("the error came back as %v", err)
		}
		if got := ids(t, s); got != "" {
			t.Errorf("kept %s", got)
		}
	})
}

func TestWriteSeesItsOwnChanges(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		makeThings(t, s)
		err := s.Write(t.Context(), func(tx *Tx) error {
			if err := put(t.Context(), tx, 1); err != nil {
				return err
			}
			var inside, outside int
			err := tx.q.QueryRow(t.Context(), `SELECT COUNT(*) FROM things`).Scan(&inside)
			if err == nil {
				err = s.q.QueryRow(t.Context(), `SELECT COUNT(*) FROM things`).Scan(&outside)
			}
			if inside != 1 || outside != 0 {
				t.Errorf("inside %d, outside %d", inside, outside)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// together runs n writers that are all in line before the first one ends.
func together(s *Store, n int, fn func(i int, tx *Tx) error) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	start := make(chan struct{})
	all.Go(func() {
		_ = s.Write(context.Background(), func(*Tx) error {
			close(start)
			time.Sleep(30 * time.Millisecond) // while the others get in line
			return nil
		})
	})
	<-start
	for i := range n {
		all.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[i] = fmt.Errorf("panic: %v", p)
				}
			}()
			errs[i] = s.Write(context.Background(), func(tx *Tx) error { return fn(i, tx) })
		})
	}
	all.Wait()
	return errs
}

func TestWritersInOneGroupFailAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		makeThings(t, s)
		errs := together(s, 30, func(i int, tx *Tx) error {
			if err := put(context.Background(), tx, int64(i)); err != nil {
				return err
			}
			switch i % 5 {
			case 1:
				return errors.New("changed its mind")
			case 2:
				panic("fell over")
			case 3:
				return put(context.Background(), tx, int64(i)) // its own row again
			}
			return nil
		})
		for i, err := range errs {
			want := []string{"", "changed its mind", "panic: fell over", "conflict", ""}[i%5]
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("writer %d: %v, want %q", i, err, want)
			}
		}
		if got := ids(t, s); got != "0 4 5 9 10 14 15 19 20 24 25 29" {
			t.Errorf("kept %s", got)
		}
	})
}

func TestWriteSurvivesAGoroutineThatEnds(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		makeThings(t, s)
		var gone sync.WaitGroup
		gone.Go(func() {
			_ = s.Write(context.Background(), func(tx *Tx) error {
				_ = put(context.Background(), tx, 1)
				runtime.Goexit()
				return nil
			})
		})
		gone.Wait()
		if err := s.Write(t.Context(), func(tx *Tx) error { return put(t.Context(), tx, 2) }); err != nil {
			t.Fatal(err)
		}
		if got := ids(t, s); got != "2" {
			t.Errorf("kept %s", got)
		}
	})
}

func TestWriteIsNotStartedWhenItsCallerIsGone(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		makeThings(t, s)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		for range 3 {
			err := s.Write(gone, func(*Tx) error { t.Error("was started"); return nil })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
		}
		// Callers that give up while they wait leave the line in order.
		var late sync.WaitGroup
		errs := together(s, 20, func(i int, tx *Tx) error {
			late.Go(func() {
				short, cancel := context.WithTimeout(context.Background(), time.Duration(i)*100*time.Microsecond)
				defer cancel()
				_ = s.Write(short, func(tx *Tx) error { return nil })
			})
			return put(context.Background(), tx, int64(i))
		})
		late.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if got := len(strings.Fields(ids(t, s))); got != 20 {
			t.Errorf("kept %d", got)
		}
	})
}

func TestWriteCancelledMidwayKeepsNothingAndHurtsNobody(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		makeThings(t, s)
		errs := together(s, 10, func(i int, tx *Tx) error {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if err := put(ctx, tx, int64(i)); err != nil {
				return err
			}
			if i%2 == 1 {
				cancel()
			}
			return put(ctx, tx, int64(100+i))
		})
		for i, err := range errs {
			if (i%2 == 1) != (err != nil) {
				t.Errorf("writer %d: %v", i, err)
			}
		}
		if got := ids(t, s); got != "0 2 4 6 8 100 102 104 106 108" {
			t.Errorf("kept %s", got)
		}
	})
}

func TestWriteHandsOnAfterTheCommitOnly(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		makeThings(t, s)
		woken := s.Listen(t.Context(), "things")
		ran := 0
		for _, fails := range []bool{true, false} {
			_ = s.Write(t.Context(), func(tx *Tx) error {
				tx.AfterCommit(func() {
					ran++
					if ids(t, s) != "1" {
						t.Error("ran before the commit")
					}
				})
				tx.Wake("things")
				if fails {
					return errors.New("stop")
				}
				return put(t.Context(), tx, 1)
			})
			if len(woken) != ran {
				t.Errorf("woken %d, ran %d", len(woken), ran)
			}
		}
		if ran != 1 {
			t.Errorf("ran %d times", ran)
		}
	})
}

func TestWriteEndsItsTx(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		makeThings(t, s)
		var kept *Tx
		if err := s.Write(t.Context(), func(tx *Tx) error { kept = tx; return nil }); err != nil {
			t.Fatal(err)
		}
		if err := put(t.Context(), kept, 1); !errors.Is(err, errEnded) {
			t.Errorf("a Tx that is over wrote: %v", err)
		}
		if _, err := kept.Setting(t.Context(), "x"); !errors.Is(err, errEnded) {
			t.Errorf("a Tx that is over read: %v", err)
		}
	})
}

func TestCloseAnswersTheWritersFirst(t *testing.T) {
	path := t.TempDir() + "/minga.db"
	s, err := Open(t.Context(), Options{URL: "sqlite://" + path, Now: testNow})
	if err != nil {
		t.Fatal(err)
	}
	makeThings(t, s)
	var all sync.WaitGroup
	started, kept, refused := make(chan struct{}), 0, 0
	all.Go(func() {
		if s.Write(context.Background(), func(tx *Tx) error {
			close(started)
			time.Sleep(20 * time.Millisecond)
			return put(context.Background(), tx, 1)
		}) == nil {
			kept++
		}
	})
	<-started
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	if err := s.Write(t.Context(), func(*Tx) error { return nil }); errors.Is(err, coop.ErrUnavailable) {
		refused++
	}
	if kept != 1 || refused != 1 {
		t.Errorf("kept %d, refused %d", kept, refused)
	}
	again := openFor(t, "sqlite://"+path)
	if got := ids(t, again); got != "1" {
		t.Errorf("after opening again: %s", got)
	}
}

// TestAWriteThatSwallowsALostTransactionIsNotKept plays SQLite rolling back by
// itself (a full disk) in the middle of a group.
func TestAWriteThatSwallowsALostTransactionIsNotKept(t *testing.T) {
	s := openFor(t, "sqlite://"+t.TempDir()+"/minga.db")
	makeThings(t, s)
	db := s.db.(*sqliteDB)
	errs := together(s, 6, func(i int, tx *Tx) error {
		if err := put(context.Background(), tx, int64(i)); err != nil {
			return err
		}
		if i == 3 {
			// What a full disk does: the transaction is gone, the error comes once.
			_, _ = db.write1.Exec(context.Background(), "ROLLBACK")
			db.write1.broken = errors.New("database or disk is full")
			_ = put(context.Background(), tx, 99)
			return nil
		}
		return nil
	})
	if errs[3] == nil {
		t.Error("the writer was told that all is well")
	}
	kept := strings.Fields(ids(t, s))
	told := 0
	for _, err := range errs {
		if err == nil {
			told++
		}
	}
	if len(kept) != told || strings.Contains(ids(t, s), "99") {
		t.Errorf("kept %v, told %d writers that all is well", kept, told)
	}
	if err := s.Write(t.Context(), func(tx *Tx) error { return put(t.Context(), tx, 50) }); err != nil {
		t.Errorf("the next write: %v", err)
	}
}

func TestPostgresRunsADeadlockedWriteAgain(t *testing.T) {
	s := openFor(t, emptyPostgres(t))
	makeThings(t, s)
	for _, id := range []int64{1, 2} {
		if err := s.Write(t.Context(), func(tx *Tx) error { return put(t.Context(), tx, id) }); err != nil {
			t.Fatal(err)
		}
	}
	var both, met sync.WaitGroup
	runs := make([]int, 2)
	met.Add(2)
	for i := range 2 {
		both.Go(func() {
			err := s.Write(t.Context(), func(tx *Tx) error {
				touch := func(id int) error {
					_, err := tx.q.Exec(t.Context(), `UPDATE things SET n = COALESCE(n, 0) + 1 WHERE id = $1`, id)
					return err
				}
				runs[i]++
				err := touch(1 + i)
				if runs[i] == 1 {
					met.Done()
					met.Wait()
				}
				return errors.Join(err, touch(2-i))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	var n, m int
	if err := s.q.QueryRow(t.Context(), `SELECT MIN(n), MAX(n) FROM things`).Scan(&n, &m); err != nil || n != 2 || m != 2 {
		t.Errorf("rows were changed %d and %d times, %v", n, m, err)
	}
	if runs[0]+runs[1] < 3 { // on a busy machine they may meet once more
		t.Errorf("runs %v", runs)
	}
}

func TestPostgresEndsAStatementThatRunsAway(t *testing.T) {
	s := openFor(t, emptyPostgres(t))
	var limit string
	if err := s.q.QueryRow(t.Context(), `SHOW statement_timeout`).Scan(&limit); err != nil || limit != "30s" {
		t.Errorf("statement_timeout %s, %v", limit, err)
	}
}
