// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"minga/coop"
	"minga/outbox"
)

// TestInteropSignaturesIn: both kinds, with and without a proof, at a personal inbox
// and the shared one, and with a query that Fedify leaves out of the older kind.
func TestInteropSignaturesIn(t *testing.T) {
	w := newInteropWorld(t, nil)
	telar, ben := w.account(coop.Coop, "telar"), w.peer.add("ben", nil)
	w.followedBy(ben, telar)
	w.subscribe(telar, ben)
	for _, signature := range []string{"cavage", "rfc9421", "auto"} {
		for _, proof := range []bool{true, false} {
			for _, shared := range []bool{true, false} {
				order := fields{"activity": "Create", "object": fields{"content": "<p>x</p>"}, "signature": signature, "sharedInbox": shared}
				if signature != "auto" {
					order["proof"] = proof
				}
				sent := w.peer.publish(ben, order)
				w.settle()
				if len(sent.Sent) != 1 || w.post(sent.Object) == nil {
					t.Errorf("%s, proof %t, shared %t: %d requests, kept as %v", signature, proof, shared, len(sent.Sent), w.post(sent.Object))
				}
			}
		}
	}
	for _, signature := range []string{"cavage", "rfc9421"} {
		note := ben.ID + "/objects/" + signature
		got := w.peer.lie(ben, interopLie{Inbox: string(telar.Inbox) + "?box=1", Signature: signature, Body: fields{
			"@context": "https://www.w3.org/ns/activitystreams", "type": "Create", "id": note + "/create", "actor": ben.ID, "to": []string{vocabularyPublic},
			"object": fields{"type": "Note", "id": note, "attributedTo": ben.ID, "content": "<p>x</p>", "to": []string{vocabularyPublic}},
		}})
		w.settle()
		if !slices.Equal(got, []int{http.StatusAccepted}) || w.post(note) == nil {
			t.Errorf("%s with a query: answered %v, kept as %v", signature, got, w.post(note))
		}
	}
	w.run("minga asks for the newer kind", func(w *interopWorld) {
		var answer struct {
			Answers []struct{ Headers map[string]string }
		}
		w.peer.call("POST", "/actors/ben/deliver", interopLie{Inbox: string(telar.Inbox), Body: fields{
			"@context": "https://www.w3.org/ns/activitystreams", "type": "View", "id": ben.ID + "/activities/v", "actor": ben.ID, "object": string(telar.IRI),
		}}, &answer)
		if got := answer.Answers[0].Headers["accept-signature"]; !strings.Contains(got, `alg="ed25519"`) {
			t.Errorf("Accept-Signature is %q", got)
		}
	})
}

// TestInteropSignaturesOut: minga begins with the older kind, knocks a second time
// with the other where one is refused, and remembers what was taken.
func TestInteropSignaturesOut(t *testing.T) {
	w := newInteropWorld(t, nil)
	telar, ben := w.account(coop.Coop, "telar"), w.peer.add("ben", nil)
	w.peer.do(ben, "follow", fields{"target": string(telar.IRI), "signature": "cavage"})
	w.until("ben follows", func() bool { return w.peer.actor("ben").Following[string(telar.IRI)] == "accepted" })
	for _, step := range []struct {
		why    string
		refuse []string
		want   string // kinds of the requests, the last of which is taken
	}{
		{"who is not known is asked in the older kind", nil, "cavage"},
		{"who refuses it is asked in the other", []string{"cavage"}, "cavage rfc9421"},
		{"which is remembered", []string{"cavage"}, "rfc9421"},
		{"also when both are taken again", nil, "rfc9421"},
		{"until that is refused", []string{"rfc9421"}, "rfc9421 cavage"},
		{"which is remembered too", nil, "cavage"},
	} {
		w.peer.call("PUT", "/faults", fields{"refuse": append([]string{}, step.refuse...)}, nil)
		before, since := w.peer.posts(0), w.peer.mark()
		w.must(w.outbox.PublishNote(w.ctx, telar, &coop.Post{Kind: coop.KindNote, Visibility: coop.VisiblePublic, Language: "es", Source: step.why}))
		w.settle()
		asked := w.peer.posts(len(before))
		if got := strings.Join(asked, " "); got != step.want {
			t.Errorf("%s: asked by %q, want %q", step.why, got, step.want)
		}
		entries := w.peer.inbox(since)
		if len(entries) != 1 {
			t.Errorf("%s: %d arrived", step.why, len(entries))
			continue
		}
		w.good(w.peer.entry(entries[0].Seq), telar)
	}
	w.peer.call("DELETE", "/faults", nil, nil)
	w.run("who signs in the newer kind is written to in it", func(w *interopWorld) {
		other := *w
		other.instance = startInteropMinga(w.t, nil)
		brisa := other.account(coop.Coop, "brisa")
		before := len(w.peer.posts(0))
		w.peer.do(ben, "follow", fields{"target": string(brisa.IRI), "signature": "rfc9421"})
		other.until("ben follows", func() bool { return w.peer.actor("ben").Following[string(brisa.IRI)] == "accepted" })
		if got := strings.Join(w.peer.posts(before), " "); got != "rfc9421" {
			w.t.Errorf("written to by %q", got)
		}
	})
	w.run("an inbox with a query", func(w *interopWorld) { interopQueryOut(w, telar, ben) })
}

