// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

func TestQueueAHostIsLeasedToOne(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"))
		c := k.one()
		k.add(k.delivery("Create", "b", "one.test"))
		k.same("second worker", len(k.claim(10)), 0)
		k.same("until", c.LeasedUntil, k.clock.Now().Add(lease))
		k.settle(c, storage.Delivered)
		k.same("then the other", k.drain(), []string{"Create-b"})
	})
}

func TestQueueAnExpiredLeaseIsGivenAgain(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"))
		first := k.one()
		k.clock.Advance(lease - time.Millisecond)
		k.same("still leased", len(k.claim(1)), 0)
		k.clock.Advance(time.Millisecond)
		second := k.one()
		k.same("the same work", names(second), names(first))
		if second.Fence <= first.Fence {
			t.Errorf("fence %d after %d", second.Fence, first.Fence)
		}
	})
}

func TestQueueALateResultIsRefused(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"))
		first := k.one()
		k.clock.Advance(2 * lease)
		second := k.one()
		k.lost("late", func(ctx context.Context, tx *storage.Tx) error {
			return tx.SettleDestination(ctx, storage.Settlement{
				Host: first.Host, Fence: first.Fence,
				Outcomes: []storage.Outcome{{ID: first.Deliveries[0].ID, Result: storage.Delivered}},
			})
		})
		k.same("nothing was removed", k.stats().Waiting, 1)
		k.settle(second, storage.Delivered)
		k.lost("twice", func(ctx context.Context, tx *storage.Tx) error {
			return tx.SettleDestination(ctx, storage.Settlement{Host: second.Host, Fence: second.Fence})
		})
		k.lost("unknown host", func(ctx context.Context, tx *storage.Tx) error {
			return tx.SettleDestination(ctx, storage.Settlement{Host: "unknown.test", Fence: 1})
		})
	})
}

func TestQueueASettlementTouchesOnlyItsOwn(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"), k.delivery("Create", "a", "two.test"))
		claims := k.claim(2)
		k.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.SettleDestination(ctx, storage.Settlement{Host: claims[0].Host, Fence: claims[0].Fence, Outcomes: []storage.Outcome{
				{ID: claims[1].Deliveries[0].ID, Result: storage.Delivered}, {ID: 99999, Result: storage.Final},
			}})
		})
		k.same("nothing was removed", k.stats().Waiting, 2)
	})
}

func TestQueueALeaseIsRenewed(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"))
		c := k.one()
		k.clock.Advance(lease / 2)
		k.write(func(ctx context.Context, tx *storage.Tx) error {
			until, err := tx.RenewDestination(ctx, c.Host, c.Fence, lease)
			k.same("until", until, k.clock.Now().Add(lease))
			return err
		})
		k.clock.Advance(lease * 3 / 4)
		k.same("still leased", len(k.claim(1)), 0)
		k.settle(c, storage.Delivered)
		k.lost("renewing what is over", func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.RenewDestination(ctx, c.Host, c.Fence, lease)
			return err
		})
	})
}

func TestQueueAFailedHostRestsAndIsProbed(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"), k.delivery("Create", "b", "one.test"))
		c := k.one()
		k.same("no probe", c.Probe, false)
		k.hostFails(c, time.Hour)
		k.add(k.delivery("Create", "c", "one.test"))
		k.clock.Advance(time.Hour - time.Second)
		k.same("at rest", len(k.claim(1)), 0)
		k.same("state", k.host("one.test").State, "resting")
		k.clock.Advance(time.Second)
		c = k.one()
		k.same("a probe", []any{c.Probe, c.Failures, names(c)}, []any{true, 1, []string{"Create-a"}})
		k.settle(c, storage.Delivered)
		k.same("then the others", names(k.one()), []string{"Create-b", "Create-c"})
		k.same("no failures", k.host("one.test").Failures, 0)
	})
}

func TestQueueCountsFailuresInARow(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"))
		for i := range 4 {
			c := k.one()
			k.same("failures", c.Failures, i)
			k.hostFails(c, time.Minute)
			k.clock.Advance(time.Minute)
		}
		d := k.host("one.test")
		k.same("record", []any{d.Failures, d.Error, d.FirstFailureAt}, []any{4, "no answer", k.clock.Now().Add(-4 * time.Minute)})
	})
}

