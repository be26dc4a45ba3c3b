// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature"
)

func TestAnnouncedActivities(t *testing.T) {
	s := newScene(t)
	board := s.p.actor("Group", "jobs")
	group := s.follows(s.federation, board)
	brisa := s.q.actor("Organization", "brisa")
	job := brisa.job("/jobs/1")
	s.q.put(job)
	// believed only as its origin serves it
	forged := edit(job, with("content", "<p>forged</p>"))
	s.deliver(board, board.activity("Announce", "/a/1", brisa.activity("Create", "/jobs/1/create", forged)))
	p := s.post(brisa.iri + "/jobs/1")
	if p == nil || p.Kind != coop.KindJob || p.Content == "<p>forged</p>" {
		t.Fatalf("kept %+v (%v)", p, s.counts.refused)
	}
	if len(p.ReachedThrough) != 1 || p.ReachedThrough[0].Via != group.ID || p.ReachedThrough[0].How != "announce" {
		t.Errorf("reached through %+v", p.ReachedThrough)
	}
	// the plain id afterwards is the same way, once
	s.deliver(board, board.activity("Announce", "/a/2", brisa.iri+"/jobs/1"))
	if p := s.post(brisa.iri + "/jobs/1"); len(p.ReachedThrough) != 1 || p.Boosts != 1 {
		t.Errorf("reached through %+v, %d boosts", p.ReachedThrough, p.Boosts)
	}
	// never announced by us, although our board is named and whoever says so
	if got := s.asked.take(); len(got) != 0 {
		t.Errorf("announced %v", got)
	}
	// the change is taken over from its origin
	filled := edit(job, with("updated", "2030-05-01T11:30:00Z"))
	filled["job"] = edit(job["job"].(doc), with("status", "filled"), with("closed", "2030-05-01T11:30:00Z"))
	s.q.put(filled)
	s.clock.Advance(time.Minute)
	s.deliver(board, board.activity("Announce", "/a/3", brisa.activity("Update", "/jobs/1/updates/1", edit(filled, with("content", "<p>forged</p>")))))
	if p := s.post(brisa.iri + "/jobs/1"); p.Job.Status != coop.JobFilled || p.Content == "<p>forged</p>" {
		t.Errorf("status %s, content %q (%v)", p.Job.Status, p.Content, s.counts.refused)
	}
	// a like that nobody proves is not counted
	s.deliver(board, board.activity("Announce", "/a/4", s.carol.activity("Like", "/l/1", brisa.iri+"/jobs/1")))
	if p := s.post(brisa.iri + "/jobs/1"); p.Likes != 0 {
		t.Error("an unproven like counts")
	}
	// an announced announcement ends here
	s.q.put(s.carol.note("/n/5"))
	s.deliver(board, board.activity("Announce", "/a/5", s.carol.activity("Announce", "/b/1", s.carol.iri+"/n/5")))
	if s.post(s.carol.iri+"/n/5") != nil {
		t.Error("an announced announcement had an effect")
	}
	// a moderator's Delete hides it on that board only
	s.deliver(board, board.activity("Announce", "/a/6", board.activity("Delete", "/d/1", brisa.iri+"/jobs/1")))
	p = s.post(brisa.iri + "/jobs/1")
	if p == nil {
		t.Fatal("a moderator of a board deleted it everywhere")
	}
	for _, path := range p.ReachedThrough {
		if path.Via == group.ID && path.How == "announce" {
			t.Errorf("still through %+v", path)
		}
	}
	// the author's own Delete through the board makes us look, and it is gone there
	s.q.answers("/users/brisa/jobs/1", 410)
	s.clock.Advance(10 * time.Minute)
	s.deliver(board, board.activity("Announce", "/a/7", brisa.activity("Delete", "/d/1", brisa.iri+"/jobs/1")))
	if s.post(brisa.iri+"/jobs/1") != nil {
		t.Error("what is gone at its origin is still here")
	}
}

func TestAnnouncedActivityNeedsAGroupThatIsFollowed(t *testing.T) {
	s := newScene(t)
	board, known := s.p.actor("Group", "other"), s.p.actor("Group", "known")
	s.followedBy(known, s.ana)
	s.q.put(s.carol.note("/n/1"))
	for i, who := range []*remote{board, known, s.bob} {
		s.deliver(who, who.activity("Announce", fmt.Sprintf("/a/%d", i), s.carol.activity("Create", "/c/1", s.carol.note("/n/1"))))
	}
	if s.post(s.carol.iri+"/n/1") != nil || s.q.count("/users/carol/n/1") != 0 {
		t.Error("believed")
	}
}

