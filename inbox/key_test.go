// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"minga/federation/signature"
)

// TestFirstContactIsThreeRequests: the actor, and WebFinger.
func TestFirstContactIsThreeRequests(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	w.deliver(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
	if n := p.count("/"); n > 3 {
		t.Errorf("%d requests: %v", n, p.requests)
	}
	w.deliver(bob, bob.activity("Undo", "/u/1", bob.iri+"/f/1"))
	if n := p.count("/"); n > 3 {
		t.Errorf("a known actor was asked again: %v", p.requests)
	}
}

func TestAcceptSignatureIsAsked(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	plain := p.actor("Person", "old", without("assertionMethod"))
	for _, tt := range []struct {
		who  *remote
		asks bool
	}{{bob, true}, {plain, false}} {
		receipt, err := w.in.Receive(w.ctx, w.request(signed{key: tt.who.rsa}, encode(t, tt.who.activity("Follow", "/f/1", here+"/people/ana"))))
		if err != nil {
			t.Fatal(err)
		}
		if got := receipt.AcceptSignature != ""; got != tt.asks {
			t.Errorf("%s: asks %t", tt.who.name, got)
		}
	}
}

func TestRotation(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	w.deliver(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
	rotate := func() {
		fresh := p.actor("Person", "bob")
		fresh.rsa.ID, bob.rsa = bob.rsa.ID, fresh.rsa
		p.forget()
	}
	rotate()
	w.send(bob, bob.activity("Follow", "/f/2", here+"/coops/telar"))
	if n := p.count("/users/bob"); n != 1 {
		t.Errorf("the key was asked for %d times", n)
	}
	rotate()
	_, err := w.in.Receive(w.ctx, w.request(signed{key: bob.rsa}, encode(t, bob.activity("Follow", "/f/3", here+"/coops/telar"))))
	refusedWith(t, err, 401, "signature")
	if n := p.count("/"); n != 0 {
		t.Errorf("asked again within 5 minutes: %v", p.requests)
	}
	w.clock.Advance(6 * time.Minute)
	w.send(bob, bob.activity("Follow", "/f/4", here+"/coops/telar"))
}

// TestRotationAtOnce: what a server sends at once after it changed its key is all taken,
// and its document is asked for once.
func TestRotationAtOnce(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	w.deliver(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
	fresh := p.actor("Person", "bob")
	fresh.rsa.ID, bob.rsa = bob.rsa.ID, fresh.rsa
	p.forget()
	like := func(n int) Request {
		return w.request(signed{key: bob.rsa}, encode(t, bob.activity("Like", fmt.Sprintf("/l/%d", n), here+"/people/ana")))
	}
	second, others := like(2), make(chan error, 1)
	p.serve = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/users/bob" { // the second comes while the first asks, and waits for it
			go func() { _, err := w.in.Receive(w.ctx, second); others <- err }()
			select {
			case err := <-others:
				others <- err
			case <-time.After(100 * time.Millisecond):
			}
		}
		return false
	}
	if _, err := w.in.Receive(w.ctx, like(1)); err != nil {
		t.Errorf("the first: %v", err)
	}
	if err := <-others; err != nil {
		t.Errorf("the second: %v", err)
	}
	if n := p.count("/users/bob"); n != 1 {
		t.Errorf("the key was asked for %d times", n)
	}
}

// TestRotationOfEveryKey: the key that proves documents may change under its name too,
// alone or together with the one that signs requests.
func TestRotationOfEveryKey(t *testing.T) {
	for name, both := range map[string]bool{"alone": false, "both": true} {
		t.Run(name, func(t *testing.T) {
			w, p := newWorld(t), newPeer(t)
			bob := p.actor("Person", "bob")
			w.follows(w.ana, bob)
			send := func(id string) error {
				body, err := signature.AddProof(encode(t, bob.activity("Create", "/c"+id, bob.note(id))), bob.ed, w.clock.Now())
				if err != nil {
					t.Fatal(err)
				}
				_, err = w.in.Receive(w.ctx, w.request(signed{key: bob.rsa}, body))
				w.drain()
				return err
			}
			if err := send("/n/1"); err != nil {
				t.Fatal(err)
			}
			old := *bob
			*bob = *p.actor("Person", "bob", func(d doc) {
				if !both {
					d["publicKey"] = old.doc["publicKey"]
				}
			})
			if !both {
				bob.rsa = old.rsa
			}
			if err := send("/n/2"); err != nil || w.post(bob.iri+"/n/2") == nil {
				t.Errorf("after the change: %v", err)
			}
			bob.ed = old.ed
			refusedWith(t, send("/n/3"), 401, "signature")
		})
	}
}

// TestANeighbourTakesNoKey: an actor may list a key id of another actor of its server.
// The key verifies nothing of the other's, and does not keep the other out.
func TestANeighbourTakesNoKey(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	victim := p.actor("Person", "victim")
	thief := p.actor("Person", "thief")
	both := []any{thief.doc["publicKey"], doc{"id": victim.rsa.ID, "owner": thief.iri, "publicKeyPem": pemOf(t, thief.rsa)}}
	p.put(edit(thief.doc, with("publicKey", both)))
	w.deliver(thief, thief.activity("Follow", "/f/1", here+"/people/ana"))
	if k, err := w.store.RemoteKey(w.ctx, victim.rsa.ID); err == nil {
		t.Errorf("kept as the key of %s", k.Owner)
	}
	w.deliver(victim, victim.activity("Follow", "/f/1", here+"/people/ana"))
	k, err := w.store.RemoteKey(w.ctx, victim.rsa.ID)
	if err != nil || string(k.Owner) != victim.iri {
		t.Errorf("%+v, %v", k, err)
	}
}

func TestFailedKeysAreRemembered(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	p.answers("/users/bob", 404)
	for range 5 {
		_, err := w.in.Receive(w.ctx, w.request(signed{key: bob.rsa}, encode(t, bob.activity("Follow", "/f/1", here+"/people/ana"))))
		refusedWith(t, err, 401, "")
	}
	if n := p.count("/users/bob"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	p.answers("/users/bob", 0)
	w.clock.Advance(6 * time.Minute)
	w.send(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
}

// TestMissingKeysSilenceNobody: forged key ids that answer 404 must not make the
// honest actors of that server unheard.
func TestMissingKeysSilenceNobody(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	for i := range 40 {
		forged := signature.PrivateKey{ID: fmt.Sprintf("%s/users/none%d#main-key", p.url, i), Signer: bob.rsa.Signer}
		_, err := w.in.Receive(w.ctx, w.request(signed{key: forged}, encode(t, bob.activity("Follow", "/f/1", here+"/people/ana"))))
		refusedWith(t, err, 401, "")
	}
	w.send(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
}

func TestHostRestsAfterNetworkFailures(t *testing.T) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	f := &failureCount{}
	for i := range restAfter {
		if f.resting(now) {
			t.Fatalf("rests after %d", i)
		}
		f.add(now.Add(time.Duration(i) * time.Second))
	}
	if !f.resting(now.Add(30 * time.Second)) {
		t.Error("does not rest after ten")
	}
	if f.resting(now.Add(2 * time.Minute)) {
		t.Error("rests for ever")
	}
}

func TestTwentyHangingKeysSlowNobody(t *testing.T) {
	w, slow, p := newWorld(t), newPeer(t), newPeer(t)
	stop := make(chan struct{})
	slow.serve = func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-stop:
		case <-r.Context().Done():
		}
		return true
	}
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan struct{}, 20)
	for i := range 20 {
		r := slow.actor("Person", fmt.Sprintf("slow%d", i))
		request := w.request(signed{key: r.rsa}, encode(t, r.activity("Follow", "/f/1", here+"/people/ana")))
		go func() {
			_, _ = w.in.Receive(ctx, request)
			done <- struct{}{}
		}()
	}
	bob := p.actor("Person", "bob")
	start := time.Now()
	w.send(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %s", took)
	}
	cancel()
	close(stop)
	for range 20 {
		<-done
	}
}

