// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"minga/coop"
	"minga/storage"
)

// arriving is an activity of an actor about an object.
func arriving(actor, name, object string) storage.Incoming {
	in := storage.Incoming{
		DedupeKey: actor + " " + name, Actor: coop.IRI("https://there.test/" + actor), Host: "there.test",
		Activity: coop.IRI("https://there.test/" + name), Type: "Create", Signer: coop.IRI("https://there.test/" + actor),
		Proof: "cavage", Recipient: 42, Body: []byte(name),
	}
	if object != "" {
		in.Object = coop.IRI("https://there.test/" + object)
	}
	return in
}

// receive queues an activity and says whether it was new.
func (k *kit) receive(in storage.Incoming) bool {
	k.Helper()
	fresh := false
	k.write(func(ctx context.Context, tx *storage.Tx) (err error) {
		fresh, err = tx.AddIncoming(ctx, in)
		return err
	})
	return fresh
}

// take claims activities.
func (k *kit) take(limit int) []storage.Incoming {
	k.Helper()
	var all []storage.Incoming
	k.write(func(ctx context.Context, tx *storage.Tx) (err error) {
		all, err = tx.ClaimIncoming(ctx, limit, lease)
		return err
	})
	return all
}

func bodies(all []storage.Incoming) []string {
	var names []string
	for _, in := range all {
		names = append(names, string(in.Body))
	}
	return names
}

func (k *kit) finish(in storage.Incoming) {
	k.Helper()
	k.write(func(ctx context.Context, tx *storage.Tx) error { return tx.FinishIncoming(ctx, in.ID, in.Fence) })
}

func (k *kit) fail(in storage.Incoming) {
	k.Helper()
	k.write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.FailIncoming(ctx, in.ID, in.Fence, "poison")
	})
}

func (k *kit) later(in storage.Incoming, wait time.Duration) {
	k.Helper()
	k.write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.PostponeIncoming(ctx, in.ID, in.Fence, k.clock.Now().Add(wait), "no answer")
	})
}

// work does everything that may be done now and says what, in order.
func (k *kit) work() []string {
	k.Helper()
	var done []string
	for range 10000 {
		all := k.take(5)
		if len(all) == 0 {
			return done
		}
		for _, in := range all {
			done = append(done, string(in.Body))
			k.finish(in)
		}
	}
	k.Fatal("the queue never gets empty")
	return nil
}

func (k *kit) incoming() storage.IncomingStats {
	k.Helper()
	s, err := k.s.IncomingStats(k.Context())
	if err != nil {
		k.Fatal(err)
	}
	return s
}

func TestIncomingComesBackAsItCame(t *testing.T) {
	queueTest(t, func(k *kit) {
		in := arriving("ana", "one", "note")
		in.Body = []byte("{\"\x00\xff\"}") // bytes, not text
		k.same("new", k.receive(in), true)
		got := k.take(1)[0]
		want := in
		want.ID, want.Fence, want.Attempts, want.ReceivedAt = got.ID, 1, 1, k.clock.Now()
		k.same("activity", got, want)
	})
}

func TestIncomingIsQueuedOnce(t *testing.T) {
	queueTest(t, func(k *kit) {
		in := arriving("ana", "one", "note")
		k.same("first", k.receive(in), true)
		k.same("while it waits", k.receive(in), false)
		got := k.take(1)[0]
		k.same("while it is done", k.receive(in), false)
		k.finish(got)
		k.same("when it is done", k.receive(in), false)
		k.same("left", k.work(), []string(nil))
	})
}

func TestIncomingForgetsAfterItsTime(t *testing.T) {
	queueTest(t, func(k *kit) {
		in := arriving("ana", "one", "note")
		k.receive(in)
		k.work()
		sweep := func() (n int) {
			k.write(func(ctx context.Context, tx *storage.Tx) (err error) { n, err = tx.SweepQueues(ctx, 100); return err })
			return n
		}
		k.clock.Advance(30 * 24 * time.Hour)
		k.same("on the last day", sweep(), 0)
		k.same("still known", k.receive(in), false)
		k.clock.Advance(time.Second)
		k.same("swept", sweep(), 1)
		k.same("new again", k.receive(in), true)
	})
}

