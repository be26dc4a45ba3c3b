// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// TestVerifiedLinks: pages that link back with rel="me" are the same one's, and no
// others.
func TestVerifiedLinks(t *testing.T) {
	const back = `<p><a rel="nofollow me" href="` + here + `/@ana">ana</a></p>`
	w := newWorld(t)
	var asked []string
	broken := true
	other := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		fmt.Fprint(rw, back)
	}))
	defer other.Close()
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/good", "/moved-here":
			fmt.Fprint(rw, back)
		case "/moved":
			http.Redirect(rw, r, "/moved-here", http.StatusMovedPermanently)
		case "/away":
			http.Redirect(rw, r, other.URL, http.StatusFound)
		case "/another":
			fmt.Fprint(rw, `<a rel="me" href="`+here+`/@bea">bea</a>`)
		case "/text":
			rw.Header().Set("Content-Type", "text/plain")
			fmt.Fprint(rw, back)
		case "/later":
			if broken {
				rw.WriteHeader(http.StatusServiceUnavailable)
			}
			fmt.Fprint(rw, back)
		default:
			http.NotFound(rw, r)
		}
	}))
	defer site.Close()
	for _, path := range []string{"/good", "/moved", "/away", "/another", "/text", "/later", "/missing"} {
		w.ana.Fields = append(w.ana.Fields, coop.Field{Name: path, Value: `<a href="` + site.URL + path + `" rel="me">x</a>`})
	}
	w.ana.Fields = append(w.ana.Fields, coop.Field{Name: "/own", Value: `<a href="` + here + `/@ana" rel="me">x</a>`})
	w.write(func(tx *storage.Tx) error { return tx.KeepVerified(w.ctx, w.ana) })
	w.write(func(tx *storage.Tx) error { return tx.SaveAccount(w.ctx, w.ana) })
	verified := func() (paths string) {
		a, err := w.store.Account(w.ctx, w.ana.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Fields {
			if !f.VerifiedAt.IsZero() {
				paths += f.Name
			}
		}
		return paths
	}
	w.drain()
	if got := verified(); got != "/good/moved" {
		t.Errorf("verified %s", got)
	}
	asked, broken = nil, false
	w.clock.Advance(time.Hour)
	w.drain()
	if got := verified(); got != "/good/moved/later" {
		t.Errorf("an hour later: %s", got)
	}
	for _, path := range asked {
		if path == "/good" {
			t.Error("what is verified was asked again")
		}
	}
	n := len(asked)
	w.clock.Advance(100 * time.Hour)
	w.drain()
	if len(asked) != n {
		t.Errorf("asked again without a change: %v", asked[n:])
	}
}
