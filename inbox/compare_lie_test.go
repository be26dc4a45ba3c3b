// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"minga/coop"
)

// TestComparisonWithALiar: what a list claims of others is asked there; neither forged
// copies nor counts nor the silence of a list bring in or take away anything.
func TestComparisonWithALiar(t *testing.T) {
	n := newNightly(t)
	brisa := n.q.actor("Organization", "brisa")
	theirs := brisa.job("/jobs/1")
	n.q.put(theirs)
	n.lists("jobs", theirs["id"])
	if c := n.night(); c.Added != 1 {
		t.Fatalf("the first night: %+v", c)
	}
	forged := edit(theirs, with("updated", "2030-05-02T13:00:00Z"))
	forged["job"] = edit(theirs["job"].(doc), with("title", "Forged"))
	never := n.carol.note("/n/forged", with("content", "<p>forged</p>"))
	stolen := n.norte.job("/jobs/7", with("attributedTo", brisa.iri))
	n.lists("jobs", forged, never, stolen, here+"/coops/telar/jobs/1", doc{"type": "Tombstone", "id": theirs["id"]}, nil, 7, doc{}, "::", doc{"type": "Zorp"})
	n.p.put(doc{"id": n.norte.iri + "/requests", "type": "OrderedCollection", "totalItems": 1 << 40, "orderedItems": []any{}})
	c := n.night()
	if c.Healed() != 0 || c.Error != "" {
		t.Errorf("%+v", c)
	}
	if p := n.post(theirs["id"].(string)); p == nil || p.Job.Title != "Backend developer" {
		t.Errorf("the job of another: %+v", p)
	}
	for _, iri := range []string{never["id"].(string), stolen["id"].(string)} {
		if p := n.post(iri); p != nil {
			t.Errorf("kept %+v", p)
		}
	}
	n.lists("jobs") // not to list it is no word about it
	if c := n.night(); c.Healed() != 0 || n.post(theirs["id"].(string)) == nil {
		t.Errorf("what is not listed: %+v", c)
	}
}

// TestComparisonHasAnEnd: pages without end, and more unknown entries than one night asks
// for.
func TestComparisonHasAnEnd(t *testing.T) {
	n := newNightly(t)
	pages := 0
	n.p.serve = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/jobs") {
			return false
		}
		pages++
		w.Header().Set("Content-Type", "application/activity+json")
		_, _ = w.Write(encode(t, doc{
			"id": n.p.url + r.URL.RequestURI(), "type": "OrderedCollectionPage", "partOf": n.norte.iri + "/jobs",
			"orderedItems": []any{n.norte.job(fmt.Sprintf("/jobs/%d", pages))}, "next": fmt.Sprintf("%s/jobs?page=%d", n.norte.iri, pages),
		}))
		return true
	}
	if c := n.night(); pages > maxPages || !c.Finished() || c.Added != pages {
		t.Errorf("%d pages, %+v", pages, c)
	}
	n.p.serve = nil
	var many []any
	for i := range 900 {
		many = append(many, fmt.Sprintf("%s/users/nobody/n/%d", n.q.url, i))
	}
	n.lists("jobs", many...)
	n.q.forget()
	c := n.night()
	if asked := n.q.count("/"); asked > mostAsked || !c.Finished() || c.Error == "" {
		t.Errorf("%d requests, %+v", asked, c)
	}
}

// TestComparisonOfASilentServer ends with the reason and leaves no work behind; the night
// after it is well again.
func TestComparisonOfASilentServer(t *testing.T) {
	n := newNightly(t)
	path := strings.TrimPrefix(n.norte.iri, n.p.url)
	n.p.answers(path+"/jobs", http.StatusServiceUnavailable)
	n.lists("knowledge")
	c := n.night()
	for range 6 {
		n.clock.Advance(90 * time.Minute)
		n.drain()
	}
	if c, _, _ = n.store.Comparison(n.ctx, n.account.ID); c.Error == "" || !c.Finished() {
		t.Errorf("%+v", c)
	}
	stats, err := n.store.TaskStats(n.ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stats {
		if s.Kind == taskCompare && s.Waiting+s.Dead > 0 {
			t.Errorf("left behind: %+v", s)
		}
	}
	n.p.answers(path+"/jobs", 0)
	lost := n.norte.job("/jobs/1")
	n.lists("jobs", lost)
	if c := n.night(); c.Added != 1 || c.Error != "" {
		t.Errorf("the next night: %+v", c)
	}
}

// TestComparisonAsksWithETag: a first page that is what it was ends the work on its list;
// once a week it is read all the same, and by hand always.
func TestComparisonAsksWithETag(t *testing.T) {
	n := newNightly(t)
	sent, told := 0, 0
	n.p.serve = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/jobs") {
			return false
		}
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") == `"1"` {
			told++
			w.WriteHeader(http.StatusNotModified)
			return true
		}
		sent++
		w.Header().Set("Content-Type", "application/activity+json")
		_, _ = w.Write(encode(t, doc{"id": n.norte.iri + "/jobs", "type": "OrderedCollection", "orderedItems": []any{n.norte.job("/jobs/1")}}))
		return true
	}
	for range 8 {
		if c := n.night(); c.Error != "" || c.Missed != 0 {
			t.Fatalf("%+v", c)
		}
	}
	if sent < 2 || sent > 3 || sent+told != 8 {
		t.Errorf("read whole %d times of 8, not again %d times", sent, told)
	}
	before := sent
	if c, err := n.in.Compare(n.ctx, n.account); err != nil || c.Looked != 1 || sent != before+1 {
		t.Errorf("by hand: %+v, %v", c, err)
	}
}

// TestComparisonLeavesYoungPosts: what was published a moment ago is on its way, and who
// wants to hear of it must.
func TestComparisonLeavesYoungPosts(t *testing.T) {
	n := newNightly(t)
	n.clock.Advance(24*time.Hour - 5*time.Minute)
	young := n.norte.job("/jobs/1", with("published", n.clock.Now().Format(time.RFC3339)))
	n.lists("jobs", young)
	c, err := n.in.Compare(n.ctx, n.account)
	if err != nil || c.Added != 0 || n.post(young["id"].(string)) != nil {
		t.Errorf("%+v, %v", c, err)
	}
	if c := n.night(); c.Added != 1 {
		t.Errorf("the night after: %+v", c)
	}
}

// TestComparisonIsSpread: each account has its own time of the night, in the zone of the
// instance.
func TestComparisonIsSpread(t *testing.T) {
	zone := time.FixedZone("there", -3*3600)
	w := newWorld(t, func(o *Options) { o.Zone = zone })
	times := map[string]bool{}
	for id := range coop.ID(50) {
		at := w.in.nightOf(id+1, w.clock.Now())
		if h := at.In(zone).Hour(); h < 1 || h >= 5 || !at.After(w.clock.Now()) || at.Sub(w.clock.Now()) > 24*time.Hour {
			t.Errorf("account %d at %s", id+1, at.In(zone))
		}
		times[at.Format("15:04")] = true
	}
	if len(times) < 25 {
		t.Errorf("50 accounts in %d minutes", len(times))
	}
}
