// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// editOf is a suggested change as it comes.
func editOf(p *coop.Post, change ...func(doc)) doc {
	d := doc{
		"type": "Edit", "article": string(p.IRI), "baseVersion": "1", "name": "Salarios", "summary": "Tres modelos.",
		"source": doc{"content": "Mejor.", "mediaType": "text/markdown"}, "reason": "una errata",
	}
	for _, f := range change {
		f(d)
	}
	return d
}

// TestSuggested: which offers of an edit are kept, and what is never believed.
func TestSuggested(t *testing.T) {
	s := newScene(t)
	article, hidden := s.localArticle("/coops/telar/articles/pay"), s.localArticle("/coops/telar/articles/draft")
	s.write(func(tx *storage.Tx) error {
		hidden.Article.Status = coop.ArticleDraft
		hidden.Updated = s.clock.Now()
		_, err := tx.UpdatePost(s.ctx, hidden, storage.Arrival{})
		return err
	})
	note := s.localPost(s.ana, "/notes/1")
	kept := func() int {
		t.Helper()
		list, err := s.store.SuggestionsTo(s.ctx, s.telar.ID, 0, false, coop.Page{Limit: 40})
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	for i, tt := range []struct {
		name string
		edit doc
		want int
	}{
		{"a change", editOf(article), 1},
		{"without a title: that of the article", editOf(article, without("name"), without("summary")), 1},
		{"without a text", editOf(article, without("source")), 0},
		{"of nothing but spaces", editOf(article, with("source", doc{"content": " \n"})), 0},
		{"of too much text", editOf(article, with("source", doc{"content": strings.Repeat("x", coop.MaxArticleBytes+1)})), 0},
		{"in the name of another", editOf(article, with("attributedTo", s.bob.iri)), 0},
		{"of a draft", editOf(hidden), 0},
		{"of a note", editOf(note), 0},
		{"of what is elsewhere", editOf(article, with("article", s.bob.iri+"/articles/1")), 0},
		{"of what never was", editOf(article, with("article", here+"/coops/telar/articles/none")), 0},
		{"with a version that is none", editOf(article, with("baseVersion", "-7")), 1},
		{"another thing", editOf(article, with("type", "Alliance")), 0},
	} {
		before := kept()
		s.deliver(s.carol, s.carol.activity("Offer", fmt.Sprintf("/o/%d", i), tt.edit))
		if got := kept() - before; got != tt.want {
			t.Errorf("%s: %d kept, want %d; %v", tt.name, got, tt.want, s.counts.refused)
		}
	}
	for i := range 2 * mostOffered {
		s.deliver(s.carol, s.carol.activity("Offer", fmt.Sprintf("/flood/%d", i), editOf(article)))
	}
	open, err := s.store.OpenSuggestions(s.ctx, article.ID, 0)
	if err != nil || open != mostOffered {
		t.Errorf("%d wait after a flood, %v", open, err)
	}
	first, err := s.store.SuggestionByIRI(s.ctx, coop.IRI(s.carol.iri+"/o/0"))
	if err != nil {
		t.Fatal(err)
	}
	s.deliver(s.bob, s.bob.activity("Undo", "/u/1", string(first.IRI)))
	if now, err := s.store.Suggestion(s.ctx, first.ID); err != nil || now.State != coop.SuggestionOpen {
		t.Errorf("somebody else took it back: %v, %v", now, err)
	}
	s.deliver(s.carol, s.carol.activity("Undo", "/u/2", string(first.IRI)))
	if now, err := s.store.Suggestion(s.ctx, first.ID); err != nil || now.State != coop.SuggestionWithdrawn {
		t.Errorf("taken back: %v, %v", now, err)
	}
}

// TestSuggestionsAreAnsweredByTheAuthor of the article alone, and once.
func TestSuggestionsAreAnsweredByTheAuthor(t *testing.T) {
	s := newScene(t)
	article := s.posted(with("type", "Article"), with("name", "Pay"))
	ours := &coop.Suggestion{IRI: s.ana.IRI + "/suggestions/1", PostID: article.ID, ByID: s.ana.ID, State: coop.SuggestionOpen, BaseVersion: 1, Text: coop.SuggestedText{Title: "Pay", Source: "Better."}}
	s.write(func(tx *storage.Tx) error { _, err := tx.AddSuggestion(s.ctx, ours); return err })
	s.asked.take()
	for i, tt := range []struct {
		name string
		by   *remote
		verb string
		want string
	}{
		{"accepted by a neighbour", s.mallory, "Accept", "[]"},
		{"refused by another", s.carol, "Reject", "[]"},
		{"refused by the author", s.bob, "Reject", "[suggestion rejected, version 0: not now]"},
		{"and then accepted", s.bob, "Accept", "[]"},
	} {
		s.deliver(tt.by, tt.by.activity(tt.verb, fmt.Sprintf("/an/%d", i), string(ours.IRI), with("content", "<p>not <b>now</b></p>"), with("result", doc{"version": "2"})))
		if got := fmt.Sprint(s.asked.take()); got != tt.want {
			t.Errorf("%s: %s, want %s; %v", tt.name, got, tt.want, s.counts.refused)
		}
	}
}
