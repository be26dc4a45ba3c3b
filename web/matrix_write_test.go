// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
	"minga/web/auth"
)

// TestWritesAboutWhatIsHidden: naming something hidden in what one sends, or acting on
// it, is answered as if it had never been, and changes nothing.
func TestWritesAboutWhatIsHidden(t *testing.T) {
	storagetest.WithoutRace(t)
	m := newMatrix(t)
	filter := (&walk{gallery: m.gallery}).made("POST", "/api/v2/filters", m.reader("stranger").token, `{"title":"mine","context":["home"]}`)
	writes := map[string]string{
		"/api/v1/statuses":                        `{"status":"hello","in_reply_to_id":"{id}"}`,
		"/api/v1/reports":                         `{"account_id":"{telar}","status_ids":["{id}"]}`,
		"/api/v2/filters/" + filter + "/statuses": `{"status_id":"{id}"}`,
		"/api/v1/polls/{id}/votes":                `{"choices":["0"]}`,
		"/api/v1/statuses/{id}/reblog":            `{"visibility":"private"}`,
		"/api/v1/statuses/{id}/favourite":         ``,
		"/api/v1/statuses/{id}/unfavourite":       ``,
		"/api/v1/statuses/{id}/unreblog":          ``,
		"/api/v1/statuses/{id}/bookmark":          ``,
		"/api/v1/statuses/{id}/unbookmark":        ``,
		"/api/v1/statuses/{id}/mute":              ``,
		"/api/v1/statuses/{id}/unmute":            ``,
		"/api/v1/statuses/{id}/pin":               ``,
		"/api/v1/statuses/{id}/unpin":             ``,
		"/api/v1/minga/jobs/{id}/fill":            `{}`,
		"/api/v1/minga/articles/{id}/withdraw":    `{}`,
		"/api/v1/minga/articles/{id}/used":        ``,
		"/api/v1/minga/articles/{id}/checked":     ``,
		"DELETE /api/v1/minga/articles/{id}/used": ``,

		"PUT /api/v1/statuses/{id}":                  `{"status":"theirs"}`,
		"DELETE /api/v1/statuses/{id}":               ``,
		"PUT /api/v1/minga/jobs/{id}":                `{"title":"theirs"}`,
		"DELETE /api/v1/minga/jobs/{id}":             ``,
		"DELETE /api/v1/minga/articles/{id}":         ``,
		"POST /api/v1/statuses/{id}/favourite?again": ``,
	}
	send := func(r *reader, at, body, id string) *httptest.ResponseRecorder {
		method, where, named := strings.Cut(at, " ")
		if !named {
			method, where = "POST", at
		}
		fill := strings.NewReplacer("{id}", id, "{telar}", m.telar.ID.String())
		return m.ask(method, fill.Replace(where), r.token, fill.Replace(body))
	}
	tried := 0
	for _, name := range []string{"stranger", "unfollowed", "departed", "blocked", "blocking"} {
		r := m.reader(name)
		for at, body := range writes {
			none := send(r, at, body, never)
			if none.Code/100 != 4 {
				t.Errorf("%s with an id of nothing: %s gets %d %s", at, name, none.Code, none.Body)
			}
			for _, x := range m.things {
				if !isPost(x) || m.maySee(x, r, r.viewer) {
					continue
				}
				answer := send(r, at, body, x.id)
				tried++
				if answer.Code != none.Code || strings.ReplaceAll(answer.Body.String(), x.id, never) != none.Body.String() || headersOf(answer) != headersOf(none) {
					t.Errorf("%s (%s %s by %s): %s gets %d %s, of what never was %d %s", at, x.level, x.kind, x.by.Name, name, answer.Code, answer.Body, none.Code, none.Body)
				}
			}
		}
	}
	if tried < 2000 {
		t.Errorf("only %d writes", tried)
	}
}

