// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"minga/coop"
)

// TestJoiningIsNotForged: nobody answers a Join that was not theirs, names a Membership
// elsewhere, or joins for somebody else; a person is told why theirs is none; the same
// Join again gets the same answer again.
func TestJoiningIsNotForged(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c := f.house("ana"), f.house("berta"), f.house("carla")
		faro, falsa, zoe := a.coop("faro"), c.coop("falsa"), c.person("zoe")
		asked, err := a.outbox.Join(f.ctx, faro, a.knows(b.federation), "", "")
		f.must(err)
		f.drain()
		state := func() coop.MembershipState { return f.membership(a, faro, b.federation).State }
		join := string(asked.JoinIRI)
		accept := func(by *coop.Account, membership coop.IRI) map[string]any {
			return map[string]any{
				"id": string(by.IRI) + "/accepts/1", "type": "Accept", "actor": by.IRI, "object": join, "to": faro.IRI,
				"result": map[string]any{"type": "Membership", "id": membership, "member": faro.IRI, "organization": b.federation.IRI, "role": "full"},
			}
		}
		c.push(c.federation, a, pathOf(faro)+"/inbox", accept(c.federation, c.federation.IRI+"/memberships/faro"))
		f.drain()
		if state() != coop.MembershipAsked {
			t.Error("accepted by another federation than the one asked")
		}
		b.push(b.federation, a, pathOf(faro)+"/inbox", accept(b.federation, c.federation.IRI+"/memberships/faro"))
		f.drain()
		if state() != coop.MembershipAsked {
			t.Error("a Membership of another host was taken")
		}

		other := map[string]any{"id": string(faro.IRI) + "/joins/9", "type": "Join", "actor": faro.IRI, "object": c.federation.IRI, "to": c.federation.IRI}
		if code := c.push(falsa, b, "/inbox", with(other, "object", b.federation.IRI)); code == http.StatusAccepted {
			t.Errorf("a Join for somebody else was answered %d", code)
		}
		own := with(other, "id", string(falsa.IRI)+"/joins/9", "actor", falsa.IRI, "attributedTo", faro.IRI, "object", b.federation.IRI)
		c.push(falsa, b, "/inbox", own)
		f.drain()
		if got := f.membership(b, falsa, b.federation); got.Member.IRI != falsa.IRI {
			t.Errorf("it asked for %s", got.Member.IRI)
		}

		f.record()
		c.push(zoe, b, "/inbox", with(other, "id", string(zoe.IRI)+"/joins/1", "actor", zoe.IRI, "object", b.federation.IRI))
		f.settle()
		if got := c.pushed(); len(got) != 1 || got[0].Type != "Reject" || !strings.Contains(string(got[0].Body), "/join") {
			t.Errorf("a person was answered %v", got)
		}
		if b.stored(zoe.IRI) != nil {
			if _, err := b.store.MembershipOf(f.ctx, b.stored(zoe.IRI).ID, b.federation.ID); err == nil {
				t.Error("a person's petition was kept")
			}
		}

		f.must(b.outbox.DecideMembership(f.ctx, f.membership(b, faro, b.federation), true, ""))
		f.settle()
		f.record()
		a.push(a.local(pathOf(faro)), b, "/inbox", map[string]any{"id": join, "type": "Join", "actor": faro.IRI, "object": b.federation.IRI, "to": b.federation.IRI})
		f.settle()
		answers := 0
		for _, x := range a.pushed() {
			if x.Type == "Accept" && x.Actor == string(b.federation.IRI) {
				answers++
			}
		}
		if answers != 1 {
			t.Errorf("the same Join was answered %d times", answers)
		}
	})
}

// with is a document with some members changed, given as names and values.
func with(doc map[string]any, change ...any) map[string]any {
	out := maps.Clone(doc)
	for n := 0; n+1 < len(change); n += 2 {
		out[change[n].(string)] = change[n+1]
	}
	return out
}
