// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
)

// job publishes an opening with nearly every field that a job has.
func (w *interopWorld) job(author *coop.Account) *coop.Post {
	w.t.Helper()
	ratio := decimal.RequireFromString("1.5")
	job := &coop.Job{
		Title: "Desarrollo backend", TitleMap: map[string]string{"es": "Desarrollo backend", "en": "Backend development"},
		Markdown:   map[string]string{"es": "Buscamos a alguien que cuide los datos de *doce* cooperativas.", "en": "We look for somebody to care for the data of *twelve* co-ops."},
		Engagement: "membership", MembershipTrack: "possible", Probation: "P6M", EmploymentType: []string{"PART_TIME"},
		Remote: true, ApplicantsFrom: []string{"AR", "UY"}, OfficeDays: 1, HiringSteps: []string{"Charla", "Prueba paga"},
		DecisionMethod: "consent", SurplusSharing: "by-hours", PayModel: "banded", PayRatio: &ratio, AnswerWithin: 14,
		HoursFrom: decimal.NewFromInt(20), HoursTo: decimal.NewFromInt(30),
		Pay:        &coop.Pay{Currency: "ARS", Min: decimal.NewFromInt(900000), Max: decimal.NewFromInt(1200000), Unit: "MONTH"},
		Places:     []coop.Place{{Locality: "Rosario", Region: "AR-S", Country: "AR"}},
		Skills:     []coop.Skill{{Term: coop.Term{Name: "Go"}, Required: true}, {Term: coop.Term{Name: "SQL"}}},
		ApplyEmail: "trabajo@telar.example", ValidThrough: w.now().AddDate(0, 0, 30).Truncate(time.Second),
	}
	post := &coop.Post{Kind: coop.KindJob, Visibility: coop.VisiblePublic, Language: "es", Job: job}
	w.must(w.outbox.PublishJob(w.ctx, author, post))
	return post
}

// article publishes a knowledge post.
func (w *interopWorld) article(author *coop.Account) *coop.Post {
	w.t.Helper()
	post := &coop.Post{
		Kind: coop.KindArticle, Visibility: coop.VisiblePublic, Language: "es", Title: "Cómo decidimos los sueldos", Summary: "Un método en cuatro pasos.",
		Source:  "## Uno\n\nHablamos.\n\n## Dos\n\n- calculamos\n- decidimos\n",
		Article: &coop.Article{License: "https://creativecommons.org/licenses/by-sa/4.0/", Topics: []coop.Term{{Name: "sueldos"}}},
	}
	w.must(w.outbox.PublishArticle(w.ctx, author, post))
	return post
}

// member makes a co-op that is a verified member of the federation here, so that
// the boards announce it.
func (w *interopWorld) member(name string) *coop.Account {
	w.t.Helper()
	telar := w.account(coop.Coop, name)
	m, err := w.outbox.Join(w.ctx, telar, w.local("/federation"), coop.RoleFull, "")
	w.must(err)
	if m.State == coop.MembershipAsked {
		w.must(w.outbox.DecideMembership(w.ctx, m, true, ""))
	}
	w.until(name+" is a member", func() bool {
		verified, err := w.store.VerifiedMember(w.ctx, telar.ID, w.local("/federation").ID)
		w.must(err)
		return verified
	})
	w.settle()
	return telar
}

// pages reads a collection from its head to its last page as an actor of the peer,
// and gives the text of all its pages.
func (w *interopWorld) pages(as interopActor, head map[string]any) string {
	w.t.Helper()
	var all string
	seen := map[string]bool{}
	for at, _ := head["first"].(string); at != "" && !seen[at]; {
		seen[at] = true
		page := w.peer.fetch(as, at, "none")
		if page.Type != "OrderedCollectionPage" || page.Lost != nil || page.Error != "" {
			w.t.Errorf("page %s: %d, a %q, lost %+v %s", at, page.Status, page.Type, page.Lost, page.Error)
		}
		items, err := json.Marshal(page.Document["orderedItems"])
		w.must(err)
		all += string(items)
		at, _ = page.Document["next"].(string)
	}
	return all
}

// deadIncoming counts activities that were set aside with an error.
func (w *interopWorld) deadIncoming() int {
	w.t.Helper()
	stats, err := w.store.IncomingStats(w.ctx)
	w.must(err)
	return stats.Dead
}
