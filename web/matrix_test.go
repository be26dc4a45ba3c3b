// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
	"minga/web/auth"
)

// The matrix holds every read of the router against coop.MaySee: posts of each audience
// and state, by an author here and one elsewhere, for everybody whom something ties to
// the authors, or did. What a reader may not see stands in no answer at all, not by a
// word and not by its id; where it is asked for by its id the answer is that of an id
// which never was. What a reader may see stands where the row says. A route that may
// show posts and has no row in matrix_rows_test.go fails.

// ask is one way to call a route.
type ask struct {
	// path has objects in braces; {id}, {iri}, {object} and {word} are those of a thing:
	// then it is called for each thing that of wants.
	path string
	of   func(x *thing) bool
	// shows says which of the things that a reader may see stand in a list; nil: any may,
	// none must.
	shows func(x *thing, r *reader) bool
	// found says of a thing that may be seen by its id whether it is to be had here; nil: yes.
	found  func(x *thing, r *reader) bool
	accept string
	closed bool // for a few alone: all others get 403
}

// one is asked for by its id.
func (a ask) one() bool {
	for _, part := range []string{"{id}", "{object}", "{iri}", "{word}"} {
		if strings.Contains(a.path, part) {
			return true
		}
	}
	return false
}

// searched tells questions that are answered with an empty list rather than 404.
func (a ask) searched() bool {
	return strings.Contains(a.path, "{word}") || strings.Contains(a.path, "{iri}") || strings.Contains(a.path, "id[]=")
}

// may tells whether a route shows posts. What streams show has a table of its own
// (streaming_seen_test.go).
func may(route auth.Route) bool {
	return !route.Stream && route.Method == "GET" && (route.Sees == auth.SeesViewer || route.Sees == auth.SeesPublic || route.Sees == auth.SeesOwn)
}

// asks are all ways to call the routes that may show posts.
func (m *matrix) asks() map[string][]ask {
	asked := map[string][]ask{}
	for _, route := range m.server.routes {
		if !may(route) {
			continue
		}
		name := route.Path
		rows, ok := matrixRows[name]
		if !ok {
			m.Errorf("%s may show posts and has no row in matrix_rows_test.go", name)
		}
		asked[name] = rows
	}
	for name := range matrixRows {
		if _, ok := asked[name]; !ok {
			m.Errorf("%s has a row and no route that may show posts", name)
		}
	}
	return asked
}

// route finds one by its path.
func (m *matrix) route(path string) auth.Route {
	for _, route := range m.server.routes {
		if route.Path == path && route.Method == "GET" {
			return route
		}
	}
	m.Fatalf("no route %s", path)
	return auth.Route{}
}

func TestMatrix(t *testing.T) {
	storagetest.WithoutRace(t)
	m := newMatrix(t)
	for name, rows := range m.asks() {
		route := m.route(name)
		for _, a := range rows {
			m.judge(route, a)
		}
	}
	t.Logf("%d cells, %d of them hidden", m.cells, m.hidden)
	if m.cells < 30_000 || m.hidden < 10_000 {
		t.Errorf("only %d cells, %d of them hidden", m.cells, m.hidden)
	}
}

// TestMatrixWithoutAuthors: what suspended authors wrote, and what came from a server
// that is blocked now, is nowhere, not even for who kept it.
func TestMatrixWithoutAuthors(t *testing.T) {
	storagetest.WithoutRace(t)
	m := newMatrix(t)
	rows := m.asks()
	suspend := func(at time.Time) {
		m.change(func(tx *storage.Tx) error {
			for _, a := range []*coop.Account{m.telar, m.noa} {
				if err := tx.SuspendAccount(t.Context(), a.ID, at); err != nil {
					return err
				}
			}
			return nil
		})
	}
	all := func() {
		for name, asks := range rows {
			for _, a := range asks {
				m.judge(m.route(name), a)
			}
		}
	}
	suspend(time.Now())
	m.authorsGone = true
	m.refuseTelar(401)
	all()
	suspend(time.Time{})
	m.authorsGone = false
	m.refuseTelar(0)
	m.awayBlocked = true
	m.change(func(tx *storage.Tx) error {
		return tx.PutPeer(t.Context(), &coop.Peer{Host: "away.example", Policy: coop.PolicyBlock})
	})
	all()
	t.Logf("%d cells, %d of them hidden", m.cells, m.hidden)
}

// refuseTelar says what all answer who act as telar.
func (m *matrix) refuseTelar(code int) {
	for _, name := range []string{"telar", "publisher", "hirer"} {
		m.reader(name).refused = code
	}
}

// judge compares all cells of one way to call a route.
func (m *matrix) judge(route auth.Route, a ask) {
	for _, r := range m.readers {
		v, asks := asker(route, a, r)
		if !asks {
			continue
		}
		if code := refusal(route, r); code != 0 {
			m.refusedTo(a, r, code)
			continue
		}
		if a.one() {
			m.judgeOnes(a, r, v)
		} else {
			m.judgeList(a, r, v)
		}
	}
}

