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

// nightly is a federation that ours follows, with the lists that a test gives it.
type nightly struct {
	*scene
	norte   *remote
	account *coop.Account
}

func newNightly(t *testing.T) *nightly {
	t.Helper()
	s := newScene(t)
	n := &nightly{scene: s, norte: s.p.federation("norte")}
	for _, name := range []string{"jobs", "requests", "knowledge", "outbox"} {
		n.lists(name)
	}
	n.account = s.follows(s.federation, n.norte)
	n.plan()
	s.clock.Advance(time.Hour)
	return n
}

// lists serves a collection of the federation on one page.
func (n *nightly) lists(name string, items ...any) {
	n.p.put(doc{"id": n.norte.iri + "/" + name, "type": "OrderedCollection", "totalItems": len(items), "orderedItems": append([]any{}, items...)})
}

func (n *nightly) plan() {
	n.t.Helper()
	if _, err := n.in.PlanComparisons(n.ctx); err != nil {
		n.t.Fatal(err)
	}
}

// night lets the next night pass and gives what came of it.
func (n *nightly) night() coop.Comparison {
	n.t.Helper()
	n.clock.Advance(24 * time.Hour)
	n.plan()
	n.drain()
	c, _, err := n.store.Comparison(n.ctx, n.account.ID)
	if err != nil {
		n.t.Fatal(err)
	}
	return c
}

func TestComparison(t *testing.T) {
	n := newNightly(t)
	kept, edited := n.norte.job("/jobs/1"), n.norte.job("/jobs/2")
	filled, gone := n.norte.job("/jobs/3"), n.norte.job("/jobs/4")
	for i, d := range []doc{kept, edited, filled, gone} {
		n.p.put(d)
		n.deliver(n.norte, n.norte.activity("Create", fmt.Sprintf("/c/%d", i), d))
	}
	lost, elsewhere := n.norte.job("/jobs/5"), n.q.actor("Organization", "brisa").job("/jobs/1")
	n.q.put(elsewhere)
	edited = edit(edited, with("updated", "2030-05-01T12:10:00Z"))
	edited["job"] = edit(edited["job"].(doc), with("title", "Night baker"))
	filled = edit(filled, with("updated", "2030-05-01T12:10:00Z"))
	filled["job"] = edit(filled["job"].(doc), with("status", "filled"))
	n.p.put(filled)
	n.p.answers(strings.TrimPrefix(n.norte.iri, n.p.url)+"/jobs/4", http.StatusGone)
	n.lists("jobs", lost, edited, kept, elsewhere["id"])
	note := n.norte.note("/n/9", with("published", "2030-05-01T12:30:00Z"))
	n.lists("outbox", n.norte.activity("Create", "/c/9", note), n.norte.activity("Like", "/l/1", note["id"]))
	c := n.night()
	if c.Added != 3 || c.Changed != 2 || c.Removed != 1 || c.Missed != 0 || c.Error != "" || !c.Finished() {
		t.Errorf("%+v", c)
	}
	for iri, want := range map[any]coop.JobStatus{kept["id"]: coop.JobOpen, edited["id"]: coop.JobOpen, filled["id"]: coop.JobFilled, lost["id"]: coop.JobOpen, elsewhere["id"]: coop.JobOpen} {
		if p := n.post(iri.(string)); p == nil || p.Job == nil || p.Job.Status != want {
			t.Errorf("%s is %+v, want %s", iri, p, want)
		}
	}
	if n.post(gone["id"].(string)) != nil || n.post(note["id"].(string)) == nil {
		t.Error("the deleted job is here, or the note is not")
	}
	if got := append(n.told(n.ana), n.told(n.federation)...); len(got) != 0 {
		t.Errorf("told %v", got)
	}
	if got := n.asked.take(); len(got) != 0 {
		t.Errorf("sent %v", got)
	}
	if c = n.night(); c.Healed() != 0 || !c.Finished() {
		t.Errorf("the next night: %+v", c)
	}
}
