// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"errors"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// TestARoleGoesOut: one Update of the Membership with the new role and the reason, and an
// entry of the audit log that has both; what is no role, has no reason, or is of nobody who
// stands, changes nothing.
func TestARoleGoesOut(t *testing.T) {
	each(t, func(h *house) {
		ctx, p := h.t.Context(), newPeer(h.t)
		federation, err := h.store.FederationAccount(ctx)
		h.must(err)
		brisa := p.actor(h, coop.Coop, "brisa", false)
		m := &coop.Membership{Member: brisa, Organization: federation, Role: coop.RoleFull, State: coop.MembershipAsked, JoinIRI: brisa.IRI + "/joins/1"}
		h.must(h.store.Write(ctx, func(tx *storage.Tx) error { return tx.PutMembership(ctx, m) }))
		if err := h.SetMemberRole(ctx, m, coop.RoleObserver, "sin cuota"); !errors.Is(err, coop.ErrState) {
			h.t.Errorf("of who only asks: %v", err)
		}
		h.must(h.DecideMembership(ctx, m, true, ""))
		h.drain()
		p.take()
		for _, wrong := range []struct{ role, note, field string }{{"boss", "x", "role"}, {"observer", " \n", "note"}} {
			var list coop.Invalid
			if err := h.SetMemberRole(ctx, m, coop.MembershipRole(wrong.role), wrong.note); !errors.As(err, &list) || list[0].Field != wrong.field {
				h.t.Errorf("%q because %q: %v", wrong.role, wrong.note, err)
			}
		}
		acting := storage.ActingAs(ctx, storage.Acting{Who: "luz", Account: federation.ID, Act: "memberships.role"})
		h.must(h.SetMemberRole(acting, m, coop.RoleObserver, "ya no aporta"))
		h.must(h.SetMemberRole(ctx, m, coop.RoleObserver, "otra vez"))
		h.drain()
		got := one(h.t, p.take())
		object, _ := got.doc["object"].(map[string]any)
		if got.doc["type"] != "Update" || object["type"] != "Membership" || object["role"] != "observer" || !strings.Contains(got.doc["content"].(string), "ya no aporta") {
			h.t.Errorf("sent %s", got.body)
		}
		now, err := h.store.Membership(ctx, m.ID)
		h.must(err)
		doc, err := h.store.Document(ctx, now.IRI)
		h.must(err)
		if now.Role != coop.RoleObserver || now.State != coop.MembershipMember || !strings.Contains(string(doc.Body), `"role":"observer"`) {
			h.t.Errorf("kept %+v, served %s", now, doc.Body)
		}
		log, err := h.store.Audit(ctx, storage.AuditQuery{Account: federation.ID}, coop.Page{Limit: 10})
		h.must(err)
		if len(log) == 0 || log[0].Who != "luz" || log[0].Why != "observer: ya no aporta" || log[0].Target != string(brisa.IRI) {
			h.t.Errorf("log %+v", log)
		}
		h.must(h.SuspendMember(ctx, m, coop.MembershipSuspend, ""))
		h.must(h.SetMemberRole(ctx, m, coop.RoleFull, "al día"))
		h.drain()
		if object, _ = last(p.take()).doc["object"].(map[string]any); object["status"] != "suspended" || object["role"] != "full" {
			h.t.Errorf("of who is suspended: %v", object)
		}
		h.must(h.RemoveMember(ctx, m, ""))
		if err := h.SetMemberRole(ctx, m, coop.RoleObserver, "tarde"); !errors.Is(err, coop.ErrState) {
			h.t.Errorf("of who is gone: %v", err)
		}
	})
}

// TestATakenBackPetitionEndsItsDecision: with the petition the question goes, and nobody
// can vote on it; the decision that a membership rests on stays when it ends.
func TestATakenBackPetitionEndsItsDecision(t *testing.T) {
	each(t, func(h *house) {
		ctx := h.t.Context()
		federation, err := h.store.FederationAccount(ctx)
		h.must(err)
		hilo := h.member("hilo")
		faro, err := h.NewAccount(ctx, Registration{Kind: coop.Coop, Name: "faro", Language: "es"})
		h.must(err)
		laid := func() (*coop.Membership, *coop.Post) {
			m, err := h.Join(ctx, faro, federation, coop.RoleFull, "")
			h.must(err)
			post, err := h.LayBeforeMembers(ctx, m, JoinDecision{})
			h.must(err)
			return m, post
		}
		m, post := laid()
		h.must(h.LeaveMembership(ctx, m))
		h.wantsStage("taken back", post, coop.StageWithdrawn, 0, 0, 0, 0)
		if err := h.CastBallot(ctx, hilo, post.ID, "consent", ""); complaintOf(err) != coop.CodeLate {
			h.t.Errorf("a ballot afterwards: %v", err)
		}
		now, err := h.store.Membership(ctx, m.ID)
		h.must(err)
		if now.State != coop.MembershipLeft || now.Decision != "" {
			h.t.Errorf("it is %s, by %q", now.State, now.Decision)
		}
		m, post = laid()
		h.must(h.CastBallot(ctx, hilo, post.ID, "consent", ""))
		h.ends(post)
		h.wantsStage("decided", post, coop.StageAdopted, 1, 0, 0, 0)
		h.must(h.LeaveMembership(ctx, m))
		h.wantsStage("left", post, coop.StageAdopted, 1, 0, 0, 0)
		if now, err = h.store.Membership(ctx, m.ID); err != nil || now.Decision != post.IRI {
			h.t.Errorf("it rested on %q, %v", now.Decision, err)
		}
	})
}