// TestKeyOfAnotherOrigin: a key document is believed only about an owner of its own
// origin, though that owner listed the key.
func TestKeyOfAnotherOrigin(t *testing.T) {
	for name, listed := range map[string]bool{"the owner lists it": true, "the owner does not": false} {
		t.Run(name, func(t *testing.T) {
			w, p, q := newWorld(t), newPeer(t), newPeer(t)
			bob := p.actor("Person", "bob")
			place := q.url + "/keys/bob"
			key := doc{"id": place, "type": "Key", "owner": bob.iri, "publicKeyPem": pemOf(t, bob.rsa)}
			q.put(key)
			if listed {
				p.put(edit(bob.doc, with("publicKey", key)))
			}
			stray := signature.PrivateKey{ID: place, Signer: bob.rsa.Signer}
			_, err := w.in.Receive(w.ctx, w.request(signed{key: stray}, encode(t, bob.activity("Follow", "/f/1", here+"/people/ana"))))
			refusedWith(t, err, 401, "")
			_, err = w.in.Receive(w.ctx, w.request(signed{key: stray}, encode(t, doc{"id": q.url + "/f/2", "type": "Follow", "actor": q.url + "/bob", "object": here + "/people/ana"})))
			refusedWith(t, err, 401, "")
			w.untouched(q)
			if n := p.count("/"); n != 0 {
				t.Errorf("an owner of another origin was asked %d times", n)
			}
		})
	}
}