func TestQueueARefusedProbeEndsTheRest(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"), k.delivery("Create", "b", "one.test"), k.delivery("Create", "c", "one.test"))
		k.hostFails(k.one(), time.Minute)
		k.clock.Advance(time.Minute)
		k.settle(k.one(), storage.Final)
		k.same("the others", k.drain(), []string{"Create-b", "Create-c"})
	})
}

func TestQueueADeadHostCostsOneProbe(t *testing.T) {
	queueTest(t, func(k *kit) {
		var all []storage.Delivery
		for i := range 500 {
			all = append(all, k.delivery("Create", number("n", i), "dead.test"))
		}
		k.add(all...)
		k.hostFails(k.one(), time.Minute)
		k.clock.Advance(time.Minute)
		k.add(k.delivery("Create", "n000", "alive.test"))
		claims := k.claim(10)
		k.same("both in one claim", []int{len(claims[0].Deliveries), len(claims[1].Deliveries)}, []int{1, 1})
	})
}

// badWeek lets one.test fail once a day until it is unavailable.
func badWeek(k *kit) {
	k.Helper()
	for range 7 {
		k.hostFails(k.one(), time.Hour)
		k.clock.Advance(24 * time.Hour)
	}
	k.same("state", k.host("one.test").State, "unavailable")
}

func TestQueueSevenBadDaysMakeAHostUnavailable(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Delete", "z", "one.test"))
		for range 20 { // many failures on one day are one day
			k.hostFails(k.one(), time.Minute)
			k.clock.Advance(time.Minute)
		}
		k.same("after a bad day", k.host("one.test").State, "ready")
		badWeek(k)
		k.same("what is still queued", k.add(
			k.delivery("Create", "a", "one.test"), k.delivery("Update", "a", "one.test"), k.delivery("Announce", "a", "one.test"),
			k.delivery("Delete", "b", "one.test"), k.delivery("Undo", "c", "one.test"), k.delivery("Move", "d", "one.test")), 3)
		actor := k.delivery("Update", "me", "one.test")
		actor.OfActor = true
		k.same("an actor's update", k.add(actor), 1)
		k.same("stats", k.stats().Unavailable, 1)
	})
}

func TestQueueASuccessBetweenKeepsAHostAvailable(t *testing.T) {
	queueTest(t, func(k *kit) {
		for day := range 14 {
			k.add(k.delivery("Create", number("n", day), "one.test"))
			c := k.one()
			if day == 5 || day == 11 {
				k.settle(c, storage.Delivered)
			} else {
				k.hostFails(c, time.Hour)
			}
			k.clock.Advance(24 * time.Hour)
		}
		k.same("state", k.host("one.test").State, "ready")
	})
}

func TestQueueAnUnavailableHostIsProbedOnceADay(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Delete", "a", "one.test"), k.delivery("Delete", "b", "one.test"))
		badWeek(k)
		probes := 0
		for range 48 {
			for _, c := range k.claim(1) {
				probes++
				k.same("one delivery", len(c.Deliveries), 1)
				k.hostFails(c, 0)
			}
			k.clock.Advance(time.Hour)
		}
		k.same("probes in two days", probes, 2)
	})
}

func TestQueueAProbeRevives(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Delete", "a", "one.test"), k.delivery("Delete", "b", "one.test"))
		badWeek(k)
		k.settle(k.one(), storage.Delivered)
		k.same("state", k.host("one.test").State, "ready")
		k.same("the rest", k.drain(), []string{"Delete-b"})
	})
}

