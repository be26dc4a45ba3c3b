// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// localArticle is an article of a co-op here.
func (w *world) localArticle(path string) *coop.Post {
	w.t.Helper()
	p := &coop.Post{
		IRI: coop.IRI(here + path), Author: w.telar, AuthorID: w.telar.ID, Kind: coop.KindArticle, Type: "Article", Visibility: coop.VisiblePublic, Title: "Salarios", Language: "es",
		To: []coop.IRI{coop.Public}, Published: w.clock.Now(), Article: &coop.Article{License: coop.DefaultLicence, Version: 1, Status: coop.ArticlePublished},
	}
	w.write(func(tx *storage.Tx) error { _, err := tx.AddPost(w.ctx, p, storage.Arrival{}); return err })
	return p
}

// uses are the days on which somebody says to have used a post.
func (w *world) uses(p *coop.Post) string {
	w.t.Helper()
	list, err := w.store.Reactions(w.ctx, coop.System(), storage.ReactionQuery{Post: p.ID, Kind: storage.Like}, coop.Page{})
	if err != nil {
		w.t.Fatal(err)
	}
	var days []string
	for _, x := range list {
		days = append(days, x.UsedOn)
	}
	return fmt.Sprint(len(days), strings.Join(days, ","))
}

// TestUsedOn: what a co-op says to have used counts; from others, of anything else and
// on a day that is none it is only a like.
func TestUsedOn(t *testing.T) {
	s := newScene(t)
	article, note := s.localArticle("/coops/telar/articles/pay"), s.localPost(s.ana, "/notes/1")
	today := s.clock.Now().Format(time.DateOnly)
	north := s.p.actor("Organization", "norte")
	for i, tt := range []struct {
		name, want string
		by         *remote
		object     *coop.Post
		day        any
	}{
		{"a person", "1", s.carol, article, today},
		{"a co-op", "2" + today, north, article, today},
		{"a co-op, of a note", "1", north, note, today},
	} {
		s.deliver(tt.by, tt.by.activity("Like", fmt.Sprintf("/l/%d", i), string(tt.object.IRI), with("usedOn", tt.day)))
		if got := strings.ReplaceAll(s.uses(tt.object), ",", ""); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	for i, day := range []any{"yesterday", s.clock.Now().AddDate(0, 0, 3).Format(time.DateOnly), 5} {
		other := s.p.actor("Organization", fmt.Sprintf("otra%d", i))
		s.deliver(other, other.activity("Like", "/l/x", string(article.IRI), with("usedOn", day)))
	}
	if got := s.uses(article); strings.Count(got, today) != 1 || !strings.HasPrefix(got, "5") {
		t.Errorf("days that are none: %s", got)
	}
}

// TestLikeBecomesUse: who liked before and used it now says so by another Like.
func TestLikeBecomesUse(t *testing.T) {
	s := newScene(t)
	article := s.localArticle("/coops/telar/articles/pay")
	today := s.clock.Now().Format(time.DateOnly)
	north := s.p.actor("Organization", "norte")
	s.deliver(north, north.activity("Like", "/l/1", string(article.IRI)))
	s.deliver(north, north.activity("Like", "/l/2", string(article.IRI), with("usedOn", today)))
	if got := s.uses(article); got != "1"+today {
		t.Errorf("used: %s", got)
	}
	s.deliver(north, north.activity("Undo", "/u/1", north.iri+"/l/2"))
	if got := s.uses(article); got != "0" {
		t.Errorf("no more: %s", got)
	}
}

// TestTranslationArrives: a translation of an article here is put before its author's
// server, once, though nobody here follows who translated.
func TestTranslationArrives(t *testing.T) {
	s := newScene(t)
	original := s.localArticle("/coops/telar/articles/pay")
	made := s.carol.note("/a/1", with("type", "Article"), with("name", "Pay"), with("summary", "How we are paid"), with("inLanguage", "en"),
		with("translationOfWork", string(original.IRI)), with("translatedVersion", "1"), with("cc", []any{string(s.telar.IRI)}))
	s.q.put(made)
	for range 2 {
		s.deliver(s.carol, s.carol.activity("Create", "/c/1", made))
	}
	said := strings.Join(s.asked.take(), "; ")
	if want := "translation " + s.carol.iri + "/a/1 of " + string(original.IRI); strings.Count(said, want) != 1 {
		t.Errorf("said %s", said)
	}
	kept := s.post(s.carol.iri + "/a/1")
	if kept == nil || kept.Article.TranslationOf != original.IRI || kept.Article.TranslatedVersion != 1 {
		t.Errorf("kept %+v", kept)
	}
}
