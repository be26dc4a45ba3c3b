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

func TestQueueDeliversOnce(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"), k.delivery("Create", "a", "two.test"))
		claims := k.claim(10)
		k.same("hosts", len(claims), 2)
		for _, c := range claims {
			d := c.Deliveries[0]
			k.same("bytes", string(d.Body), "Create-a")
			k.same("name", d.IRI, coop.IRI("https://here.test/Create-a"))
			k.same("inbox", d.Inbox, inbox(c.Host))
			k.same("signer", d.Signer, coop.ID(1))
			k.settle(c, storage.Delivered)
		}
		k.same("left", k.claim(10), []storage.Claim(nil))
		k.same("stats", k.stats(), storage.QueueStats{})
	})
}

func TestQueueTakesAnInboxOnceForADocument(t *testing.T) {
	queueTest(t, func(k *kit) {
		d := k.delivery("Create", "a", "one.test")
		k.same("first", k.add(d, d), 1)
		k.same("again", k.add(d), 0)
		k.same("other inbox of the host", k.add(storage.Delivery{Inbox: "https://one.test/users/x/inbox", DocumentID: d.DocumentID, Activity: "Create"}), 1)
		k.same("waiting", k.stats().Waiting, 2)
	})
}

func TestQueueIsPartOfTheTransaction(t *testing.T) {
	queueTest(t, func(k *kit) {
		d, stop := k.delivery("Create", "a", "one.test"), errors.New("stop")
		err := k.tryWrite(func(ctx context.Context, tx *storage.Tx) error {
			if _, err := tx.AddDeliveries(ctx, []storage.Delivery{d}); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		k.same("after the rollback", k.stats(), storage.QueueStats{})
	})
}

func TestQueueSkipsWhatIsNoInbox(t *testing.T) {
	queueTest(t, func(k *kit) {
		d := k.delivery("Create", "a", "one.test")
		for _, bad := range []coop.IRI{"", "mailto:x@y", "ftp://h/inbox", "https://", "https:///inbox", coop.IRI("https://h/\x00"), coop.IRI("https://h/" + string(make([]byte, 3000)))} {
			d.Inbox = bad
			k.same(string(bad[:min(len(bad), 20)]), k.add(d), 0)
		}
		k.same("none", k.add(), 0)
	})
}

func TestQueueRefusesADeliveryOfNothing(t *testing.T) {
	queueTest(t, func(k *kit) {
		err := k.tryWrite(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.AddDeliveries(ctx, []storage.Delivery{{Inbox: inbox("one.test"), DocumentID: 99, Activity: "Create"}})
			return err
		})
		if err == nil {
			t.Error("a delivery of a document that is not there was queued")
		}
	})
}

func TestQueueWaitsUntilDue(t *testing.T) {
	queueTest(t, func(k *kit) {
		d := k.delivery("Create", "a", "one.test")
		d.DueAt = k.clock.Now().Add(time.Hour)
		k.add(d)
		k.same("early", len(k.claim(10)), 0)
		k.clock.Advance(time.Hour - time.Millisecond)
		k.same("a moment early", len(k.claim(10)), 0)
		k.clock.Advance(time.Millisecond)
		k.same("due", names(k.one()), []string{"Create-a"})
	})
}

func TestQueueAnEarlierDeliveryMovesTheHostForward(t *testing.T) {
	queueTest(t, func(k *kit) {
		late := k.delivery("Create", "late", "one.test")
		late.DueAt = k.clock.Now().Add(time.Hour)
		k.add(late)
		k.add(k.delivery("Create", "now", "one.test"))
		k.same("now", k.drain(), []string{"Create-now"})
		k.clock.Advance(time.Hour)
		k.same("later", k.drain(), []string{"Create-late"})
	})
}

func TestQueueClaimIsBounded(t *testing.T) {
	queueTest(t, func(k *kit) {
		var all []storage.Delivery
		for i := range 120 {
			all = append(all, k.delivery("Create", number("n", i), "one.test"))
		}
		k.same("added", k.add(all...), 120)
		var sizes []int
		for range 3 {
			c := k.one()
			sizes = append(sizes, len(c.Deliveries))
			k.settle(c, storage.Delivered)
		}
		k.same("sizes of the claims", sizes, []int{50, 50, 20})
	})
}

func TestQueueClaimIsBoundedInBytes(t *testing.T) {
	queueTest(t, func(k *kit) {
		big := make([]byte, storage.MaxDocument)
		for i := range 20 {
			k.write(func(ctx context.Context, tx *storage.Tx) error {
				id, err := tx.PutDocument(ctx, storage.Document{IRI: coop.IRI("https://here.test/big" + number("", i)), Body: big})
				if err != nil {
					return err
				}
				_, err = tx.AddDeliveries(ctx, []storage.Delivery{{Inbox: inbox("one.test"), DocumentID: id, Activity: "Create"}})
				return err
			})
		}
		c := k.one()
		if len(c.Deliveries) != 16 {
			t.Errorf("%d MiB in one claim", len(c.Deliveries))
		}
		k.settle(c, storage.Delivered)
		k.same("the rest", len(k.one().Deliveries), 4)
	})
}

func TestQueueUrgentGoesFirst(t *testing.T) {
	queueTest(t, func(k *kit) {
		urgent := k.delivery("Accept", "follow", "one.test")
		urgent.Urgent = true
		k.add(k.delivery("Create", "a", "one.test"), k.delivery("Create", "b", "one.test"), urgent)
		k.same("order", names(k.one()), []string{"Accept-follow", "Create-a", "Create-b"})
	})
}

func TestQueueUrgentOvertakesAFullQueue(t *testing.T) {
	queueTest(t, func(k *kit) {
		var all []storage.Delivery
		for i := range 80 {
			all = append(all, k.delivery("Create", number("n", i), "one.test"))
		}
		k.add(all...)
		urgent := k.delivery("Create", "direct", "one.test")
		urgent.Urgent = true
		k.add(urgent)
		k.same("first", names(k.one())[0], "Create-direct")
	})
}

func TestQueueOwnFailureComesAgain(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"))
		k.settle(k.one(), storage.Again)
		k.same("too early", len(k.claim(1)), 0)
		k.same("host", k.host("one.test").State, "ready")
		k.add(k.delivery("Create", "b", "one.test"))
		c := k.one()
		k.same("others go on", names(c), []string{"Create-b"})
		k.same("streak", c.Streak, 1)
		k.settle(c, storage.Delivered)
		k.clock.Advance(time.Hour)
		c = k.one()
		k.same("again", names(c), []string{"Create-a"})
		k.same("attempts", c.Deliveries[0].Attempts, 1)
		k.same("a success ends the streak", c.Streak, 0)
	})
}