func TestQueueAHostThatWritesToUsIsRevived(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Delete", "a", "one.test"), k.delivery("Delete", "b", "one.test"))
		badWeek(k)
		k.hostFails(k.one(), 0)
		k.same("at rest", len(k.claim(1)), 0)
		revive := func(host string) {
			k.write(func(ctx context.Context, tx *storage.Tx) error { return tx.ReviveDestination(ctx, host) })
		}
		revive("one.test")
		revive("one.test")
		revive("unknown.test")
		k.same("oldest first", names(k.one()), []string{"Delete-a", "Delete-b"})
		k.same("new posts are queued", k.add(k.delivery("Create", "c", "one.test")), 1)
	})
}

func TestQueueRevivingDoesNotBreakALease(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"))
		k.hostFails(k.one(), time.Minute)
		k.clock.Advance(time.Minute)
		c := k.one()
		k.write(func(ctx context.Context, tx *storage.Tx) error { return tx.ReviveDestination(ctx, "one.test") })
		k.same("still leased", len(k.claim(1)), 0)
		k.settle(c, storage.Delivered)
		k.same("done", k.stats().Waiting, 0)
	})
}

func TestQueueRetryMakesEverythingDue(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"))
		k.settle(k.one(), storage.Again)
		k.add(k.delivery("Create", "b", "one.test"))
		k.hostFails(k.one(), 6*time.Hour)
		n := 0
		k.write(func(ctx context.Context, tx *storage.Tx) (err error) {
			n, err = tx.RetryHost(ctx, "one.test")
			return err
		})
		k.same("retried", n, 2)
		k.same("at once", k.drain(), []string{"Create-a", "Create-b"})
		err := k.tryWrite(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.RetryHost(ctx, "unknown.test")
			return err
		})
		if !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("unknown host: %v", err)
		}
	})
}

func TestQueueADeliveryAddedWhileTheHostFailsIsNotStranded(t *testing.T) {
	queueTest(t, func(k *kit) {
		for i := range 20 {
			host := number("h", i) + ".test"
			k.add(k.delivery("Create", "a", host))
			c := k.one()
			late := k.delivery("Create", number("late", i), host)
			k.doc(number("late", i))
			var both sync.WaitGroup
			both.Go(func() { k.hostFails(c, time.Minute) })
			both.Go(func() { k.add(late) })
			both.Wait()
			if d := k.host(host); d.DueAt.IsZero() || d.DueAt.After(k.clock.Now().Add(time.Minute)) {
				t.Fatalf("%s is due at %v", host, d.DueAt)
			}
			k.write(func(ctx context.Context, tx *storage.Tx) error { _, err := tx.DropDeliveries(ctx, host); return err })
		}
	})
}

func TestQueueADeliveryAddedWhileTheHostSucceedsIsNotStranded(t *testing.T) {
	queueTest(t, func(k *kit) {
		for i := range 20 {
			k.add(k.delivery("Create", number("n", i), "one.test"))
			c := k.one()
			late := k.delivery("Create", number("late", i), "one.test")
			var both sync.WaitGroup
			both.Go(func() { k.settle(c, storage.Delivered) })
			both.Go(func() { k.add(late) })
			both.Wait()
			k.same("the late one", k.drain(), []string{"Create-" + number("late", i)})
		}
	})
}

func TestQueueHostsTakeTurns(t *testing.T) {
	queueTest(t, func(k *kit) {
		for i := range 3 {
			k.add(k.delivery("Create", number("n", i), "one.test"))
		}
		k.clock.Advance(time.Second)
		k.add(k.delivery("Create", "x", "two.test"))
		k.clock.Advance(time.Second)
		c := k.claim(1)[0]
		k.same("longest due first", c.Host, "one.test")
		k.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.SettleDestination(ctx, storage.Settlement{Host: c.Host, Fence: c.Fence})
		})
		k.same("then the other", k.claim(1)[0].Host, "two.test")
	})
}

func TestQueueGoneInbox(t *testing.T) {
	queueTest(t, func(k *kit) {
		d := k.delivery("Create", "a", "one.test")
		other := d
		other.Inbox = "https://one.test/users/x/inbox"
		k.add(d, other)
		k.write(func(ctx context.Context, tx *storage.Tx) error { return tx.GoneInbox(ctx, d.Inbox) })
		s := k.stats()
		k.same("waiting and dead", []int{s.Waiting, s.Dead}, []int{1, 1})
		again := k.delivery("Create", "b", "one.test")
		k.same("nothing more for it", k.add(again), 0)
		gone, err := k.s.InboxGone(t.Context(), d.Inbox)
		k.same("known as gone", []any{gone, err}, []any{true, nil})
		k.write(func(ctx context.Context, tx *storage.Tx) error { return tx.ReviveInbox(ctx, d.Inbox) })
		k.same("after its return", k.add(again), 1)
	})
}