// refusedTo wants the same refusal whatever is asked for.
func (m *matrix) refusedTo(a ask, r *reader, code int) {
	for _, x := range m.things {
		if a.of == nil || a.of(x) {
			m.cells, m.hidden = m.cells+1, m.hidden+1
			answer := m.get(m.fill(a, x), r, a)
			if answer.Code != code {
				m.Errorf("%s: %s gets %d, want %d: %s", m.fill(a, x), r.name, answer.Code, code, answer.Body)
			}
			m.leaks(a, r, coop.Anonymous(), m.fill(a, x), answer)
			if !a.one() {
				return
			}
		}
	}
}

// judgeOnes asks for each thing by itself.
func (m *matrix) judgeOnes(a ask, r *reader, v coop.Viewer) {
	never := m.get(m.fill(a, &thing{id: never, iri: "https://coop.example/coops/telar/notes/" + never, word: "zarzamoraq"}), r, a)
	for _, x := range m.things {
		if a.of != nil && !a.of(x) {
			continue
		}
		at := m.fill(a, x)
		answer := m.get(at, r, a)
		m.leaks(a, r, v, at, answer)
		m.cells++
		want := m.maySee(x, r, v) && (a.found == nil || a.found(x, r))
		switch {
		case want && answer.Code/100 > 3:
			m.Errorf("%s (%s %s by %s): %s gets %d, and may see it: %s", at, x.level, x.kind, x.by.Name, r.name, answer.Code, answer.Body)
		case want && a.searched() && !strings.Contains(answer.Body.String(), x.word):
			m.Errorf("%s (%s %s by %s): %s finds nothing: %s", at, x.level, x.kind, x.by.Name, r.name, answer.Body)
		case !want && m.maySee(x, r, v): // to be seen, and not here
		case !want:
			m.hidden++
			m.same(a, x, r, at, answer, never)
		}
	}
}

// same wants the answer to an id that never was.
func (m *matrix) same(a ask, x *thing, r *reader, at string, answer, never *httptest.ResponseRecorder) {
	if x.gone && x.audience == coop.VisiblePublic && answer.Code == 410 {
		return // everybody could see it, and servers that hold it must hear of its end
	}
	if x.level == "frozen" && answer.Code == 200 && strings.Contains(answer.Body.String(), "<h1>This job is under review</h1>") {
		return // everybody could see it, and is told that it is looked into; nothing of it is said (leaks)
	}
	body, none := answer.Body.String(), never.Body.String()
	if answer.Code != never.Code || body != none || headersOf(answer) != headersOf(never) {
		m.Errorf("%s (%s %s by %s): %s gets %d %s %s, of what never was %d %s %s", at, x.level, x.kind, x.by.Name, r.name,
			answer.Code, body, headersOf(answer), never.Code, none, headersOf(never))
	}
}

// judgeList reads a list to its end.
func (m *matrix) judgeList(a ask, r *reader, v coop.Viewer) {
	at := m.fill(a, &thing{})
	text := ""
	for n := 0; at != "" && n < 12; n++ {
		answer := m.get(at, r, a)
		if answer.Code/100 > 3 && !(a.closed && answer.Code == 403) && (a.shows != nil || answer.Code != 404) && r.refused == 0 && !r.blockedWire() && !m.authorsGone {
			m.Errorf("%s: %s gets %d: %s", at, r.name, answer.Code, answer.Body)
		}
		m.leaks(a, r, v, at, answer)
		text += answer.Body.String()
		at = relation(m.T, answer.Header(), "next")
	}
	for _, x := range m.things {
		m.cells++
		may := m.maySee(x, r, v)
		if !may {
			m.hidden++
		}
		if shown := strings.Contains(text, x.word); a.shows != nil && shown != (may && a.shows(x, r)) {
			m.Errorf("%s (%s %s by %s): shown to %s is %t, want %t", a.path, x.level, x.kind, x.by.Name, r.name, shown, !shown)
		}
	}
}

// blockedWire tells a server that is told nothing at all.
func (r *reader) blockedWire() bool { return r.wire && r.name == "wbanned" }

// leaks wants nothing in an answer of what the reader may not see: no word of it, nor,
// where programs read, its id.
func (m *matrix) leaks(a ask, r *reader, v coop.Viewer, at string, answer *httptest.ResponseRecorder) {
	body := answer.Body.String()
	if answer.Code >= 500 {
		m.Errorf("%s: %s gets %d: %s", at, r.name, answer.Code, body)
	}
	for _, x := range m.things {
		if m.maySee(x, r, v) || strings.Contains(at, x.id) || strings.Contains(at, x.word) || strings.Contains(at, x.iri) {
			continue
		}
		if strings.Contains(body, x.word) && !strings.Contains(at, x.word) {
			m.Errorf("%s tells %s what a %s %s by %s says: %s", at, r.name, x.level, x.kind, x.by.Name, body)
		}
		if strings.HasPrefix(at, "/api/") && strings.Contains(body, `"`+x.id+`"`) {
			m.Errorf("%s tells %s of a %s %s by %s: %s", at, r.name, x.level, x.kind, x.by.Name, body)
		}
	}
}
