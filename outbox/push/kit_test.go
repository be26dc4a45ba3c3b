// SPDX-License-Identifier: AGPL-3.0-or-later

package push

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"minga/coop"
	"minga/federation"
	"minga/outbox/push/pushtest"
	"minga/storage"
	"minga/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is an instance with a real database, whose clock only the test moves.
type house struct {
	*Sender
	t     *testing.T
	clock *storagetest.Clock
	ana   *coop.Account // she has the apps
	eva   *coop.Account // of another server; she does things
	n     int
	told  map[string]int // what the counter heard
	mu    sync.Mutex
}

// Pushed implements counter.
func (h *house) Pushed(outcome string, _ time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told[outcome]++
}

// each runs a story on both databases.
func each(t *testing.T, story func(h *house)) {
	t.Helper()
	storagetest.EachAt(t, func(t *testing.T, s *storage.Store, clock *storagetest.Clock) { story(newHouse(t, s, clock)) })
}

// one runs a story on SQLite alone, where the database is not what matters.
func one(t *testing.T, story func(h *house)) {
	t.Helper()
	clock := storagetest.NewClock()
	story(newHouse(t, storagetest.OpenAt(t, clock.Now), clock))
}

func newHouse(t *testing.T, s *storage.Store, clock *storagetest.Clock) *house {
	t.Helper()
	h := &house{t: t, clock: clock, told: map[string]int{}}
	h.Sender = h.sender(s)
	h.ana = h.account("ana", "", "es")
	h.eva = h.account("eva", "far.example", "")
	return h
}

// sender is a new sender on a database, as after a start.
func (h *house) sender(s *storage.Store) *Sender {
	h.t.Helper()
	client, err := federation.New(federation.Options{UserAgent: "minga/test", OwnHosts: []string{"fed-sur.example"}, Dev: true, Now: h.clock.Now})
	h.must(err)
	h.t.Cleanup(client.Close)
	sender, err := New(h.t.Context(), Options{
		Store: s, Client: client, Now: h.clock.Now, Base: "https://fed-sur.example", Contact: "admin@fed-sur.example", Language: "en", Counter: h,
		Panicked: func(v any, stack []byte) { h.t.Errorf("panic: %v\n%s", v, stack) },
	})
	h.must(err)
	sender.patience = 300 * time.Millisecond
	return sender
}

// must ends the test at an error.
func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// write runs one transaction that must succeed.
func (h *house) write(fn func(ctx context.Context, tx *storage.Tx) error) {
	h.t.Helper()
	h.must(h.store.Write(h.t.Context(), func(tx *storage.Tx) error { return fn(h.t.Context(), tx) }))
}

// account makes a person; host "" is here.
func (h *house) account(name, host, language string) *coop.Account {
	h.t.Helper()
	server := host
	if host == "" {
		server = "fed-sur.example"
	}
	iri := coop.IRI("https://" + server + "/people/" + name)
	a := &coop.Account{
		IRI: iri, Kind: coop.Person, ActorType: "Person", Name: name, Host: host, Local: host == "", Language: language,
		Inbox: iri + "/inbox", Followers: iri + "/followers", DisplayName: strings.ToUpper(name[:1]) + name[1:], Bio: "<p>I am " + name + "</p>",
	}
	h.write(func(ctx context.Context, tx *storage.Tx) error {
		if a.Local {
			return tx.AddAccount(ctx, a, &coop.KeyPair{RSA: []byte("rsa"), Ed25519: []byte("ed")})
		}
		return tx.SaveAccount(ctx, a)
	})
	return a
}

// post stores a public note.
func (h *house) post(author *coop.Account, change ...func(*coop.Post)) *coop.Post {
	h.t.Helper()
	h.n++
	p := &coop.Post{
		IRI: author.IRI + coop.IRI(fmt.Sprintf("/notes/%d", h.n)), AuthorID: author.ID, Kind: coop.KindNote, Type: "Note",
		Visibility: coop.VisiblePublic, To: []coop.IRI{coop.Public}, Content: "<p>Hello &amp; good <b>morning</b></p>", Published: h.clock.Now(),
	}
	for _, f := range change {
		f(p)
	}
	h.write(func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.AddPost(ctx, p, storage.Arrival{})
		return err
	})
	return p
}

