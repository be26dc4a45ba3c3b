// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"minga/storage"
)

// clientWorld is two instances as processes of their own. Ana of the first signs in
// with a client; Bea of the second does what others do.
type clientWorld struct {
	home, away *process
	beaToken   string
}

// The one who signs in.
const (
	anaMail     = "ana@mill.example"
	anaPassword = "flour water salt 7"
)

// newClientWorld starts both. The first is reached as localhost, the one name that
// every client resolves.
func newClientWorld(t *testing.T, engine storage.Engine) *clientWorld {
	t.Helper()
	w := &clientWorld{home: newProcess(t, "home", engine), away: newProcess(t, "away", engine)}
	_, port, _ := strings.Cut(w.home.host, ":")
	w.home.host = "localhost:" + port
	w.home.env = append(w.home.env, "MINGA_HOST="+w.home.host)
	w.home.start()
	w.away.start()
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte(anaPassword+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.home.do(nil, "account", "create", "ana", "--email", anaMail, "--confirmed", "--password-file", secret)
	w.home.do(nil, "account", "create", "molino", "--kind", "coop")
	w.away.do(nil, "account", "create", "bea", "--email", "bea@clay.example", "--confirmed")
	w.beaToken = w.away.do(nil, "token", "create", "--account", "bea", "--scopes", "read write follow push")
	w.publishJob(t)
	return w
}

// publishJob gives the board of the first instance something to show.
func (w *clientWorld) publishJob(t *testing.T) {
	t.Helper()
	token := w.home.do(nil, "token", "create", "--account", "molino", "--scopes", "read write")
	status, body, err := w.home.call(t.Context(), "POST", "/api/v1/minga/jobs", token, map[string]any{
		"title": "Miller", "language": "en", "engagement": "membership", "membership_track": "expected", "probation": "P6M", "skills": []string{"Milling"}, "employment_type": []string{"PART_TIME"},
		"description": "You look after the stones and the flour, with three others, four days a week, and become a member after half a year.",
		"place":       map[string]any{"mode": "onsite", "name": "Rosario", "country": "AR"},
		"hours":       map[string]any{"min": 30, "max": 30, "per": "week"},
		"pay":         map[string]any{"currency": "ARS", "min": "1500000", "max": "1500000", "per": "month"},
		"apply":       []map[string]any{{"way": "mail", "value": "work@mill.example"}},
	})
	if err != nil || status != http.StatusOK {
		t.Fatalf("no job: %d %s %v", status, body, err)
	}
}

// base is the address of the first instance.
func (w *clientWorld) base() string { return "http://" + w.home.host }

// bea asks the second instance in her name and reads the answer into v.
func (w *clientWorld) bea(t *testing.T, method, path string, body, v any) {
	t.Helper()
	status, text, err := w.away.call(t.Context(), method, path, w.beaToken, body)
	if err != nil || status != http.StatusOK {
		t.Fatalf("%s %s: %d %s %v", method, path, status, text, err)
	}
	if v != nil {
		if err := json.Unmarshal(text, v); err != nil {
			t.Fatal(err)
		}
	}
}

// browser is a browser without scripts that stays on one server.
type browser struct {
	t      *testing.T
	base   *url.URL
	client *http.Client
}

// newBrowser has no cookie yet.
func newBrowser(t *testing.T, base string) *browser {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	jar, _ := cookiejar.New(nil)
	return &browser{t: t, base: u, client: &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host != u.Host {
			return http.ErrUseLastResponse
		}
		return nil
	}}}
}

// webPage is an answer as a person sees it.
type webPage struct {
	status   int
	url      *url.URL
	root     *html.Node
	text     string
	location string // where a redirect to another place leads
}

// ask sends a request and reads the page.
func (b *browser) ask(r *http.Request) webPage {
	b.t.Helper()
	r.Header.Set("Accept-Language", "en")
	w, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	body, err := io.ReadAll(w.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		b.t.Fatal(err)
	}
	return webPage{w.StatusCode, w.Request.URL, root, string(body), w.Header.Get("Location")}
}

// get opens an address.
func (b *browser) get(address string) webPage {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.ask(r)
}

// submit fills in the form that holds the element and sends it.
func (b *browser) submit(p webPage, holds func(*html.Node) bool, fields map[string]string) webPage {
	b.t.Helper()
	pressed := findNode(p.root, holds)
	if pressed == nil {
		b.t.Fatalf("%s (%d) has no such form: %s", p.url, p.status, p.text)
	}
	form := pressed
	for form.Data != "form" {
		form = form.Parent
	}
	sent := url.Values{}
	eachNode(form, func(n *html.Node) {
		name, kind := attr(n, "name"), attr(n, "type")
		if n.Data != "input" || name == "" || kind == "submit" {
			return
		}
		value := attr(n, "value")
		if v, ok := fields[kind]; ok {
			value = v
		}
		sent.Add(name, value)
	})
	if name := attr(pressed, "name"); pressed.Data == "button" && name != "" {
		sent.Add(name, attr(pressed, "value"))
	}
	target, err := p.url.Parse(attr(form, "action"))
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, target.String(), strings.NewReader(sent.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.base.String())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.ask(r)
}

// consent signs Ana in, allows the app, and gives the code: shown as text, or in the
// address that the app is called back at.
func (w *clientWorld) consent(t *testing.T, address string) string {
	t.Helper()
	b := newBrowser(t, w.base())
	password := func(n *html.Node) bool { return n.Data == "input" && attr(n, "type") == "password" }
	asked := b.submit(b.get(address), password, map[string]string{"text": anaMail, "email": anaMail, "password": anaPassword})
	done := b.submit(asked, func(n *html.Node) bool { return attr(n, "id") == "allow" }, nil)
	if done.location != "" {
		back, err := url.Parse(done.location)
		if err != nil {
			t.Fatal(err)
		}
		return back.Query().Get("code")
	}
	code := findNode(done.root, func(n *html.Node) bool { return attr(n, "id") == "code" })
	if code == nil {
		t.Fatalf("no code on %s (%d): %s", done.url, done.status, done.text)
	}
	var text strings.Builder
	eachNode(code, func(n *html.Node) {
		if n.Type == html.TextNode {
			fmt.Fprint(&text, n.Data)
		}
	})
	return strings.TrimSpace(text.String())
}

// eachNode visits a node and all below it.
func eachNode(n *html.Node, visit func(*html.Node)) {
	visit(n)
	for below := n.FirstChild; below != nil; below = below.NextSibling {
		eachNode(below, visit)
	}
}

// findNode is the first element that is so.
func findNode(root *html.Node, so func(*html.Node) bool) (found *html.Node) {
	eachNode(root, func(n *html.Node) {
		if found == nil && n.Type == html.ElementNode && so(n) {
			found = n
		}
	})
	return found
}

// attr is an attribute of an element; empty for none.
func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
