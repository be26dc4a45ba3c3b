// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"

	"github.com/google/go-cmp/cmp"
)

// TestJobGoesRound follows a job from its publication to its end, as a follower of
// the co-op, of the board and of the federation on one other server sees it.
func TestJobGoesRound(t *testing.T) { each(t, storyJobGoesRound) }

func storyJobGoesRound(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	telar := h.member("telar")
	ana := p.actor(h, coop.Person, "ana", true)
	board, fed := h.find("https://fed-sur.example/boards/jobs"), h.find("https://fed-sur.example/federation")
	for _, a := range []*coop.Account{telar, board, fed} {
		h.follows(ana, a)
	}
	post := h.job()
	h.must(h.PublishJob(ctx, telar, post))
	h.drain()
	got := p.take()
	if diff := cmp.Diff("Create Announce(Create) Announce Announce", says(got)); diff != "" {
		t.Fatal(diff)
	}
	for _, r := range got {
		if r.path != "/inbox" {
			t.Errorf("%s went to %s, not to the shared inbox", says([]received{r}), r.path)
		}
	}
	create := got[0]
	for i, name := range []string{"job-create", "board-announce-create", "board-announce-id", "federation-announce"} {
		golden(t, name, got[i].body)
	}
	h.proven(create.body, telar)
	h.proven(got[1].body, board)
	if !bytes.Contains(got[1].body, create.body) {
		t.Error("the board changed the bytes of the Create")
	}
	object, err := h.store.VisibleDocument(ctx, coop.Anonymous(), post.IRI)
	h.must(err)
	h.proven(object.Body, telar)
	if !bytes.Contains(create.body, object.Body) {
		t.Error("what is served is not what was sent")
	}
	if post.Audience != board.IRI || post.IRI != "https://fed-sur.example/coops/telar/jobs/2030-001" {
		t.Errorf("audience %s of %s", post.Audience, post.IRI)
	}

	edit := *post
	job := *post.Job
	edit.Job = &job
	edit.Job.Title = "Desarrollo backend y datos"
	h.clock.Advance(hours(1))
	h.must(h.EditJob(ctx, &edit))
	h.drain()
	if diff := cmp.Diff("Update Announce(Update)", says(p.take())); diff != "" {
		t.Error(diff)
	}

	h.clock.Advance(hours(1))
	if _, err := h.StepJob(ctx, post.ID, "fill"); err != nil {
		t.Fatal(err)
	}
	h.drain()
	got = p.take()
	if diff := cmp.Diff("Update Announce(Update)", says(got)); diff != "" {
		t.Error(diff)
	}
	golden(t, "job-update-filled", got[0].body)
	note := got[0].doc["object"].(map[string]any)
	if s := note["content"].(string); !strings.HasPrefix(s, "<p><strong>Cubierta: Desarrollo backend y datos</strong></p>") {
		t.Errorf("content %s", s)
	}
	if title := note["job"].(map[string]any)["title"]; title != "Desarrollo backend y datos" {
		t.Errorf("the title of the payload became %v", title)
	}
	if _, err := h.StepJob(ctx, post.ID, "resume"); !errors.Is(err, coop.ErrState) {
		t.Errorf("a filled job was resumed: %v", err)
	}
	if _, err := h.StepJob(ctx, post.ID, "fill"); err != nil {
		t.Errorf("filling twice: %v", err)
	}

	h.must(h.Delete(ctx, post))
	h.drain()
	got = p.take()
	if diff := cmp.Diff("Delete Announce(Delete)", says(got)); diff != "" {
		t.Error(diff)
	}
	golden(t, "job-delete", got[0].body)
	if _, err := h.store.Post(ctx, coop.System(), post.ID); !errors.Is(err, coop.ErrGone) {
		t.Errorf("after Delete: %v", err)
	}
}

func TestBoardNeedsMembership(t *testing.T) {
	h, p, ctx := newHouse(t), newPeer(t), t.Context()
	stranger := h.account(coop.Coop, "extranjera")
	ana := p.actor(h, coop.Person, "ana", true)
	h.follows(ana, h.find("https://fed-sur.example/boards/jobs"))
	h.follows(ana, h.find("https://fed-sur.example/federation"))
	post := h.job()
	h.must(h.PublishJob(ctx, stranger, post))
	h.drain()
	if got := p.take(); len(got) != 0 || post.Audience != "" {
		t.Errorf("announced without membership: %s, audience %q", says(got), post.Audience)
	}
	post = h.job()
	post.Cc = []coop.IRI{"https://fed-sur.example/boards/jobs"}
	var invalid *coop.InvalidError
	if err := h.PublishJob(ctx, stranger, post); !errors.As(err, &invalid) || invalid.Field != "boards" {
		t.Errorf("a board that is not the author's: %v", err)
	}
}

