// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// TestRunEndsWithItsContext: the workers go when they are told to.
func TestRunEndsWithItsContext(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan error, 1)
	go func() { done <- w.in.Run(ctx) }()
	w.send(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
	deadline, stop := context.WithTimeout(w.ctx, 10*time.Second)
	defer stop()
	for deadline.Err() == nil {
		if _, err := w.store.FollowByIRI(w.ctx, coop.IRI(bob.iri+"/f/1")); err == nil {
			break
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := w.asked.take(); len(got) != 1 {
		t.Errorf("answered %v", got)
	}
}

// TestOneCallWakesOneWorker: of many that have nothing to do, one looks; the others are
// left alone until there is more.
func TestOneCallWakesOneWorker(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(w.ctx)
	woken, more := make(chan struct{}, 1), make(chan struct{}, 1)
	const workers = 8
	var looks atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			_ = w.in.loop(ctx, "test", calls{woken, more}, func(context.Context) (bool, error) {
				looks.Add(1)
				return false, nil
			})
		})
	}
	for want := int64(workers); want < workers+8; want++ { // each looks once when it begins
		for deadline := time.Now().Add(10 * time.Second); looks.Load() < want && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(5 * time.Millisecond)
		if n := looks.Load(); n != want {
			t.Fatalf("%d looks, want %d", n, want)
		}
		if want%2 == 0 {
			woken <- struct{}{}
		} else {
			more <- struct{}{}
		}
	}
	cancel()
	all.Wait()
}

func TestRemoveAccountTask(t *testing.T) {
	s := newScene(t)
	for i := range 3 {
		s.deliver(s.bob, s.bob.activity("Create", fmt.Sprintf("/c/%d", i), s.bob.note(fmt.Sprintf("/n/%d", i))))
	}
	s.write(func(tx *storage.Tx) error { return tx.DeleteAccount(s.ctx, s.bobAccount.ID, s.clock.Now()) })
	s.drain()
	for i := range 3 {
		if _, err := s.store.Tombstone(s.ctx, coop.IRI(fmt.Sprintf("%s/n/%d", s.bob.iri, i))); err != nil {
			t.Errorf("post %d: %v", i, err)
		}
	}
}

// TestMembersOnly: what is addressed to the members of our federation is for them.
func TestMembersOnly(t *testing.T) {
	s := newScene(t)
	brisa := s.member("brisa")
	s.follows(s.ana, brisa)
	s.deliver(brisa, brisa.activity("Create", "/c/1", brisa.note("/n/1", with("to", []string{here + "/federation/members"}), without("cc"))))
	p := s.post(brisa.iri + "/n/1")
	if p == nil || p.Visibility != coop.VisibleMembers {
		t.Fatalf("kept %+v (%v)", p, s.counts.refused)
	}
	if _, err := s.store.PostByIRI(s.ctx, coop.As(s.ana.ID), p.IRI); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("a follower who is no member may see it: %v", err)
	}
}