// mention lets eva mention ana, which is what most tests push.
func (h *house) mention(change ...func(*coop.Post)) *coop.Post {
	h.t.Helper()
	return h.post(h.eva, append([]func(*coop.Post){func(p *coop.Post) { p.Mentions = []coop.Mention{{IRI: h.ana.IRI}} }}, change...)...)
}

// token gives an account a token.
func (h *house) token(a *coop.Account, scopes ...string) (*coop.Token, string) {
	h.t.Helper()
	h.n++
	text := fmt.Sprintf("token-%d-of-%s-%s", h.n, a.Name, strings.Repeat("x", 20))
	sum := sha256.Sum256([]byte(text))
	token := &coop.Token{Hash: sum[:], AccountID: a.ID, PersonID: a.ID, App: "test", Scopes: scopes}
	h.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddToken(ctx, token) })
	return token, text
}

// app is an app that subscribed: its phone, and the push service that it uses.
type app struct {
	*pushtest.Phone
	*pushtest.Service
	h      *house
	token  *coop.Token
	access string
	id     coop.ID // of the subscription
}

// subscribe gives ana an app that hears of everything by everybody.
func (h *house) subscribe(s *pushtest.Service, change ...func(*coop.PushSubscription)) *app {
	h.t.Helper()
	a := &app{Phone: pushtest.NewPhone(h.t), Service: s, h: h}
	a.token, a.access = h.token(h.ana, "read", "push")
	h.n++
	sub := subscription(a.Phone, fmt.Sprintf("%s/send/%d?a=b", s.URL, h.n), true)
	sub.ID, sub.TokenID, sub.AccountID, sub.Alerts = 0, a.token.ID, h.ana.ID, coop.PushAlerts()
	for _, f := range change {
		f(sub)
	}
	h.write(func(ctx context.Context, tx *storage.Tx) error { return tx.PutPush(ctx, sub, a.access) })
	a.id = sub.ID
	return a
}

// there tells whether the subscription is still kept.
func (a *app) there() bool {
	a.h.t.Helper()
	_, err := a.h.store.PushOf(a.h.t.Context(), a.token.ID)
	return err == nil
}

// read opens every message that came to an app, and checks who sent it.
func (a *app) read() (list []payload) {
	a.h.t.Helper()
	for _, r := range a.Requests() {
		plain, err := a.Open(r.Header, r.Body)
		if err != nil {
			continue // another app's
		}
		said, err := pushtest.Verified(r.Header, a.URL+r.Path)
		if now := a.h.clock.Now(); err != nil || said.Subject != "mailto:admin@fed-sur.example" || said.Expires <= now.Unix()-int64(messageLife/time.Second) || said.Expires > now.Add(24*time.Hour).Unix() {
			a.h.t.Errorf("proof %+v, %v", said, err)
		}
		var p payload
		if err := json.Unmarshal(plain, &p); err != nil {
			a.h.t.Errorf("%s: %v", plain, err)
		}
		list = append(list, p)
	}
	return list
}

// turn sends everything that is due now.
func (h *house) drain() {
	h.t.Helper()
	for range 200 {
		did, err := h.Step(h.t.Context())
		h.must(err)
		if !did {
			return
		}
	}
	h.t.Fatal("the queue does not come to rest")
}

// pass lets time go by, in one leap, and sends what is due then.
func (h *house) pass(d time.Duration) {
	h.t.Helper()
	h.clock.Advance(d)
	h.drain()
}

// waiting counts the messages that are not settled.
func (h *house) waiting() int {
	h.t.Helper()
	stats, err := h.store.TaskStats(h.t.Context())
	h.must(err)
	for _, s := range stats {
		if s.Kind == storage.TaskPush {
			return s.Waiting + s.Dead
		}
	}
	return 0
}

// nets are networks.
func nets(list ...string) (out []netip.Prefix) {
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// hangUp breaks the connection without an answer.
func hangUp(w http.ResponseWriter, _ *http.Request, _ int) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}
