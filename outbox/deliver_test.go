// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/federation/signature"
	"minga/storage"

	"pgregory.net/rapid"
)

func TestJudge(t *testing.T) {
	status := func(code int) error { return &federation.Error{Kind: federation.KindStatus, Status: code} }
	kind := func(k federation.Kind) error { return &federation.Error{Kind: k} }
	for _, tt := range []struct {
		name string
		err  error
		want verdict
	}{
		{"any 2xx is the end", nil, verdict{result: storage.Delivered}},
		{"400 is final", status(400), verdict{result: storage.Final}},
		{"403 is final", status(403), verdict{result: storage.Final}},
		{"401 comes again", status(401), verdict{result: storage.Again}},
		{"408 comes again", status(408), verdict{result: storage.Again}},
		{"410 ends the inbox", status(410), verdict{result: storage.Final, gone: true}},
		{"404 may end the inbox", status(404), verdict{result: storage.Final, missing: true}},
		{"429 is the host's", status(429), verdict{result: storage.Unsent, host: true}},
		{"503 is the host's", status(503), verdict{result: storage.Unsent, host: true}},
		{"500 is the delivery's", status(500), verdict{result: storage.Again}},
		{"502 is the delivery's", status(502), verdict{result: storage.Again}},
		{"a redirect is not followed", &federation.Error{Kind: federation.KindRedirect, Status: 302}, verdict{result: storage.Again}},
		{"no name", kind(federation.KindDNS), verdict{result: storage.Unsent, host: true}},
		{"no connection", kind(federation.KindConnect), verdict{result: storage.Unsent, host: true}},
		{"no handshake", kind(federation.KindTLS), verdict{result: storage.Unsent, host: true}},
		{"no answer in time", kind(federation.KindTimeout), verdict{result: storage.Unsent, host: true}},
		{"an address that may not be reached", kind(federation.KindAddress), verdict{result: storage.Final}},
		{"a blocked domain", kind(federation.KindBlocked), verdict{result: storage.Final}},
		{"our own end", kind(federation.KindCanceled), verdict{result: storage.Unsent}},
		{"our own fault", errors.New("database away"), verdict{result: storage.Again}},
	} {
		got := judge(tt.err)
		got.reason = ""
		if got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestPause(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, seed := rapid.IntRange(1, 1000).Draw(t, "n"), rapid.String().Draw(t, "seed")
		least := time.Duration(min(n, 100)*min(n, 100)*min(n, 100)*min(n, 100)+15) * time.Second
		got := pause(n, seed)
		if got > longestPause || got < min(least, longestPause) || got > least+least*3/10 {
			t.Fatalf("pause %d is %v", n, got)
		}
	})
}

func TestOutcomeIsGivenUpAfterSevenDays(t *testing.T) {
	now := day("2030-05-08T12:00:00Z")
	d := &storage.ClaimedDelivery{CreatedAt: now.Add(-giveUpAfter + time.Minute)}
	d.Attempts = 20
	if got := outcomeOf(d, verdict{result: storage.Again, reason: "500"}, now); got.Result != storage.Final {
		t.Errorf("own failure after seven days: %+v", got)
	}
	d.CreatedAt = now.Add(-giveUpAfter - time.Minute)
	if got := outcomeOf(d, verdict{result: storage.Unsent, reason: "dead"}, now); got.Result != storage.Final {
		t.Errorf("a host dead for seven days: %+v", got)
	}
}

// note publishes a plain post of a co-op that some accounts follow.
func (h *house) note(author *coop.Account, text string) *coop.Post {
	h.t.Helper()
	p := &coop.Post{Source: text}
	h.must(h.PublishNote(h.t.Context(), author, p))
	return p
}

func TestSecondKnock(t *testing.T) { each(t, storySecondKnock) }

