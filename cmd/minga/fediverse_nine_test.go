// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"minga/coop"
)

// page is what a house answers to a browser.
func (h *house) page(path string) string {
	h.f.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = h.config.Host
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", "en")
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		h.f.t.Errorf("%s: %s answered %d", h.name, path, w.Code)
	}
	return w.Body.String()
}

// listings are all places where people and programs find the jobs of a house.
var listings = []string{
	"/jobs", "/jobs?order=newest", "/jobs?q=taller", "/jobs?engagement=membership", "/jobs.atom", "/jobs.rss", "/jobs.json", "/jobs.ics", "/jobs.csv", "/jobs.xml",
	"/jobs.atom?q=taller",
}

// nineTrades make nine titles that have no word in common but one.
var nineTrades = []string{"Panadera", "Tejedora", "Carpintera", "Soldadora", "Traductora", "Contadora", "Cocinera", "Electricista", "Jardinera"}

// TestNineJobsOnThreeBoards: nine jobs of a member of two federations stand once in
// every list of all three houses, with all their ways; three that are closed at their
// origin leave every board, feed, search and sitemap.
func TestNineJobsOnThreeBoards(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c, telar := alliance(f)
		var jobs []*coop.Post
		for _, trade := range nineTrades {
			jobs = append(jobs, a.publish(telar, trade+" para el taller", b.jobs))
		}
		f.settle()
		f.eachListed(jobs)
		board := c.page("/jobs")
		if n := strings.Count(board, "Reached us through"); n != len(jobs) {
			t.Errorf("%d of %d jobs say how they came", n, len(jobs))
		}
		for _, via := range []*coop.Account{a.federation, b.federation} {
			if n := strings.Count(board, via.DisplayName+" (boost)"); via.DisplayName == "" || n != len(jobs) {
				t.Errorf("%d of %d jobs came through %s", n, len(jobs), via.Name)
			}
		}
		for n, action := range []string{"fill", "withdraw", "close"} {
			_, err := a.outbox.StepJob(f.ctx, jobs[n].ID, action)
			f.must(err)
		}
		f.settle()
		f.eachListed(jobs[3:])
		f.noneListed(jobs[:3])
	})
}

// eachListed looks for each job once in every list of every house.
func (f *fediverse) eachListed(jobs []*coop.Post) {
	f.t.Helper()
	for _, h := range f.all {
		for _, path := range listings {
			page := h.page(path)
			for _, p := range jobs {
				if n := titled(page, path, p.Title); n != 1 {
					f.t.Errorf("%s: %s has %q %d times", h.name, path, p.Title, n)
				}
			}
		}
	}
}

// titled counts the entries of a list with a title.
func titled(page, path, title string) int {
	around := map[string][2]string{
		".atom": {"<title>", "</title>"}, ".rss": {"<title>", "</title>"}, ".json": {`"title":"`, `"`}, ".ics": {"SUMMARY:", ""}, ".csv": {",", ","}, ".xml": {"<title>", "</title>"},
	}
	for format, marks := range around {
		if strings.HasPrefix(path, "/jobs"+format) {
			return strings.Count(page, marks[0]+title+marks[1])
		}
	}
	return strings.Count(page, ">"+title+"</a></h3>")
}

// noneListed looks for jobs that are over, and in the sitemap of their house too.
func (f *fediverse) noneListed(jobs []*coop.Post) {
	f.t.Helper()
	for _, h := range f.all {
		for _, path := range append([]string{"/sitemaps/jobs-1.xml", "/"}, listings...) {
			page := h.page(path)
			for _, p := range jobs {
				if strings.Contains(page, p.Title) || strings.Contains(page, string(p.IRI)) {
					f.t.Errorf("%s: %s still has %q", h.name, path, p.Title)
				}
			}
		}
	}
}
