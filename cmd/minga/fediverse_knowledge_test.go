// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"slices"
	"testing"

	"minga/coop"
	"minga/storage"
)

// TestKnowledgeBetweenServers: a translation made elsewhere is listed on its original
// without another version of it; who used it there counts here; a suspension at one
// federation takes the badge away at the member's own server too.
func TestKnowledgeBetweenServers(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		f.befriend(a, b)
		telar, brisa := a.coop("telar"), b.coop("brisa")
		f.admit(telar, a, a)
		f.admit(telar, a, b)
		original := a.article(telar, "Cómo amasamos")
		f.settle()
		there := b.has(original.IRI)
		if there == nil {
			t.Fatal("the article did not reach the other server")
		}
		made := &coop.Post{
			Title: "How we bake", Summary: "With patience.", Source: "Flour.", Language: "en",
			Article: &coop.Article{License: original.Article.License, TranslationOf: original.IRI, TranslatedVersion: 1},
		}
		f.must(b.outbox.PublishArticle(f.ctx, brisa, made))
		f.must(b.outbox.UseArticle(f.ctx, brisa, there.ID))
		f.settle()
		for _, h := range f.all {
			if p := h.has(original.IRI); p == nil || p.Article.Version != 1 || !slices.Equal(p.Article.Translations, []coop.IRI{made.IRI}) {
				t.Errorf("the original at %s: %+v", h.name, p)
			}
		}
		facts, err := a.store.ArticleFacts(f.ctx, coop.Anonymous(), []*coop.Post{a.has(original.IRI)})
		f.must(err)
		if got := facts[original.ID]; got == nil || got.UsedBy != 1 || len(got.Translations) != 1 {
			t.Errorf("around the original: %+v", got)
		}
		f.must(b.outbox.UnuseArticle(f.ctx, brisa, there))
		f.settle()
		if n, err := a.store.CountReactions(f.ctx, coop.System(), storage.ReactionQuery{Post: original.ID, Kind: storage.Like}); err != nil || n != 0 {
			t.Errorf("%d uses are left, %v", n, err)
		}

		f.must(b.outbox.SuspendMember(f.ctx, f.membership(b, telar, b.federation), coop.MembershipSuspend, "no paga"))
		f.settle()
		if a.member(telar, b.federation) || b.member(telar, b.federation) {
			t.Error("a member in spite of the suspension")
		}
		f.must(b.outbox.SuspendMember(f.ctx, f.membership(b, telar, b.federation), coop.MembershipResume, ""))
		f.settle()
		if !a.member(telar, b.federation) || !b.member(telar, b.federation) {
			t.Error("no member after the suspension")
		}
	})
}