func TestIncomingLongKeys(t *testing.T) {
	queueTest(t, func(k *kit) {
		for _, key := range []string{strings.Repeat("k", 5000), strings.Repeat("k", 5000) + "x", "bad \xff", "bad \x00", ""} {
			in := arriving("ana", "one", "")
			in.DedupeKey = key
			k.same("new", k.receive(in), true)
			k.same("known", k.receive(in), false)
		}
	})
}

func TestIncomingRefusesWhatIsTooLarge(t *testing.T) {
	queueTest(t, func(k *kit) {
		long := coop.IRI("https://there.test/" + strings.Repeat("x", 3000))
		for name, change := range map[string]func(in *storage.Incoming){
			"body":     func(in *storage.Incoming) { in.Body = make([]byte, storage.MaxDocument+1) },
			"actor":    func(in *storage.Incoming) { in.Actor = long },
			"activity": func(in *storage.Incoming) { in.Activity = long },
			"object":   func(in *storage.Incoming) { in.Object = long },
		} {
			in := arriving("ana", name, "note")
			change(&in)
			err := k.tryWrite(func(ctx context.Context, tx *storage.Tx) error { _, err := tx.AddIncoming(ctx, in); return err })
			if !errors.Is(err, coop.ErrTooLarge) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestIncomingRefusesBadText(t *testing.T) {
	queueTest(t, func(k *kit) {
		for _, bad := range []string{"\x00", "\xff"} {
			in := arriving("ana", "one", "note")
			in.Object += coop.IRI(bad)
			var invalid *coop.InvalidError
			err := k.tryWrite(func(ctx context.Context, tx *storage.Tx) error { _, err := tx.AddIncoming(ctx, in); return err })
			if !errors.As(err, &invalid) {
				t.Errorf("%q: %v", bad, err)
			}
		}
	})
}

func TestIncomingKeepsTheOrderOfAnActor(t *testing.T) {
	queueTest(t, func(k *kit) {
		for _, n := range []string{"1", "2", "3"} {
			k.receive(arriving("ana", "a"+n, ""))
			k.receive(arriving("bea", "b"+n, ""))
		}
		first := k.take(10)
		k.same("one of each", bodies(first), []string{"a1", "b1"})
		k.same("no more", len(k.take(10)), 0)
		k.finish(first[0])
		k.same("the next of who is done", bodies(k.take(10)), []string{"a2"})
	})
}

func TestIncomingAFailureLetsTheNextPass(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.receive(arriving("ana", "a1", "note"))
		k.receive(arriving("ana", "a2", "note"))
		k.fail(k.take(1)[0])
		k.same("next", k.work(), []string{"a2"})
		k.same("stats", k.incoming(), storage.IncomingStats{Dead: 1})
		k.same("known still", k.receive(arriving("ana", "a1", "note")), false)
	})
}

func TestIncomingAnExpiredLeaseIsGivenAgain(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.receive(arriving("ana", "a1", ""))
		k.receive(arriving("ana", "a2", ""))
		first := k.take(10)[0]
		k.clock.Advance(lease)
		second := k.take(10)[0]
		k.same("the same", []any{second.ID, second.Attempts}, []any{first.ID, 2})
		for what, late := range map[string]func(ctx context.Context, tx *storage.Tx) error{
			"finish": func(ctx context.Context, tx *storage.Tx) error { return tx.FinishIncoming(ctx, first.ID, first.Fence) },
			"fail": func(ctx context.Context, tx *storage.Tx) error {
				return tx.FailIncoming(ctx, first.ID, first.Fence, "")
			},
			"renew": func(ctx context.Context, tx *storage.Tx) error {
				return tx.RenewIncoming(ctx, first.ID, first.Fence, lease)
			},
			"postpone": func(ctx context.Context, tx *storage.Tx) error {
				return tx.PostponeIncoming(ctx, first.ID, first.Fence, k.clock.Now(), "")
			},
		} {
			k.lost(what, late)
		}
		k.finish(second)
		k.lost("finish twice", func(ctx context.Context, tx *storage.Tx) error {
			return tx.FinishIncoming(ctx, second.ID, second.Fence)
		})
		k.lost("unknown", func(ctx context.Context, tx *storage.Tx) error { return tx.FinishIncoming(ctx, 9999, 1) })
	})
}

