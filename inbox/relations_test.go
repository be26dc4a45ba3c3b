// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// group makes an organization with collections of minga's own.
func withCollections(r string) func(doc) {
	return func(d doc) {
		d["members"], d["jobs"], d["knowledge"] = r+"/members", r+"/jobs", r+"/knowledge"
	}
}

// federationOf is a federation on a peer.
func (p *peer) federation(name string) *remote {
	return p.actor("Organization", name, withCollections(p.url+"/users/"+name))
}

// members serves the members collection of a federation.
func (r *remote) members(list ...string) {
	r.peer.put(doc{"id": r.iri + "/members", "type": "OrderedCollection", "totalItems": len(list), "orderedItems": list})
}

func TestFollow(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(s *scene)
		who    func(s *scene) *remote
		target string
		want   string
		state  coop.FollowState
	}{
		{"a person by a person", nil, nil, "/people/ana", "[follow bob → ana: true]", coop.FollowAccepted},
		{"a person who decides by hand", func(s *scene) { s.lock(s.ana) }, nil, "/people/ana", "[]", coop.FollowAsked},
		{"a board takes everybody", func(s *scene) { s.lock(s.jobs) }, nil, "/boards/jobs", "[follow bob → jobs: true]", coop.FollowAccepted},
		{"a federation takes people at once", func(s *scene) { s.lock(s.federation) }, nil, "/federation", "[follow bob → federation: true]", coop.FollowAccepted},
		{"a federation asks about federations", func(s *scene) { s.lock(s.federation) }, func(s *scene) *remote { return s.p.federation("norte") }, "/federation", "[]", coop.FollowAsked},
		{"a federation that does not ask", nil, func(s *scene) *remote { return s.p.federation("norte") }, "/federation", "[follow norte → federation: true]", coop.FollowAccepted},
		{"a limited server waits", func(s *scene) { s.decide(s.p.host, coop.PolicyLimit) }, nil, "/people/ana", "[]", coop.FollowAsked},
		{"the instance actor refuses people", nil, nil, "/actor", "[follow bob → here.example: false]", ""},
		{"nobody of ours", nil, nil, "/people/nobody", "[]", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			if tt.change != nil {
				tt.change(s)
			}
			who := s.bob
			if tt.who != nil {
				who = tt.who(s)
			}
			s.deliver(who, who.activity("Follow", "/f/1", here+tt.target))
			if got := fmt.Sprint(s.asked.take()); got != tt.want {
				t.Errorf("answered %s, want %s (%v)", got, tt.want, s.counts.refused)
			}
			target, err := s.store.AccountByIRI(s.ctx, coop.IRI(here+tt.target))
			if err != nil {
				return
			}
			f, err := s.store.FollowByIRI(s.ctx, coop.IRI(who.iri+"/f/1"))
			if tt.state == "" {
				if err == nil {
					t.Errorf("kept %+v", f)
				}
				return
			}
			if err != nil || f.State != tt.state || f.Target.ID != target.ID {
				t.Errorf("kept %+v, %v", f, err)
			}
		})
	}
}

// lock makes an account decide by hand.
func (w *world) lock(a *coop.Account) {
	w.t.Helper()
	a.Locked = true
	w.write(func(tx *storage.Tx) error { return tx.SaveAccount(w.ctx, a) })
}

func TestFollowAgainIsAnsweredAgain(t *testing.T) {
	s := newScene(t)
	s.deliver(s.bob, s.bob.activity("Follow", "/f/1", here+"/people/ana"))
	s.deliver(s.bob, s.bob.activity("Follow", "/f/2", here+"/people/ana"))
	s.clock.Advance(time.Minute)
	s.deliver(s.bob, s.bob.activity("Follow", "/f/2", here+"/people/ana"))
	if got := s.asked.take(); len(got) != 3 {
		t.Errorf("answered %v", got)
	}
	if n, err := s.store.CountFollowers(s.ctx, s.ana.ID, ""); err != nil || n != 1 {
		t.Errorf("%d followers, %v", n, err)
	}
	if got := fmt.Sprint(s.told(s.ana)); got != "[follow]" {
		t.Errorf("told %s", got)
	}
	// accepted stays accepted, also where people are asked since
	s.lock(s.ana)
	s.deliver(s.bob, s.bob.activity("Follow", "/f/3", here+"/people/ana"))
	if got := fmt.Sprint(s.asked.take()); got != "[follow bob → ana: true]" {
		t.Errorf("answered %s", got)
	}
}