// posts lists the kinds of signature of the POSTs that came, after the first so many.
func (p *interopPeer) posts(after int) (kinds []string) {
	p.t.Helper()
	var entries []struct{ Method, Signature string }
	p.call("GET", "/requests?method=POST", nil, &entries)
	for _, e := range entries {
		kinds = append(kinds, e.Signature)
	}
	return kinds[min(after, len(kinds)):]
}

// interopQueryOut delivers to an inbox with a query: whichever kind is taken covers it.
func interopQueryOut(w *interopWorld, telar *coop.Account, ben interopActor) {
	actor := w.peer.lookup(ben.ID).Document
	for _, name := range []string{"id", "url"} {
		actor[name] = w.peer.origin + "/query/ben"
	}
	actor["inbox"], actor["preferredUsername"] = ben.Inbox+"?box=1", "query"
	delete(actor, "publicKey")
	delete(actor, "assertionMethod")
	delete(actor, "endpoints")
	iri := w.peer.serve("/query/ben", actor)
	target, err := w.inbox.Actor(w.ctx, coop.IRI(iri))
	w.must(err)
	since := w.peer.mark()
	_, err = w.outbox.Follow(w.ctx, telar, target)
	w.must(err)
	w.settle()
	entries := w.peer.inbox(since)
	if n := len(entries); n == 0 || n > 2 || !entries[n-1].HTTP.Verified || !strings.HasSuffix(entries[n-1].URL, "?box=1") {
		w.t.Errorf("arrived as %+v", entries)
	}
}

// TestInteropReads: what minga reads it reads signed; what it shows to some it shows
// to signers of either kind.
func TestInteropReads(t *testing.T) {
	w := newInteropWorld(t, nil)
	telar, ben, mallory := w.account(coop.Coop, "telar"), w.peer.add("ben", nil), w.peer.add("mallory", nil)
	w.followedBy(ben, telar)
	w.run("minga signs what it reads", func(w *interopWorld) {
		sent := w.peer.publish(ben, fields{"activity": "Create", "object": fields{"content": "<p>x</p>"}, "recipients": []string{}})
		w.peer.call("PUT", "/faults", fields{"authorizedFetch": true}, nil)
		if got := w.peer.fetch(ben, sent.Object, "none").Status; got != http.StatusUnauthorized {
			w.t.Fatalf("unsigned it is answered %d", got)
		}
		for _, query := range []string{"", "?page=1"} { // Fedify refuses the older kind with a query
			p, err := w.inbox.Post(w.ctx, coop.IRI(sent.Object+query))
			if err != nil || string(p.IRI) != sent.Object {
				w.t.Errorf("with the query %q: %v %v", query, p, err)
			}
		}
		w.peer.call("DELETE", "/faults", nil, nil)
	})
	hidden := &coop.Post{Kind: coop.KindNote, Visibility: coop.VisibleFollowers, Language: "es", Source: "Sólo para quienes siguen."}
	w.must(w.outbox.PublishNote(w.ctx, telar, hidden))
	w.settle()
	for _, row := range []struct {
		who       interopActor
		signature string
		want      int
	}{
		{ben, "cavage", http.StatusOK},
		{ben, "rfc9421", http.StatusOK},
		{ben, "none", http.StatusNotFound},
		{mallory, "cavage", http.StatusNotFound},
		{mallory, "rfc9421", http.StatusNotFound},
	} {
		for _, query := range []string{"", "?x=1"} {
			got := w.peer.fetch(row.who, string(hidden.IRI)+query, row.signature)
			if got.Status != row.want {
				t.Errorf("%s by %s with the query %q: %d, want %d", row.who.Name, row.signature, query, got.Status, row.want)
			}
		}
	}
	if entries := w.peer.inbox(0); len(entries) > 0 {
		last := w.peer.entry(entries[len(entries)-1].Seq)
		w.good(last, telar) // not public: without a proof
		if last.Type != "Create" {
			t.Errorf("a %s arrived", last.Type)
		}
	}
}

