// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// ask queues a task to be done after wait.
func (k *kit) ask(kind, key, payload string, wait time.Duration) {
	k.Helper()
	k.write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddTask(ctx, storage.Task{Kind: kind, Key: key, Payload: []byte(payload), DueAt: k.clock.Now().Add(wait)})
	})
}

// tasks claims tasks and says which.
func (k *kit) tasks(limit int, kinds ...string) (all []storage.Task, words []string) {
	k.Helper()
	k.write(func(ctx context.Context, tx *storage.Tx) (err error) {
		all, err = tx.ClaimTasks(ctx, kinds, limit, lease)
		return err
	})
	for _, t := range all {
		words = append(words, t.Kind+" "+t.Key+" "+string(t.Payload))
	}
	return all, words
}

func (k *kit) done(t storage.Task) {
	k.Helper()
	k.write(func(ctx context.Context, tx *storage.Tx) error { return tx.FinishTask(ctx, t.ID, t.Fence) })
}

func TestTaskIsDoneOnce(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.ask("mail", "1", "{}", 0)
		all, words := k.tasks(10)
		k.same("claimed", words, []string{"mail 1 {}"})
		_, words = k.tasks(10)
		k.same("leased", words, []string(nil))
		k.done(all[0])
		k.clock.Advance(time.Hour)
		_, words = k.tasks(10)
		k.same("done", words, []string(nil))
	})
}

func TestTaskWithoutTimeOrPayload(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddTask(ctx, storage.Task{Kind: "sweep"}) })
		all, _ := k.tasks(1)
		k.same("now", len(all), 1)
		k.same("payload", len(all[0].Payload), 0)
	})
}

func TestTaskWaitsUntilDue(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.ask("expire", "later", "", 2*time.Hour)
		k.ask("expire", "soon", "", time.Hour)
		_, words := k.tasks(10)
		k.same("early", words, []string(nil))
		k.clock.Advance(3 * time.Hour)
		all, _ := k.tasks(10)
		k.same("both", len(all), 2)
	})
}

func TestTaskOfTheSameKeyKeepsTheEarlierTime(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.ask("expire", "job", "old", time.Hour)
		k.ask("expire", "job", "new", 2*time.Hour)
		k.ask("mail", "job", "other kind", 3*time.Hour)
		k.clock.Advance(time.Hour)
		_, words := k.tasks(10)
		k.same("once, at the earlier time", words, []string{"expire job new"})
		k.ask("mail", "job", "sooner", -time.Hour)
		_, words = k.tasks(10)
		k.same("brought forward", words, []string{"mail job sooner"})
	})
}

func TestTaskKinds(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.ask("mail", "1", "", 0)
		k.ask("expire", "1", "", 0)
		k.ask("push", "1", "", 0)
		_, words := k.tasks(10, "expire", "push")
		k.same("kinds", len(words), 2)
		_, words = k.tasks(10, "nothing")
		k.same("no such kind", words, []string(nil))
		_, words = k.tasks(10)
		k.same("the rest", words, []string{"mail 1 "})
	})
}

func TestTaskLimit(t *testing.T) {
	queueTest(t, func(k *kit) {
		for i := range 5 {
			k.ask("mail", number("", i), "", -time.Duration(i)*time.Minute)
		}
		_, words := k.tasks(2)
		k.same("two", len(words), 2)
		_, words = k.tasks(0)
		k.same("none", len(words), 0)
	})
}

func TestTaskAskedForWhileItIsDone(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.ask("mail", "1", "first", 0)
		all, _ := k.tasks(1)
		k.ask("mail", "1", "second", time.Minute/2)
		_, words := k.tasks(1)
		k.same("not beside it", words, []string(nil))
		k.done(all[0])
		_, words = k.tasks(1)
		k.same("not before its time", words, []string(nil))
		k.clock.Advance(time.Minute / 2)
		all, words = k.tasks(1)
		k.same("once more", words, []string{"mail 1 second"})
		k.same("attempts count anew", all[0].Attempts, 1)
		k.done(all[0])
		k.clock.Advance(time.Hour)
		_, words = k.tasks(1)
		k.same("and then no more", words, []string(nil))
	})
}

func TestTaskPostponed(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.ask("backfill", "peer", "page 1", 0)
		all, _ := k.tasks(1)
		postpone := func(t storage.Task, wait time.Duration, payload []byte, cause string) {
			k.write(func(ctx context.Context, tx *storage.Tx) error {
				return tx.PostponeTask(ctx, t.ID, t.Fence, k.clock.Now().Add(wait), payload, cause)
			})
		}
		postpone(all[0], time.Hour, nil, "no answer")
		_, words := k.tasks(1)
		k.same("early", words, []string(nil))
		k.clock.Advance(time.Hour)
		all, words = k.tasks(1)
		k.same("again", words, []string{"backfill peer page 1"})
		k.same("with its error", []any{all[0].Error, all[0].Attempts}, []any{"no answer", 2})
		postpone(all[0], 0, []byte("page 2"), "")
		all, words = k.tasks(1)
		k.same("further on", words, []string{"backfill peer page 2"})
		k.same("it went well", []any{all[0].Error, all[0].Attempts}, []any{"", 1})
	})
}