func TestUndoFollow(t *testing.T) {
	for _, tt := range []struct {
		name   string
		object func(s *scene) any
		who    func(s *scene) *remote
		ends   bool
	}{
		{"by its id", func(s *scene) any { return s.bob.iri + "/f/1" }, nil, true},
		{"embedded", func(s *scene) any { return s.bob.activity("Follow", "/f/1", here+"/people/ana") }, nil, true},
		{"by an id that nobody knows", func(s *scene) any { return s.bob.activity("Follow", "/f/other", here+"/people/ana") }, nil, true},
		{"by another", func(s *scene) any { return s.bob.iri + "/f/1" }, func(s *scene) *remote { return s.mallory }, false},
		{"by another, who says it was his", func(s *scene) any {
			return doc{"id": s.bob.iri + "/f/1", "type": "Follow", "actor": s.mallory.iri, "object": here + "/people/ana"}
		}, func(s *scene) *remote { return s.mallory }, false},
		{"by a third server", func(s *scene) any { return s.bob.activity("Follow", "/f/1", here+"/people/ana") }, func(s *scene) *remote { return s.carol }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			s.followedBy(s.bob, s.ana)
			s.write(func(tx *storage.Tx) error {
				return tx.PutFollow(s.ctx, &coop.Follow{IRI: coop.IRI(s.bob.iri + "/f/1"), Follower: s.bobAccount, Target: s.ana, State: coop.FollowAccepted})
			})
			who := s.bob
			if tt.who != nil {
				who = tt.who(s)
			}
			s.deliver(who, who.activity("Undo", "/u/1", tt.object(s)))
			n, err := s.store.CountFollowers(s.ctx, s.ana.ID, "")
			if err != nil || (n == 0) != tt.ends {
				t.Errorf("%d followers, %v", n, err)
			}
		})
	}
}

// asks makes our federation ask to follow a remote actor.
func (s *scene) asks(follower *coop.Account, r *remote) *coop.Follow {
	s.t.Helper()
	target, err := s.in.Actor(s.ctx, coop.IRI(r.iri))
	if err != nil {
		s.t.Fatal(err)
	}
	f := &coop.Follow{IRI: follower.IRI + "/activities/1", Follower: follower, Target: target, State: coop.FollowAsked}
	s.write(func(tx *storage.Tx) error { return tx.PutFollow(s.ctx, f) })
	return f
}

func (s *scene) stateOf(f *coop.Follow) coop.FollowState {
	s.t.Helper()
	got, err := s.store.Follow(s.ctx, f.Follower.ID, f.Target.ID)
	if err != nil {
		return ""
	}
	return got.State
}

func TestAnswersToOurFollow(t *testing.T) {
	embedded := func(f *coop.Follow) doc {
		return doc{"type": "Follow", "actor": string(f.Follower.IRI), "object": string(f.Target.IRI)}
	}
	for _, tt := range []struct {
		name   string
		answer func(s *scene, f *coop.Follow) (*remote, doc)
		want   coop.FollowState
	}{
		{"accepted by id", func(s *scene, f *coop.Follow) (*remote, doc) {
			return s.carol, s.carol.activity("Accept", "/a/1", string(f.IRI))
		}, coop.FollowAccepted},
		{"accepted by shape", func(s *scene, f *coop.Follow) (*remote, doc) {
			return s.carol, s.carol.activity("Accept", "/a/1", embedded(f))
		}, coop.FollowAccepted},
		{"accepted with a foreign id by shape", func(s *scene, f *coop.Follow) (*remote, doc) {
			return s.carol, s.carol.activity("Accept", "/a/1", edit(embedded(f), with("id", here+"/odd")))
		}, coop.FollowAccepted},
		{"rejected", func(s *scene, f *coop.Follow) (*remote, doc) {
			return s.carol, s.carol.activity("Reject", "/r/1", string(f.IRI))
		}, ""},
		{"accepted by another", func(s *scene, f *coop.Follow) (*remote, doc) {
			return s.bob, s.bob.activity("Accept", "/a/1", string(f.IRI))
		}, coop.FollowAsked},
		{"accepted by another by shape", func(s *scene, f *coop.Follow) (*remote, doc) {
			return s.bob, s.bob.activity("Accept", "/a/1", embedded(f))
		}, coop.FollowAsked},
		{"rejected by another", func(s *scene, f *coop.Follow) (*remote, doc) {
			return s.bob, s.bob.activity("Reject", "/r/1", string(f.IRI))
		}, coop.FollowAsked},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			f := s.asks(s.ana, s.carol)
			who, answer := tt.answer(s, f)
			s.deliver(who, answer)
			if got := s.stateOf(f); got != tt.want {
				t.Errorf("state %q, want %q (%v)", got, tt.want, s.counts.refused)
			}
		})
	}
}