func TestIncomingALateEffectIsRolledBack(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.receive(arriving("ana", "a1", ""))
		first := k.take(1)[0]
		k.clock.Advance(lease)
		second := k.take(1)[0]
		effect := func(in storage.Incoming, value string) error {
			return k.tryWrite(func(ctx context.Context, tx *storage.Tx) error {
				if err := tx.SetSetting(ctx, "effect", value); err != nil {
					return err
				}
				return tx.FinishIncoming(ctx, in.ID, in.Fence)
			})
		}
		if err := effect(second, "second"); err != nil {
			t.Fatal(err)
		}
		if err := effect(first, "first"); !errors.Is(err, storage.ErrLeaseLost) {
			t.Fatal(err)
		}
		got, err := k.s.Setting(t.Context(), "effect")
		k.same("exactly one effect", []any{got, err}, []any{"second", nil})
	})
}

func TestIncomingALeaseIsRenewed(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.receive(arriving("ana", "a1", ""))
		in := k.take(1)[0]
		k.clock.Advance(lease / 2)
		k.write(func(ctx context.Context, tx *storage.Tx) error { return tx.RenewIncoming(ctx, in.ID, in.Fence, lease) })
		k.clock.Advance(lease * 3 / 4)
		k.same("still leased", len(k.take(1)), 0)
		k.finish(in)
	})
}

func TestIncomingStepsAside(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.receive(arriving("ana", "create x", "x"))
		k.receive(arriving("ana", "create y", "y"))
		k.receive(arriving("ana", "update x", "x"))
		k.receive(arriving("ana", "follow", ""))
		k.later(k.take(1)[0], time.Hour)
		k.same("all but the same object", k.work(), []string{"create y", "follow"})
		k.receive(arriving("ana", "delete x", "x"))
		k.receive(arriving("ana", "create z", "z"))
		k.same("also what comes later", k.work(), []string{"create z"})
		s := k.incoming()
		k.same("stats", []int{s.Waiting, s.Aside}, []int{3, 3})
		k.clock.Advance(time.Hour)
		k.same("then in order", k.work(), []string{"create x", "update x", "delete x"})
	})
}

func TestIncomingAsideAndAnotherActor(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.receive(arriving("ana", "a x", "x"))
		k.receive(arriving("bea", "b x", "x"))
		all := k.take(2)
		k.later(all[0], time.Hour)
		k.finish(all[1])
		k.receive(arriving("bea", "b x 2", "x"))
		k.same("others are not held", k.work(), []string{"b x 2"})
	})
}

func TestIncomingIsTriedFiveTimes(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.receive(arriving("ana", "create x", "x"))
		k.receive(arriving("ana", "update x", "x"))
		for i := range 5 {
			all := k.take(10)
			k.same("try", []any{i, bodies(all)}, []any{i, []string{"create x"}})
			if i > 0 {
				k.same("its error", all[0].Error, "no answer")
			}
			k.later(all[0], time.Hour)
			k.clock.Advance(time.Hour)
		}
		k.same("then what it held back", k.work(), []string{"update x"})
		k.same("set aside", k.incoming().Dead, 1)
	})
}

func TestIncomingIsTriedForADay(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.receive(arriving("ana", "create x", "x"))
		k.later(k.take(1)[0], 23*time.Hour)
		k.clock.Advance(23 * time.Hour)
		k.later(k.take(1)[0], 2*time.Hour)
		k.same("set aside", k.incoming(), storage.IncomingStats{Dead: 1})
	})
}

func TestIncomingPoisonIsSetAside(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.receive(arriving("ana", "poison", ""))
		k.receive(arriving("ana", "good", ""))
		claims := 0
		for range 20 {
			for _, in := range k.take(1) {
				if string(in.Body) == "poison" {
					claims++ // and whoever took it dies
				} else {
					k.finish(in)
				}
			}
			k.clock.Advance(lease)
		}
		k.same("claims of the poison", claims, 10)
		k.same("stats", k.incoming(), storage.IncomingStats{Dead: 1})
	})
}

