// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestADocumentIsWhatItsIDServes holds the rules of media type and origin. Two
// names lead to one peer; A and B in what it answers become their URLs.
func TestADocumentIsWhatItsIDServes(t *testing.T) {
	type page struct{ typ, body, location string }
	const as = TypeActivity
	note := func(id string) page { return page{as, `{"id":"` + id + `"}`, ""} }
	for _, tt := range []struct {
		name  string
		ask   string
		pages map[string]page // by host and path
		want  string          // id; empty: refused
		kind  Kind
	}{
		{"at home", "A/n", map[string]page{"A/n": note("A/n")}, "A/n", ""},
		{"as ld+json with the profile", "A/n", map[string]page{"A/n": {`application/ld+json; profile="https://www.w3.org/ns/activitystreams"`, `{"id":"A/n"}`, ""}}, "A/n", ""},
		{"with the profile among others, and a charset", "A/n", map[string]page{"A/n": {`Application/LD+JSON;charset=utf-8; profile="http://x.example/ https://www.w3.org/ns/activitystreams"`, `{"id":"A/n"}`, ""}}, "A/n", ""},
		{"with a fragment asked for", "A/n#main-key", map[string]page{"A/n": note("A/n")}, "A/n", ""},
		{"redirected inside its origin", "A/1", map[string]page{"A/1": {"", "", "A/2"}, "A/2": note("A/2")}, "A/2", ""},
		{"a slash at the end that is redirected", "A/n", map[string]page{"A/n": {"", "", "A/n/"}, "A/n/": note("A/n")}, "A/n", ""},
		{"at home after a look at its id", "A/@ana", map[string]page{"A/@ana": note("A/users/ana"), "A/users/ana": note("A/users/ana")}, "A/users/ana", ""},
		{"of another origin, found there", "A/n", map[string]page{"A/n": note("B/n"), "B/n": note("B/n")}, "B/n", ""},
		{"redirected to another origin which is its own", "A/n", map[string]page{"A/n": {"", "", "B/n"}, "B/n": note("B/n")}, "B/n", ""},

		{"as text/html", "A/n", map[string]page{"A/n": {"text/html", `{"id":"A/n"}`, ""}}, "", KindType},
		{"as text/plain", "A/n", map[string]page{"A/n": {"text/plain", `{"id":"A/n"}`, ""}}, "", KindType},
		{"as bare application/json", "A/n", map[string]page{"A/n": {"application/json", `{"id":"A/n"}`, ""}}, "", KindType},
		{"as ld+json without the profile", "A/n", map[string]page{"A/n": {"application/ld+json", `{"id":"A/n"}`, ""}}, "", KindType},
		{"as ld+json with a longer profile", "A/n", map[string]page{"A/n": {`application/ld+json; profile="https://www.w3.org/ns/activitystreamsx"`, `{"id":"A/n"}`, ""}}, "", KindType},
		{"as text/html with the profile", "A/n", map[string]page{"A/n": {`text/html; profile="https://www.w3.org/ns/activitystreams"`, `{"id":"A/n"}`, ""}}, "", KindType},
		{"as an image", "A/n", map[string]page{"A/n": {"image/png", `{"id":"A/n"}`, ""}}, "", KindType},
		{"as nothing", "A/n", map[string]page{"A/n": {"", `{"id":"A/n"}`, ""}}, "", KindType},
		{"with another id that serves nothing", "A/n", map[string]page{"A/n": note("A/other")}, "", KindStatus},
		{"with another id that serves a third", "A/n", map[string]page{"A/n": note("A/2"), "A/2": note("A/3"), "A/3": note("A/3")}, "", KindID},
		{"posing as another origin", "A/n", map[string]page{"A/n": note("B/n"), "B/n": {"text/html", `{"id":"B/n"}`, ""}}, "", KindType},
		{"its id redirected to another origin", "A/n", map[string]page{"A/n": note("B/n"), "B/n": {"", "", "A/m"}, "A/m": note("B/n")}, "", KindID},
		{"an open redirect of the honest host", "B/go", map[string]page{"B/go": {"", "", "A/n"}, "A/n": note("B/go"), "B/n": note("B/n")}, "", KindID},
		{"there and back again", "A/n", map[string]page{"A/n": {"", "", "B/x"}, "B/x": {"", "", "A/y"}, "A/y": note("A/n")}, "", KindID},
		{"without an id", "A/n", map[string]page{"A/n": {as, `{"type":"Note"}`, ""}}, "", KindBody},
		{"with two ids", "A/n", map[string]page{"A/n": {as, `{"id":"B/n","id":"A/n"}`, ""}}, "", KindBody},
		{"with an id inside only", "A/n", map[string]page{"A/n": {as, `{"object":{"id":"A/n"}}`, ""}}, "", KindBody},
		{"with an id that is a list", "A/n", map[string]page{"A/n": {as, `{"id":["A/n"]}`, ""}}, "", KindBody},
		{"with an id that is no URL", "A/n", map[string]page{"A/n": {as, `{"id":"javascript:alert(1)"}`, ""}}, "", KindBody},
		{"a list", "A/n", map[string]page{"A/n": {as, `[{"id":"A/n"}]`, ""}}, "", KindBody},
		{"rubbish", "A/n", map[string]page{"A/n": {as, `<html>`, ""}}, "", KindBody},
		{"cut off", "A/n", map[string]page{"A/n": {as, `{"id":"A/n","x":`, ""}}, "", KindBody},
		{"its id on our own host", "A/n", map[string]page{"A/n": {as, `{"id":"https://minga.example/n"}`, ""}}, "", KindOwn},
		{"its id inside", "A/n", map[string]page{"A/n": {as, `{"id":"https://127.0.0.2/n"}`, ""}}, "", KindAddress},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var p *peer
			name := func(s string) string {
				return strings.NewReplacer("A/", p.at("a.example.com")+"/", "B/", p.at("b.example.com")+"/").Replace(s)
			}
			p = newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
				found, ok := tt.pages[strings.ToUpper(r.Host[:1])+r.URL.RequestURI()]
				if !ok {
					http.NotFound(w, r)
					return
				}
				if found.location != "" {
					http.Redirect(w, r, name(found.location), http.StatusFound)
					return
				}
				w.Header()["Content-Type"] = []string{found.typ}
				fmt.Fprint(w, name(found.body))
			})
			got, err := newClient(t, p, nil).Document(t.Context(), name(tt.ask))
			if kindOf(t, err) != tt.kind || tt.kind == "" && got.ID != name(tt.want) {
				t.Errorf("got %q, %v", got.ID, err)
			}
		})
	}
}