// TestDoubleMember posts to the boards of both its federations.
func TestDoubleMember(t *testing.T) {
	h, p, ctx := newHouse(t), newPeer(t), t.Context()
	telar := h.member("telar")
	norte := p.actor(h, coop.Federation, "norte", false)
	norte.ActorType, norte.Boards, norte.Members = "Organization", []coop.IRI{coop.IRI(p.URL + "/boards/jobs"), coop.IRI(p.URL + "/boards/library")}, norte.IRI+"/members"
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error { return tx.SaveAccount(ctx, norte) }))
	m, err := h.Join(ctx, telar, norte, "", "Somos once.\n\nEstatutos: https://telar.example/e")
	h.must(err)
	h.drain()
	got := p.take()
	if says(got) != "Join" || got[0].path != "/norte/inbox" {
		t.Fatalf("%s at %v", says(got), got)
	}
	m.State, m.IRI, m.OrganizationSays, m.Start = coop.MembershipMember, norte.IRI+"/memberships/1", true, h.clock.Now()
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.PutMembership(ctx, m); err != nil {
			return err
		}
		return h.MembershipChanged(ctx, tx, m)
	}))
	h.drain()
	if got := p.take(); says(got) != "Update" {
		t.Fatalf("memberOf was told as %q", says(got))
	}
	post := h.job()
	h.must(h.PublishJob(ctx, telar, post))
	want := []coop.IRI{telar.Followers, "https://fed-sur.example/boards/jobs", coop.IRI(p.URL + "/boards/jobs")}
	if diff := cmp.Diff(want, post.Cc); diff != "" {
		t.Error(diff)
	}
	h.drain()
	if got := p.take(); says(got) != "Create" {
		t.Errorf("the other federation got %q", says(got))
	}
	h.must(h.LeaveMembership(ctx, m))
	h.drain()
	if got := p.take(); says(got) != "Leave Update" && says(got) != "Update Leave" {
		t.Errorf("leaving: %q", says(got))
	}
	if a := h.find(telar.IRI); len(a.MemberOf) != 1 {
		t.Errorf("member of %v", a.MemberOf)
	}
}

func TestMembershipDecided(t *testing.T) { each(t, storyMembershipDecided) }

func storyMembershipDecided(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	fed := h.find("https://fed-sur.example/federation")
	brisa, ana := p.actor(h, coop.Coop, "brisa", true), p.actor(h, coop.Person, "ana", true)
	h.follows(ana, fed)
	m := &coop.Membership{JoinIRI: brisa.IRI + "/joins/1", Member: brisa, Organization: fed, Role: coop.RoleFull, State: coop.MembershipAsked}
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error { return tx.PutMembership(ctx, m) }))
	h.must(h.DecideMembership(ctx, m, true, ""))
	h.must(h.DecideMembership(ctx, m, true, "")) // again: nothing
	h.drain()
	got := map[string]int{}
	for _, r := range p.take() {
		if word := says([]received{r}); word == "Accept" || word == "Add" {
			golden(t, "membership-"+strings.ToLower(word), r.body)
		}
		got[r.path+" "+says([]received{r})]++
	}
	want := map[string]int{"/brisa/inbox Accept": 1, "/inbox Accept": 1, "/brisa/inbox Follow": 1, "/inbox Add": 1, "/brisa/inbox Add": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	m, err := h.store.Membership(ctx, m.ID)
	h.must(err)
	if m.IRI == "" || !m.OrganizationSays || m.MemberSays {
		t.Errorf("membership %+v", m)
	}
	doc, err := h.store.VisibleDocument(ctx, coop.Anonymous(), m.IRI)
	h.must(err)
	h.proven(doc.Body, fed)
	h.must(h.RemoveMember(ctx, m, "No cumple."))
	h.drain()
	if got := says(p.take()); !strings.Contains(got, "Remove") || !strings.Contains(got, "Undo") {
		t.Errorf("removal: %q", got)
	}
}

func TestRefusedMembership(t *testing.T) {
	h, p, ctx := newHouse(t), newPeer(t), t.Context()
	brisa := p.actor(h, coop.Coop, "brisa", true)
	m := &coop.Membership{JoinIRI: brisa.IRI + "/joins/1", Member: brisa, Organization: h.find("https://fed-sur.example/federation"), State: coop.MembershipAsked}
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error { return tx.PutMembership(ctx, m) }))
	h.must(h.DecideMembership(ctx, m, false, "Faltan los estatutos."))
	h.drain()
	got := p.take()
	if says(got) != "Reject" || got[0].doc["content"] != "<p>Faltan los estatutos.</p>" || bytes.Contains(got[0].body, []byte("proof")) {
		t.Errorf("%s %s", says(got), got[0].body)
	}
}

