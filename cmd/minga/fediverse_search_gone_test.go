// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// TestASearchForgetsWhoIsSuspended: the name of a skill and its address are one search, and
// what it boosted of a co-op that is suspended is taken back at once.
func TestASearchForgetsWhoIsSuspended(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		const address = "https://skills.example/python"
		f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error {
			return tx.PutSkills(f.ctx, storage.StarterSkills, []coop.SkillEntry{{URI: address, Labels: []coop.Label{
				{Language: "en", Text: "Python", Preferred: true}, {Language: "es", Text: "programación en Python"},
			}}})
		}))
		telar, bea := a.coop("telar"), b.person("bea")
		actor := a.search("skill=Python")
		for _, query := range []string{"skill=python", "skill=" + address, "skill=programaci%C3%B3n+en+Python"} {
			if same := a.search(query); same.ID != actor.ID {
				t.Errorf("%s is another account: %s, %s", query, same.Name, actor.Name)
			}
		}
		b.follow(bea, actor)
		a.turnSearches()
		a.publish(telar, "Job 01")
		a.turnSearches()
		if got := b.boosts(actor); len(got) != 1 {
			t.Fatalf("boosted: %v", got)
		}
		f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error { return suspend(f.ctx, tx, telar.IRI, a.clock.Now()) }))
		a.turnSearches()
		if got := b.boosts(actor); len(got) != 0 {
			t.Errorf("boosted of a suspended co-op: %v", got)
		}
	})
}

// suspend hides an account with what it wrote.
func suspend(ctx context.Context, tx *storage.Tx, iri coop.IRI, at time.Time) error {
	a, err := tx.AccountByIRI(ctx, iri)
	if err != nil {
		return err
	}
	return tx.SuspendAccount(ctx, a.ID, at)
}
