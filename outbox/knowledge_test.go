// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// here is the article of an author of this instance.
func (h *house) published(author *coop.Account, change ...func(*coop.Post)) *coop.Post {
	h.t.Helper()
	p := h.article()
	for _, f := range change {
		f(p)
	}
	h.must(h.PublishArticle(h.t.Context(), author, p))
	return p
}

// remoteArticle is an article of another server as it was kept here.
func (h *house) remoteArticle(author *coop.Account, licence string) *coop.Post {
	h.t.Helper()
	p := &coop.Post{
		IRI: author.IRI + "/articles/1", Author: author, AuthorID: author.ID, Kind: coop.KindArticle, Type: "Article", Visibility: coop.VisiblePublic, Title: "How we set our pay",
		Summary: "Three models.", Content: "<p>Three models.</p>", Language: "en", To: []coop.IRI{coop.Public}, Published: h.clock.Now(),
		Article: &coop.Article{License: licence, Version: 3, Status: coop.ArticlePublished},
	}
	h.must(h.store.Write(h.t.Context(), func(tx *storage.Tx) error { _, err := tx.AddPost(h.t.Context(), p, storage.Arrival{}); return err }))
	return p
}

// TestUseGoesOut: "we used this" is a Like with the day, to the author; a like that was
// there is not taken back for it, and its end is an Undo.
func TestUseGoesOut(t *testing.T) {
	each(t, func(h *house) {
		ctx, p := h.t.Context(), newPeer(h.t)
		telar, brisa, ana := h.member("telar"), p.actor(h, coop.Coop, "brisa", false), h.account(coop.Person, "ana")
		article := h.remoteArticle(brisa, coop.DefaultLicence)
		for range 2 {
			h.must(h.UseArticle(ctx, telar, article.ID))
		}
		h.drain()
		used := one(h.t, p.take())
		golden(h.t, "article-used", used.body)
		h.must(h.UnuseArticle(ctx, telar, article))
		h.drain()
		if got := says(p.take()); got != "Undo" {
			h.t.Errorf("no more: %q", got)
		}
		h.must(h.Like(ctx, telar, article))
		h.must(h.UseArticle(ctx, telar, article.ID))
		h.drain()
		if got := says(p.take()); got != "Like Like" {
			h.t.Errorf("liked and then used: %q", got)
		}
		for name, by := range map[string]*coop.Account{"a person": ana, "the author": brisa} {
			if err := h.UseArticle(ctx, by, article.ID); !errors.Is(err, coop.ErrForbidden) {
				h.t.Errorf("%s: %v", name, err)
			}
		}
		draft := h.article()
		h.must(h.SaveArticleDraft(ctx, telar, draft))
		if err := h.UseArticle(ctx, telar, draft.ID); !errors.Is(err, coop.ErrForbidden) {
			h.t.Errorf("a draft of one's own: %v", err)
		}
	})
}

// TestTranslationGoesOut: it names the author of the original, who lists it without
// another version.
func TestTranslationGoesOut(t *testing.T) {
	each(t, func(h *house) {
		ctx, p := h.t.Context(), newPeer(h.t)
		telar, trama, brisa := h.member("telar"), h.member("trama"), p.actor(h, coop.Coop, "brisa", false)
		ana := p.actor(h, coop.Person, "ana", true)
		original := h.remoteArticle(brisa, coop.DefaultLicence)
		made := h.published(telar, func(p *coop.Post) {
			p.Article.TranslationOf, p.Article.TranslatedVersion = original.IRI, 3
		})
		h.drain()
		got := one(h.t, p.take())
		if got.path != "/brisa/inbox" || !slices.Contains(made.Cc, brisa.IRI) {
			h.t.Errorf("the author of the original is told at %s, cc %v", got.path, made.Cc)
		}
		golden(h.t, "article-translation", got.body)
		h.clock.Advance(hours(1))
		edit := *made
		meta := *made.Article
		edit.Article, edit.Source = &meta, "De nuevo."
		h.must(h.EditArticle(ctx, &edit))
		h.drain()
		if got := says(p.take()); got != "Update" {
			h.t.Errorf("an edit: %q", got)
		}

		h.follows(ana, trama)
		ours := h.published(trama)
		h.drain()
		p.take()
		h.clock.Advance(hours(1))
		second := h.published(telar, func(p *coop.Post) {
			p.Language, p.Article.TranslationOf, p.Article.TranslatedVersion = "en", ours.IRI, 1
		})
		h.must(h.store.Write(ctx, func(tx *storage.Tx) error { return h.Translated(ctx, tx, second) })) // twice is once
		h.drain()
		list := p.take()
		if got := says(list); got != "Update" {
			h.t.Fatalf("the original lists it: %q", got)
		}
		object, _ := list[0].doc["object"].(map[string]any)
		if object["version"] != "1" || !slices.Equal(object["workTranslation"].([]any), []any{string(second.IRI)}) {
			h.t.Errorf("the original: %v", object)
		}
		if revisions, err := h.store.Revisions(ctx, coop.System(), ours.ID); err != nil || len(revisions) != 0 {
			h.t.Errorf("a translation made %d versions of its original (%v)", len(revisions), err)
		}
	})
}