func TestExpiry(t *testing.T) { each(t, storyExpiry) }

func storyExpiry(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	telar := h.member("telar")
	h.follows(p.actor(h, coop.Person, "ana", true), telar)
	post := h.job()
	h.must(h.PublishJob(ctx, telar, post))
	h.drain()
	p.take()
	if n, err := h.Expire(ctx); n != 0 || err != nil {
		t.Fatalf("%d expired at once: %v", n, err)
	}
	h.clock.Set(post.Job.ValidThrough.Add(hours(1)))
	if n, err := h.Expire(ctx); n != 1 || err != nil {
		t.Fatalf("%d expired: %v", n, err)
	}
	h.drain()
	got := p.take()
	if says(got) != "Update" {
		t.Fatalf("expiry was told as %q", says(got))
	}
	note := got[0].doc["object"].(map[string]any)
	if job := note["job"].(map[string]any); job["status"] != "expired" || job["closed"] == nil {
		t.Errorf("job %v", job)
	}
	if n, err := h.Expire(ctx); n != 0 || err != nil {
		t.Errorf("%d expired twice: %v", n, err)
	}
}

func TestDraftStaysHere(t *testing.T) { each(t, storyDraftStaysHere) }

func storyDraftStaysHere(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	telar := h.member("telar")
	h.follows(p.actor(h, coop.Person, "ana", true), telar)
	draft := &coop.Post{Language: "es", Job: &coop.Job{Title: "Desarrollo backend"}}
	h.must(h.SaveJobDraft(ctx, telar, draft))
	h.drain()
	if got := p.take(); len(got) != 0 {
		t.Fatalf("a draft was sent: %q", says(got))
	}
	if _, err := h.store.VisibleDocument(ctx, coop.Anonymous(), draft.IRI); err == nil {
		t.Error("a draft is served")
	}
	h.clock.Advance(hours(24))
	full := h.job()
	full.ID, full.IRI, full.Job.Identifier = draft.ID, draft.IRI, draft.Job.Identifier
	h.must(h.PublishJob(ctx, telar, full))
	h.drain()
	if got := p.take(); says(got) != "Create" {
		t.Errorf("publishing a draft: %q", says(got))
	}
	stored, err := h.store.Post(ctx, coop.Anonymous(), draft.ID)
	h.must(err)
	if stored.Job.DatePosted != "2030-05-02" || !stored.Published.Equal(h.clock.Now()) {
		t.Errorf("posted %s, published %s", stored.Job.DatePosted, stored.Published)
	}
	full = h.job()
	full.ID, full.IRI = draft.ID, draft.IRI
	if err := h.PublishJob(ctx, telar, full); !errors.Is(err, coop.ErrState) {
		t.Errorf("published twice: %v", err)
	}
}

func TestFailureLeavesWhatWasTyped(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	post := h.job()
	post.Job.Title = "No"
	before := *clone(post)
	if err := h.PublishJob(ctx, h.member("telar"), post); err == nil {
		t.Fatal("a title of two letters was published")
	}
	if diff := cmp.Diff(before, *post); diff != "" {
		t.Errorf("changed: %s", diff)
	}
}

// TestReferencesRise counts for each co-op apart.
func TestReferencesRise(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	telar, brisa := h.member("telar"), h.member("brisa")
	var iris []coop.IRI
	for _, author := range []*coop.Account{telar, telar, brisa} {
		post := h.job()
		h.must(h.PublishJob(ctx, author, post))
		iris = append(iris, post.IRI)
	}
	want := []coop.IRI{telar.IRI + "/jobs/2030-001", telar.IRI + "/jobs/2030-002", brisa.IRI + "/jobs/2030-001"}
	if diff := cmp.Diff(want, iris); diff != "" {
		t.Error(diff)
	}
}

// TestJobDaysAreTheSetting: a job that says no end has the end that the admin chose.
func TestJobDaysAreTheSetting(t *testing.T) {
	for days, setting := range map[int]string{45: "", 10: "10"} {
		h := newHouse(t, func(o *Options) {
			o.Setting = func(_ context.Context, key string) string {
				if key == "job_days" {
					return setting
				}
				return ""
			}
		})
		post := h.job()
		post.Job.ValidThrough = time.Time{}
		h.must(h.PublishJob(t.Context(), h.member("telar"), post))
		want := h.clock.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly)
		if got := post.Job.ValidThrough.UTC().Format(time.DateOnly); got != want {
			t.Errorf("setting %q: open until %s, want %s", setting, got, want)
		}
	}
}
