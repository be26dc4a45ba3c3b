// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature"
	"minga/storage"
)

// TestFaultDeadPeers is R10 for many: a post is due to servers that are all dead, for days.
// Each is asked once a day at most, after seven days none is sent anything new, what was due
// is given up and swept, and the memory that all of it takes does not grow with them.
func TestFaultDeadPeers(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		if f.engine == storage.Postgres && os.Getenv(faultsEnv) == "" {
			f.t.Skip("not run: a part of scripts/faults; here SQLite shows it")
		}
		d := newDeadPeers(f, inShort(30, 100_000))
		d.queue("before", d.count)
		for day := range 7 {
			d.day(day)
		}
		d.expect("after seven bad days", d.count, 0, d.count)
		d.queue("later", 0)
		d.day(7) // what is a week old is given up
		d.expect("after a week", 0, d.count, d.count)
		d.clock.Advance(31 * 24 * time.Hour)
		d.sweep()
		d.expect("a month later", 0, 0, d.count)
		if grown := d.most - d.start; grown > 32<<20 {
			f.t.Errorf("%d dead peers take %d MiB of memory", d.count, grown>>20)
		}
		tellFigure(f.t, "R10", fmt.Sprintf("%d peers that are dead for a month, %s", d.count, f.engine),
			"each asked once a day; nothing new queued after seven days; rows of deliveries: 0 after a week, of those given up: 0 after a month; memory in use at most %+.1f MiB more than before, resident %d MiB",
			float64(d.most-d.start)/(1<<20), processRSS(os.Getpid())>>20)
	})
}

// deadPeers are servers on a port where nobody listens.
type deadPeers struct {
	*house
	count       int
	port        string
	author      *coop.Account
	start, most int64 // bytes of the heap that are in use, before and at most
}

// newDeadPeers makes an instance that knows them. They take signatures that cost little, so
// that the time goes into what is looked at here.
func newDeadPeers(f *fediverse, count int) *deadPeers {
	f.t.Helper()
	_, port, err := net.SplitHostPort(freeAddress(f.t))
	f.must(err)
	d := &deadPeers{house: f.house("ana"), count: count, port: port}
	d.author = d.coop("telar")
	f.drain()
	d.eachHundred(func(tx *storage.Tx, n int) error {
		return tx.LearnSignature(f.ctx, d.host(n), string(signature.RFC9421Ed25519))
	})
	d.start = inUse()
	return d
}

// host is the name of one.
func (d *deadPeers) host(n int) string { return fmt.Sprintf("dead%06d.localhost:%s", n, d.port) }

// eachHundred does something for each, a hundred in a transaction.
func (d *deadPeers) eachHundred(act func(tx *storage.Tx, n int) error) {
	d.f.t.Helper()
	for first := 0; first < d.count; first += 100 {
		d.f.must(d.store.Write(d.f.ctx, func(tx *storage.Tx) error {
			for n := first; n < min(first+100, d.count); n++ {
				if err := act(tx, n); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

// queue makes a post due to all of them, and compares to how many it is.
func (d *deadPeers) queue(name string, want int) {
	d.f.t.Helper()
	var list []storage.Delivery
	for n := range d.count {
		list = append(list, storage.Delivery{Inbox: coop.IRI("http://" + d.host(n) + "/inbox"), Activity: "Create", Object: d.author.IRI + "/x", Signer: d.author.ID})
	}
	d.f.must(d.store.Write(d.f.ctx, func(tx *storage.Tx) error {
		doc, err := tx.PutDocument(d.f.ctx, storage.Document{IRI: d.author.IRI + coop.IRI("/"+name), OwnerID: d.author.ID, Body: []byte("{}")})
		if err != nil {
			return err
		}
		for i := range list {
			list[i].DocumentID = doc
		}
		n, err := tx.AddDeliveries(d.f.ctx, list)
		if n != want {
			d.f.t.Errorf("%s: %d were queued, want %d", name, n, want)
		}
		return err
	}))
}

// day lets all go that is due, sweeps, and looks at the memory; then a day passes.
func (d *deadPeers) day(n int) {
	d.f.t.Helper()
	for due := 1; due > 0; { // a step may find nothing but what has expired
		_, err := d.outbox.Step(d.f.ctx)
		d.f.must(err)
		s, err := d.store.QueueStats(d.f.ctx)
		d.f.must(err)
		due = s.Due
	}
	d.sweep()
	d.most = max(d.most, inUse())
	if n < 7 {
		bad, err := d.store.Destination(d.f.ctx, d.host(n%d.count))
		d.f.must(err)
		if bad.Failures != n+1 {
			d.f.t.Errorf("day %d: %d failures, one a day is enough", n, bad.Failures)
		}
	}
	d.clock.Advance(24 * time.Hour)
}

// sweep removes what is over.
func (d *deadPeers) sweep() {
	d.f.t.Helper()
	for removed := 1; removed > 0; {
		d.f.must(d.store.Write(d.f.ctx, func(tx *storage.Tx) (err error) {
			removed, err = tx.SweepQueues(d.f.ctx, 1000)
			return err
		}))
	}
}

// expect compares the rows of the queue.
func (d *deadPeers) expect(when string, waiting, dead, unavailable int) {
	d.f.t.Helper()
	s, err := d.store.QueueStats(d.f.ctx)
	d.f.must(err)
	if s.Waiting != waiting || s.Dead != dead || s.Unavailable != unavailable {
		d.f.t.Errorf("%s: %d wait, %d are given up, %d servers unavailable; want %d, %d, %d", when, s.Waiting, s.Dead, s.Unavailable, waiting, dead, unavailable)
	}
}

// inUse is how much of the heap is in use once what is not has been taken away.
func inUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
