// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature/signaturetest"
	"minga/storage"
)

// The tests named TestHostilePeer… play the running program, its loops and doors, its
// own client, against three others on loopback addresses of their own: a hostile server
// (127.0.0.2), an honest one (127.0.0.3), and services that must not be reached
// (127.0.0.9, ::1). They know each other by HTTP alone. Of everything that is sent
// traces are looked for in every table of the database once the queues are empty.

// stage is where they meet. telar is followed by everybody, and follows noa of the
// honest server and mallory of the hostile one: what mallory says concerns somebody
// here. mia is mallory's neighbour, whom nobody follows.
type stage struct {
	*interopWorld
	hostile, honest    *stranger
	inside             []*stranger
	shift              *atomic.Int64 // of minga's clock
	telar, ana         *coop.Account
	noa, mallory, mia  *figure
	kept               string // noa's note
	post               *coop.Post
	told               int // of the controls
	anaToken, telToken string
}

// newStage starts all of them and lets them get to know each other.
func newStage(t *testing.T, settings map[string]string) *stage {
	t.Helper()
	keys := signaturetest.Keys()
	s := &stage{hostile: newStranger(t, "127.0.0.2", keys), honest: newStranger(t, "127.0.0.3", keys), shift: &atomic.Int64{}}
	for _, address := range []string{"127.0.0.9", "::1"} {
		s.inside = append(s.inside, newStranger(t, address, keys))
	}
	set := map[string]string{"MINGA_ALLOW_NETS": "127.0.0.2/32,127.0.0.3/32"}
	for name, value := range settings {
		set[name] = value
	}
	now := func() time.Time { return time.Now().Add(time.Duration(s.shift.Load())) }
	s.interopWorld = &interopWorld{instance: startMingaAt(t, set, now, keys), t: t, ctx: t.Context()}
	s.telar, s.ana = s.account(coop.Coop, "telar"), s.account(coop.Person, "ana")
	s.anaToken, s.telToken = s.token(s.ana), s.token(s.telar)
	s.noa, s.mallory, s.mia = s.honest.figure("Person", "noa", nil), s.hostile.figure("Person", "mallory", nil), s.hostile.figure("Person", "mia", nil)
	s.meet()
	t.Cleanup(func() {
		door.CloseIdleConnections()
		for _, in := range s.inside {
			if n := in.count(""); n > 0 {
				t.Errorf("an inside service was asked %d times: %v", n, in.asked)
			}
		}
	})
	return s
}

// run is a part of a test: s inside it fails that part.
func (s *stage) run(name string, part func(s *stage)) {
	s.t.Helper()
	s.t.Run(name, func(t *testing.T) {
		inner, world := *s, *s.interopWorld
		world.t, inner.interopWorld = t, &world
		part(&inner)
	})
}

// meet lets them follow each other, and keeps a note of noa's.
func (s *stage) meet() {
	s.t.Helper()
	for n, f := range []*figure{s.noa, s.mallory, s.mia} {
		if got := s.send("/inbox", encoded(s.t, f.act("Follow", fmt.Sprint("/follows/", n), string(s.telar.IRI), nil)), signedBy(f)); got != http.StatusAccepted {
			s.t.Fatalf("a good Follow is answered %d", got)
		}
	}
	s.settle()
	for _, f := range []*figure{s.noa, s.mallory} {
		account, err := s.inbox.Actor(s.ctx, coop.IRI(f.iri))
		s.must(err)
		asked, err := s.outbox.Follow(s.ctx, s.telar, account)
		s.must(err)
		s.settle()
		s.says(f, f.act("Accept", "/accept", string(asked.IRI), nil))
		if !s.follows(s.telar, account) || !s.follows(account, s.telar) {
			s.t.Fatalf("%s and telar do not follow each other", f.name)
		}
	}
	note := s.noa.note("/notes/kept", row{"content": "<p>Pan de hoy</p>"})
	s.says(s.noa, s.noa.act("Create", "/notes/kept/create", s.honest.put(note), nil))
	s.kept = note["id"].(string)
	s.post = &coop.Post{Kind: coop.KindNote, Visibility: coop.VisiblePublic, Language: "es", Source: "Lo de siempre."}
	s.must(s.outbox.PublishNote(s.ctx, s.telar, s.post))
	s.settle()
	s.good()
}