func TestRejectAfterAccept(t *testing.T) {
	s := newScene(t)
	f := s.asks(s.ana, s.carol)
	s.deliver(s.carol, s.carol.activity("Accept", "/a/1", string(f.IRI)))
	s.deliver(s.carol, s.carol.activity("Reject", "/r/1", string(f.IRI)))
	if got := s.stateOf(f); got != "" {
		t.Errorf("state %q", got)
	}
}

func TestAcceptBeforeItsFollow(t *testing.T) {
	s := newScene(t)
	iri := string(s.ana.IRI) + "/activities/1"
	s.deliver(s.carol, s.carol.activity("Accept", "/a/1", iri))
	f := s.asks(s.ana, s.carol)
	s.clock.Advance(30 * time.Minute)
	s.drain()
	if got := s.stateOf(f); got != coop.FollowAccepted {
		t.Errorf("state %q", got)
	}
	// one that nobody ever sent is dropped in the end, not set aside as ours
	s.deliver(s.bob, s.bob.activity("Accept", "/a/2", here+"/people/ana/activities/never"))
	for range 8 {
		s.clock.Advance(2 * time.Hour)
		s.drain()
	}
	if stats, err := s.store.IncomingStats(s.ctx); err != nil || stats.Waiting+stats.Aside+stats.Dead != 0 {
		t.Errorf("left %+v, %v", stats, err)
	}
}

// board makes carol's server a federation's member here and serves a job.
func (s *scene) member(name string) *remote {
	s.t.Helper()
	r := s.q.actor("Organization", name, with("memberOf", []string{here + "/federation"}))
	a, err := s.in.Actor(s.ctx, coop.IRI(r.iri))
	if err != nil {
		s.t.Fatal(err)
	}
	s.write(func(tx *storage.Tx) error {
		return tx.PutMembership(s.ctx, &coop.Membership{
			IRI: coop.IRI(here + "/federation/memberships/" + name), Member: a, Organization: s.federation,
			Role: coop.RoleFull, State: coop.MembershipMember, MemberSays: true, OrganizationSays: true,
		})
	})
	s.drain()
	return r
}

// jobOf is a job note of a co-op.
func (r *remote) job(path string, change ...func(doc)) doc {
	d := r.note(path, with("content", "<p><strong>Backend developer</strong></p><p>30 h, remote.</p>"),
		with("cc", []string{r.iri + "/followers", here + "/boards/jobs"}), with("audience", here+"/boards/jobs"),
		with("job", doc{
			"type": "JobPosting", "title": "Backend developer", "description": "<p>You look after the services behind three public booking sites, with two colleagues.</p>",
			"status": "open", "datePosted": "2030-05-01", "validThrough": "2030-06-15T00:00:00Z", "hiringOrganization": r.iri,
			"identifier": doc{"name": "brisa.example", "value": path}, "engagement": "membership", "membershipTrack": "expected", "probation": "P6M",
			"employmentType": []string{"PART_TIME"}, "hoursFrom": 30, "hoursTo": 30, "jobLocationType": "TELECOMMUTE",
			"applicantLocationRequirements": []doc{{"type": "Country", "name": "AR"}},
			"skills":                        []doc{{"type": "DefinedTerm", "name": "Go", "required": true}},
			"baseSalary":                    doc{"currency": "ARS", "value": doc{"minValue": 1, "maxValue": 2, "unitText": "MONTH"}},
			"applicationContact":            doc{"email": "jobs@brisa.example"}, "applyBy": r.iri,
		}))
	for _, f := range change {
		f(d)
	}
	return d
}

