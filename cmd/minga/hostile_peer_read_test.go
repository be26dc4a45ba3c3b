// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature"
	"minga/storage"
)

// secretPost is a post that not everybody may see, and the word that stands in it.
type secretPost struct {
	*coop.Post
	word string
}

// secrets publishes what is for followers, for one who is named, for this place alone,
// and what was withdrawn.
func (s *stage) secrets() (list []secretPost) {
	s.t.Helper()
	for n, p := range []*coop.Post{
		{Visibility: coop.VisibleFollowers}, {Visibility: coop.VisibleDirect, Source: "@noa@" + s.honest.host}, {Visibility: coop.VisibleLocal}, {Visibility: coop.VisiblePublic},
	} {
		word := fmt.Sprint("zarzamora", n)
		p.Kind, p.Language, p.Source = coop.KindNote, "es", strings.TrimSpace(p.Source+" "+word)
		s.must(s.outbox.PublishNote(s.ctx, s.telar, p))
		s.settle()
		list = append(list, secretPost{p, word})
	}
	s.must(s.outbox.Delete(s.ctx, list[3].Post))
	s.settle()
	return list
}

// signedGet signs a read.
func signedGet(f *figure) step {
	return func(l *letter) {
		l.Header.Set("Accept", "application/activity+json")
		if err := signature.Sign(l.Request, nil, f.rsa, signature.Cavage, time.Now()); err != nil {
			panic(err)
		}
	}
}

// TestHostilePeerReads: what is not for everybody is shown to nobody else: by its id it
// is as what never was, and no list, page, feed, search or count has it.
func TestHostilePeerReads(t *testing.T) {
	s := newStage(t, nil)
	eva, ban := s.hostile.figure("Person", "eva", nil), s.honest.figure("Person", "ban", nil)
	secrets := s.secrets()
	asks := map[string]func(path string) (int, string){
		"anybody":                    func(path string) (int, string) { return s.get(path, "") },
		"a server":                   func(path string) (int, string) { return s.get(path, "", set("Accept", "application/activity+json")) },
		"a stranger's signature":     func(path string) (int, string) { return s.get(path, "", signedGet(eva)) },
		"somebody here, no follower": func(path string) (int, string) { return s.get(path, s.anaToken) },
	}
	for name, ask := range asks {
		for _, x := range secrets {
			if x.Visibility == coop.VisibleLocal && strings.HasPrefix(name, "somebody") || x.Visibility == coop.VisiblePublic {
				continue // they may; and what was public says that it is gone
			}
			s.asAbsent(name, x, ask)
		}
		s.inNoList(name, secrets, ask)
	}
	s.run("writes about what is hidden", func(s *stage) { s.writes(secrets) })
	s.run("who may, may", func(s *stage) {
		for _, x := range secrets[:2] {
			if got, text := s.get(strings.TrimPrefix(string(x.IRI), s.config.BaseURL()), "", signedGet(s.noa)); got != http.StatusOK || !strings.Contains(text, x.word) {
				s.t.Errorf("noa reads %s: %d", x.word, got)
			}
		}
	})
	s.run("only the servers of those who may were told", func(s *stage) {
		for n, x := range secrets {
			atHostile := strings.Contains(fmt.Sprint(s.hostile.delivered("Create")), x.word)
			if want := n == 0 || n == 3; atHostile != want {
				s.t.Errorf("%s was delivered to the hostile server: %t", x.word, atHostile)
			}
		}
	})
	s.run("a blocked domain reads nothing", func(s *stage) {
		path := strings.TrimPrefix(string(s.post.IRI), s.config.BaseURL())
		if got, _ := s.get(path, "", signedGet(ban)); got != http.StatusOK {
			s.t.Errorf("before: %d", got)
		}
		s.must(s.store.Write(s.ctx, func(tx *storage.Tx) error {
			return tx.PutPeer(s.ctx, &coop.Peer{Host: s.honest.host, Policy: coop.PolicyBlock})
		}))
		if got, _ := s.get(path, "", signedGet(ban)); got != http.StatusNotFound {
			s.t.Errorf("blocked: %d", got)
		}
		if got := s.send("/inbox", encoded(s.t, ban.act("Follow", "/f", string(s.telar.IRI), nil)), signedBy(ban)); got != http.StatusForbidden {
			s.t.Errorf("a blocked domain's Follow is answered %d", got)
		}
	})
}

