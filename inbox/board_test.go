// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

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