// TestAnnouncementsEndLoops: what a board carries is no other announcement, though it
// proves itself.
func TestAnnouncementsEndLoops(t *testing.T) {
	s := newScene(t)
	board := s.p.actor("Group", "jobs")
	s.follows(s.federation, board)
	s.posted()
	s.q.put(s.carol.note("/n/1"))
	inner, err := signature.AddProof(encode(t, s.bob.activity("Announce", "/a/1", s.carol.iri+"/n/1")), s.bob.ed, s.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	s.deliver(board, board.activity("Announce", "/a/2", json.RawMessage(inner)))
	if s.post(s.carol.iri+"/n/1") != nil || s.q.count("/users/carol/n/1") != 0 {
		t.Error("an announcement inside an announcement had its effect")
	}
}

// TestNeverAnnounceAnAnnouncement: also not what a member of ours wrote, proven,
// to a board of ours. It came by another board; the member sends it to us itself.
func TestNeverAnnounceAnAnnouncement(t *testing.T) {
	s := newScene(t)
	board := s.p.actor("Group", "jobs")
	s.follows(s.federation, board)
	brisa := s.member("brisa")
	proven, err := signature.AddProof(encode(t, brisa.activity("Create", "/jobs/1/create", brisa.job("/jobs/1"))), brisa.ed, s.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	s.q.forget()
	s.deliver(board, board.activity("Announce", "/a/1", json.RawMessage(proven)))
	if p := s.post(brisa.iri + "/jobs/1"); p == nil || p.Kind != coop.KindJob {
		t.Fatalf("kept %+v (%v)", p, s.counts.refused)
	}
	if n := s.q.count("/users/brisa/jobs/1"); n != 0 {
		t.Error("a proven copy was fetched")
	}
	if got := s.asked.take(); len(got) != 0 {
		t.Errorf("announced %v", got)
	}
	// when it comes from the member itself, our board announces it for the first time
	if _, err := s.in.Receive(s.ctx, s.request(signed{key: brisa.rsa}, proven)); err != nil {
		t.Fatal(err)
	}
	s.drain()
	if got := fmt.Sprint(s.asked.take()); got != "[board jobs: Create first=true federation: job]" {
		t.Errorf("announced %s", got)
	}
}

func TestForwardingOfReplies(t *testing.T) {
	s := newScene(t)
	p := s.localPost(s.ana, "/notes/1")
	reply := func(path string, cc ...string) doc {
		return s.carol.note(path, with("inReplyTo", string(p.IRI)), with("cc", cc))
	}
	s.deliver(s.carol, s.carol.activity("Create", "/c/1", reply("/n/1", here+"/people/ana")))
	if got := s.asked.take(); len(got) != 0 {
		t.Errorf("a reply that is not for our followers: %v", got)
	}
	forwarded := s.carol.activity("Create", "/c/2", reply("/n/2", here+"/people/ana/followers"))
	s.deliver(s.carol, forwarded)
	want := fmt.Sprintf("[forward %d bytes from %s]", len(encode(t, forwarded)), s.q.host)
	if got := fmt.Sprint(s.asked.take()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := s.told(s.ana); len(got) == 0 {
		t.Error("a reply is not told")
	}
	holders, err := s.store.Holders(s.ctx, p.ID, 10)
	if err != nil || len(holders) != 1 {
		t.Errorf("holders %+v, %v", holders, err)
	}
}

// TestBoostsAreForWhomTheySay: to and cc of an Announce say who may know of the boost.
func TestBoostsAreForWhomTheySay(t *testing.T) {
	s := newScene(t)
	p := s.localPost(s.ana, "/notes/1")
	public := string(coop.Public)
	for i, tt := range []struct {
		name   string
		to, cc any
		want   coop.Visibility
	}{
		{"to everybody", []string{public}, []string{s.carol.iri + "/followers"}, coop.VisiblePublic},
		{"everybody in cc", []string{s.carol.iri + "/followers"}, []string{public}, coop.VisibleUnlisted},
		{"to followers", []string{s.carol.iri + "/followers"}, []string{string(s.ana.IRI)}, coop.VisibleFollowers},
		{"to somebody", []string{string(s.ana.IRI)}, nil, coop.VisibleFollowers},
		{"to nobody", nil, nil, coop.VisiblePublic},
	} {
		id := fmt.Sprintf("/a/%d", i)
		s.deliver(s.carol, s.carol.activity("Announce", id, string(p.IRI), with("to", tt.to), with("cc", tt.cc)))
		x, err := s.store.ReactionByIRI(s.ctx, coop.IRI(s.carol.iri+id))
		if err != nil || x.Audience != tt.want {
			t.Errorf("%s: %+v %v, want %s", tt.name, x, err, tt.want)
		}
		s.deliver(s.carol, s.carol.activity("Undo", fmt.Sprintf("/u/%d", i), s.carol.iri+id))
	}
}

// TestHashtagsOfAProfile come by Add and go by Remove, of the actor alone.
func TestHashtagsOfAProfile(t *testing.T) {
	s := newScene(t)
	carol := s.follows(s.ana, s.carol)
	tag := func(name string) doc { return doc{"type": "Hashtag", "name": name, "href": "https://x.example/tags/x"} }
	shown := func() string {
		tags, err := s.store.FeaturedTags(s.ctx, carol.ID)
		if err != nil {
			t.Fatal(err)
		}
		names := ""
		for _, one := range tags {
			names += one.Name + " "
		}
		return names
	}
	featured := with("target", s.carol.iri+"/featured")
	s.deliver(s.mallory, s.mallory.activity("Add", "/t/1", tag("#evil"), featured))
	s.deliver(s.carol, s.carol.activity("Add", "/t/2", tag("#Pan"), featured))
	s.deliver(s.carol, s.carol.activity("Add", "/t/3", tag("no good"), featured))
	s.deliver(s.carol, s.carol.activity("Add", "/t/4", tag("#harina"), with("target", here+"/people/ana/featured")))
	if got := shown(); got != "Pan " {
		t.Errorf("shown %q (%v)", got, s.counts.refused)
	}
	s.deliver(s.carol, s.carol.activity("Remove", "/t/5", tag("#pan"), featured))
	if got := shown(); got != "" {
		t.Errorf("shown %q", got)
	}
}
