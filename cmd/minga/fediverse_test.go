// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
)

// TestFollowWithApproval: one federation asks, waits, is accepted, and then has the
// open jobs and the articles that were there before, quietly and with their dates.
func TestFollowWithApproval(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		telar := b.coop("telar")
		f.admit(telar, b, b)
		dates := map[string]time.Time{}
		var want []string
		for _, title := range []string{"Uno", "Dos", "Tres", "Cuatro"} {
			p := b.publish(telar, title)
			dates[title] = p.Published
			if title == "Tres" {
				_, err := b.outbox.StepJob(f.ctx, p.ID, "fill")
				f.must(err)
			} else {
				want = append([]string{title}, want...)
			}
			f.pass(time.Hour)
		}
		article := b.article(telar, "Facturar juntas")
		f.pass(time.Hour)

		a.follow(a.federation, b.federation)
		if a.followState(a.federation, b.federation) != coop.FollowAsked || b.followState(a.federation, b.federation) != coop.FollowAsked {
			t.Fatal("the follow does not wait")
		}
		if got := a.board(true); len(got) != 0 {
			t.Errorf("before the answer: %v", titles(got))
		}
		b.decide(a.federation, b.federation, true, "Bienvenidas")
		f.settle()
		if a.followState(a.federation, b.federation) != coop.FollowAccepted {
			t.Fatal("the answer did not arrive")
		}
		if diff := cmp.Diff(want, titles(a.board(true))); diff != "" {
			t.Errorf("backfilled jobs, newest first: %s", diff)
		}
		for _, p := range a.board(true) {
			if !p.Published.Equal(dates[p.Job.Title]) {
				t.Errorf("%s published %v, want %v", p.Job.Title, p.Published, dates[p.Job.Title])
			}
		}
		if p := a.has(article.IRI); p == nil || p.Title != "Facturar juntas" || !p.Published.Equal(article.Published) {
			t.Errorf("the article: %+v", p)
		}
		told, err := a.store.Notifications(f.ctx, a.federation.ID, coop.Page{Limit: 40})
		f.must(err)
		for _, n := range told {
			if n.PostID != 0 {
				t.Errorf("told of %+v, but a backfill is quiet", n)
			}
		}
	})
}
