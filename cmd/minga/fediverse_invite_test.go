// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"testing"
	"time"

	"minga/coop"
)

// TestInvitation: a federation asks a co-op of another instance; the co-op's yes makes the
// Membership, which both ends and a third instance see; its no is kept with its reason; an
// invitation that was taken back cannot be accepted.
func TestInvitation(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c := f.house("ana"), f.house("berta"), f.house("carla")
		f.befriend(a, b)
		f.befriend(b, c)
		f.befriend(a, c)
		telar := a.coop("telar")
		f.admit(telar, a, a)
		a.publish(telar, "Panadera")
		invited := func(note string) *coop.Membership {
			t.Helper()
			_, err := b.outbox.Invite(f.ctx, b.federation, b.knows(telar), coop.RoleObserver, note)
			f.must(err)
			f.drain()
			return f.membership(a, telar, b.federation)
		}

		m := invited("Nos gustaría.")
		if m.State != coop.MembershipInvited || m.Note != "Nos gustaría." || m.Role != coop.RoleObserver {
			t.Fatalf("it came as %+v", m)
		}
		f.must(a.outbox.AnswerInvite(f.ctx, m, false, "Todavía no."))
		f.settle()
		if m := f.membership(b, telar, b.federation); m.State != coop.MembershipRefused || m.Note != "Todavía no." {
			t.Errorf("declined: %s %q", m.State, m.Note)
		}
		m = invited("")
		f.must(b.outbox.RemoveMember(f.ctx, f.membership(b, telar, b.federation), ""))
		f.drain()
		if err := a.outbox.AnswerInvite(f.ctx, m, true, ""); !errors.Is(err, coop.ErrState) {
			t.Errorf("accepted what was taken back: %v", err)
		}
		m = invited("")
		f.must(a.outbox.AnswerInvite(f.ctx, m, true, ""))
		f.must(a.outbox.AnswerInvite(f.ctx, m, true, "")) // again: nothing
		f.settle()
		f.pass(25 * time.Hour)
		for _, h := range f.all {
			if !h.member(telar, b.federation) {
				t.Errorf("no member at %s", h.name)
			}
		}
		here, there := f.membership(a, telar, b.federation), f.membership(b, telar, b.federation)
		if here.IRI == "" || here.IRI != there.IRI || here.Role != coop.RoleObserver || here.IRI != b.federation.IRI+"/memberships/telar" {
			t.Errorf("the Membership here %s (%s), there %s", here.IRI, here.Role, there.IRI)
		}
		if code, doc := b.get(here.IRI); code != 200 || doc["member"] != string(telar.IRI) || doc["role"] != "observer" {
			t.Errorf("served %d %v", code, doc)
		}
		f.must(a.outbox.LeaveMembership(f.ctx, here))
		f.settle()
		f.noMember(telar, b.federation, "left")
	})
}