func TestIncomingDeadOnesAreRetried(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.receive(arriving("ana", "a1", "x"))
		k.receive(arriving("ana", "a2", "x"))
		k.fail(k.take(1)[0])
		retry := func(host string) (n int) {
			k.write(func(ctx context.Context, tx *storage.Tx) (err error) {
				n, err = tx.RetryIncoming(ctx, host)
				return err
			})
			return n
		}
		k.same("another host", retry("other.test"), 0)
		k.same("this host", retry("there.test"), 1)
		got := k.work()
		slices.Sort(got)
		k.same("with its bytes", got, []string{"a1", "a2"})
		k.same("nothing dead", retry(""), 0)
	})
}

func TestIncomingAgeOfTheOldest(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.same("empty", k.incoming(), storage.IncomingStats{})
		k.receive(arriving("ana", "a1", ""))
		k.clock.Advance(time.Minute)
		k.receive(arriving("ana", "a2", ""))
		k.same("stats", k.incoming(), storage.IncomingStats{Waiting: 2, OldestDue: time.Minute})
	})
}

// TestIncomingOrderHolds lets anything happen to two actors, and looks whether
// the effects about each object come in the order of arrival, and all of them.
func TestIncomingOrderHolds(t *testing.T) {
	queueTest(t, func(k *kit) {
		round := 0
		rapid.Check(t, func(r *rapid.T) {
			round++
			if round > 25 && k.s.Engine() == storage.Postgres {
				return // it is the same code, and far slower
			}
			last, asideOnce := map[string]int64{}, map[int64]bool{}
			in, out := 0, 0
			for range rapid.IntRange(1, 15).Draw(r, "steps") {
				switch rapid.IntRange(0, 2).Draw(r, "what") {
				case 0:
					in++
					actor := number(rapid.SampledFrom([]string{"ana", "bea"}).Draw(r, "actor"), round)
					k.receive(arriving(actor, number("n", round)+number("i", in), rapid.SampledFrom([]string{"", "x", "y"}).Draw(r, "object")))
				case 1:
					for _, a := range k.take(2) {
						if a.Object != "" && a.ID < last[string(a.Actor+a.Object)] {
							r.Fatalf("%s about %s too late", a.Body, a.Object)
						}
						if rapid.Bool().Draw(r, "aside") && !asideOnce[a.ID] {
							asideOnce[a.ID] = true
							k.later(a, time.Duration(rapid.IntRange(0, 60).Draw(r, "wait"))*time.Minute)
							continue
						}
						last[string(a.Actor+a.Object)] = a.ID
						out++
						k.finish(a)
					}
				case 2:
					k.clock.Advance(10 * time.Minute)
				}
			}
			k.clock.Advance(2 * time.Hour)
			out += len(k.work())
			if in != out {
				r.Fatalf("%d came, %d were done", in, out)
			}
		})
	})
}

func TestReplayIsRemembered(t *testing.T) {
	queueTest(t, func(k *kit) {
		replay := func(key string) (fresh bool) {
			k.write(func(ctx context.Context, tx *storage.Tx) (err error) {
				fresh, err = tx.Replay(ctx, key, k.clock.Now().Add(time.Hour))
				return err
			})
			return fresh
		}
		long := strings.Repeat("s", 9000)
		for _, key := range []string{"a", long, long + "x", "\x00\xff"} {
			k.same("fresh", replay(key), true)
			k.same("known", replay(key), false)
			known, err := k.s.Replayed(t.Context(), key)
			k.same("asked", []any{known, err}, []any{true, nil})
		}
		k.clock.Advance(time.Hour + time.Second)
		k.same("over", replay("a"), true)
		n := 0
		k.write(func(ctx context.Context, tx *storage.Tx) (err error) { n, err = tx.SweepQueues(ctx, 100); return err })
		k.same("swept", n, 3)
	})
}

func TestReplayIsForgottenWithItsTransaction(t *testing.T) {
	queueTest(t, func(k *kit) {
		stop := errors.New("not durable")
		_ = k.tryWrite(func(ctx context.Context, tx *storage.Tx) error {
			if _, err := tx.Replay(ctx, "a", k.clock.Now().Add(time.Hour)); err != nil {
				return err
			}
			return stop
		})
		known, err := k.s.Replayed(t.Context(), "a")
		k.same("known", []any{known, err}, []any{false, nil})
	})
}