// TestInteropAuthorizedFetch: where every read must be signed, the peer still reads,
// follows and is followed.
func TestInteropAuthorizedFetch(t *testing.T) {
	w := newInteropWorld(t, map[string]string{"MINGA_AUTHORIZED_FETCH": "on"})
	telar, ben := w.account(coop.Coop, "telar"), w.peer.add("ben", nil)
	for signature, want := range map[string]int{"none": http.StatusUnauthorized, "cavage": http.StatusOK, "rfc9421": http.StatusOK} {
		if got := w.peer.fetch(ben, string(telar.IRI), signature).Status; got != want {
			t.Errorf("signature %s: %d, want %d", signature, got, want)
		}
	}
	if got := w.peer.fetch(ben, w.config.BaseURL()+"/actor", "none").Status; got != http.StatusOK {
		t.Errorf("the instance actor answers %d", got)
	}
	w.subscribe(telar, ben)
	sent := w.peer.publish(ben, fields{"activity": "Create", "object": fields{"content": "<p>x</p>"}})
	w.settle()
	if w.post(sent.Object) == nil {
		t.Error("ben's post did not arrive")
	}
}

// TestInteropKeysChange: either side may change its keys under their old names.
func TestInteropKeysChange(t *testing.T) {
	w := newInteropWorld(t, nil)
	telar := w.account(coop.Coop, "telar")
	// Whoever is first lets Fedify fetch our key, which it asks for with a signature
	// over an address with a fragment: no server sees those, so that it does not hold,
	// and minga has then looked at that actor's key for the next five minutes.
	w.followedBy(w.peer.add("first", nil), telar)
	for _, key := range []string{"rsa", "ed25519"} {
		w.run("the peer's "+key, func(w *interopWorld) {
			actor := w.peer.add("k"+key, nil)
			w.followedBy(actor, telar)
			w.subscribe(telar, actor)
			w.peer.call("POST", "/actors/"+actor.Name+"/rotate", fields{"key": key}, nil)
			for _, signature := range []string{"cavage", "rfc9421"} {
				sent := w.peer.publish(actor, fields{"activity": "Create", "object": fields{"content": "<p>x</p>"}, "signature": signature})
				w.settle()
				if w.post(sent.Object) == nil {
					w.t.Errorf("%s: the post did not arrive", signature)
				}
			}
		})
	}
	w.run("ours", func(w *interopWorld) {
		ben := w.peer.add("ben", nil)
		w.followedBy(ben, telar)
		w.must(w.outbox.RotateKeys(w.ctx, telar, outbox.Rotation{}))
		w.settle()
		since := w.peer.mark()
		w.must(w.outbox.PublishNote(w.ctx, telar, &coop.Post{Kind: coop.KindNote, Visibility: coop.VisiblePublic, Language: "es", Source: "Claves nuevas."}))
		w.settle()
		entries := w.peer.inbox(since)
		if len(entries) == 0 {
			w.t.Fatal("nothing arrived")
		}
		w.good(w.peer.entry(entries[len(entries)-1].Seq), telar)
	})
}