func TestBoardAnnouncesMembers(t *testing.T) {
	s := newScene(t)
	brisa := s.member("brisa")
	job := brisa.job("/jobs/1")
	s.deliver(brisa, brisa.activity("Create", "/jobs/1/create", job))
	p := s.post(brisa.iri + "/jobs/1")
	if p == nil || p.Kind != coop.KindJob {
		t.Fatalf("kept %+v (%v)", p, s.counts.refused)
	}
	if got := fmt.Sprint(s.asked.take()); got != "[board jobs: Create first=true federation: job]" {
		t.Errorf("announced %s", got)
	}
	filled := edit(job, with("updated", "2030-05-01T11:30:00Z"))
	filled["job"] = edit(job["job"].(doc), with("status", "filled"), with("closed", "2030-05-01T11:30:00Z"))
	s.deliver(brisa, brisa.activity("Update", "/jobs/1/updates/1", filled))
	if got := fmt.Sprint(s.asked.take()); got != "[board jobs: Update first=false]" {
		t.Errorf("announced %s", got)
	}
	if p := s.post(brisa.iri + "/jobs/1"); p.Job.Status != coop.JobFilled {
		t.Errorf("status %s (%v)", p.Job.Status, s.counts.refused)
	}
	// a step that the states do not have is ignored
	reopened := edit(job, with("updated", "2030-05-01T11:40:00Z"))
	s.deliver(brisa, brisa.activity("Update", "/jobs/1/updates/2", reopened))
	if p := s.post(brisa.iri + "/jobs/1"); p.Job.Status != coop.JobFilled {
		t.Errorf("reopened to %s", p.Job.Status)
	}
	s.asked.take()
	s.deliver(s.bob, s.bob.activity("Like", "/l/1", brisa.iri+"/jobs/1"))
	s.deliver(s.bob, s.bob.activity("Undo", "/u/1", s.bob.iri+"/l/1"))
	s.deliver(brisa, brisa.activity("Delete", "/jobs/1/delete", brisa.iri+"/jobs/1"))
	if got := fmt.Sprint(s.asked.take()); got != "[board jobs: Like first=false board jobs: Undo first=false board jobs: Delete first=false]" {
		t.Errorf("announced %s", got)
	}
}

// TestBoardAnnouncesOnce: a copy in a second inbox is no second announcement.
func TestBoardAnnouncesOnce(t *testing.T) {
	s := newScene(t)
	brisa := s.member("brisa")
	body := encode(t, brisa.activity("Create", "/jobs/1/create", brisa.job("/jobs/1")))
	for _, to := range []*coop.Account{nil, s.jobs, s.federation} {
		if _, err := s.in.Receive(s.ctx, s.request(signed{key: brisa.rsa, to: to}, body)); err != nil {
			t.Fatal(err)
		}
		s.clock.Advance(time.Second)
		s.drain()
	}
	if got := fmt.Sprint(s.asked.take()); got != "[board jobs: Create first=true federation: job]" {
		t.Errorf("announced %s", got)
	}
}

