// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

const lease = time.Minute

// kit is a store with the words of the queue tests.
type kit struct {
	*testing.T
	s     *storage.Store
	clock *storagetest.Clock
	docs  map[string]int64
}

// queueTest runs test on both engines, and looks for damage afterwards.
func queueTest(t *testing.T, test func(k *kit)) {
	t.Helper()
	storagetest.EachAt(t, func(t *testing.T, s *storage.Store, clock *storagetest.Clock) {
		test(&kit{T: t, s: s, clock: clock, docs: map[string]int64{}})
		if found, err := s.Check(t.Context()); err != nil || len(found) > 0 {
			t.Errorf("check: %v, %v", found, err)
		}
	})
}

// write runs fn and expects it to go well.
func (k *kit) write(fn func(ctx context.Context, tx *storage.Tx) error) {
	k.Helper()
	if err := k.tryWrite(fn); err != nil {
		k.Fatal(err)
	}
}

func (k *kit) tryWrite(fn func(ctx context.Context, tx *storage.Tx) error) error {
	return k.s.Write(k.Context(), func(tx *storage.Tx) error { return fn(k.Context(), tx) })
}

// lost expects that fn meets a lost lease.
func (k *kit) lost(what string, fn func(ctx context.Context, tx *storage.Tx) error) {
	k.Helper()
	if err := k.tryWrite(fn); !errors.Is(err, storage.ErrLeaseLost) {
		k.Errorf("%s: %v, want a lost lease", what, err)
	}
}

// doc keeps a document of this name once.
func (k *kit) doc(name string) int64 {
	k.Helper()
	if id := k.docs[name]; id != 0 {
		return id
	}
	k.write(func(ctx context.Context, tx *storage.Tx) error {
		id, err := tx.PutDocument(ctx, storage.Document{IRI: coop.IRI("https://here.test/" + name), OwnerID: 1, PostID: 7, Body: []byte(name)})
		k.docs[name] = id
		return err
	})
	return k.docs[name]
}

// inbox is the shared inbox of a host.
func inbox(host string) coop.IRI { return coop.IRI("https://" + host + "/inbox") }

// delivery names its document after what it does to what.
func (k *kit) delivery(activity, object, host string) storage.Delivery {
	d := storage.Delivery{Inbox: inbox(host), DocumentID: k.doc(activity + "-" + object), Activity: activity, Signer: 1}
	if object != "" {
		d.Object = coop.IRI("https://here.test/objects/" + object)
	}
	return d
}

// add queues deliveries and says how many were added.
func (k *kit) add(all ...storage.Delivery) int {
	k.Helper()
	n := 0
	k.write(func(ctx context.Context, tx *storage.Tx) (err error) {
		n, err = tx.AddDeliveries(ctx, all)
		return err
	})
	return n
}

// claim leases hosts, sorted by name.
func (k *kit) claim(hosts int) []storage.Claim {
	k.Helper()
	var claims []storage.Claim
	k.write(func(ctx context.Context, tx *storage.Tx) (err error) {
		claims, err = tx.ClaimDestinations(ctx, hosts, lease)
		return err
	})
	slices.SortFunc(claims, func(a, b storage.Claim) int { return cmp2(a.Host, b.Host) })
	return claims
}

func cmp2(a, b string) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

// one claims a single host, which must have something.
func (k *kit) one() storage.Claim {
	k.Helper()
	claims := k.claim(1)
	if len(claims) != 1 {
		k.Fatalf("claimed %d hosts, want 1", len(claims))
	}
	return claims[0]
}

// settle gives every delivery of a claim the same result.
func (k *kit) settle(c storage.Claim, result storage.Result) {
	k.Helper()
	s := storage.Settlement{Host: c.Host, Fence: c.Fence}
	for _, d := range c.Deliveries {
		s.Outcomes = append(s.Outcomes, storage.Outcome{ID: d.ID, Result: result, At: k.clock.Now().Add(time.Hour), Error: "said no"})
	}
	k.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SettleDestination(ctx, s) })
}

// hostFails settles a claim as the host's failure, with rest.
func (k *kit) hostFails(c storage.Claim, rest time.Duration) {
	k.Helper()
	s := storage.Settlement{Host: c.Host, Fence: c.Fence, Failed: true, Until: k.clock.Now().Add(rest), Error: "no answer"}
	for _, d := range c.Deliveries {
		s.Outcomes = append(s.Outcomes, storage.Outcome{ID: d.ID, Result: storage.Unsent})
	}
	k.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SettleDestination(ctx, s) })
}

// names are the documents of a claim, in its order.
func names(c storage.Claim) []string {
	var all []string
	for _, d := range c.Deliveries {
		all = append(all, string(d.Body))
	}
	return all
}

// drain delivers everything that may go now and says what went, in order.
func (k *kit) drain() []string {
	k.Helper()
	var all []string
	for range 1000 {
		claims := k.claim(10)
		if len(claims) == 0 {
			return all
		}
		for _, c := range claims {
			all = append(all, names(c)...)
			k.settle(c, storage.Delivered)
		}
	}
	k.Fatal("the queue never gets empty")
	return nil
}

// same compares and says what was looked at.
func (k *kit) same(what string, got, want any) {
	k.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		k.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// stats are the figures of the outgoing queue.
func (k *kit) stats() storage.QueueStats {
	k.Helper()
	s, err := k.s.QueueStats(k.Context())
	if err != nil {
		k.Fatal(err)
	}
	return s
}

// host looks at a destination.
func (k *kit) host(name string) *storage.Destination {
	k.Helper()
	d, err := k.s.Destination(k.Context(), name)
	if err != nil {
		k.Fatal(err)
	}
	return d
}

// number names the n-th of something.
func number(what string, n int) string { return fmt.Sprintf("%s%03d", what, n) }
