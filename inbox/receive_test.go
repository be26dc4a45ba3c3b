// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature"
	"minga/storage"
)

func TestReplayHasNoEffect(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	r := w.request(signed{key: bob.rsa}, encode(t, bob.activity("Follow", "/f/1", here+"/people/ana")))
	claim, err := signature.Read(r.signed(), w.in.policy())
	if err != nil {
		t.Fatal(err)
	}
	if known, err := w.store.Replayed(w.ctx, claim.ReplayKey()); known || err != nil {
		t.Errorf("known before it came: %t, %v", known, err)
	}
	for range 3 {
		if known, err := w.store.Replayed(w.ctx, claim.ReplayKey()); known != (p.count("/") > 0) || err != nil {
			t.Errorf("known %t, %v", known, err)
		}
		if _, err := w.in.Receive(w.ctx, r); err != nil {
			t.Fatal(err)
		}
		w.drain()
	}
	if got := w.asked.take(); len(got) != 1 {
		t.Errorf("answered %v", got)
	}
	w.clock.Advance(2 * time.Hour)
	_, err = w.in.Receive(w.ctx, r)
	refusedWith(t, err, 401, "time")
}

// TestReplayAfterFailure: what was not acknowledged may come again unchanged.
func TestReplayAfterFailure(t *testing.T) {
	w, p := newWorld(t, func(o *Options) { o.MaxWaiting = 1 }), newPeer(t)
	bob, eve := p.actor("Person", "bob"), p.actor("Person", "eve")
	w.send(eve, eve.activity("Follow", "/f/1", here+"/people/ana"))
	w.clock.Advance(2 * time.Second)
	r := w.request(signed{key: bob.rsa}, encode(t, bob.activity("Follow", "/f/1", here+"/people/ana")))
	_, err := w.in.Receive(w.ctx, r)
	var busy *coop.BusyError
	if !errors.As(err, &busy) || busy.Limit || busy.After <= 0 {
		t.Fatalf("got %v, want to come again", err)
	}
	w.drain()
	w.clock.Advance(2 * time.Second)
	if _, err := w.in.Receive(w.ctx, r); err != nil {
		t.Fatal(err)
	}
	w.drain()
	if got := fmt.Sprint(w.asked.take()); got != "[follow eve → ana: true follow bob → ana: true]" {
		t.Errorf("answered %s", got)
	}
}

func TestRateOfOneServer(t *testing.T) {
	w, p, q := newWorld(t, func(o *Options) { o.HostRate = 2 }), newPeer(t), newPeer(t)
	bob, carol := p.actor("Person", "bob"), q.actor("Person", "carol")
	for i := range 3 {
		_, err := w.in.Receive(w.ctx, w.request(signed{key: bob.rsa}, encode(t, bob.activity("Follow", fmt.Sprintf("/f/%d", i), here+"/people/ana"))))
		var busy *coop.BusyError
		if limited := errors.As(err, &busy) && busy.Limit; limited != (i == 2) {
			t.Errorf("request %d: %v", i, err)
		}
	}
	w.send(carol, carol.activity("Follow", "/f/1", here+"/people/ana"))
	w.clock.Advance(time.Minute)
	w.send(bob, bob.activity("Follow", "/f/9", here+"/people/ana"))
}