// TestLicencesOfTranslations: nothing leaves that the licence of the original forbids.
func TestLicencesOfTranslations(t *testing.T) {
	const cc = "https://creativecommons.org/licenses/"
	h := newHouse(t)
	ctx, p := t.Context(), newPeer(t)
	telar, brisa := h.member("telar"), p.actor(h, coop.Coop, "brisa", false)
	for i, tt := range []struct{ name, original, translation, field string }{
		{"share alike stays", cc + "by-sa/4.0/", cc + "by-sa/4.0/", ""},
		{"share alike cannot be lifted", cc + "by-sa/4.0/", cc + "by/4.0/", "license"},
		{"the free may be bound", "https://creativecommons.org/publicdomain/zero/1.0/", cc + "by-sa/4.0/", ""},
		{"no derivatives", cc + "by-nd/4.0/", cc + "by/4.0/", "translation_of"},
		{"no reuse", coop.NoReuse, coop.NoReuse, "translation_of"},
		{"not stated", "", cc + "by/4.0/", "translation_of"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			original := h.remoteArticle(&coop.Account{ID: brisa.ID, IRI: brisa.IRI + coop.IRI("/"+string(rune('a'+i)))}, tt.original)
			q := h.article()
			q.Article.TranslationOf, q.Article.License = original.IRI, tt.translation
			err := h.PublishArticle(ctx, telar, q)
			var invalid *coop.InvalidError
			field := ""
			if errors.As(err, &invalid) {
				field = invalid.Field
			} else if err != nil {
				t.Fatal(err)
			}
			if field != tt.field {
				t.Errorf("complained about %q, want %q", field, tt.field)
			}
		})
	}
}

// TestCheckedGoesOut: an Update of the same version with the day and who looked.
func TestCheckedGoesOut(t *testing.T) {
	each(t, func(h *house) {
		ctx, p := h.t.Context(), newPeer(h.t)
		telar := h.member("telar")
		h.follows(p.actor(h, coop.Person, "ana", true), telar)
		article := h.published(telar)
		h.drain()
		p.take()
		h.clock.Advance(hours(1))
		for range 2 {
			h.must(h.CheckArticle(ctx, article.ID))
		}
		h.drain()
		golden(h.t, "article-checked", one(h.t, p.take()).body)
	})
}

// TestSuspensionGoesOut: Updates of the Membership, to the member and the followers.
func TestSuspensionGoesOut(t *testing.T) {
	each(t, func(h *house) {
		ctx, p := h.t.Context(), newPeer(h.t)
		federation, err := h.store.FederationAccount(ctx)
		h.must(err)
		brisa := p.actor(h, coop.Coop, "brisa", false)
		m := &coop.Membership{Member: brisa, Organization: federation, Role: coop.RoleFull, State: coop.MembershipAsked, JoinIRI: brisa.IRI + "/joins/1"}
		h.must(h.store.Write(ctx, func(tx *storage.Tx) error { return tx.PutMembership(ctx, m) }))
		h.must(h.DecideMembership(ctx, m, true, ""))
		h.drain()
		p.take()
		h.must(h.SuspendMember(ctx, m, coop.MembershipSuspend, "no aportó datos"))
		h.must(h.SuspendMember(ctx, m, coop.MembershipSuspend, "otra vez"))
		h.drain()
		golden(h.t, "membership-suspended", one(h.t, p.take()).body)
		h.must(h.SuspendMember(ctx, m, coop.MembershipResume, ""))
		h.drain()
		resumed := one(h.t, p.take())
		if object, _ := resumed.doc["object"].(map[string]any); resumed.doc["type"] != "Update" || object["status"] != nil {
			h.t.Errorf("resumed: %s", resumed.body)
		}
		now, err := h.store.Membership(ctx, m.ID)
		h.must(err)
		if now.State != coop.MembershipMember || !now.OrganizationSays {
			h.t.Errorf("resumed: %+v", now)
		}
		if err := h.SuspendMember(ctx, m, coop.MembershipRemove, ""); !errors.Is(err, coop.ErrState) {
			h.t.Errorf("removed by an Update: %v", err)
		}
	})
}