func TestConditionalFetch(t *testing.T) {
	p := newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"2"`)
		w.Header().Set("Last-Modified", "Wed, 01 May 2030 12:00:00 GMT")
		if r.Header.Get("If-None-Match") == `"2"` || r.URL.Path == "/rude" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		document(w, self(r))
	})
	c := newClient(t, p, nil)
	url := p.at("a.example.com") + "/n"
	first, err := c.Fetch(t.Context(), Ask{IRI: url})
	if err != nil || first.ETag != `"2"` || first.LastModified == "" || first.NotModified || len(first.Body) == 0 {
		t.Fatalf("%+v, %v", first, err)
	}
	again, err := c.Fetch(t.Context(), Ask{IRI: url, ETag: first.ETag, LastModified: first.LastModified})
	if err != nil || !again.NotModified || again.ID != url || again.ETag != first.ETag || again.Body != nil {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := c.Document(t.Context(), p.at("a.example.com")+"/rude"); kindOf(t, err) != KindStatus {
		t.Errorf("304 unasked: %v", err)
	}
}

// TestEachHopIsSignedAnew: the signer sees the request that goes out, and nothing of
// the hop before comes along.
func TestEachHopIsSignedAnew(t *testing.T) {
	var seen []string
	var mu sync.Mutex
	var p *peer
	p = newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen = append(seen, r.Host[:1]+r.URL.Path+" "+r.Header.Get("Signature"))
		mu.Unlock()
		if r.Header.Get("Cookie")+r.Header.Get("Authorization")+r.Header.Get("Referer") != "" || r.Header.Get("User-Agent") != "minga/test" {
			t.Errorf("headers %v", r.Header)
		}
		if r.Header.Get("Accept") != AcceptActivity {
			t.Errorf("accepts %s", r.Header.Get("Accept"))
		}
		if r.Host[:1] == "a" {
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "b", Domain: "example.com", Path: "/"})
			http.Redirect(w, r, p.at("b.example.com")+"/2", http.StatusMovedPermanently)
			return
		}
		document(w, self(r))
	})
	var signed atomic.Int64
	c := newClient(t, p, func(o *Options) {
		o.Sign = func(r *http.Request) error {
			r.Header.Set("Signature", fmt.Sprintf("%d over %s%s", signed.Add(1), r.URL.Host[:1], r.URL.Path))
			return nil
		}
	})
	if _, err := c.Document(t.Context(), p.at("a.example.com")+"/1"); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(seen, ", "); got != "a/1 1 over a/1, b/2 2 over b/2" {
		t.Errorf("saw %s", got)
	}
	seen = nil
	if _, err := c.Fetch(t.Context(), Ask{IRI: p.at("b.example.com") + "/3", Unsigned: true}); err != nil || seen[0] != "b/3 " {
		t.Errorf("saw %v, %v", seen, err)
	}
}

// TestSecondKnock: a document that is refused is asked for once more in the other
// form, and never a third time.
func TestSecondKnock(t *testing.T) {
	var seen []string
	var mu sync.Mutex
	p := newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		form := r.Header.Get("Signature")
		seen = append(seen, form)
		if r.URL.Path[1:] != form {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		document(w, self(r))
	})
	as := func(form string) func(*http.Request) error {
		return func(r *http.Request) error { r.Header.Set("Signature", form); return nil }
	}
	c := newClient(t, p, func(o *Options) { o.Sign, o.SignAgain = as("old"), as("new") })
	for path, want := range map[string]string{"old": "old", "new": "old new", "neither": "old new"} {
		seen = nil
		_, err := c.Document(t.Context(), p.at("a.example.com")+"/"+path)
		if got := strings.Join(seen, " "); got != want || (err == nil) != (path != "neither") {
			t.Errorf("%s: asked by %q, %v", path, got, err)
		}
	}
	seen = nil
	if _, err := c.Fetch(t.Context(), Ask{IRI: p.at("a.example.com") + "/new", Unsigned: true}); err == nil || len(seen) != 1 {
		t.Errorf("unsigned: asked %d times, %v", len(seen), err)
	}
}

func TestWhatTheirServerSays(t *testing.T) {
	p := newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
		var code int
		fmt.Sscanf(r.URL.Path, "/%d", &code)
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(code)
	})
	c := newClient(t, p, nil)
	for code, want := range map[int]struct{ temporary, gone, notFound, host bool }{
		400: {}, 401: {temporary: true}, 403: {}, 404: {notFound: true}, 408: {temporary: true}, 410: {gone: true}, 422: {},
		429: {temporary: true, host: true}, 500: {temporary: true}, 502: {temporary: true}, 503: {temporary: true, host: true},
	} {
		_, err := c.Document(t.Context(), fmt.Sprintf("%s/%d", p.at("a.example.com"), code))
		if kindOf(t, err) != KindStatus {
			t.Fatalf("%d: %v", code, err)
		}
		e := err.(*Error)
		if e.Status != code || e.Temporary() != want.temporary || e.Gone() != want.gone || e.NotFound() != want.notFound || e.HostFault() != want.host || e.RetryAfter.Seconds() != 120 {
			t.Errorf("%d: %+v", code, e)
		}
		if e.Host != "a.example.com:"+p.port {
			t.Errorf("host %q", e.Host)
		}
	}
}