func storySecondKnock(h *house) {
	t, p := h.t, newPeer(h.t)
	telar := h.account(coop.Coop, "telar")
	h.follows(p.actor(h, coop.Person, "ana", true), telar)
	p.answer = func(r *http.Request) int {
		if r.Header.Get("Signature-Input") == "" {
			return http.StatusUnauthorized
		}
		return http.StatusAccepted
	}
	h.note(telar, "uno")
	h.drain()
	if got := p.take(); len(got) != 2 || got[0].form != "cavage" || got[1].form != "rfc9421" {
		t.Fatalf("knocks: %+v", got)
	}
	h.note(telar, "dos")
	h.drain()
	if got := p.take(); len(got) != 1 || got[0].form != "rfc9421" {
		t.Errorf("the second form was not remembered: %+v", got)
	}
	p.answer = func(*http.Request) int { return http.StatusUnauthorized }
	h.note(telar, "tres")
	h.drain()
	if got := p.take(); len(got) != 2 {
		t.Errorf("%d requests for one attempt", len(got))
	}
}

// TestWhatIsOnItsWayIsHeard: who is told to end while another server takes a delivery
// waits for its answer, begins none, and writes down that it is there; nobody sends it again.
func TestWhatIsOnItsWayIsHeard(t *testing.T) { each(t, storyWhatIsOnItsWayIsHeard) }

func storyWhatIsOnItsWayIsHeard(h *house) {
	t, p := h.t, newPeer(h.t)
	telar := h.account(coop.Coop, "telar")
	h.follows(p.actor(h, coop.Person, "ana", true), telar)
	ctx, end := context.WithCancel(t.Context())
	p.answer = func(*http.Request) int {
		end()
		time.Sleep(100 * time.Millisecond) // it is here, and nobody was told
		return http.StatusAccepted
	}
	h.note(telar, "uno")
	h.note(telar, "dos")
	if _, err := h.Step(ctx); err != nil {
		t.Fatal(err)
	}
	if got := p.take(); len(got) != 1 {
		t.Fatalf("%d requests, want the one that was under way", len(got))
	}
	p.answer = nil
	h.drain()
	if got := p.take(); len(got) != 1 || !strings.Contains(string(got[0].body), "dos") {
		t.Errorf("%d requests later, want the one that was not begun", len(got))
	}
}

// TestAServerThatHangsHoldsNobodyUp: who is told to end waits a moment, not for it.
func TestAServerThatHangsHoldsNobodyUp(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	on, cancel := outlive(ctx)
	defer cancel()
	end()
	began := time.Now()
	<-on.Done()
	if took := time.Since(began); took < lastWord {
		t.Errorf("ended after %v", took)
	}
	ctx, end = context.WithCancel(t.Context())
	defer end()
	on, cancel = outlive(ctx)
	cancel()
	if on.Err() == nil {
		t.Error("who is done with it holds on to it")
	}
}

func TestEd25519OnceAskedFor(t *testing.T) {
	h, p := newHouse(t), newPeer(t)
	telar := h.account(coop.Coop, "telar")
	h.follows(p.actor(h, coop.Person, "ana", true), telar)
	p.header.Set("Accept-Signature", signature.AcceptSignature())
	var ed atomic.Bool
	p.answer = func(r *http.Request) int {
		ed.Store(strings.Contains(r.Header.Get("Signature-Input"), "ed25519"))
		return http.StatusAccepted
	}
	h.note(telar, "uno")
	h.drain()
	if ed.Load() {
		t.Error("the first was signed with a form that nobody asked for")
	}
	h.note(telar, "dos")
	h.drain()
	if !ed.Load() {
		t.Error("the second was not signed with Ed25519")
	}
}

func TestHostRestsAndRevives(t *testing.T) { each(t, storyHostRestsAndRevives) }