// TestFilesOfHiddenPosts: a file is read by whoever knows its name, which nobody can
// guess; shared caches keep none of what is not for everybody, and it goes with its
// post and its author.
func TestFilesOfHiddenPosts(t *testing.T) {
	storagetest.WithoutRace(t)
	m := newMatrix(t)
	get := func(x *thing) *httptest.ResponseRecorder { return m.ask("GET", x.file, "", "") }
	seen := 0
	for _, x := range m.things {
		if x.file == "" {
			continue
		}
		seen++
		answer := get(x)
		private := strings.HasPrefix(answer.Header().Get("Cache-Control"), "private")
		name := strings.TrimPrefix(x.file, "/media/")
		switch {
		case len(strings.SplitN(name, ".", 2)[0]) < 32:
			t.Errorf("%s can be guessed", x.file)
		case x.gone && answer.Code != 404:
			t.Errorf("the file of a %s note answers %d", x.level, answer.Code)
		case !x.gone && (answer.Code != 200 || private == (x.audience == coop.VisiblePublic || x.audience == coop.VisibleUnlisted)):
			t.Errorf("the file of a %s note answers %d, %q", x.level, answer.Code, answer.Header().Get("Cache-Control"))
		}
	}
	if seen < 8 {
		t.Errorf("only %d files", seen)
	}
	m.change(func(tx *storage.Tx) error { return tx.SuspendAccount(t.Context(), m.telar.ID, time.Now()) })
	for _, x := range m.things {
		if x.file != "" && get(x).Code != 404 {
			t.Errorf("the file of a %s note of somebody suspended answers %d", x.level, get(x).Code)
		}
	}
}

// TestCountsDoNotBetray: what cannot be seen is in no number.
func TestCountsDoNotBetray(t *testing.T) {
	storagetest.WithoutRace(t)
	m := newMatrix(t)
	var root, before struct {
		Replies int `json:"replies_count"`
		Boosts  int `json:"reblogs_count"`
	}
	count := func(token string, into any) {
		m.must(json.Unmarshal(m.ask("GET", "/api/v1/statuses/"+m.root.ID.String(), token, "").Body.Bytes(), into))
	}
	for _, r := range m.readers {
		if r.wire || r.narrow || r.refused != 0 {
			continue
		}
		want := 0
		for _, x := range m.things {
			if x.kind == "answer" && m.maySee(x, r, r.viewer) {
				want++
			}
		}
		if count(r.token, &root); root.Replies != want {
			t.Errorf("%s counts %d answers, and may see %d", r.name, root.Replies, want)
		}
	}
	count("", &before)
	stranger := m.reader("stranger")
	if w := m.ask("POST", "/api/v1/statuses/"+m.root.ID.String()+"/reblog", stranger.token, `{"visibility":"private"}`); w.Code != 200 {
		t.Fatal(w.Body)
	}
	for _, r := range []*reader{m.reader("anonymous"), m.reader("follower"), stranger} {
		var list []struct{ ID string }
		m.must(json.Unmarshal(m.ask("GET", "/api/v1/statuses/"+m.root.ID.String()+"/reblogged_by", r.token, "").Body.Bytes(), &list))
		if count(r.token, &root); root.Boosts != len(list) {
			t.Errorf("%s counts %d boosts, and may see %d", r.name, root.Boosts, len(list))
		}
	}
	var account struct {
		Statuses int `json:"statuses_count"`
	}
	m.must(json.Unmarshal(m.ask("GET", "/api/v1/accounts/"+m.telar.ID.String(), stranger.token, "").Body.Bytes(), &account))
	public := 0
	for _, x := range m.things {
		if x.by == m.telar && !x.gone && !x.waits && (x.audience == coop.VisiblePublic || x.audience == coop.VisibleUnlisted) {
			public++
		}
	}
	if account.Statuses != public {
		t.Errorf("the author has %d posts, and %d are for everybody", account.Statuses, public)
	}
	m.tagUses()
}

// tagUses wants a hashtag to be counted where everybody may see it alone.
func (m *matrix) tagUses() {
	var tag struct {
		History []struct{ Uses string }
	}
	m.must(json.Unmarshal(m.ask("GET", "/api/v1/tags/matrix", "", "").Body.Bytes(), &tag))
	want := 1 // the root
	for _, x := range m.things {
		if isOpen(x) && !x.gone && published(x) && !below(x) && !isJob(x) && !isArticle(x) {
			want++
		}
	}
	got := 0
	for _, day := range tag.History {
		var n int
		m.must(json.Unmarshal([]byte(day.Uses), &n))
		got += n
	}
	if got != want {
		m.Errorf("the hashtag was used %d times, %d are for everybody", got, want)
	}
}

