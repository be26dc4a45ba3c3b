// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/federation/signature/signaturetest"
	"minga/storage"
)

// TestMembershipIsSeenByAThird: the third federation asks both sides, each at its own
// origin, and sees the end by either side.
func TestMembershipIsSeenByAThird(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c, telar := alliance(f)
		a.publish(telar, "Panadera") // by it the third meets the co-op
		f.settle()
		if !c.member(telar, a.federation) || !c.member(telar, b.federation) {
			t.Fatalf("%s: member of its own %v, of the other %v", c.name, c.member(telar, a.federation), c.member(telar, b.federation))
		}
		leaving := f.membership(a, telar, b.federation)
		f.must(a.outbox.LeaveMembership(f.ctx, leaving))
		f.settle()
		f.pass(25 * time.Hour)
		f.noMember(telar, b.federation, "after Leave")
		if !c.member(telar, a.federation) {
			t.Error("the other membership ended too")
		}
		f.admit(telar, a, b)
		f.must(b.outbox.RemoveMember(f.ctx, f.membership(b, telar, b.federation), "no paga"))
		f.settle()
		f.pass(25 * time.Hour)
		f.noMember(telar, b.federation, "after Remove")
	})
}

// membership is the membership as a house keeps it.
func (f *fediverse) membership(h *house, member, organization *coop.Account) *coop.Membership {
	f.t.Helper()
	m, err := h.store.MembershipOf(f.ctx, h.stored(member.IRI).ID, h.stored(organization.IRI).ID)
	f.must(err)
	return m
}

// noMember wants that no house takes a for a member.
func (f *fediverse) noMember(a, organization *coop.Account, when string) {
	f.t.Helper()
	for _, h := range f.all {
		if h.member(a, organization) {
			f.t.Errorf("%s: a member at %s", when, h.name)
		}
	}
}

// TestForgedMembershipHasNoBadge: a co-op that says it belongs where it does not is
// believed by nobody, and no board carries what it writes.
func TestForgedMembershipHasNoBadge(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c := f.house("ana"), f.house("berta"), f.house("carla")
		f.befriend(a, b)
		f.befriend(b, c)
		falsa := c.coop("falsa")
		falsa.MemberOf = []coop.IRI{b.federation.IRI}
		f.must(c.store.Write(f.ctx, func(tx *storage.Tx) error { return tx.SaveAccount(f.ctx, falsa) }))
		if _, doc := c.get(falsa.IRI); doc["memberOf"] == nil {
			t.Fatalf("the forged document claims nothing: %v", doc)
		}
		bea := b.person("bea")
		b.follow(bea, falsa)
		a.knows(falsa)
		f.settle()
		f.record()
		if got := c.push(falsa, b, "/inbox", trap(falsa, b.jobs)); got != http.StatusAccepted {
			t.Errorf("the job was answered %d", got)
		}
		f.settle()
		f.pass(25 * time.Hour)
		f.noMember(falsa, b.federation, "forged")
		if b.has(falsa.IRI+"/jobs/trampa") == nil {
			t.Error("the job did not arrive, so nothing was shown")
		}
		for _, h := range f.all {
			for _, x := range h.pushed() {
				if x.Type == "Announce" {
					t.Errorf("%s was sent %s", h.name, x.Body)
				}
			}
		}
	})
}

// trap is a job that names a board where its author does not belong.
func trap(author, board *coop.Account) map[string]any {
	id := string(author.IRI) + "/jobs/trampa"
	return map[string]any{"id": id + "/create", "type": "Create", "actor": author.IRI, "to": coop.Public, "cc": []coop.IRI{board.IRI}, "object": map[string]any{
		"id": id, "type": "Note", "attributedTo": author.IRI, "to": coop.Public, "cc": []coop.IRI{board.IRI}, "audience": board.IRI,
		"content": "<p>Trampa</p>", "published": "2030-05-01T12:00:00Z", "job": map[string]any{"type": "JobPosting", "title": "Trampa", "status": "open"},
	}}
}

// TestEndsOfAFollow: what came only by a follow leaves the public lists with it and
// comes back with it; so it is with a block of the server.
func TestEndsOfAFollow(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta", "MINGA_FEDERATION_FOLLOWS", "at-once")
		telar := b.coop("telar")
		f.admit(telar, b, b)
		p := b.publish(telar, "Panadera")
		article := b.article(telar, "Facturar juntas")
		a.follow(a.federation, b.federation)
		f.settle()
		f.listed(a, p, article, true, "while we follow")

		f.must(a.outbox.Unfollow(f.ctx, a.federation, a.knows(b.federation)))
		f.settle()
		f.listed(a, p, article, false, "after the follow")
		if state := b.followState(a.federation, b.federation); state != "" {
			t.Errorf("the other side still has the follow: %s", state)
		}
		a.follow(a.federation, b.federation)
		f.settle()
		f.listed(a, p, article, true, "followed again")

		f.must(a.outbox.Block(f.ctx, a.federation, a.knows(b.federation)))
		f.settle()
		f.listed(a, p, article, false, "blocked")
		if state := b.followState(a.federation, b.federation); state != "" {
			t.Errorf("a block ends the follow there too: %s", state)
		}
	})
}