func TestBoardAnnouncesNothingElse(t *testing.T) {
	for _, tt := range []struct {
		name  string
		brisa func(s *scene) *remote
		doc   func(r *remote) doc
	}{
		{"by a co-op that is no member", func(s *scene) *remote { return s.q.actor("Organization", "brisa") }, func(r *remote) doc { return r.job("/jobs/1") }},
		{"by a co-op that only says so", func(s *scene) *remote {
			return s.q.actor("Organization", "brisa", with("memberOf", []string{here + "/federation"}))
		}, func(r *remote) doc { return r.job("/jobs/1") }},
		{"a note on the job board", func(s *scene) *remote { return s.member("brisa") }, func(r *remote) doc { return r.job("/jobs/1", without("job")) }},
		{"a job for its followers", func(s *scene) *remote { return s.member("brisa") }, func(r *remote) doc {
			return r.job("/jobs/1", with("to", []string{r.iri + "/followers"}))
		}},
		{"a job by whom nobody hires", func(s *scene) *remote { return s.member("brisa") }, func(r *remote) doc {
			return r.job("/jobs/1", func(d doc) {
				d["job"] = edit(d["job"].(doc), with("hiringOrganization", "https://evil.example/coop"))
			})
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			brisa := tt.brisa(s)
			s.deliver(brisa, brisa.activity("Create", "/jobs/1/create", tt.doc(brisa)))
			for _, said := range s.asked.take() {
				if said != "federation: note" {
					t.Errorf("announced %s", said)
				}
			}
		})
	}
}

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
	board := s.p.actor("Group", "other")
	s.q.put(s.carol.note("/n/1"))
	for i, who := range []*remote{board, s.bob} {
		s.deliver(who, who.activity("Announce", fmt.Sprintf("/a/%d", i), s.carol.activity("Create", "/c/1", s.carol.note("/n/1"))))
	}
	if s.post(s.carol.iri+"/n/1") != nil || s.q.count("/users/carol/n/1") != 0 {
		t.Error("believed")
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

func TestJoin(t *testing.T) {
	s := newScene(t)
	brisa := s.q.actor("Organization", "brisa", with("memberOf", []string{here + "/federation"}))
	join := brisa.activity("Join", "/joins/1", here+"/federation", with("content", "<p>We ask to join.</p>"))
	s.deliver(brisa, join)
	s.clock.Advance(time.Minute)
	s.deliver(brisa, join)
	if got := fmt.Sprint(s.told(s.federation)); got != "[minga:membership]" {
		t.Errorf("told %s", got)
	}
	m, err := s.store.MembershipByJoin(s.ctx, coop.IRI(brisa.iri+"/joins/1"))
	if err != nil || m.State != coop.MembershipAsked || m.Note != "We ask to join." || m.Member.IRI != coop.IRI(brisa.iri) {
		t.Fatalf("kept %+v, %v", m, err)
	}
	// decided: the same Join gets the same answer again
	m.State, m.IRI, m.MemberSays, m.OrganizationSays = coop.MembershipMember, here+"/federation/memberships/brisa", true, true
	s.write(func(tx *storage.Tx) error { return tx.PutMembership(s.ctx, m) })
	s.clock.Advance(time.Minute)
	s.deliver(brisa, join)
	if got := fmt.Sprint(s.asked.take()); got != "[join brisa: member]" {
		t.Errorf("answered %s", got)
	}
	// nobody leaves for another
	s.deliver(s.carol, s.carol.activity("Leave", "/le/0", here+"/federation"))
	s.deliver(s.carol, s.carol.activity("Undo", "/u/0", brisa.iri+"/joins/1"))
	if m, _ := s.store.Membership(s.ctx, m.ID); m.State != coop.MembershipMember {
		t.Errorf("ended by another: %s", m.State)
	}
	s.deliver(brisa, brisa.activity("Leave", "/le/1", here+"/federation"))
	if m, _ := s.store.Membership(s.ctx, m.ID); m.State != coop.MembershipLeft || m.Verified() {
		t.Errorf("state %s", m.State)
	}
	if got := fmt.Sprint(s.asked.take()); got != "[membership brisa: left]" {
		t.Errorf("said %s", got)
	}
}

func TestJoinByAPersonIsNone(t *testing.T) {
	s := newScene(t)
	s.deliver(s.bob, s.bob.activity("Join", "/j/1", here+"/federation"))
	if got := s.told(s.federation); len(got) != 0 {
		t.Errorf("told %v", got)
	}
}

// joined makes telar ask norte for membership.
func (s *scene) joined(norte *remote) *coop.Membership {
	s.t.Helper()
	a, err := s.in.Actor(s.ctx, coop.IRI(norte.iri))
	if err != nil {
		s.t.Fatal(err)
	}
	m := &coop.Membership{Member: s.telar, Organization: a, JoinIRI: s.telar.IRI + "/joins/1", State: coop.MembershipAsked, Role: coop.RoleFull}
	s.write(func(tx *storage.Tx) error { return tx.PutMembership(s.ctx, m) })
	return m
}

func TestAnswersToOurJoin(t *testing.T) {
	result := func(r *remote, change ...func(doc)) doc {
		return edit(doc{
			"type": "Membership", "id": r.iri + "/memberships/telar", "member": here + "/coops/telar", "organization": r.iri,
			"role": "observer", "startTime": "2030-04-01T00:00:00Z", "decision": r.iri + "/decisions/12",
		}, change...)
	}
	for _, tt := range []struct {
		name   string
		answer func(s *scene, norte *remote, m *coop.Membership) (*remote, doc)
		want   coop.MembershipState
	}{
		{"accepted", func(_ *scene, n *remote, m *coop.Membership) (*remote, doc) {
			return n, n.activity("Accept", "/a/1", string(m.JoinIRI), with("result", result(n)))
		}, coop.MembershipMember},
		{"accepted by shape", func(_ *scene, n *remote, m *coop.Membership) (*remote, doc) {
			return n, n.activity("Accept", "/a/1", doc{"type": "Join", "actor": here + "/coops/telar", "object": n.iri}, with("result", result(n)))
		}, coop.MembershipMember},
		{"refused", func(_ *scene, n *remote, m *coop.Membership) (*remote, doc) {
			return n, n.activity("Reject", "/r/1", string(m.JoinIRI), with("content", "<p>not now</p>"))
		}, coop.MembershipRefused},
		{"accepted by another", func(s *scene, n *remote, m *coop.Membership) (*remote, doc) {
			return s.mallory, s.mallory.activity("Accept", "/a/1", string(m.JoinIRI), with("result", result(s.mallory)))
		}, coop.MembershipAsked},
		{"a membership of another host", func(s *scene, n *remote, m *coop.Membership) (*remote, doc) {
			return n, n.activity("Accept", "/a/1", string(m.JoinIRI), with("result", result(n, with("id", s.q.url+"/memberships/telar"))))
		}, coop.MembershipAsked},
		{"a membership of somebody else", func(_ *scene, n *remote, m *coop.Membership) (*remote, doc) {
			return n, n.activity("Accept", "/a/1", string(m.JoinIRI), with("result", result(n, with("member", here+"/coops/other"))))
		}, coop.MembershipAsked},
		{"without a membership", func(_ *scene, n *remote, m *coop.Membership) (*remote, doc) {
			return n, n.activity("Accept", "/a/1", string(m.JoinIRI))
		}, coop.MembershipAsked},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			norte := s.p.federation("norte")
			norte.members(here + "/coops/telar")
			m := s.joined(norte)
			who, answer := tt.answer(s, norte, m)
			s.deliver(who, answer)
			got, err := s.store.Membership(s.ctx, m.ID)
			if err != nil || got.State != tt.want {
				t.Fatalf("state %s, want %s, %v (%v)", got.State, tt.want, err, s.counts.refused)
			}
			if tt.want == coop.MembershipMember && (got.Role != coop.RoleObserver || got.Decision == "" || !got.Verified() || got.CheckedAt.IsZero()) {
				t.Errorf("kept %+v", got)
			}
		})
	}
}