func TestQueueCountsTheStreak(t *testing.T) {
	queueTest(t, func(k *kit) {
		for i := range 3 {
			k.add(k.delivery("Create", number("n", i), "one.test"))
			c := k.one()
			k.same("streak", c.Streak, i)
			k.settle(c, storage.Again)
		}
		k.same("no failure of the host", k.host("one.test").Failures, 0)
	})
}

func TestQueueFinalDies(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"))
		k.settle(k.one(), storage.Final)
		s := k.stats()
		k.same("waiting and dead", []int{s.Waiting, s.Dead}, []int{0, 1})
		sum, err := k.s.DeliveriesOfPost(t.Context(), 7)
		if err != nil {
			t.Fatal(err)
		}
		k.same("strip", sum, storage.DeliverySummary{Queued: 1, Dead: 1, Left: []storage.DeliveryState{{
			Activity: "Create", Host: "one.test", Inbox: inbox("one.test"), State: "dead", Attempts: 1, Error: "said no", At: k.clock.Now(),
		}}})
	})
}

func TestQueueMixedOutcomes(t *testing.T) {
	queueTest(t, func(k *kit) {
		for _, n := range []string{"a", "b", "c", "d"} {
			k.add(k.delivery("Create", n, "one.test"))
		}
		c := k.one()
		s := storage.Settlement{Host: c.Host, Fence: c.Fence, Outcomes: []storage.Outcome{
			{ID: c.Deliveries[0].ID, Result: storage.Delivered},
			{ID: c.Deliveries[1].ID, Result: storage.Final, Error: "404"},
			{ID: c.Deliveries[2].ID, Result: storage.Again, At: k.clock.Now().Add(time.Minute), Error: "500"},
			{ID: c.Deliveries[3].ID, Result: storage.Unsent},
		}}
		k.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SettleDestination(ctx, s) })
		k.same("at once", k.drain(), []string{"Create-d"})
		k.clock.Advance(time.Minute)
		k.same("a minute later", k.drain(), []string{"Create-c"})
		k.same("dead", k.stats().Dead, 1)
	})
}

