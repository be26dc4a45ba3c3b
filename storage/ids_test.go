// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// id makes one id.
func (k *kit) id(at time.Time) (id coop.ID) {
	k.Helper()
	k.write(func(ctx context.Context, tx *storage.Tx) (err error) {
		id, err = tx.NextID(ctx, at)
		return err
	})
	return id
}

func TestIDsStandForTheirTime(t *testing.T) {
	queueTest(t, func(k *kit) {
		now := k.clock.Now()
		for what, at := range map[string]time.Time{"now": now, "ahead": now.Add(time.Hour), "past": now.Add(-time.Hour), "long ago": now.AddDate(-20, 0, 0)} {
			want := at
			if at.After(now) {
				want = now
			}
			k.same(what, k.id(at).Time(), want)
		}
		if id := k.id(time.Date(1890, 1, 1, 0, 0, 0, 0, time.UTC)); id <= 0 {
			t.Errorf("before the epoch: %d", id)
		}
	})
}

func TestIDsRiseOverStepsOfTheClock(t *testing.T) {
	queueTest(t, func(k *kit) {
		last := coop.ID(0)
		for i, step := range []time.Duration{0, 0, time.Hour, -25 * time.Hour, 0, -time.Millisecond, time.Millisecond, 24 * time.Hour, time.Hour, 25 * time.Hour, -time.Hour} {
			k.clock.Advance(step)
			for range 3 {
				id := k.id(k.clock.Now())
				if id <= last {
					t.Fatalf("step %d: %d after %d", i, id, last)
				}
				last = id
			}
		}
	})
}

func TestIDsOfOneMomentAreUnique(t *testing.T) {
	const each = 33_000 // more than a millisecond holds
	queueTest(t, func(k *kit) {
		seen := make(map[coop.ID]bool, 2*each)
		past := k.clock.Now().Add(-time.Hour)
		for _, at := range []time.Time{k.clock.Now(), past} {
			for done := 0; done < each; {
				k.write(func(ctx context.Context, tx *storage.Tx) error {
					for range each / 11 {
						id, err := tx.NextID(ctx, at)
						if err != nil {
							return err
						}
						seen[id] = true
						if d := id.Time().Sub(at); d < 0 || d > 10*time.Millisecond {
							t.Fatalf("an id of %v is %v off", at, d)
						}
					}
					return nil
				})
				done += each / 11
			}
		}
		k.same("ids", len(seen), 2*each)
		// What was the present becomes the past, and the halves do not meet.
		k.clock.Advance(time.Hour)
		if id := k.id(k.clock.Now().Add(-time.Hour)); seen[id] {
			t.Errorf("%d twice", id)
		}
	})
}

// TestIDsOfOneSecondDoNotWaitForEachOther: most servers say when a post was published in
// whole seconds, so that what comes at once is often of one moment.
func TestIDsOfOneSecondDoNotWaitForEachOther(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, s *storage.Store) {
		if s.Engine() == storage.SQLite {
			t.Skip("one writer at a time in any case")
		}
		at := time.Now().Add(-time.Hour).Truncate(time.Second)
		var first, second coop.ID
		err := s.Write(t.Context(), func(tx *storage.Tx) (err error) {
			if first, err = tx.NextID(t.Context(), at); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			other := make(chan error)
			go func() {
				other <- s.Write(ctx, func(tx *storage.Tx) (err error) {
					second, err = tx.NextID(ctx, at)
					return err
				})
			}()
			return <-other
		})
		if err != nil || first == 0 || second <= first {
			t.Errorf("%d, then %d: %v", first, second, err)
		}
	})
}

func TestIDsRiseForEachWriterAndAreUniqueForAll(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, s *storage.Store) {
		var mu sync.Mutex
		seen := map[coop.ID]bool{}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				last := coop.ID(0)
				for range 100 {
					err := s.Write(t.Context(), func(tx *storage.Tx) error {
						id, err := tx.NextID(t.Context(), time.Now())
						mu.Lock()
						defer mu.Unlock()
						if id <= last || seen[id] {
							t.Errorf("%d after %d, seen %v", id, last, seen[id])
						}
						seen[id], last = true, id
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
	})
}

func TestIDsRiseOverARestart(t *testing.T) {
	path := "sqlite://" + t.TempDir() + "/minga.db"
	clock := storagetest.NewClock()
	last := coop.ID(0)
	for range 3 {
		s, err := storage.Open(t.Context(), storage.Options{URL: path, Now: clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Migrate(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		k := &kit{T: t, s: s, clock: clock}
		if id := k.id(clock.Now()); id <= last {
			t.Errorf("%d after %d", id, last)
		} else {
			last = id
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		clock.Advance(-25 * time.Hour)
	}
}
