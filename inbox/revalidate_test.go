// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"net/http"
	"testing"
	"time"

	"minga/coop"
)

func TestRevalidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		served func(s *scene, job doc)
		holds  func(p *coop.Post, now time.Time) bool
	}{
		{"unchanged", nil, func(p *coop.Post, now time.Time) bool {
			return p != nil && p.Job.ConfirmedAt.Equal(now) && p.Updated.IsZero()
		}},
		{"gone", func(s *scene, _ doc) { s.p.answers("/users/brisa/jobs/1", 410) }, func(p *coop.Post, _ time.Time) bool { return p == nil }},
		{"not found", func(s *scene, _ doc) { s.p.answers("/users/brisa/jobs/1", 404) }, func(p *coop.Post, _ time.Time) bool { return p == nil }},
		{"a tombstone", func(s *scene, job doc) { s.p.put(doc{"id": job["id"], "type": "Tombstone"}) }, func(p *coop.Post, _ time.Time) bool { return p == nil }},
		{"a failure closes nothing", func(s *scene, _ doc) { s.p.answers("/users/brisa/jobs/1", 500) }, func(p *coop.Post, now time.Time) bool {
			return p != nil && p.Job.Status == coop.JobOpen && p.Job.ConfirmedAt.Before(now)
		}},
		{"not modified", func(s *scene, _ doc) {
			s.p.serve = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Header.Get("If-Modified-Since") == "" {
					return false
				}
				w.WriteHeader(http.StatusNotModified)
				return true
			}
		}, func(p *coop.Post, now time.Time) bool { return p != nil && p.Job.ConfirmedAt.Equal(now) }},
		{"filled meanwhile", func(s *scene, job doc) {
			filled := edit(job, with("updated", "2030-05-02T11:30:00Z"))
			filled["job"] = edit(job["job"].(doc), with("status", "filled"), with("closed", "2030-05-02T11:30:00Z"))
			s.p.put(filled)
		}, func(p *coop.Post, _ time.Time) bool { return p != nil && p.Job.Status == coop.JobFilled }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			brisa := s.p.actor("Organization", "brisa")
			s.follows(s.federation, brisa)
			job := s.p.put(brisa.job("/jobs/1"))
			s.deliver(brisa, brisa.activity("Create", "/c/1", job))
			p := s.post(brisa.iri + "/jobs/1")
			if err := s.in.Revalidate(s.ctx, p); err != nil {
				t.Fatal(err)
			}
			s.p.forget()
			s.drain()
			if s.p.count("/users/brisa/jobs") != 0 {
				t.Error("asked although it came just now")
			}
			s.clock.Advance(48 * time.Hour)
			if tt.served != nil {
				tt.served(s, job)
			}
			if err := s.in.Revalidate(s.ctx, p); err != nil {
				t.Fatal(err)
			}
			s.drain()
			if got := s.post(brisa.iri + "/jobs/1"); !tt.holds(got, s.clock.Now()) {
				t.Errorf("kept %+v", got)
			}
		})
	}
}