func TestQueueLongErrorsAreCut(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"))
		c := k.one()
		long := "\x00ñ" + string(make([]rune, 400)) + "ññññ\xff"
		for range 4 {
			long += long
		}
		k.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.SettleDestination(ctx, storage.Settlement{
				Host: c.Host, Fence: c.Fence, Failed: true, Until: k.clock.Now(), Error: long,
				Outcomes: []storage.Outcome{{ID: c.Deliveries[0].ID, Result: storage.Again, At: k.clock.Now(), Error: long}},
			})
		})
		if e := k.host("one.test").Error; len(e) == 0 || len(e) > 500 {
			t.Errorf("error of %d bytes", len(e))
		}
	})
}

func TestQueueExpires(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"), k.delivery("Delete", "b", "one.test"))
		k.clock.Advance(7*24*time.Hour + time.Second)
		k.same("what lasts", names(k.one()), []string{"Delete-b"})
		k.same("dead", k.stats().Dead, 1)
		k.clock.Advance(24 * 24 * time.Hour)
		k.same("after 30 days", len(k.claim(1)), 0)
		k.same("nothing waits", k.stats().Waiting, 0)
	})
}

func TestQueueExpiresALongLine(t *testing.T) {
	queueTest(t, func(k *kit) {
		var all []storage.Delivery
		for i := range 120 {
			all = append(all, k.delivery("Create", number("n", i), "one.test"))
		}
		k.add(all...)
		k.clock.Advance(8 * 24 * time.Hour)
		k.add(k.delivery("Create", "new", "one.test"))
		var got []string
		for range 4 {
			got = append(got, k.drain()...)
		}
		k.same("what is still wanted", got, []string{"Create-new"})
		k.same("dead", k.stats().Dead, 120)
	})
}

func TestQueueStatsCountWhatIsDue(t *testing.T) {
	queueTest(t, func(k *kit) {
		later := k.delivery("Create", "later", "one.test")
		later.DueAt = k.clock.Now().Add(time.Hour)
		k.add(k.delivery("Create", "a", "one.test"), later, k.delivery("Create", "a", "two.test"))
		c := k.claim(10)
		k.hostFails(c[1], time.Hour)
		k.clock.Advance(10 * time.Second)
		k.same("stats", k.stats(), storage.QueueStats{Waiting: 3, Due: 1, OldestDue: 10 * time.Second, Destinations: 2, Resting: 1})
	})
}

func TestQueueDropsABlockedHost(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"), k.delivery("Create", "b", "one.test"), k.delivery("Create", "a", "two.test"))
		c := k.claim(10)[0]
		n := 0
		k.write(func(ctx context.Context, tx *storage.Tx) (err error) {
			n, err = tx.DropDeliveries(ctx, "one.test")
			return err
		})
		k.same("dropped", n, 2)
		k.same("waiting", k.stats().Waiting, 1)
		k.lost("the worker that was sending", func(ctx context.Context, tx *storage.Tx) error {
			return tx.SettleDestination(ctx, storage.Settlement{Host: c.Host, Fence: c.Fence})
		})
		k.write(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.DropDeliveries(ctx, "unknown.test")
			return err
		})
	})
}

func TestQueueRestoredBackupSendsNothing(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"), k.delivery("Create", "a", "two.test"))
		k.claim(1)
		n := 0
		k.write(func(ctx context.Context, tx *storage.Tx) (err error) {
			n, err = tx.DropAllDeliveries(ctx)
			return err
		})
		k.same("dropped", n, 2)
		k.clock.Advance(time.Hour)
		k.same("left", len(k.claim(10)), 0)
	})
}

func TestQueueSummaryCountsWhatArrived(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"), k.delivery("Create", "a", "two.test"), k.delivery("Create", "a", "three.test"))
		claims := k.claim(10)
		k.settle(claims[0], storage.Delivered)
		k.settle(claims[1], storage.Again)
		k.hostFails(claims[2], time.Hour)
		sum, err := k.s.DeliveriesOfDocument(t.Context(), k.doc("Create-a"))
		if err != nil {
			t.Fatal(err)
		}
		k.same("counts", []int{sum.Queued, sum.Waiting, sum.Dead}, []int{3, 2, 0})
		words := map[string]string{}
		for _, l := range sum.Left {
			words[l.Host] = l.State + ", " + l.Error
		}
		k.same("words", words, map[string]string{"three.test": "waiting, said no", "two.test": "resting, no answer"})
	})
}
