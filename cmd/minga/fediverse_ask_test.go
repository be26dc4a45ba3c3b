// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// TestAskTheNetwork: a search is put to federations that nobody here follows, and the
// page says who answered; who is blocked or followed is not asked, and nothing is asked
// before somebody wants it.
func TestAskTheNetwork(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c, d := f.house("ana"), f.house("berta"), f.house("carla"), f.house("dora")
		var mine []*coop.Post
		for _, h := range []*house{b, c, d} {
			co := h.coop("telar")
			f.admit(co, h, h)
			mine = append(mine, h.publish(co, "Panadera en "+h.name), h.publish(co, "Tejedora en "+h.name))
			a.knows(h.federation)
		}
		f.settle()
		if list := a.board(false); len(list) != 0 {
			t.Fatalf("%d jobs came unasked", len(list))
		}
		// What is asked of the collection itself: matches alone, whole, nothing of others.
		status, doc := b.get(b.federation.Jobs + "?q=panad*")
		items, _ := doc["orderedItems"].([]any)
		if status != 200 || doc["type"] != "OrderedCollection" || doc["totalItems"] != float64(1) || len(items) != 1 || items[0].(map[string]any)["id"] != string(mine[0].IRI) {
			t.Errorf("asked, the collection is %d %v", status, doc)
		}
		if _, doc := b.get(coop.IRI(b.config.BaseURL()) + "/coops/telar/jobs?engagement=volunteer"); doc["totalItems"] != float64(0) {
			t.Errorf("nothing matches, and it is %v", doc)
		}

		c.away.Store(true)
		f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error {
			return tx.DecidePeer(f.ctx, &coop.Peer{Host: d.config.Host, Policy: coop.PolicyBlock, Reason: "test"}, "ana", "")
		}))
		page := a.page("/jobs/ask?engagement=membership")
		for _, want := range []string{"Panadera en berta", "Tejedora en berta", "These answered", b.config.Host + "</span>: 2 jobs", "did not answer in time", ">" + c.config.Host + "<", `name="robots" content="noindex"`} {
			if !strings.Contains(page, want) {
				t.Errorf("the page has no %q:\n%s", want, page)
			}
		}
		if strings.Contains(page, d.config.Host) || a.has(mine[4].IRI) != nil {
			t.Error("a blocked server was asked")
		}
		// What came is on the board from now on, as what came from far.
		if list := a.board(false); len(list) != 2 {
			t.Errorf("%d jobs are on the board, want 2", len(list))
		}
		if page := a.page("/jobs?source=wider"); !strings.Contains(page, "Panadera en berta") {
			t.Error("what came is not of the wider network")
		}
		// Once its server is followed it is asked no more.
		c.away.Store(false)
		a.follow(a.federation, b.federation)
		b.decide(a.federation, b.federation, true, "")
		f.settle()
		heard, err := a.inbox.AskNetwork(context.WithoutCancel(f.ctx), map[string][]string{"q": {"panad*"}})
		f.must(err)
		for _, answer := range heard {
			if answer.Host == b.config.Host || answer.Host == d.config.Host {
				t.Errorf("%s was asked", answer.Host)
			}
		}
	})
}