// TestHiddenParents: what answers something hidden says nothing of it.
func TestHiddenParents(t *testing.T) {
	storagetest.WithoutRace(t)
	m := newMatrix(t)
	seen := 0
	for _, r := range m.readers {
		if r.wire || r.narrow || r.refused != 0 {
			continue
		}
		for i, x := range m.things {
			if !below(x) || !m.maySee(x, r, r.viewer) {
				continue
			}
			var status struct {
				Parent *string `json:"in_reply_to_id"`
				Author *string `json:"in_reply_to_account_id"`
			}
			m.must(json.Unmarshal(m.ask("GET", "/api/v1/statuses/"+x.id, r.token, "").Body.Bytes(), &status))
			parent := m.parentOf(i)
			told := m.maySee(parent, r, r.viewer)
			if (status.Parent != nil) != told || (status.Author != nil) != told {
				t.Errorf("%s is told of the %s parent: %t, want %t", r.name, parent.level, !told, told)
			}
			if !told {
				seen++
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d parents were hidden", seen)
	}
}

// parentOf is the note that a thing answers.
func (m *matrix) parentOf(i int) *thing {
	level := strings.TrimPrefix(m.things[i].kind, "below ")
	for _, x := range m.things {
		if x.kind == "note" && x.level == level && x.by == m.telar {
			return x
		}
	}
	m.Fatalf("nothing is %s", level)
	return nil
}

// TestWhatIsKeptOfDocumentsEnds: a server that has a document and asks whether it is
// still so hears of its end, and what was not for everybody is for no shared cache.
func TestWhatIsKeptOfDocumentsEnds(t *testing.T) {
	storagetest.WithoutRace(t)
	m := newMatrix(t)
	follower, anybody := m.reader("wfollower"), m.reader("anonymous")
	a := ask{path: "{object}", accept: activityJSON}
	var public, private *thing
	for _, x := range m.things {
		if x.by == m.telar && x.kind == "note" && x.level == "public" {
			public = x
		}
		if x.by == m.telar && x.kind == "note" && x.level == "followers" {
			private = x
		}
	}
	if got := m.get(m.fill(a, private), follower, a).Header(); got.Get("Cache-Control") != "private, no-store" || !strings.Contains(got.Get("Vary"), "Signature") {
		t.Errorf("a post for followers: %v", got)
	}
	tag := m.get(m.fill(a, public), anybody, a).Header().Get("ETag")
	again := func() int {
		return m.ask("GET", m.fill(a, public), "", "", "Accept", activityJSON, "If-None-Match", tag).Code
	}
	if got := again(); got != 304 {
		t.Errorf("the same again answers %d", got)
	}
	m.change(func(tx *storage.Tx) error { return tx.SuspendAccount(t.Context(), m.telar.ID, time.Now()) })
	if got := again(); got != 404 {
		t.Errorf("of somebody suspended: answers %d", got)
	}
	m.change(func(tx *storage.Tx) error { return tx.SuspendAccount(t.Context(), m.telar.ID, time.Time{}) })
	m.change(func(tx *storage.Tx) error {
		return tx.RemovePost(t.Context(), coop.IRI(public.iri), m.telar.IRI, time.Now())
	})
	if got := again(); got != 410 {
		t.Errorf("withdrawn: answers %d", got)
	}
}

// TestTokensEndAtOnce: with the account, with the person behind it, and when taken back.
func TestTokensEndAtOnce(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	bakery, _ := h.member("telar", "read")
	person := h.person("ana")
	text, hash := auth.NewSecret()
	token := &coop.Token{Hash: hash, AccountID: bakery.ID, PersonID: person.ID, Scopes: []string{"read"}, App: "test"}
	write := func(fn func(tx *storage.Tx) error) {
		t.Helper()
		if err := h.store.Write(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	write(func(tx *storage.Tx) error {
		if _, err := tx.GiveRole(t.Context(), bakery.ID, person.ID, coop.Publisher, 0); err != nil {
			return err
		}
		return tx.AddToken(t.Context(), token)
	})
	wants := func(when string, code int) {
		t.Helper()
		for _, path := range []string{"/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/apps/verify_credentials"} {
			if w := h.ask("GET", path, text, ""); w.Code != code {
				t.Errorf("%s: %s answers %d, want %d", when, path, w.Code, code)
			}
		}
	}
	wants("good", 200)
	for _, who := range []*coop.Account{bakery, person} {
		write(func(tx *storage.Tx) error { return tx.SuspendAccount(t.Context(), who.ID, time.Now()) })
		wants(who.Name+" suspended", 401)
		write(func(tx *storage.Tx) error { return tx.SuspendAccount(t.Context(), who.ID, time.Time{}) })
		wants(who.Name+" back", 200)
	}
	write(func(tx *storage.Tx) error { return tx.RevokeToken(t.Context(), token.ID, time.Now()) })
	wants("taken back", 401)
}
