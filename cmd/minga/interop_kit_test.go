// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"context"
	"crypto/rsa"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature/signaturetest"
	"minga/outbox"
	"minga/storage"
)

// interopPatience bounds each wait of these tests. It is only reached when
// something never happens.
const interopPatience = 30 * time.Second

// interopWorld is a minga that serves on loopback, with its own loops and queues,
// and a server on Fedify beside it. They know each other by HTTP alone.
type interopWorld struct {
	*instance
	t    *testing.T
	ctx  context.Context
	peer *interopPeer
}

// newInteropWorld starts both, or skips where the second server is not installed.
func newInteropWorld(t *testing.T, settings map[string]string) *interopWorld {
	t.Helper()
	peer := startInteropPeer(t)
	return &interopWorld{instance: startInteropMinga(t, settings), t: t, ctx: t.Context(), peer: peer}
}

// run is a part of a test: w inside it fails that part.
func (w *interopWorld) run(name string, part func(w *interopWorld)) {
	w.t.Helper()
	w.t.Run(name, func(t *testing.T) {
		inner, peer := *w, *w.peer
		inner.t, inner.peer, peer.t = t, &peer, t
		part(&inner)
	})
}

// startInteropMinga runs what `serve` runs, with MINGA_DEV, until the test ends.
func startInteropMinga(t *testing.T, settings map[string]string) *instance {
	t.Helper()
	return startMingaAt(t, settings, time.Now, signaturetest.Keys())
}

// startMingaAt is startInteropMinga by another clock and with other keys.
func startMingaAt(t *testing.T, settings map[string]string, now func() time.Time, keys func() (*rsa.PrivateKey, error)) *instance {
	t.Helper()
	listeners, err := listen(t.Context(), "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	config := interopConfig(t, listeners[0].Addr().(*net.TCPAddr).AddrPort().Port(), settings)
	log := slog.New(&interopLog{t: t, Handler: slog.NewTextHandler(&bytes.Buffer{}, nil)})
	i, err := newInstance(t.Context(), config, log, now, keys)
	if err != nil {
		t.Fatal(err)
	}
	citiesAlone(t, i)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- i.run(ctx, listeners, func() { close(ready) }) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the end of minga: %v", err)
		}
		if err := i.close(); err != nil {
			t.Errorf("closing minga: %v", err)
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- err
		t.Fatalf("minga does not run: %v", err)
	}
	return i
}

// citiesAlone reads in the cities and leaves the small towns out: a test that looks
// whether anything changed must not meet them coming in.
func citiesAlone(t *testing.T, i *instance) {
	t.Helper()
	if _, _, err := i.readSomeTowns(t.Context(), &townReader{}); err != nil {
		t.Fatal(err)
	}
	if err := i.store.Write(t.Context(), func(tx *storage.Tx) error {
		now, err := listStateOf(t.Context(), tx, gazetteerSetting)
		if err != nil {
			return err
		}
		now.Finished = true
		return now.keep(t.Context(), tx, gazetteerSetting)
	}); err != nil {
		t.Fatal(err)
	}
}

// interopConfig is the configuration of a federation that is being tried out.
func interopConfig(t *testing.T, port uint16, settings map[string]string) *Config {
	t.Helper()
	set := map[string]string{
		"MINGA_HOST": "minga.localhost:" + strconv.Itoa(int(port)), "MINGA_SCHEME": "http", "MINGA_DEV": "1", "MINGA_DATA_DIR": t.TempDir(),
		"MINGA_FEDERATION_HANDLE": "sur", "MINGA_FEDERATION_NAME": "Federación Sur", "MINGA_FEDERATION_FOLLOWS": "at-once",
		"MINGA_DEFAULT_LANGUAGE": "es", "MINGA_ADMIN_LISTEN": "", "MINGA_RATE_LIMIT": "off",
	}
	for key, value := range settings {
		set[key] = value
	}
	config, err := loadConfig(&settingFlags{}, "", lookups{
		env:  func(key string) (string, bool) { v, ok := set[key]; return v, ok },
		read: func(string) ([]byte, error) { return nil, os.ErrNotExist },
	})
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// interopLog fails the test where minga logs an error: a panic that was contained,
// a loop that fell.
type interopLog struct {
	slog.Handler
	t *testing.T
}

// Handle fails at a record that is an error, and shows the others with -v.
func (l *interopLog) Handle(_ context.Context, r slog.Record) error {
	var attrs strings.Builder
	r.Attrs(func(a slog.Attr) bool { attrs.WriteString(" " + a.String()); return true })
	if r.Level < slog.LevelError {
		if testing.Verbose() {
			fmt.Printf("  minga: %s%s\n", r.Message, attrs.String())
		}
		return nil
	}
	l.t.Errorf("minga logged an error: %s%s", r.Message, attrs.String())
	return nil
}

// WithAttrs and WithGroup keep the test.
func (l *interopLog) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l *interopLog) WithGroup(string) slog.Handler      { return l }

