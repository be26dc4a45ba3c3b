// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"minga/storage"
)

// settlements are one of each kind, for hosts whose names end in its place.
func (k *kit) settlements(claims []storage.Claim) (all []storage.Settlement) {
	kinds := [][2]storage.Result{
		{storage.Delivered, storage.Delivered},
		{storage.Final, storage.Delivered},
		{storage.Again, storage.Delivered},
		{storage.Again, storage.Again},
		{storage.Final, storage.Final},
		{storage.Unsent, storage.Unsent},
		{storage.Delivered, storage.Unsent},
	}
	for _, c := range claims {
		n := int(c.Host[1] - '0')
		s := storage.Settlement{Host: c.Host, Fence: c.Fence}
		for i, d := range c.Deliveries {
			s.Outcomes = append(s.Outcomes, storage.Outcome{ID: d.ID, Result: kinds[n][i%2], At: k.clock.Now().Add(time.Hour), Error: "said no"})
		}
		if n >= 5 {
			s.Failed, s.Until, s.Error = true, k.clock.Now().Add(time.Minute), "no answer"
		}
		all = append(all, s)
	}
	return all
}

// TestQueueHostsSettledTogether: what is written of many hosts at once is what is written of
// each alone.
func TestQueueHostsSettledTogether(t *testing.T) {
	queueTest(t, func(k *kit) {
		var hosts []string
		for n := range 7 {
			for _, way := range []string{"a", "t"} { // alone, together
				host := way + string(rune('0'+n)) + ".test"
				hosts = append(hosts, host)
				k.write(func(ctx context.Context, tx *storage.Tx) error {
					_, err := tx.MissingInbox(ctx, inbox(host))
					return err
				})
				k.add(k.delivery("Create", "x", host), k.delivery("Create", "y", host))
			}
		}
		alone := k.settlements(k.claim(len(hosts)))
		together := slices.DeleteFunc(slices.Clone(alone), func(s storage.Settlement) bool { return s.Host[0] == 'a' })
		alone = slices.DeleteFunc(alone, func(s storage.Settlement) bool { return s.Host[0] == 't' })
		k.same("hosts", []int{len(alone), len(together)}, []int{7, 7})
		for _, s := range alone {
			k.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SettleDestination(ctx, s) })
		}
		k.write(func(ctx context.Context, tx *storage.Tx) error {
			late, err := tx.SettleDestinations(ctx, together)
			return errors.Join(append(late, err)...)
		})
		for n := range 7 {
			one, other := *k.host(hosts[2*n]), *k.host(hosts[2*n+1])
			one.Host, other.Host = "", ""
			k.same(hosts[2*n+1], other, one)
			k.same("deliveries of "+hosts[2*n+1], k.left(hosts[2*n+1]), k.left(hosts[2*n]))
		}
		k.same("what is left", []int{k.stats().Waiting, k.stats().Dead}, []int{2 * (1 + 2 + 2 + 1), 2 * (1 + 2)})
	})
}

// left is what waits for a host or died, as far as hosts may have it in common.
func (k *kit) left(host string) (lines []string) {
	k.Helper()
	_, sum, err := k.s.ServersOfPost(k.Context(), 7)
	if err != nil {
		k.Fatal(err)
	}
	for _, d := range sum.Left {
		if d.Host == host {
			lines = append(lines, strings.Join([]string{d.Activity, d.State, d.Error, d.NextAt.String(), number("", d.Attempts)}, " "))
		}
	}
	return lines
}

// TestQueueOneOfManyIsLate: of several that are settled at once who comes too late, and who
// is busy, changes nothing for the others.
func TestQueueOneOfManyIsLate(t *testing.T) {
	queueTest(t, func(k *kit) {
		for _, host := range []string{"a.test", "b.test", "c.test"} {
			k.add(k.delivery("Create", "x", host))
		}
		claims := k.claim(3)
		var all []storage.Settlement
		for _, c := range claims {
			all = append(all, storage.Settlement{Host: c.Host, Fence: c.Fence, Outcomes: []storage.Outcome{{ID: c.Deliveries[0].ID, Result: storage.Delivered}}})
		}
		all[1].Fence--
		all = append(all, storage.Settlement{Host: "nobody.test", Fence: 1}, all[0])
		settle := func(busy error) {
			k.write(func(ctx context.Context, tx *storage.Tx) error {
				late, err := tx.SettleDestinations(ctx, all)
				for i, want := range []error{nil, storage.ErrLeaseLost, busy, storage.ErrHostBusy, storage.ErrLeaseLost} {
					if i < len(late) && !errors.Is(late[i], want) {
						k.Errorf("%d, %s: %v, want %v", i, all[i].Host, late[i], want)
					}
				}
				return err
			})
		}
		if k.s.Engine() == storage.Postgres { // somebody else is at c.test, and it is not waited for
			k.write(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.AddDeliveries(ctx, []storage.Delivery{k.delivery("Create", "x", "c.test")})
				settle(storage.ErrHostBusy)
				return err
			})
			k.same("those that were", k.stats().Waiting, 2)
			return
		}
		settle(nil)
		k.same("those that were", k.stats().Waiting, 1)
	})
}

// TestQueueWhatExpiredDelaysNobody: where hosts that were due had nothing to send any more,
// who delivers is called again at once: those that are due behind them do not wait.
func TestQueueWhatExpiredDelaysNobody(t *testing.T) {
	queueTest(t, func(k *kit) {
		for _, host := range []string{"a.test", "b.test", "c.test"} {
			k.add(k.delivery("Create", "x", host))
		}
		k.clock.Advance(8 * 24 * time.Hour)
		k.add(k.delivery("Create", "y", "well.test"))
		woken := k.s.Listen(k.Context(), storage.TopicDeliveries)
		for n, want := range []int{0, 1} { // two that expired; then the third and the one that is well
			k.same("claims", len(k.claim(2)), want)
			called := false
			select {
			case <-woken:
				called = true
			case <-time.After(map[bool]time.Duration{true: 30 * time.Second}[n == 0]):
			}
			if n == 0 && !called {
				k.Error("nobody is called although others are due")
			}
		}
		k.same("given up", k.stats().Dead, 3)
	})
}