// TestForgeriesDoNotUseUpARate: only proven requests count.
func TestForgeriesDoNotUseUpARate(t *testing.T) {
	w, p := newWorld(t, func(o *Options) { o.HostRate = 2 }), newPeer(t)
	bob, mallory := p.actor("Person", "bob"), p.actor("Person", "mallory")
	forged := signature.PrivateKey{ID: bob.rsa.ID, Signer: mallory.ed.Signer}
	for i := range 5 {
		r := w.request(signed{key: forged, form: signature.RFC9421Ed25519}, encode(t, bob.activity("Follow", fmt.Sprintf("/x/%d", i), here+"/people/ana")))
		if _, err := w.in.Receive(w.ctx, r); err == nil {
			t.Fatal("a forgery passed")
		}
	}
	w.send(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
}

func TestDeleteStorm(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	for i := range 50 {
		r := p.actor("Person", fmt.Sprintf("gone%d", i))
		p.answers("/users/"+r.name, 410)
		w.send(r, r.activity("Delete", "#delete", r.iri))
	}
	if p.count("/") != 0 {
		t.Errorf("%d requests were made", p.count("/"))
	}
	w.untouched(p)
	unsigned := w.request(signed{key: p.actor("Person", "x").rsa}, encode(t, doc{"id": p.url + "/users/x#d", "type": "Delete", "actor": p.url + "/users/x", "object": p.url + "/users/x"}))
	unsigned.Header.Del("Signature")
	_, err := w.in.Receive(w.ctx, unsigned)
	refusedWith(t, err, 401, "missing")
}

// TestDeleteOfKnownActorWhoseKeyIsGone: 410 at the actor's id is believed, 404 is not.
func TestDeleteOfKnownActorWhoseKeyIsGone(t *testing.T) {
	for _, tt := range []struct {
		status int
		gone   bool
	}{{410, true}, {404, false}} {
		t.Run(fmt.Sprint(tt.status), func(t *testing.T) {
			w, p := newWorld(t), newPeer(t)
			bob := p.actor("Person", "bob")
			account := w.follows(w.ana, bob)
			w.write(func(tx *storage.Tx) error { return tx.SaveRemoteKeys(w.ctx, account.IRI, nil) })
			w.in.remember()
			p.answers("/users/bob", tt.status)
			_, err := w.in.Receive(w.ctx, w.request(signed{key: bob.rsa}, encode(t, bob.activity("Delete", "#d", bob.iri))))
			if (err == nil) != tt.gone {
				t.Fatalf("got %v", err)
			}
			w.drain()
			after, err := w.store.Account(w.ctx, account.ID)
			if err != nil {
				t.Fatal(err)
			}
			if after.DeletedAt.IsZero() == tt.gone {
				t.Errorf("deleted at %v", after.DeletedAt)
			}
		})
	}
}

// TestForgedDeleteByAnyGoneURL: another page of the server that answers 410 proves
// nothing about the actor.
func TestForgedDeleteByAnyGoneURL(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob, mallory := p.actor("Person", "bob"), p.actor("Person", "mallory")
	account := w.follows(w.ana, bob)
	p.answers("/old-post", 410)
	key := signature.PrivateKey{ID: p.url + "/old-post", Signer: mallory.rsa.Signer}
	_, err := w.in.Receive(w.ctx, w.request(signed{key: key}, encode(t, bob.activity("Delete", "#d", bob.iri))))
	refusedWith(t, err, 401, "")
	w.drain()
	if after, err := w.store.Account(w.ctx, account.ID); err != nil || !after.DeletedAt.IsZero() {
		t.Errorf("deleted: %v %v", after, err)
	}
}

func TestModeAsk(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	w.mode = coop.ModeAsk
	bob := p.actor("Person", "bob")
	w.deliver(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
	if got := w.asked.take(); len(got) != 0 {
		t.Errorf("answered %v", got)
	}
	account, err := w.store.AccountByIRI(w.ctx, coop.IRI(bob.iri))
	if err != nil {
		t.Fatal(err)
	}
	f, err := w.store.Follow(w.ctx, account.ID, w.ana.ID)
	if err != nil || f.State != coop.FollowAsked {
		t.Fatalf("follow %+v, %v", f, err)
	}
	w.deliver(bob, bob.activity("Create", "/c/1", bob.note("/n/1", with("to", []string{public, here + "/people/ana"}))))
	if w.post(bob.iri+"/n/1") != nil {
		t.Error("a post of an undecided server is kept")
	}
	w.decide(p.host, coop.PolicyAllow)
	w.deliver(bob, bob.activity("Create", "/c/2", bob.note("/n/2", with("to", []string{public, here + "/people/ana"}))))
	if w.post(bob.iri+"/n/2") == nil {
		t.Error("a post of an allowed server is not kept")
	}
}

func TestSuspendedActorHasNoEffect(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	account := w.follows(w.ana, bob)
	w.write(func(tx *storage.Tx) error { return tx.SuspendAccount(w.ctx, account.ID, w.clock.Now()) })
	w.send(bob, bob.activity("Create", "/c/1", bob.note("/n/1")))
	if stats, err := w.store.IncomingStats(w.ctx); err != nil || stats.Waiting != 0 {
		t.Errorf("%d activities wait, %v", stats.Waiting, err)
	}
	w.drain()
	if w.post(bob.iri+"/n/1") != nil {
		t.Error("kept")
	}
}
