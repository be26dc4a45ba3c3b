// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// TestMembersReadWhatIsForMembers: a person who has a role in a member co-op reads it when
// signed in; nobody else does, and no list names it.
func TestMembersReadWhatIsForMembers(t *testing.T) {
	w := newWorld(t)
	telar, b := w.publisher()
	hilo := w.member("hilo")
	federation, err := w.Store.FederationAccount(t.Context())
	w.must(err)
	secret := w.published(hilo, "What we paid last year", func(p *coop.Post) {
		p.Visibility, p.To, p.Cc = coop.VisibleMembers, []coop.IRI{federation.Members}, nil
	})
	if secret.Visibility != coop.VisibleMembers {
		t.Fatalf("published for %s", secret.Visibility)
	}
	path := w.pathOf(secret)
	read := func() int { return b.do(path, nil).Code }
	answer := b.do(path, nil)
	says(t, answer.Body.String(), "What we paid last year", "First line.", "For members alone", "noindex", `-application/ld+json`, "-/suggest")
	if cache := answer.Header().Get("Cache-Control"); !strings.Contains(cache, "no-store") {
		t.Errorf("kept by %q", cache)
	}
	if got := w.get(path, "en").Code; got != http.StatusNotFound {
		t.Errorf("a visitor gets %d", got)
	}
	says(t, w.get("/library", "en").Body.String(), "-What we paid last year")
	m, err := w.Store.MembershipOf(t.Context(), telar.ID, federation.ID)
	w.must(err)
	put := func() { w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.PutMembership(ctx, m) }) }
	m.OrganizationSays = false
	put()
	if got := read(); got != http.StatusNotFound {
		t.Errorf("a membership that only one side says: %d", got)
	}
	m.OrganizationSays, m.State = true, coop.MembershipLeft
	put()
	if got := read(); got != http.StatusNotFound {
		t.Errorf("a former member: %d", got)
	}
}

// TestCoAuthorsSpeakForThemselves: who is named is asked, confirms, and takes the name off;
// an edit can do neither for them.
func TestCoAuthorsSpeakForThemselves(t *testing.T) {
	w := newWorld(t)
	telar, b := w.publisher()
	hilo := w.member("hilo")
	p := w.published(hilo, "How we decide", func(p *coop.Post) {
		p.Article.Contributors = []coop.Contributor{{IRI: telar.IRI, Confirmed: true}}
	})
	page := func() string { return w.get(w.pathOf(p), "en").Body.String() }
	says(t, page(), "Is it you?")
	if p.Article.Contributors[0].Confirmed {
		t.Error("the owner confirms for others")
	}
	path := "/library/" + p.ID.String() + "/author"
	form := formOf(mainOf(b.do(path, nil).Body.String()))
	form.Set("act", "yes")
	form.Set("as", hilo.ID.String())
	if got := b.do(path, form).Code; got != http.StatusForbidden {
		t.Errorf("speaking for another co-op: %d", got)
	}
	form.Set("as", telar.ID.String())
	if got := b.do(path, form).Code; got != http.StatusSeeOther {
		t.Fatalf("confirming: %d", got)
	}
	says(t, page(), "-Is it you?")
	p, err := w.Store.Post(t.Context(), coop.System(), p.ID)
	w.must(err)
	if p.Article.Version != 1 || !p.Article.Contributors[0].Confirmed {
		t.Errorf("version %d, %+v", p.Article.Version, p.Article.Contributors)
	}
	p.Source, p.Article.Contributors = "Another text.", []coop.Contributor{{IRI: telar.IRI}}
	w.must(w.Outbox.EditArticle(t.Context(), p))
	says(t, page(), "-Is it you?", "Another text.")
	form.Set("act", "no")
	if got := b.do(path, form).Code; got != http.StatusSeeOther {
		t.Fatalf("taking the name off: %d", got)
	}
	p, err = w.Store.Post(t.Context(), coop.System(), p.ID)
	w.must(err)
	if len(p.Article.Contributors) != 0 {
		t.Errorf("still named: %+v", p.Article.Contributors)
	}
	form.Set("act", "yes")
	if got := b.do(path, form).Code; got != http.StatusForbidden {
		t.Errorf("who is not named confirms: %d", got)
	}
}
