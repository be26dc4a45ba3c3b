// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"minga/coop"
	"minga/storage"
)

func TestQueueKeepsTheOrderOfAnObject(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"))
		k.add(k.delivery("Announce", "a", "one.test"))
		k.add(k.delivery("Delete", "a", "two.test"))
		c := k.claim(1)[0]
		k.same("the first alone", names(c), []string{"Create-a"})
		k.settle(c, storage.Delivered)
		k.same("then the rest", len(k.drain()), 2)
	})
}

func TestQueueALaterOneWaitsForAPostponedOne(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"))
		k.settle(k.one(), storage.Again)
		k.add(k.delivery("Update", "a", "one.test"))
		k.same("held back", len(k.claim(1)), 0)
		k.same("and the host rests meanwhile", len(k.claim(1)), 0)
		k.clock.Advance(time.Hour)
		k.same("in order", k.drain(), []string{"Create-a", "Update-a"})
	})
}

func TestQueueOtherObjectsAndInboxesDoNotWait(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"))
		k.settle(k.one(), storage.Again)
		personal := k.delivery("Announce", "a", "one.test")
		personal.Inbox = "https://one.test/users/x/inbox"
		k.add(k.delivery("Create", "b", "one.test"), personal, k.delivery("Follow", "", "one.test"))
		k.same("all at once", names(k.one()), []string{"Create-b", "Announce-a", "Follow-"})
	})
}

func TestQueueUrgentNeverOvertakesItsOwnObject(t *testing.T) {
	queueTest(t, func(k *kit) {
		urgent := k.delivery("Delete", "a", "one.test")
		urgent.Urgent = true
		k.add(k.delivery("Announce", "a", "one.test"), urgent, k.delivery("Create", "b", "one.test"))
		k.same("order", k.drain(), []string{"Announce-a", "Create-b", "Delete-a"})
	})
}

func TestQueueNewerUpdateReplacesAWaitingOne(t *testing.T) {
	queueTest(t, func(k *kit) {
		first := k.delivery("Update", "a", "one.test")
		second := first
		second.DocumentID = k.doc("Update-a-2")
		k.add(first, k.delivery("Update", "b", "one.test"), k.delivery("Update", "a", "two.test"))
		k.same("added", k.add(second), 1)
		k.same("what goes", k.drain(), []string{"Update-b", "Update-a-2", "Update-a"})
		sum, err := k.s.DeliveriesOfDocument(t.Context(), first.DocumentID)
		if err != nil {
			t.Fatal(err)
		}
		k.same("the replaced one is not counted", sum.Queued, 1)
	})
}

func TestQueueAReplacedUpdateThatIsBeingSentIsSettledWithoutHarm(t *testing.T) {
	queueTest(t, func(k *kit) {
		first := k.delivery("Update", "a", "one.test")
		second := first
		second.DocumentID = k.doc("Update-a-2")
		k.add(first)
		c := k.one()
		k.add(second)
		k.same("not beside it", len(k.claim(1)), 0)
		k.settle(c, storage.Final)
		k.same("the newer one", k.drain(), []string{"Update-a-2"})
		k.same("no dead", k.stats().Dead, 0)
	})
}

func TestQueueTheSameUpdateTwiceIsOne(t *testing.T) {
	queueTest(t, func(k *kit) {
		d := k.delivery("Update", "a", "one.test")
		k.same("first", k.add(d), 1)
		k.same("again", k.add(d), 0)
		k.same("goes", k.drain(), []string{"Update-a"})
	})
}

func TestQueueDeleteCancelsWhatNeverLeft(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"), k.delivery("Update", "a", "one.test"), k.delivery("Create", "b", "one.test"))
		k.add(k.delivery("Delete", "a", "one.test"))
		k.same("what goes", k.drain(), []string{"Create-b", "Delete-a"})
	})
}

func TestQueueDeleteFollowsACreateThatMayHaveLeft(t *testing.T) {
	for name, leave := range map[string]func(k *kit, c storage.Claim){
		"tried":       func(k *kit, c storage.Claim) { k.settle(c, storage.Again) },
		"host failed": func(k *kit, c storage.Claim) { k.hostFails(c, time.Hour) },
		"being sent":  func(*kit, storage.Claim) {},
	} {
		t.Run(name, func(t *testing.T) {
			queueTest(t, func(k *kit) {
				k.add(k.delivery("Create", "a", "one.test"))
				leave(k, k.one())
				k.add(k.delivery("Delete", "a", "one.test"))
				k.clock.Advance(2 * time.Hour)
				k.same("both", k.drain(), []string{"Create-a", "Delete-a"})
			})
		})
	}
}

func TestQueueDeleteOnOneHostLeavesOthersAlone(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.add(k.delivery("Create", "a", "one.test"), k.delivery("Create", "a", "two.test"))
		k.settle(k.claim(2)[0], storage.Delivered)
		k.clock.Advance(2 * lease)
		k.add(k.delivery("Delete", "a", "one.test"))
		k.same("what goes", len(k.drain()), 2)
	})
}

func TestQueueCreateAndDeleteInOneGo(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.same("added", k.add(k.delivery("Create", "a", "one.test"), k.delivery("Delete", "a", "one.test")), 2)
		k.same("what goes", k.drain(), []string{"Delete-a"})
	})
}

// TestQueueOrderHolds lets anything happen to a line of activities about two
// objects, and looks whether each inbox gets them in the order of their ids.
func TestQueueOrderHolds(t *testing.T) {
	queueTest(t, func(k *kit) {
		round := 0
		rapid.Check(t, func(r *rapid.T) {
			round++
			if round > 25 && k.s.Engine() == storage.Postgres {
				return // it is the same code, and far slower
			}
			last := map[coop.IRI]int64{}
			for range rapid.IntRange(1, 12).Draw(r, "steps") {
				if rapid.Bool().Draw(r, "add") {
					object := number("round", round) + rapid.SampledFrom([]string{"x", "y"}).Draw(r, "object")
					d := k.delivery(rapid.SampledFrom([]string{"Create", "Update", "Announce", "Delete"}).Draw(r, "activity"), object, "one.test")
					d.Urgent = rapid.Bool().Draw(r, "urgent")
					k.add(d)
					continue
				}
				for _, c := range k.claim(1) {
					for _, d := range c.Deliveries {
						if d.ID < last[d.Object] {
							r.Fatalf("%s after a later one", d.Body)
						}
						last[d.Object] = d.ID
					}
					k.settle(c, rapid.SampledFrom([]storage.Result{storage.Delivered, storage.Final, storage.Again, storage.Unsent}).Draw(r, "result"))
				}
				k.clock.Advance(time.Duration(rapid.IntRange(0, 90).Draw(r, "minutes")) * time.Minute)
			}
			k.clock.Advance(2 * time.Hour)
			k.drain()
			if s := k.stats(); s.Waiting != 0 {
				r.Fatalf("%d never leave", s.Waiting)
			}
		})
	})
}