// TestBlockedServer: nothing of a blocked server stands in public lists, nothing is
// taken from it or sent to it, and all is as before when that is taken back.
func TestBlockedServer(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		f.befriend(a, b)
		telar := b.coop("telar")
		f.admit(telar, b, b)
		p, article := b.publish(telar, "Panadera"), b.article(telar, "Facturar juntas")
		f.settle()
		f.listed(a, p, article, true, "before")
		f.must(a.setPolicy(f.ctx, &coop.Peer{Host: b.config.Host, Policy: coop.PolicyBlock, FirstSeen: a.now()}))
		f.pass(time.Minute) // what was decided is remembered for seconds
		f.listed(a, p, article, false, "blocked")
		late := b.publish(telar, "Segunda")
		f.settle()
		if a.has(late.IRI) != nil {
			t.Error("a blocked server was heard")
		}
		f.record()
		member := a.coop("hilo")
		f.admit(member, a, a)
		a.publish(member, "Tercera")
		f.settle()
		if got := b.pushed(); len(got) != 0 {
			t.Errorf("%d things were sent to a blocked server, first %s", len(got), got[0].Body)
		}
		f.must(a.setPolicy(f.ctx, &coop.Peer{Host: b.config.Host, Policy: coop.PolicyNone, FirstSeen: a.now()}))
		f.pass(time.Minute)
		f.listed(a, p, article, true, "taken back")
	})
}

// listed wants a job and an article in the public lists of a house, or not.
func (f *fediverse) listed(h *house, job, article *coop.Post, want bool, when string) {
	f.t.Helper()
	if got := slices.Contains(titles(h.board(true)), job.Job.Title); got != want {
		f.t.Errorf("%s: the job is listed: %v", when, got)
	}
	posts, err := h.store.Posts(f.ctx, coop.Anonymous(), storage.PostQuery{Kinds: []coop.PostKind{coop.KindArticle}, Listed: true}, coop.Page{Limit: 40})
	f.must(err)
	got := slices.ContainsFunc(posts, func(p *coop.Post) bool { return p.IRI == article.IRI })
	if got != want {
		f.t.Errorf("%s: the article is listed: %v", when, got)
	}
}

// TestModes: how a server that nobody knows is met.
func TestModes(t *testing.T) {
	for _, tt := range []struct {
		mode    coop.FederationMode
		status  int // of what a stranger pushes
		waits   bool
		allowed int // the same once its server is allowed
	}{
		{coop.ModeOpen, http.StatusAccepted, true, http.StatusAccepted},
		{coop.ModeAsk, http.StatusAccepted, true, http.StatusAccepted},
		{coop.ModeAllowlist, http.StatusForbidden, false, http.StatusAccepted},
		{coop.ModeClosed, http.StatusForbidden, false, http.StatusForbidden},
	} {
		t.Run(string(tt.mode), func(t *testing.T) {
			f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
			a, b := f.house("ana", "MINGA_FEDERATION_MODE", string(tt.mode)), f.house("berta")
			like := map[string]any{"type": "Like", "actor": b.federation.IRI, "object": a.federation.IRI, "id": b.federation.IRI + "/activities/like"}
			if got := b.push(b.federation, a, "/inbox", like); got != tt.status {
				t.Errorf("a stranger got %d, want %d", got, tt.status)
			}
			if _, err := b.inbox.Actor(f.ctx, a.federation.IRI); (err == nil) != tt.waits {
				t.Errorf("may the stranger look: %v", err)
			} else if tt.waits {
				b.follow(b.federation, a.federation)
			}
			f.settle()
			if got := a.followState(b.federation, a.federation) == coop.FollowAsked; got != tt.waits {
				t.Errorf("the follow waits: %v, want %v", got, tt.waits)
			}
			f.must(a.setPolicy(f.ctx, &coop.Peer{Host: b.config.Host, Policy: coop.PolicyAllow, FirstSeen: a.now()}))
			f.pass(10 * time.Minute) // what could not be fetched is not asked for again at once
			like["id"] = b.federation.IRI + "/activities/like-again"
			if got := b.push(b.federation, a, "/inbox", like); got != tt.allowed {
				t.Errorf("an allowed server got %d, want %d", got, tt.allowed)
			}
			if tt.mode == coop.ModeClosed {
				return
			}
			b.follow(b.federation, a.federation)
			a.decide(b.federation, a.federation, true, "")
			if got := b.followState(b.federation, a.federation); got != coop.FollowAccepted {
				t.Errorf("after the yes: %q", got)
			}
		})
	}
}

// TestMoveIn: followers here go along when both documents say so, and not otherwise.
func TestMoveIn(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c := f.house("ana"), f.house("berta"), f.house("carla")
		bea, nueva, vieja := b.person("bea"), a.person("nueva"), c.person("vieja")
		b.follow(bea, vieja)
		move := map[string]any{"type": "Move", "id": vieja.IRI + "/activities/move", "actor": vieja.IRI, "object": vieja.IRI, "target": nueva.IRI}
		c.push(vieja, b, "/inbox", move)
		f.settle()
		if got := b.followState(bea, nueva); got != "" {
			t.Errorf("followed although neither document says so: %s", got)
		}
		f.must(a.outbox.AddAlias(f.ctx, nueva, a.knows(vieja)))
		f.must(c.outbox.Redirect(f.ctx, vieja, c.knows(nueva)))
		f.pass(10 * time.Minute)
		move["id"] = vieja.IRI + "/activities/move-again"
		c.push(vieja, b, "/inbox", move)
		f.settle()
		want := []coop.FollowState{coop.FollowAccepted, coop.FollowAccepted, "", ""}
		got := []coop.FollowState{b.followState(bea, nueva), a.followState(bea, nueva), b.followState(bea, vieja), c.followState(bea, vieja)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("new here, new there, old here, old there: %s", diff)
		}
	})
}
