// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// eachEngine runs a benchmark on both engines.
func eachEngine(b *testing.B, bench func(b *testing.B, s *storage.Store)) {
	b.Run("sqlite", func(b *testing.B) { bench(b, storagetest.Open(b)) })
	b.Run("postgres", func(b *testing.B) { bench(b, storagetest.OpenPostgres(b, time.Now)) })
}

// BenchmarkWrite is what an inbox acknowledges: one activity of 4 kB, by 64
// requests at once (32 for each of two processors).
func BenchmarkWrite(b *testing.B) {
	body := make([]byte, 4000)
	eachEngine(b, func(b *testing.B, s *storage.Store) {
		var n atomic.Int64
		b.SetParallelism(32)
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				i := strconv.FormatInt(n.Add(1), 10)
				err := s.Write(b.Context(), func(tx *storage.Tx) error {
					_, err := tx.AddIncoming(b.Context(), storage.Incoming{
						DedupeKey: "there.test " + i, Actor: coop.IRI("https://there.test/" + i), Host: "there.test",
						Activity: coop.IRI("https://there.test/activities/" + i), Type: "Create",
						Object: coop.IRI("https://there.test/notes/" + i), Signer: coop.IRI("https://there.test/" + i), Proof: "cavage", Body: body,
					})
					return err
				})
				if err != nil {
					b.Error(err)
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
	})
}

// BenchmarkFanOut queues a document for 1,000 hosts and lets it leave.
func BenchmarkFanOut(b *testing.B) {
	const hosts = 1000
	var all []storage.Delivery
	for h := range hosts {
		all = append(all, storage.Delivery{Inbox: inbox(number("h", h) + ".test"), Activity: "Create", Object: "https://here.test/o", Signer: 1})
	}
	eachEngine(b, func(b *testing.B, s *storage.Store) {
		var add, leave time.Duration
		for i := range b.N {
			start := time.Now()
			err := s.Write(b.Context(), func(tx *storage.Tx) error {
				id, err := tx.PutDocument(b.Context(), storage.Document{IRI: coop.IRI("https://here.test/" + strconv.Itoa(i)), Body: make([]byte, 4000)})
				if err != nil {
					return err
				}
				for j := range all {
					all[j].DocumentID = id
				}
				_, err = tx.AddDeliveries(b.Context(), all)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
			added := time.Now()
			send(b, s, hosts)
			add, leave = add+added.Sub(start), leave+time.Since(added)
		}
		b.ReportMetric(float64(add.Microseconds())/float64(b.N)/1000, "ms/add")
		b.ReportMetric(float64(leave.Microseconds())/float64(b.N)/1000, "ms/leave")
	})
}

// send claims and settles until n deliveries have left.
func send(b *testing.B, s *storage.Store, n int) {
	for n > 0 {
		var claims []storage.Claim
		err := s.Write(b.Context(), func(tx *storage.Tx) (err error) {
			claims, err = tx.ClaimDestinations(b.Context(), 16, time.Minute)
			return err
		})
		if err != nil || len(claims) == 0 {
			b.Fatal(len(claims), err)
		}
		done := make(chan error, len(claims))
		for _, c := range claims {
			go func() {
				st := storage.Settlement{Host: c.Host, Fence: c.Fence, Outcomes: []storage.Outcome{{ID: c.Deliveries[0].ID, Result: storage.Delivered}}}
				done <- s.Write(b.Context(), func(tx *storage.Tx) error { return tx.SettleDestination(b.Context(), st) })
			}()
		}
		for range claims {
			if err := <-done; err != nil {
				b.Fatal(err)
			}
		}
		n -= len(claims)
	}
}