// asAbsent wants of every path to a post the answer to an id that never was.
func (s *stage) asAbsent(name string, x secretPost, ask func(path string) (int, string)) {
	s.t.Helper()
	id, never := x.ID.String(), "117000000000000001"
	object := strings.TrimPrefix(string(x.IRI), s.config.BaseURL())
	for _, path := range []string{
		object, object + "/replies", object + "/likes", object + "/shares", object + "/create", "/@telar/{id}", "/@telar/{id}/embed", "/api/v1/statuses/{id}", "/api/v1/statuses/{id}/context",
		"/api/v1/statuses/{id}/history", "/api/v1/statuses/{id}/source", "/api/v1/statuses/{id}/card", "/api/v1/statuses/{id}/favourited_by", "/api/v1/statuses/{id}/reblogged_by", "/api/v1/statuses/{id}/quotes",
	} {
		hidden, text := ask(strings.ReplaceAll(path, "{id}", id))
		absent, none := ask(strings.NewReplacer("{id}", never, object, object[:strings.LastIndex(object, "/")+1]+"1999-999").Replace(path))
		if hidden != absent || hidden < 400 || strings.ReplaceAll(text, id, never) != none && !strings.HasPrefix(path, object) {
			s.t.Errorf("%s of a %s post: %s gets %d, of nothing %d", path, x.Visibility, name, hidden, absent)
		}
		if strings.Contains(text, x.word) {
			s.t.Errorf("%s shows a %s post to %s", path, x.Visibility, name)
		}
	}
}

// inNoList wants the words of the posts nowhere.
func (s *stage) inNoList(name string, secrets []secretPost, ask func(path string) (int, string)) {
	s.t.Helper()
	for _, path := range []string{
		"/coops/telar", "/coops/telar/outbox", "/coops/telar/outbox?page=1", "/coops/telar/featured", "/@telar", "/@telar/feed.atom", "/@telar/feed.rss", "/@telar/feed.json", "/",
		"/api/v1/accounts/" + s.telar.ID.String() + "/statuses", "/api/v1/timelines/public", "/api/v1/timelines/public?local=true", "/api/v2/search?q=zarzamora0", "/api/v1/trends/statuses", "/sitemap.xml",
		"/api/v1/accounts/" + s.telar.ID.String(), "/api/v1/notifications", "/api/v1/conversations",
	} {
		status, text := ask(path)
		for _, x := range secrets {
			local := x.Visibility == coop.VisibleLocal && strings.HasPrefix(name, "somebody")
			if status == http.StatusOK && !local && strings.Contains(text, x.word) {
				s.t.Errorf("%s shows a %s post to %s", path, x.Visibility, name)
			}
		}
	}
}

// writes about what is hidden are answered as those about nothing, and never with it.
func (s *stage) writes(secrets []secretPost) {
	s.t.Helper()
	for _, x := range secrets[:2] {
		for _, act := range []string{"favourite", "reblog", "bookmark", "mute", "pin", "translate"} {
			hidden, text := s.ask(http.MethodPost, "/api/v1/statuses/"+x.ID.String()+"/"+act, s.anaToken, "{}")
			absent, none := s.ask(http.MethodPost, "/api/v1/statuses/117000000000000001/"+act, s.anaToken, "{}")
			if hidden != absent || hidden < 400 || text != none {
				s.t.Errorf("%s of a %s post: %d %s, of nothing %d %s", act, x.Visibility, hidden, text, absent, none)
			}
		}
		_, text := s.ask(http.MethodPost, "/api/v1/reports", s.anaToken, fmt.Sprintf(`{"account_id":"%s","status_ids":["%s"]}`, s.telar.ID, x.ID))
		_, reply := s.ask(http.MethodPost, "/api/v1/statuses", s.anaToken, fmt.Sprintf(`{"status":"x","in_reply_to_id":"%s"}`, x.ID))
		if strings.Contains(text+reply, x.word) || strings.Contains(reply, `"id"`) {
			s.t.Errorf("a report or answer tells of a %s post: %s %s", x.Visibility, text, reply)
		}
		before := s.interopWorld.trace(bookkeeping...)
		eva := s.mia
		s.says(eva, eva.act("Like", "/likes/"+x.word, string(x.IRI), nil))
		if x.Visibility == coop.VisibleDirect {
			s.untouched(before, "a like of what mia may not see")
		}
	}
}

// TestHostilePeerAuthorizedFetch: where every read must be signed, an unsigned one and
// one of a blocked domain get nothing, also of what was read before.
func TestHostilePeerAuthorizedFetch(t *testing.T) {
	s := newStage(t, map[string]string{"MINGA_AUTHORIZED_FETCH": "on"})
	eva := s.honest.figure("Person", "eva", nil)
	path := strings.TrimPrefix(string(s.post.IRI), s.config.BaseURL())
	as := set("Accept", "application/activity+json")
	for range 2 {
		if got, _ := s.get(path, "", signedGet(eva)); got != http.StatusOK {
			t.Errorf("signed: %d", got)
		}
		hidden, _ := s.get(path, "", as)
		absent, _ := s.get("/coops/telar/notes/1999-999", "", as)
		if hidden != http.StatusUnauthorized || absent != hidden {
			t.Errorf("unsigned: %d, of nothing %d", hidden, absent)
		}
	}
	s.must(s.store.Write(s.ctx, func(tx *storage.Tx) error {
		return tx.PutPeer(s.ctx, &coop.Peer{Host: s.honest.host, Policy: coop.PolicyBlock})
	}))
	if got, _ := s.get(path, "", signedGet(eva)); got != http.StatusNotFound {
		t.Errorf("of a blocked domain: %d", got)
	}
}
