// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation"
	"minga/federation/signature/signaturetest"
	"minga/inbox"
	"minga/outbox"
	"minga/storage"
	"minga/storage/storagetest"
	"minga/web/auth"
	"minga/web/respond"
)

// desk is an instance with a real database, inbox and outbox, of which clients ask the
// API alone.
type desk struct {
	*testing.T
	*Face
	clock *storagetest.Clock
	http  http.Handler
	next  byte
}

// eachDesk runs a story on both databases.
func eachDesk(t *testing.T, story func(d *desk)) {
	t.Helper()
	storagetest.EachAt(t, func(t *testing.T, s *storage.Store, clock *storagetest.Clock) { story(newDesk(t, s, clock)) })
}

// oneDesk is an instance on SQLite.
func oneDesk(t *testing.T) *desk {
	t.Helper()
	clock := storagetest.NewClock()
	return newDesk(t, storagetest.OpenAt(t, clock.Now), clock)
}

func newDesk(t *testing.T, store *storage.Store, clock *storagetest.Clock) *desk {
	t.Helper()
	const host = "fed-sur.example"
	client, err := federation.New(federation.Options{UserAgent: "minga/test", OwnHosts: []string{host}, Dev: true, Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	out, err := outbox.New(outbox.Options{Store: store, Client: client, Now: clock.Now, Local: outbox.Local{Scheme: "https", Host: host, AccountDomain: host}, NewRSA: signaturetest.Keys()})
	if err != nil {
		t.Fatal(err)
	}
	in, err := inbox.New(inbox.Options{
		Store: store, Client: client, Now: clock.Now, Local: inbox.Local{Scheme: "https", Host: host, AccountDomain: host}, Answers: out,
		Mode: func(context.Context) coop.FederationMode { return coop.ModeOpen },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := out.EnsureInstance(t.Context()); err != nil {
		t.Fatal(err)
	}
	d := &desk{T: t, clock: clock, Face: New(Options{Store: store, Inbox: in, Outbox: out, Now: clock.Now, Scheme: "https", Host: host, AccountDomain: host, License: "https://creativecommons.org/licenses/by-sa/4.0/"})}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	gate := auth.NewGate(auth.Options{Store: store, Now: clock.Now, Log: slog.New(slog.DiscardHandler)})
	answers := respond.New(slog.New(slog.DiscardHandler), nil)
	for _, r := range d.Routes() {
		engine.Handle(r.Method, r.Path, answers.Handle(r.Form, func(c *gin.Context) error { return gate.Identify(c, r) }), answers.Handle(r.Form, r.Handle))
	}
	d.http = engine
	return d
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// person makes an account of a kind and a token that acts as it.
func (d *desk) person(kind coop.AccountKind, name string, scopes ...string) (*coop.Account, string) {
	d.Helper()
	a, err := d.Outbox.NewAccount(d.Context(), outbox.Registration{Kind: kind, Name: name, DisplayName: strings.ToUpper(name[:1]) + name[1:], Language: "es"})
	d.must(err)
	return a, d.token(a, scopes...)
}

// member makes a co-op that is a verified member of the federation here, and its token.
func (d *desk) member(name string) (*coop.Account, string) {
	d.Helper()
	a, err := d.Outbox.NewMember(d.Context(), outbox.Registration{Name: name, DisplayName: "Cooperativa " + name, Language: "es"})
	d.must(err)
	return a, d.token(a)
}

// token makes a token of an app called Loom.
func (d *desk) token(a *coop.Account, scopes ...string) string {
	d.Helper()
	if scopes == nil {
		scopes = []string{"read", "write"}
	}
	text, hash := auth.NewSecret()
	d.must(d.Store.Write(d.Context(), func(tx *storage.Tx) error {
		app := &coop.App{ClientID: text[:20], Secret: hash, Name: "Loom", Website: "https://loom.example", Redirects: []string{"https://loom.example/back"}, Scopes: scopes}
		if err := tx.AddApp(d.Context(), app); err != nil {
			return err
		}
		return tx.AddToken(d.Context(), &coop.Token{Hash: hash, AccountID: a.ID, PersonID: a.ID, AppID: app.ID, App: app.Name, Scopes: scopes})
	}))
	return text
}

// answer is what a client gets.
type answer struct {
	status int
	header http.Header
	body   []byte
	doc    map[string]any
	list   []map[string]any
}

// text is a member of the answer as text.
func (a answer) text(path ...string) string {
	var at any = a.doc
	for _, step := range path {
		object, _ := at.(map[string]any)
		at = object[step]
	}
	s, _ := at.(string)
	return s
}

// call asks with a body: url.Values is a form, anything else JSON; key is an
// Idempotency-Key, where there is one.
func (d *desk) call(method, path, token string, body any, key ...string) answer {
	d.Helper()
	var reader io.Reader
	kind := ""
	switch body := body.(type) {
	case nil:
	case url.Values:
		reader, kind = strings.NewReader(body.Encode()), "application/x-www-form-urlencoded"
	default:
		text, err := json.Marshal(body)
		d.must(err)
		reader, kind = bytes.NewReader(text), "application/json"
	}
	r := httptest.NewRequestWithContext(d.Context(), method, "https://fed-sur.example/api"+path, reader)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if len(key) > 0 {
		r.Header.Set("Idempotency-Key", key[0])
	}
	w := httptest.NewRecorder()
	d.http.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), body: w.Body.Bytes()}
	if json.Unmarshal(a.body, &a.doc) != nil {
		_ = json.Unmarshal(a.body, &a.list)
	}
	if a.status >= 500 {
		d.Errorf("%s %s: %d %s", method, path, a.status, a.body)
	}
	return a
}

// ok is call that must succeed.
func (d *desk) ok(method, path, token string, body any, key ...string) answer {
	d.Helper()
	a := d.call(method, path, token, body, key...)
	if a.status != http.StatusOK {
		d.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
	}
	return a
}

// picture is the row of an uploaded picture.
func (d *desk) picture(owner *coop.Account, alt string) string {
	d.Helper()
	d.next++
	m := &coop.Media{
		OwnerID: owner.ID, Class: coop.MediaPost, Kind: coop.MediaImage, MediaType: "image/png", Name: string('a'+rune(d.next)) + ".png", Bytes: 10,
		URL: "https://fed-sur.example/media/" + string('a'+rune(d.next)) + ".png", Alt: alt, Width: 4, Height: 3, CreatedAt: d.clock.Now(),
	}
	d.must(d.Store.Write(d.Context(), func(tx *storage.Tx) error { return tx.AddMedia(d.Context(), m, storage.MediaQuota{}) }))
	return m.ID.String()
}

// opening is a job as a client sends it.
func opening() map[string]any {
	return map[string]any{
		"title": "Desarrollo backend", "language": "es", "tags": []string{"python"}, "engagement": "membership", "membership_track": "expected", "probation": "P6M",
		"employment_type": []string{"PART_TIME"}, "hours": map[string]any{"min": 30, "max": 30}, "place": map[string]any{"mode": "remote", "applicants_from": []string{"AR"}},
		"pay": map[string]any{"currency": "ARS", "min": "1900000", "max": "2300000", "per": "month"}, "skills": []any{map[string]any{"name": "Python", "required": true}},
		"description": "Te ocupás de los servicios de tres sitios públicos de turnos, con dos colegas.",
		"apply":       []any{map[string]any{"way": "mail", "value": "sumate@telar.example"}, map[string]any{"way": "url", "value": "https://telar.example/sumate"}},
	}
}