// TestTopicsAnnounce: a topic of the list says what is about it, once, and nobody may
// have its name; a series is served where its address leads.
func TestTopicsAnnounce(t *testing.T) {
	each(t, func(h *house) {
		ctx, p := h.t.Context(), newPeer(h.t)
		telar := h.member("telar")
		topic, err := h.NewTopic(ctx, "Retiros & sueldos", "Cómo cobramos.", "es")
		h.must(err)
		if topic.Name != "topic-retiros-sueldos" || topic.IRI != "https://fed-sur.example/services/topic-retiros-sueldos" {
			h.t.Errorf("topic %s at %s", topic.Name, topic.IRI)
		}
		h.follows(p.actor(h, coop.Person, "ana", true), topic)
		article := h.published(telar, func(p *coop.Post) { p.Article.Topics = []coop.Term{{Name: "Retiros & Sueldos"}, {Name: "Caja"}} })
		h.drain()
		got := one(h.t, p.take())
		if got.doc["type"] != "Announce" || got.doc["actor"] != string(topic.IRI) || got.doc["object"] != string(article.IRI) {
			h.t.Errorf("announced %s", got.body)
		}
		for name, bad := range map[string]string{"no name": " ", "no letters": strings.Repeat("!", 3)} {
			var invalid *coop.InvalidError
			if a, err := h.NewTopic(ctx, bad, "", ""); !errors.As(err, &invalid) && (err != nil || a.Name != "topic-article") {
				h.t.Errorf("%s: %v %v", name, a, err)
			}
		}
		s := &coop.Series{Title: "Lo básico", Summary: "Para empezar.", Language: "es"}
		h.must(h.PutSeries(ctx, telar, s))
		document, err := h.store.VisibleDocument(ctx, coop.Anonymous(), s.IRI)
		h.must(err)
		golden(h.t, "series", document.Body)
		h.proven(document.Body, telar)
	})
}

// TestLibraryQuestions: what a language is missing, which languages there are, who used an
// article, and whose series there are.
func TestLibraryQuestions(t *testing.T) {
	each(t, func(h *house) {
		ctx := h.t.Context()
		telar, hilo := h.member("telar"), h.member("hilo")
		basics := &coop.Series{Title: "Co-op basics"}
		h.must(h.PutSeries(ctx, telar, basics))
		plain := h.published(telar, func(p *coop.Post) {
			p.Title, p.Language = "How we bake", "en-GB"
			p.Article.Series = &coop.Term{URI: string(basics.IRI), Name: basics.Title}
		})
		closed := h.published(telar, func(p *coop.Post) { p.Title, p.Language, p.Article.License = "Ours alone", "en", coop.NoReuse })
		made := h.published(hilo, func(p *coop.Post) {
			p.Title, p.Language, p.Article.TranslationOf, p.Article.TranslatedVersion = "Cómo amasamos", "es", plain.IRI, 1
		})
		for lang, want := range map[string]int{"es": 0, "en": 0, "it": 1} {
			list, err := h.store.SearchArticles(ctx, coop.Anonymous(), coop.ArticleQuery{Needs: []string{lang}}, storage.ArticlePage{})
			h.must(err)
			if list.Total != want {
				h.t.Errorf("%d are missing in %s, want %d", list.Total, lang, want)
			}
		}
		languages, err := h.store.ArticleLanguages(ctx)
		h.must(err)
		if got := fmt.Sprint(languages); got != "[{en 2} {es 1}]" {
			h.t.Errorf("languages %s", got)
		}
		h.must(h.UseArticle(ctx, hilo, plain.ID))
		uses, err := h.store.ArticleUses(ctx, plain.ID, 5)
		h.must(err)
		if len(uses) != 1 || uses[0].By.ID != hilo.ID || uses[0].On != h.clock.Now().UTC().Format(time.DateOnly) {
			h.t.Errorf("uses %+v", uses)
		}
		here, err := h.store.ArticlesByIRI(ctx, coop.Anonymous(), []coop.IRI{made.IRI, closed.IRI, "https://nowhere.example/x"})
		h.must(err)
		if len(here) != 2 || here[made.IRI] == nil {
			h.t.Errorf("articles by address: %v", here)
		}
		for owner, want := range map[coop.ID]int{0: 1, telar.ID: 1, hilo.ID: 0} {
			list, err := h.store.AllSeries(ctx, coop.Anonymous(), owner, coop.Page{})
			h.must(err)
			if len(list) != want {
				h.t.Errorf("%d series of %s, want %d", len(list), owner, want)
			}
		}
	})
}
