// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// rows is how many the load tests take: 20,000, or the million of a long run
// R22 when MINGA_TEST_LONG is set.
func rows() int {
	if os.Getenv("MINGA_TEST_LONG") != "" {
		return 1_000_000
	}
	return 20_000
}

func TestQueueHoldsManyDeliveries(t *testing.T) {
	const hosts = 1000
	queueTest(t, func(k *kit) {
		n := rows()
		var inboxes []coop.IRI
		for h := range hosts {
			inboxes = append(inboxes, inbox(number("h", h)+".test"))
		}
		for doc := range n / hosts {
			d := k.delivery("Create", number("n", doc), "")
			var all []storage.Delivery
			for _, i := range inboxes {
				d.Inbox = i
				all = append(all, d)
			}
			k.same("added", k.add(all...), hosts)
		}
		k.same("waiting", k.stats().Waiting, n)
		for range 10 {
			claims := k.claim(16)
			k.same("hosts", len(claims), 16)
			for _, c := range claims {
				k.same("deliveries", len(c.Deliveries), min(50, n/hosts))
				k.settle(c, storage.Delivered)
			}
		}
		k.same("left", k.stats().Waiting, n-160*min(50, n/hosts))
	})
}

func TestQueueOneHostHoldsManyDeliveries(t *testing.T) {
	queueTest(t, func(k *kit) {
		n := rows() / 10
		for i := range n / 100 {
			k.write(func(ctx context.Context, tx *storage.Tx) error {
				var all []storage.Delivery
				for j := range 100 {
					id, err := tx.PutDocument(ctx, storage.Document{IRI: coop.IRI("https://here.test/" + number("d", i*100+j)), Body: []byte("x")})
					if err != nil {
						return err
					}
					all = append(all, storage.Delivery{Inbox: inbox("one.test"), DocumentID: id, Activity: "Create"})
				}
				_, err := tx.AddDeliveries(ctx, all)
				return err
			})
		}
		got := int64(0)
		for range 20 {
			c := k.one()
			for _, d := range c.Deliveries {
				if d.ID <= got {
					t.Fatalf("%d after %d", d.ID, got)
				}
				got = d.ID
			}
			k.settle(c, storage.Delivered)
		}
		k.same("left", k.stats().Waiting, n-1000)
	})
}

func TestIncomingHoldsAFlood(t *testing.T) {
	queueTest(t, func(k *kit) {
		n := rows() / 4
		for i := range n / 500 {
			k.write(func(ctx context.Context, tx *storage.Tx) error {
				for j := range 500 {
					if _, err := tx.AddIncoming(ctx, arriving("flood", number("f", i*500+j), "x")); err != nil {
						return err
					}
				}
				return nil
			})
		}
		k.receive(arriving("ana", "good", "y"))
		k.same("the other actor is not behind them", bodies(k.take(10)), []string{"f000", "good"})
		k.same("waiting", k.incoming().Waiting, n+1)
	})
}