func TestRemoveOfOurMember(t *testing.T) {
	s := newScene(t)
	norte := s.p.federation("norte")
	norte.members(here + "/coops/telar")
	m := s.joined(norte)
	m.State, m.MemberSays, m.OrganizationSays = coop.MembershipMember, true, true
	s.write(func(tx *storage.Tx) error { return tx.PutMembership(s.ctx, m) })
	state := func() coop.MembershipState {
		got, err := s.store.Membership(s.ctx, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got.State
	}
	s.deliver(s.mallory, s.mallory.activity("Remove", "/r/0", here+"/coops/telar", with("target", norte.iri+"/members")))
	s.deliver(norte, norte.activity("Remove", "/r/1", here+"/coops/telar", with("target", here+"/federation/members")))
	if state() != coop.MembershipMember {
		t.Fatal("removed by another, or from what is not its own")
	}
	s.deliver(norte, norte.activity("Remove", "/r/2", here+"/coops/telar", with("target", norte.iri+"/members")))
	if state() != coop.MembershipRemoved {
		t.Errorf("state %s (%v)", state(), s.counts.refused)
	}
	if got := fmt.Sprint(s.told(s.telar)); got != "[minga:membership]" {
		t.Errorf("told %s", got)
	}
}

func TestUpdateOfMembership(t *testing.T) {
	s := newScene(t)
	norte := s.p.federation("norte")
	norte.members(here + "/coops/telar")
	m := s.joined(norte)
	m.State, m.IRI = coop.MembershipMember, coop.IRI(norte.iri+"/memberships/telar")
	s.write(func(tx *storage.Tx) error { return tx.PutMembership(s.ctx, m) })
	suspend := doc{"type": "Membership", "id": string(m.IRI), "member": here + "/coops/telar", "organization": norte.iri, "role": "observer", "status": "suspended"}
	s.deliver(s.mallory, s.mallory.activity("Update", "/u/0", suspend))
	if got, _ := s.store.Membership(s.ctx, m.ID); got.State != coop.MembershipMember {
		t.Fatal("suspended by another")
	}
	s.deliver(norte, norte.activity("Update", "/u/1", suspend))
	if got, _ := s.store.Membership(s.ctx, m.ID); got.State != coop.MembershipSuspended || got.Role != coop.RoleObserver {
		t.Errorf("kept %+v (%v)", got, s.counts.refused)
	}
}

// TestMembershipIsReadAtBothEnds: a third instance believes neither side alone.
func TestMembershipIsReadAtBothEnds(t *testing.T) {
	for _, tt := range []struct {
		name     string
		claims   bool
		listed   bool
		verified bool
	}{
		{"both say so", true, true, true},
		{"only the co-op", true, false, false},
		{"only the federation", false, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			norte := s.p.federation("norte")
			brisa := s.q.actor("Organization", "brisa", func(d doc) {
				if tt.claims {
					d["memberOf"] = []string{norte.iri}
				}
			})
			norte.members()
			if tt.listed {
				norte.members(s.carol.iri, brisa.iri)
			}
			a, err := s.in.Actor(s.ctx, coop.IRI(brisa.iri))
			if err != nil {
				t.Fatal(err)
			}
			f, err := s.in.Actor(s.ctx, coop.IRI(norte.iri))
			if err != nil {
				t.Fatal(err)
			}
			s.drain()
			s.deliver(norte, norte.activity("Add", "/add/1", brisa.iri, with("target", norte.iri+"/members")))
			got, err := s.store.VerifiedMember(s.ctx, a.ID, f.ID)
			if err != nil || got != tt.verified {
				t.Errorf("verified %t, %v", got, err)
			}
		})
	}
}

func TestMembershipEndsWhenOneSideIsMissing(t *testing.T) {
	s := newScene(t)
	norte := s.p.federation("norte")
	brisa := s.q.actor("Organization", "brisa", with("memberOf", []string{norte.iri}))
	norte.members(brisa.iri)
	a, err := s.in.Actor(s.ctx, coop.IRI(brisa.iri))
	if err != nil {
		t.Fatal(err)
	}
	s.drain()
	f, err := s.in.Actor(s.ctx, coop.IRI(norte.iri))
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.store.MembershipOf(s.ctx, a.ID, f.ID)
	if err != nil || !m.Verified() {
		t.Fatalf("%+v, %v", m, err)
	}
	norte.members()
	days := func(n int) *coop.Membership {
		for range n {
			s.clock.Advance(25 * time.Hour)
			s.drain()
		}
		m, err := s.store.MembershipOf(s.ctx, a.ID, f.ID)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	if m := days(1); m.Verified() || m.State != coop.MembershipMember {
		t.Errorf("after a day: %+v", m)
	}
	if m := days(7); m.State != coop.MembershipLeft {
		t.Errorf("after 8 days: %+v", m)
	}
}
