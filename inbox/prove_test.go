// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"bytes"
	"errors"
	"net/http"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature"
)

func TestProofOutranksTheSignature(t *testing.T) {
	w, p, q := newWorld(t), newPeer(t), newPeer(t)
	carol, relay := p.actor("Person", "carol"), q.actor("Person", "courier")
	w.follows(w.ana, carol)
	body, err := signature.AddProof(encode(t, carol.activity("Create", "/c/1", carol.note("/n/1"))), carol.ed, w.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.in.Receive(w.ctx, w.request(signed{key: relay.rsa}, body)); err != nil {
		t.Fatal(err)
	}
	p.forget()
	w.drain()
	if w.post(carol.iri+"/n/1") == nil {
		t.Error("a proven copy has no effect")
	}
	if p.count("/users/carol/n/1") != 0 {
		t.Error("a proven copy was fetched")
	}
	tampered := bytes.Replace(body, []byte("hello"), []byte("HELLO"), 1)
	tampered = bytes.ReplaceAll(tampered, []byte("/n/1"), []byte("/n/2"))
	_, err = w.in.Receive(w.ctx, w.request(signed{key: relay.rsa}, tampered))
	refusedWith(t, err, 401, "")
	w.drain()
	if w.post(carol.iri+"/n/2") != nil {
		t.Error("a tampered copy has an effect")
	}
}

// TestForwardedCopy: the thread's server may carry a reply without proof; what is
// kept is what the reply's own server says.
func TestForwardedCopy(t *testing.T) {
	w, p, q := newWorld(t), newPeer(t), newPeer(t)
	author, replier := p.actor("Person", "author"), q.actor("Person", "replier")
	w.follows(w.ana, author)
	w.deliver(author, author.activity("Create", "/c/1", author.note("/n/1")))
	reply := replier.note("/n/9", with("inReplyTo", author.iri+"/n/1"))
	q.put(reply)
	forged := edit(reply, with("content", "<p>forged</p>"))
	w.deliver(author, replier.activity("Create", "/c/9", forged))
	got := w.post(replier.iri + "/n/9")
	if got == nil || got.Content != "<p>hello</p>" {
		t.Fatalf("kept %+v", got)
	}
	// a neighbour of the thread's author is not its server
	neighbour := p.actor("Person", "neighbour")
	_, err := w.in.Receive(w.ctx, w.request(signed{key: neighbour.rsa}, encode(t, p.actor("Person", "third").activity("Create", "/c/7", neighbour.note("/n/7", with("inReplyTo", author.iri+"/n/1"))))))
	refusedWith(t, err, 401, "signer_not_actor")
	// nothing at the origin: nothing here
	missing := replier.note("/n/10", with("inReplyTo", author.iri+"/n/1"))
	w.deliver(author, replier.activity("Create", "/c/10", missing))
	if w.post(replier.iri+"/n/10") != nil {
		t.Error("a copy that its origin does not know is kept")
	}
	// a Delete that is carried only makes us look
	w.deliver(author, replier.activity("Delete", "/d/9", replier.iri+"/n/9"))
	if w.post(replier.iri+"/n/9") == nil {
		t.Error("a carried Delete was believed")
	}
	w.clock.Advance(10 * time.Minute)
	q.answers("/users/replier/n/9", 410)
	w.deliver(author, replier.activity("Delete", "/d/10", replier.iri+"/n/9"))
	if w.post(replier.iri+"/n/9") != nil {
		t.Error("a carried Delete of what is gone had no effect")
	}
}

func TestVerifyGet(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	get := func(key signature.PrivateKey, mend func(*http.Request)) Request {
		r, err := http.NewRequestWithContext(w.ctx, http.MethodGet, here+"/people/ana", nil)
		if err != nil {
			t.Fatal(err)
		}
		if key.ID != "" {
			if err := signature.Sign(r, nil, key, signature.Cavage, w.clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		if mend != nil {
			mend(r)
		}
		return Request{Method: "GET", Target: "/people/ana", Host: "here.example", Header: r.Header}
	}
	v, err := w.in.VerifyGet(w.ctx, get(signature.PrivateKey{}, nil))
	if err != nil || v != coop.Anonymous() {
		t.Errorf("unsigned: %+v, %v", v, err)
	}
	v, err = w.in.VerifyGet(w.ctx, get(bob.rsa, nil))
	if err != nil || v != coop.Stranger(p.host) {
		t.Errorf("stranger: %+v, %v", v, err)
	}
	server := p.actor("Application", "server")
	for range 2 { // met a moment ago, and not
		v, err = w.in.VerifyGet(w.ctx, get(server.rsa, nil))
		if err != nil || v != coop.SignedHost(p.host) {
			t.Errorf("instance actor: %+v, %v", v, err)
		}
		w.in.met.forget(server.iri)
	}
	account := w.follows(w.ana, bob)
	v, err = w.in.VerifyGet(w.ctx, get(bob.rsa, nil))
	if err != nil || v != coop.Signed(account.ID, p.host) {
		t.Errorf("known: %+v, %v", v, err)
	}
	_, err = w.in.VerifyGet(w.ctx, get(bob.rsa, header("Date", w.clock.Now().Add(time.Minute).UTC().Format(http.TimeFormat))))
	refusedWith(t, err, 401, "signature")
	w.decide(p.host, coop.PolicyBlock)
	if _, err = w.in.VerifyGet(w.ctx, get(bob.rsa, nil)); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("blocked: %v", err)
	}
}