// TestQueueManyWorkers lets producers, workers that lose their leases, and a
// moving clock loose on one queue: each delivery is settled as delivered once.
func TestQueueManyWorkers(t *testing.T) {
	queueTest(t, func(k *kit) {
		const producers, each, workers = 4, 50, 8
		var delivered sync.Map
		var count, lost atomic.Int64
		for i := range producers * each {
			k.doc("Create-" + number("n", i))
		}
		var made, all sync.WaitGroup
		for p := range producers {
			made.Go(func() {
				for i := range each {
					d := storage.Delivery{DocumentID: k.docs["Create-"+number("n", p*each+i)], Activity: "Create", Inbox: inbox(number("h", rand.IntN(12)) + ".test")}
					err := k.tryWrite(func(ctx context.Context, tx *storage.Tx) error {
						_, err := tx.AddDeliveries(ctx, []storage.Delivery{d})
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		work := func() {
			for count.Load() < producers*each && !t.Failed() {
				var claims []storage.Claim
				err := k.tryWrite(func(ctx context.Context, tx *storage.Tx) (err error) {
					claims, err = tx.ClaimDestinations(ctx, 2, lease)
					return err
				})
				if err != nil {
					t.Error(err)
				}
				for _, c := range claims {
					k.settleSomehow(c, &delivered, &count, &lost)
				}
				if len(claims) == 0 {
					k.idle()
				}
			}
		}
		for range workers {
			all.Go(work)
		}
		made.Wait()
		all.Wait()
		k.same("delivered", int(count.Load()), producers*each)
		k.same("waiting", k.stats().Waiting, 0)
		t.Logf("%d late results were refused", lost.Load())
	})
}

// idle is a worker without work: now and then time goes on. Were it always, no
// worker would ever end within its lease.
func (k *kit) idle() {
	if rand.IntN(10) == 0 {
		k.clock.Advance(lease / 4)
	}
	time.Sleep(time.Millisecond)
}

// settleSomehow is a worker of whom some die, some are late, some fail.
func (k *kit) settleSomehow(c storage.Claim, delivered *sync.Map, count, lost *atomic.Int64) {
	s := storage.Settlement{Host: c.Host, Fence: c.Fence}
	switch rand.IntN(10) {
	case 0: // dies
		return
	case 1: // is late
		k.clock.Advance(lease)
	case 2:
		s.Failed, s.Until = true, k.clock.Now().Add(time.Second)
	}
	for _, d := range c.Deliveries {
		o := storage.Outcome{ID: d.ID, Result: storage.Delivered}
		if s.Failed {
			o.Result = storage.Unsent
		} else if rand.IntN(4) == 0 {
			o.Result, o.At = storage.Again, k.clock.Now().Add(time.Second)
		}
		s.Outcomes = append(s.Outcomes, o)
	}
	err := k.tryWrite(func(ctx context.Context, tx *storage.Tx) error { return tx.SettleDestination(ctx, s) })
	if errors.Is(err, storage.ErrLeaseLost) {
		lost.Add(1)
		return
	}
	if err != nil {
		k.Error(err)
	}
	for _, o := range s.Outcomes {
		if o.Result != storage.Delivered {
			continue
		}
		count.Add(1)
		if _, twice := delivered.LoadOrStore(o.ID, true); twice {
			k.Errorf("delivery %d was settled twice", o.ID)
		}
	}
}

// TestIncomingManyWorkers does the same to the incoming queue, with an effect in
// each transaction: it happens once, and in order.
func TestIncomingManyWorkers(t *testing.T) {
	queueTest(t, func(k *kit) {
		const actors, each, workers = 6, 20, 6
		for i := range each {
			for a := range actors {
				k.receive(arriving(number("actor", a), number("a", a)+number("i", i), ""))
			}
		}
		var done atomic.Int64
		effect := func(one storage.Incoming) func(ctx context.Context, tx *storage.Tx) error {
			return func(ctx context.Context, tx *storage.Tx) error {
				before, err := tx.Setting(ctx, one.Host+string(one.Actor[len(one.Actor)-8:]))
				if err != nil && !errors.Is(err, coop.ErrNotFound) {
					return err
				}
				err = tx.SetSetting(ctx, one.Host+string(one.Actor[len(one.Actor)-8:]), before+string(one.Body)+" ")
				if err != nil {
					return err
				}
				return tx.FinishIncoming(ctx, one.ID, one.Fence)
			}
		}
		var all sync.WaitGroup
		for range workers {
			all.Go(func() {
				for done.Load() < actors*each && k.incoming().Dead == 0 && !t.Failed() {
					in := k.take(3)
					for _, one := range in {
						if rand.IntN(20) == 0 {
							k.clock.Advance(lease) // too late now
						}
						err := k.tryWrite(effect(one))
						if err == nil {
							done.Add(1)
						} else if !errors.Is(err, storage.ErrLeaseLost) {
							t.Error(err)
						}
					}
					if len(in) == 0 {
						k.idle()
					}
				}
			})
		}
		all.Wait()
		k.same("none became poison", k.incoming(), storage.IncomingStats{})
		for a := range actors {
			want := ""
			for i := range each {
				want += number("a", a) + number("i", i) + " "
			}
			got, err := k.s.Setting(t.Context(), "there.test"+number("actor", a))
			k.same("effects", []any{got, err}, []any{want, nil})
		}
	})
}

func TestTaskManyWorkers(t *testing.T) {
	queueTest(t, func(k *kit) {
		const tasks, workers = 100, 6
		for i := range tasks {
			k.ask("mail", number("", i), "", 0)
		}
		var count atomic.Int64
		var all sync.WaitGroup
		for range workers {
			all.Go(func() {
				for {
					claimed, _ := k.tasks(3)
					if len(claimed) == 0 {
						return
					}
					for _, c := range claimed {
						k.done(c)
						count.Add(1)
					}
				}
			})
		}
		all.Wait()
		k.same("done", int(count.Load()), tasks)
	})
}