// must ends the test at an error.
func (w *interopWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// until waits for something that another process is about to do.
func (w *interopWorld) until(what string, holds func() bool) {
	w.t.Helper()
	for end := time.Now().Add(interopPatience); time.Now().Before(end); pause(w.ctx, 5*time.Millisecond) {
		if holds() {
			return
		}
	}
	w.t.Fatalf("never happened: %s", what)
}

// settle waits until minga has worked on everything that came in and has sent
// everything that is due. What is being done is in its queue until it is done, so
// that an empty queue means that nothing will follow.
func (w *interopWorld) settle() {
	w.t.Helper()
	w.until("minga is done with what came in and goes out", func() bool {
		in, err := w.store.IncomingStats(w.ctx)
		w.must(err)
		out, err := w.store.QueueStats(w.ctx)
		w.must(err)
		return in.Waiting-in.Aside == 0 && out.Due == 0
	})
}

// account makes a local account with its keys.
func (w *interopWorld) account(kind coop.AccountKind, name string) *coop.Account {
	w.t.Helper()
	a, err := w.outbox.NewAccount(w.ctx, outbox.Registration{Kind: kind, Name: name, DisplayName: "La " + name, Bio: "Cooperativa de trabajo.", Language: "es"})
	w.must(err)
	return a
}

// local finds an account by its address below the origin, such as /boards/jobs.
func (w *interopWorld) local(path string) *coop.Account {
	w.t.Helper()
	a, err := w.store.AccountByIRI(w.ctx, coop.IRI(w.config.BaseURL()+path))
	w.must(err)
	return a
}

// remote finds the account of one of the peer's actors, asking for it if need be.
func (w *interopWorld) remote(actor interopActor) *coop.Account {
	w.t.Helper()
	a, err := w.inbox.Actor(w.ctx, coop.IRI(actor.ID))
	w.must(err)
	return a
}

// handle is how others look for a local account.
func (w *interopWorld) handle(a *coop.Account) string {
	return "@" + a.Handle(w.config.AccountDomain).String()
}

// post finds a post, or gives nil.
func (w *interopWorld) post(iri string) *coop.Post {
	p, err := w.store.PostByIRI(w.ctx, coop.System(), coop.IRI(iri))
	if err != nil {
		return nil
	}
	return p
}

// follow is the follow of one account by another, or nil.
func (w *interopWorld) follow(follower, target *coop.Account) *coop.Follow {
	f, err := w.store.Follow(w.ctx, follower.ID, target.ID)
	if err != nil {
		return nil
	}
	return f
}

// follows tells whether a follow is accepted.
func (w *interopWorld) follows(follower, target *coop.Account) bool {
	f := w.follow(follower, target)
	return f != nil && f.State == coop.FollowAccepted
}

// reacted tells whether an account likes or boosts a post.
func (w *interopWorld) reacted(kind storage.ReactionKind, who *coop.Account, p *coop.Post) bool {
	_, err := w.store.ReactionOf(w.ctx, kind, who.ID, p.ID)
	return err == nil
}

// followedBy lets an actor of the peer follow a local account, and waits until
// both sides say so.
func (w *interopWorld) followedBy(actor interopActor, a *coop.Account) {
	w.t.Helper()
	w.peer.follow(actor, string(a.IRI))
	w.until(actor.Name+" follows "+a.Name, func() bool { return w.peer.actor(actor.Name).Following[string(a.IRI)] == "accepted" })
	if !w.follows(w.remote(actor), a) {
		w.t.Fatalf("%s was told that it follows %s, which is not stored", actor.Name, a.Name)
	}
}

// followers lets a local account follow an actor of the peer, and waits until it
// was accepted.
func (w *interopWorld) subscribe(a *coop.Account, actor interopActor) {
	w.t.Helper()
	target := w.remote(actor)
	_, err := w.outbox.Follow(w.ctx, a, target)
	w.must(err)
	w.until(a.Name+" follows "+actor.Name, func() bool { return w.follows(a, target) })
}