func storyHostRestsAndRevives(h *house) {
	t, p := h.t, newPeer(h.t)
	telar := h.account(coop.Coop, "telar")
	h.follows(p.actor(h, coop.Person, "ana", true), telar)
	p.answer = func(*http.Request) int { return http.StatusServiceUnavailable }
	p.header.Set("Retry-After", "3600")
	h.note(telar, "uno")
	h.note(telar, "dos")
	h.drain()
	if n := len(p.take()); n != 1 {
		t.Fatalf("%d requests to a host that rests", n)
	}
	h.clock.Advance(59 * time.Minute)
	h.drain()
	if n := len(p.take()); n != 0 {
		t.Errorf("%d requests before Retry-After", n)
	}
	p.mu.Lock()
	p.answer = nil
	p.header.Del("Retry-After")
	p.mu.Unlock()
	h.clock.Advance(2 * time.Minute)
	h.drain()
	if got := says(p.take()); got != "Create Create" {
		t.Errorf("after the rest: %q", got)
	}
}

func TestOwnFailureComesAgain(t *testing.T) {
	h, p := newHouse(t), newPeer(t)
	telar := h.account(coop.Coop, "telar")
	h.follows(p.actor(h, coop.Person, "ana", true), telar)
	p.answer = func(*http.Request) int { return http.StatusInternalServerError }
	h.note(telar, "uno")
	h.drain()
	if n := len(p.take()); n != 1 {
		t.Fatalf("%d requests", n)
	}
	p.mu.Lock()
	p.answer = nil
	p.mu.Unlock()
	h.clock.Advance(30 * time.Second)
	h.drain()
	if got := says(p.take()); got != "Create" {
		t.Errorf("again: %q", got)
	}
}

func TestGoneSharedInboxFallsBack(t *testing.T) { each(t, storyGoneSharedInboxFallsBack) }

func storyGoneSharedInboxFallsBack(h *house) {
	t, p := h.t, newPeer(h.t)
	telar := h.account(coop.Coop, "telar")
	for _, name := range []string{"ana", "beto"} {
		h.follows(p.actor(h, coop.Person, name, true), telar)
	}
	p.answer = func(r *http.Request) int {
		if r.URL.Path == "/inbox" {
			return http.StatusGone
		}
		return http.StatusAccepted
	}
	h.note(telar, "uno")
	h.drain()
	paths := map[string]int{}
	for _, r := range p.take() {
		paths[r.path]++
	}
	if paths["/inbox"] != 1 || paths["/ana/inbox"] != 1 || paths["/beto/inbox"] != 1 {
		t.Errorf("first post went to %v", paths)
	}
	h.note(telar, "dos")
	h.drain()
	paths = map[string]int{}
	for _, r := range p.take() {
		paths[r.path]++
	}
	if paths["/inbox"] != 0 || paths["/ana/inbox"] != 1 || paths["/beto/inbox"] != 1 {
		t.Errorf("second post went to %v", paths)
	}
}

func TestFinalIsNotRepeated(t *testing.T) {
	h, p := newHouse(t), newPeer(t)
	telar := h.account(coop.Coop, "telar")
	h.follows(p.actor(h, coop.Person, "ana", true), telar)
	p.answer = func(*http.Request) int { return http.StatusForbidden }
	post := h.note(telar, "uno")
	h.drain()
	h.clock.Advance(hours(12))
	h.drain()
	if n := len(p.take()); n != 1 {
		t.Errorf("%d requests", n)
	}
	s, err := h.store.DeliveriesOfPost(t.Context(), post.ID)
	h.must(err)
	if s.Dead != 1 || s.Waiting != 0 {
		t.Errorf("summary %+v", s)
	}
}

func TestBlockedDomainGetsNothing(t *testing.T) {
	h, p := newHouse(t), newPeer(t)
	telar := h.account(coop.Coop, "telar")
	ana := p.actor(h, coop.Person, "ana", true)
	h.follows(ana, telar)
	h.must(h.store.Write(t.Context(), func(tx *storage.Tx) error {
		return tx.PutPeer(t.Context(), &coop.Peer{Host: ana.Host, Policy: coop.PolicyBlock})
	}))
	h.note(telar, "hola @ana@"+ana.Host)
	h.drain()
	if got := p.take(); len(got) != 0 {
		t.Errorf("sent %q", says(got))
	}
	if _, err := h.Follow(t.Context(), telar, ana); !errors.Is(err, coop.ErrForbidden) {
		t.Errorf("followed over a block: %v", err)
	}
}