func TestQueueMissingInbox(t *testing.T) {
	queueTest(t, func(k *kit) {
		start := k.clock.Now()
		missing := func() (since time.Time) {
			k.write(func(ctx context.Context, tx *storage.Tx) (err error) {
				since, err = tx.MissingInbox(ctx, inbox("one.test"))
				return err
			})
			return since
		}
		k.same("first", missing(), start)
		k.clock.Advance(3 * 24 * time.Hour)
		k.same("still since then", missing(), start)
		k.same("not gone yet", k.add(k.delivery("Create", "a", "one.test")), 1)
		k.settle(k.one(), storage.Delivered)
		k.same("a success forgets it", missing(), k.clock.Now())
	})
}

func TestQueueRemembersSignatures(t *testing.T) {
	queueTest(t, func(k *kit) {
		ask := func() storage.SignatureMemory {
			m, err := k.s.Signature(t.Context(), "one.test")
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		k.same("nothing known", ask(), storage.SignatureMemory{})
		k.write(func(ctx context.Context, tx *storage.Tx) error { return tx.LearnSignature(ctx, "one.test", "rfc9421") })
		want := storage.SignatureMemory{Form: "rfc9421", LearntAt: k.clock.Now()}
		k.same("known", ask(), want)
		k.add(k.delivery("Create", "a", "one.test"))
		c := k.one()
		k.same("in the claim", c.Signature, want)
		k.settle(c, storage.Delivered)
		k.clock.Advance(30 * 24 * time.Hour)
		k.same("forgotten", ask(), storage.SignatureMemory{})
		k.add(k.delivery("Create", "b", "one.test"))
		k.same("in the claim too", k.one().Signature, storage.SignatureMemory{})
	})
}

func TestQueueListsTheWorstHosts(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "good.test"), k.delivery("Create", "a", "bad.test"), k.delivery("Create", "a", "done.test"))
		for _, c := range k.claim(10) {
			switch c.Host {
			case "bad.test":
				k.hostFails(c, time.Hour)
			case "done.test":
				k.settle(c, storage.Delivered)
			case "good.test":
				k.settle(c, storage.Unsent)
			}
		}
		all, err := k.s.Destinations(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, d := range all {
			lines = append(lines, fmt.Sprintf("%s %s %d", d.Host, d.State, d.Waiting))
		}
		k.same("list", lines, []string{"bad.test resting 1", "good.test ready 1"})
	})
}

func TestQueueSweepsDestinationsWithoutARecord(t *testing.T) {
	queueTest(t, func(k *kit) {
		for _, h := range []string{"done.test", "bad.test", "busy.test", "rfc.test"} {
			k.add(k.delivery("Create", "a", h))
		}
		for _, c := range k.claim(10) {
			switch c.Host {
			case "bad.test":
				k.hostFails(c, time.Hour)
			case "busy.test":
			default:
				k.settle(c, storage.Delivered)
			}
		}
		k.write(func(ctx context.Context, tx *storage.Tx) error { return tx.LearnSignature(ctx, "rfc.test", "rfc9421") })
		sweep := func() (n int) {
			k.write(func(ctx context.Context, tx *storage.Tx) (err error) { n, err = tx.SweepQueues(ctx, 100); return err })
			return n
		}
		k.same("swept", sweep(), 1)
		k.same("again", sweep(), 0)
		k.clock.Advance(31 * 24 * time.Hour)
		k.same("the memory is over", sweep(), 1)
		if _, err := k.s.Destination(t.Context(), "done.test"); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("swept host: %v", err)
		}
		k.host("bad.test")
		k.host("busy.test")
	})
}
