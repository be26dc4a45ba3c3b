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

// TestSuggestionsBetweenServers: a change proposed elsewhere is taken up as the next
// version with its author named, or refused with a reason; one that was made from a
// version that is no longer the last is answered as a conflict, with the text kept.
func TestSuggestionsBetweenServers(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		f.befriend(a, b)
		telar, brisa := a.coop("telar"), b.coop("brisa")
		f.admit(telar, a, a)
		original := a.article(telar, "Cómo amasamos")
		f.settle()
		there := b.has(original.IRI)
		if there == nil {
			t.Fatal("the article did not reach the other server")
		}
		propose := func(source string) *coop.Suggestion {
			t.Helper()
			now := b.has(original.IRI)
			s := &coop.Suggestion{BaseVersion: now.Article.Version, Reason: "una errata", Text: coop.SuggestedText{Title: now.Title, Summary: now.Summary, Source: source}}
			f.must(b.outbox.Suggest(f.ctx, brisa, there.ID, s))
			return s
		}
		first := propose("Harina y agua.")
		f.settle()
		waits := func() []*coop.Suggestion {
			t.Helper()
			list, err := a.store.SuggestionsTo(f.ctx, telar.ID, original.ID, true, coop.Page{})
			f.must(err)
			return list
		}
		open := waits()
		if len(open) != 1 || open[0].Reason != "una errata" || open[0].Base.Source != original.Source || open[0].By.IRI != brisa.IRI || open[0].IRI != first.IRI {
			t.Fatalf("what waits: %+v", open)
		}
		taken, err := a.outbox.DecideSuggestion(f.ctx, open[0].ID, true, "")
		f.must(err)
		if taken.State != coop.SuggestionAccepted || taken.ResultVersion != 2 {
			t.Errorf("taken up: %+v", taken)
		}
		f.settle()
		for _, h := range f.all {
			p := h.has(original.IRI)
			if p == nil || p.Article.Version != 2 || p.Source != "Harina y agua." || len(p.Article.Contributors) != 1 || p.Article.Contributors[0].IRI != brisa.IRI {
				t.Errorf("the article at %s: %+v", h.name, p)
			}
		}
		if p := a.has(original.IRI); !p.Article.Contributors[0].Confirmed || p.Article.Reason != "una errata (@brisa@"+b.name+")" && p.Article.Reason == "una errata" {
			t.Errorf("credit: %+v, %q", p.Article.Contributors, p.Article.Reason)
		}
		said, err := b.store.Suggestion(f.ctx, first.ID)
		f.must(err)
		if said.State != coop.SuggestionAccepted || said.ResultVersion != 2 {
			t.Errorf("what the suggester knows: %+v", said)
		}

		second := propose("Harina, agua y sal.")
		f.settle()
		_, err = a.outbox.DecideSuggestion(f.ctx, waits()[0].ID, false, "Sin sal es mejor.")
		f.must(err)
		f.settle()
		if said, err := b.store.Suggestion(f.ctx, second.ID); err != nil || said.State != coop.SuggestionRejected || said.Answer != "Sin sal es mejor." {
			t.Errorf("a refusal: %+v, %v", said, err)
		}

		third := propose("Harina y agua tibia.") // while the author changes it too
		own := a.has(original.IRI)
		own.Source = "Harina, agua, tiempo."
		f.must(a.outbox.EditArticle(f.ctx, own))
		f.settle()
		if said, err := b.store.Suggestion(f.ctx, third.ID); err != nil || said.State != coop.SuggestionConflict || said.Base.Source != "Harina y agua." {
			t.Errorf("a conflict: %+v, %v", said, err)
		}
		if p := b.has(original.IRI); p.Article.Version != 3 {
			t.Errorf("the suggester reads version %d", p.Article.Version)
		}

		fourth := propose("Harina, agua, mucho tiempo.")
		f.settle()
		f.must(b.outbox.WithdrawSuggestion(f.ctx, brisa, fourth.ID))
		f.settle()
		if list := waits(); len(list) != 0 {
			t.Errorf("what was taken back waits: %+v", list)
		}
	})
}
