// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation"
)

// whispers publishes a note for the followers of an account alone and lets it arrive.
func (h *house) whispers(a *coop.Account, text string) {
	h.f.t.Helper()
	h.f.must(h.outbox.PublishNote(h.f.ctx, h.local(pathOf(a)), &coop.Post{Source: text, Language: "es", Visibility: coop.VisibleFollowers}))
	h.f.settle()
	h.f.pass(5 * time.Minute)
}

// TestFollowersSynchronise: two servers that disagree about who follows whom agree again
// with the next post for followers, whichever side lost a message (FEP-8fcf).
func TestFollowersSynchronise(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		telar, eva, bea := b.coop("telar"), a.person("eva"), a.person("bea")
		for _, who := range []*coop.Account{eva, bea} {
			a.follow(who, telar)
		}
		f.settle()
		f.pass(time.Hour)

		a.loses.Store(true) // the end of eva's follow does not arrive
		b.decide(eva, telar, false, "")
		a.loses.Store(false)
		b.loses.Store(true) // nor does bea's own
		f.must(a.outbox.Unfollow(f.ctx, bea, a.knows(telar)))
		f.settle()
		b.loses.Store(false)
		if a.followState(eva, telar) != coop.FollowAccepted || b.followState(bea, telar) != coop.FollowAccepted {
			t.Fatal("nothing was lost")
		}
		f.pass(time.Hour)
		f.record()
		f.must(b.outbox.PublishNote(f.ctx, b.local(pathOf(telar)), &coop.Post{Source: "Para todo el mundo", Language: "es"}))
		b.whispers(telar, "Para quienes nos siguen")
		a.signsParts()
		f.settle()
		if state := a.followState(eva, telar); state != "" {
			t.Errorf("eva still follows at home: %s", state)
		}
		if state := b.followState(bea, telar); state != "" {
			t.Errorf("bea is still a follower: %s", state)
		}
		f.partIsForItsServer(b, telar)
	})
}

// partIsForItsServer: nobody but the server of the followers learns who they are.
func (f *fediverse) partIsForItsServer(h *house, owner *coop.Account) {
	f.t.Helper()
	status, _ := h.get(owner.IRI + "/followers_synchronization")
	if status != http.StatusNotFound {
		f.t.Errorf("read without a signature: %d", status)
	}
}

// signsParts wants the header on what is for followers alone, covered by the signature, and
// on nothing else.
func (h *house) signsParts() {
	h.f.t.Helper()
	with := 0
	for _, p := range h.pushed() {
		part, public := p.Header.Get(federation.SynchronizationHeader), bytes.Contains(p.Body, []byte(coop.Public))
		if public || p.Type != "Create" {
			if part != "" {
				h.f.t.Errorf("%s carries %s", p.Body, part)
			}
			continue
		}
		with++
		signed := p.Header.Get("Signature-Input") + p.Header.Get("Signature")
		if part == "" || !strings.Contains(signed, "collection-synchronization") {
			h.f.t.Errorf("%s carries %q, signed by %s", p.Body, part, signed)
		}
	}
	if with != 1 {
		h.f.t.Errorf("%d posts for followers came", with)
	}
}