// says sends a good activity, and waits until it had its turn.
func (s *stage) says(f *figure, activity row) {
	s.t.Helper()
	if got := s.send("/inbox", encoded(s.t, activity), signedBy(f)); got != http.StatusAccepted {
		s.t.Fatalf("what %s may say is answered %d: %v", f.name, got, activity)
	}
	s.settle()
}

// good is what must pass before and after the lies: a server that takes nothing is no
// safe server.
func (s *stage) good() {
	s.t.Helper()
	s.told++
	for _, f := range []*figure{s.noa, s.mallory} {
		note := f.home.put(f.note(fmt.Sprint("/notes/good", s.told), nil))
		s.says(f, f.act("Create", note["id"].(string)[len(f.iri):]+"/create", note, nil))
		if s.interopWorld.post(note["id"].(string)) == nil {
			s.t.Fatalf("a good note of %s is not kept", f.name)
		}
		s.says(f, f.act("Like", fmt.Sprint("/likes/", s.told), string(s.post.IRI), nil))
		if who, err := s.store.AccountByIRI(s.ctx, coop.IRI(f.iri)); err != nil || !s.reacted(storage.Like, who, s.post) {
			s.t.Fatalf("a good like of %s has no effect, %v", f.name, err)
		}
		s.says(f, f.act("Undo", fmt.Sprint("/undo/", s.told), f.iri+fmt.Sprint("/likes/", s.told), nil))
	}
	stray := s.honest.put(s.noa.note(fmt.Sprint("/notes/looked", s.told), nil))
	if found := s.lookUp(stray["id"].(string)); !strings.Contains(found, "hola") {
		s.t.Fatalf("a good look-up finds %s", found)
	}
}

// still demands that the good still passes, and that nothing else changed.
func (s *stage) still() {
	s.t.Helper()
	s.settle()
	s.good()
	if p := s.interopWorld.post(s.kept); p == nil || p.Content != "<p>Pan de hoy</p>" {
		s.t.Errorf("noa's note is now %+v", p)
	}
}

// token gives an account a token of an app.
func (s *stage) token(a *coop.Account) string {
	s.t.Helper()
	text := a.Name + "-token-0123456789-0123456789"
	hash := sha256.Sum256([]byte(text))
	s.must(s.store.Write(s.ctx, func(tx *storage.Tx) error {
		return tx.AddToken(s.ctx, &coop.Token{Hash: hash[:], AccountID: a.ID, App: "phone", Scopes: []string{"read", "write", "follow", "push"}, CreatedAt: s.now()})
	}))
	return text
}

// get asks minga for a path.
func (s *stage) get(path, token string, steps ...step) (int, string) {
	s.t.Helper()
	return s.ask(http.MethodGet, path, token, "", steps...)
}

// ask asks minga; a body is JSON.
func (s *stage) ask(method, path, token, text string, steps ...step) (int, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.ctx, method, s.config.BaseURL()+path, http.NoBody)
	s.must(err)
	l := &letter{Request: r}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if text != "" {
		l.body = []byte(text)
		r.Header.Set("Content-Type", "application/json")
	}
	for _, step := range steps {
		step(l)
	}
	return s.answer(l)
}

// lookUp is what the search of the API answers to somebody who pastes an address.
func (s *stage) lookUp(address string) string {
	s.t.Helper()
	_, text := s.get("/api/v2/search?resolve=true&q="+url.QueryEscape(address), s.anaToken)
	return text
}

// attack is something that is sent, and how it must be answered. 0: anything below 500.
type attack struct {
	name string
	want int
	path string // empty: /inbox
	body []byte
	by   []step
}

// attacked sends each and demands its answer, and that nothing is left of any.
func (s *stage) attacked(attacks []attack) {
	s.t.Helper()
	before := s.interopWorld.trace(bookkeeping...)
	for _, a := range attacks {
		path := a.path
		if path == "" {
			path = "/inbox"
		}
		if got := s.send(path, a.body, a.by...); got != a.want && a.want != 0 {
			s.t.Errorf("%s: answered %d, want %d", a.name, got, a.want)
		}
		s.settle()
	}
	s.untouched(before, attacks[0].name+" … "+attacks[len(attacks)-1].name)
}