func TestTaskPostponedAndAskedForMeanwhile(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.ask("mail", "1", "", 0)
		all, _ := k.tasks(1)
		k.ask("mail", "1", "", 0)
		_, words := k.tasks(1)
		k.same("not beside it", words, []string(nil))
		k.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.PostponeTask(ctx, all[0].ID, all[0].Fence, k.clock.Now().Add(time.Hour), nil, "")
		})
		_, words = k.tasks(1)
		k.same("at the earlier time", words, []string{"mail 1 "})
	})
}

func TestTaskLeases(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.ask("mail", "1", "", 0)
		first, _ := k.tasks(1)
		k.clock.Advance(lease / 2)
		k.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.RenewTask(ctx, first[0].ID, first[0].Fence, lease)
		})
		k.clock.Advance(lease * 3 / 4)
		_, words := k.tasks(1)
		k.same("renewed", words, []string(nil))
		k.clock.Advance(lease)
		second, _ := k.tasks(1)
		old := first[0]
		for what, late := range map[string]func(ctx context.Context, tx *storage.Tx) error{
			"finish": func(ctx context.Context, tx *storage.Tx) error { return tx.FinishTask(ctx, old.ID, old.Fence) },
			"fail":   func(ctx context.Context, tx *storage.Tx) error { return tx.FailTask(ctx, old.ID, old.Fence, "") },
			"renew":  func(ctx context.Context, tx *storage.Tx) error { return tx.RenewTask(ctx, old.ID, old.Fence, lease) },
			"postpone": func(ctx context.Context, tx *storage.Tx) error {
				return tx.PostponeTask(ctx, old.ID, old.Fence, k.clock.Now(), nil, "")
			},
		} {
			k.lost(what, late)
		}
		k.done(second[0])
		k.lost("twice", func(ctx context.Context, tx *storage.Tx) error {
			return tx.FinishTask(ctx, second[0].ID, second[0].Fence)
		})
	})
}

func TestTaskAskedForAfterItsWorkerDied(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.ask("mail", "1", "", 0)
		k.tasks(1)
		k.clock.Advance(lease)
		k.ask("mail", "1", "new", 0)
		all, words := k.tasks(1)
		k.same("once", words, []string{"mail 1 new"})
		k.done(all[0])
		k.clock.Advance(time.Hour)
		_, words = k.tasks(1)
		k.same("only once", words, []string(nil))
	})
}

func TestTaskPoisonIsSetAside(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.ask("mail", "poison", "", 0)
		claims := 0
		for range 40 {
			all, _ := k.tasks(1)
			claims += len(all)
			k.clock.Advance(lease)
		}
		k.same("claims", claims, 20)
		stats, err := k.s.TaskStats(t.Context())
		k.same("stats", []any{stats, err}, []any{[]storage.TaskStats{{Kind: "mail", Dead: 1}}, nil})
	})
}

func TestTaskSetAsideWaitsAgainWhenAskedFor(t *testing.T) {
	queueTest(t, func(k *kit) {
		fail := func() {
			all, _ := k.tasks(1)
			k.write(func(ctx context.Context, tx *storage.Tx) error {
				return tx.FailTask(ctx, all[0].ID, all[0].Fence, "no")
			})
		}
		k.ask("mail", "1", "", 0)
		fail()
		_, words := k.tasks(1)
		k.same("aside", words, []string(nil))
		k.ask("mail", "1", "again", 0)
		fail()
		k.write(func(ctx context.Context, tx *storage.Tx) error {
			n, err := tx.RetryTasks(ctx)
			k.same("retried", n, 1)
			return err
		})
		_, words = k.tasks(1)
		k.same("by an admin", words, []string{"mail 1 again"})
	})
}

func TestTaskCancelled(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.ask("mail", "1", "", 0)
		k.ask("mail", "2", "", 0)
		all, _ := k.tasks(1)
		for _, key := range []string{"1", "2", "3"} {
			k.write(func(ctx context.Context, tx *storage.Tx) error { return tx.DeleteTask(ctx, "mail", key) })
		}
		k.lost("what was being done", func(ctx context.Context, tx *storage.Tx) error { return tx.FinishTask(ctx, all[0].ID, all[0].Fence) })
		k.clock.Advance(time.Hour)
		_, words := k.tasks(10)
		k.same("left", words, []string(nil))
	})
}

func TestTaskLimits(t *testing.T) {
	queueTest(t, func(k *kit) {
		err := k.tryWrite(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddTask(ctx, storage.Task{Kind: "mail", Payload: make([]byte, 64<<10+1)})
		})
		if !errors.Is(err, coop.ErrTooLarge) {
			t.Errorf("payload: %v", err)
		}
		var invalid *coop.InvalidError
		err = k.tryWrite(func(ctx context.Context, tx *storage.Tx) error { return tx.AddTask(ctx, storage.Task{Kind: ""}) })
		if !errors.As(err, &invalid) {
			t.Errorf("no kind: %v", err)
		}
	})
}

func TestTaskStatsByKind(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.ask("mail", "1", "", 0)
		k.ask("mail", "2", "", time.Hour)
		k.ask("expire", "1", "", time.Hour)
		k.clock.Advance(time.Minute)
		stats, err := k.s.TaskStats(t.Context())
		k.same("stats", []any{stats, err}, []any{[]storage.TaskStats{
			{Kind: "expire", Waiting: 1}, {Kind: "mail", Waiting: 2, OldestDue: time.Minute},
		}, nil})
	})
}
