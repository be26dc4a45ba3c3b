// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"minga/coop"
	"minga/federation"
	"minga/storage"
)

// counted counts every request that comes to a house, whatever for.
func (h *house) counted() *atomic.Int64 {
	n, inner := new(atomic.Int64), h.handler
	h.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		inner.ServeHTTP(w, r)
	})
	return n
}

// knowsUnasked stores an account of another house as one that was met before, with a
// follow of ours.
func (h *house) knowsUnasked(a, follows *coop.Account) *coop.Account {
	h.f.t.Helper()
	far := *a
	far.ID, far.Local, far.Host, far.URL = 0, false, a.IRI.Host(), string(a.IRI)
	h.f.must(h.store.Write(h.f.ctx, func(tx *storage.Tx) error {
		return errors.Join(tx.SaveAccount(h.f.ctx, &far), tx.PutFollow(h.f.ctx, &coop.Follow{IRI: a.IRI + "#follow", Follower: &far, Target: follows, State: coop.FollowAccepted}))
	}))
	return &far
}

// asServer is what another server gets at an address of this house.
func (h *house) asServer(address string) (int, string) {
	h.f.t.Helper()
	r := httptest.NewRequest(http.MethodGet, address, nil)
	r.Header.Set("Accept", "application/activity+json")
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// TestNothingGoesRoundARehearsal: in a rehearsal everything works inside, and not one
// request reaches another server, whatever is tried; nobody is answered but people and who
// asks for NodeInfo. Promoted, it sends what is said from then on and nothing of before.
func TestNothingGoesRoundARehearsal(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta", "MINGA_REHEARSAL", "on")
		f.must(b.rehearse(f.ctx))
		asked := a.counted()
		telar := b.coop("telar")
		far := b.knowsUnasked(a.federation, telar)
		f.record()
		early := b.publish(telar, "Early")
		b.article(telar, "Draft of a guide")
		f.settle()
		if b.has(early.IRI) == nil || len(b.board(true)) == 0 {
			t.Error("nothing works inside")
		}
		_, err := b.inbox.ByHandle(f.ctx, coop.Handle{Name: "telar2", Host: a.config.Host})
		var wrong *federation.Error
		if !errors.As(err, &wrong) || wrong.Kind != federation.KindRehearsal || exitCode(err) != exitRefused {
			t.Errorf("looked up elsewhere: %v", err)
		}
		if _, err := b.outbox.Follow(f.ctx, b.federation, far); err != nil {
			t.Errorf("a follow is not noted: %v", err)
		}
		for _, send := range []func() error{
			func() error { _, err := b.client.Document(f.ctx, string(a.federation.IRI)); return err },
			func() error { _, err := b.client.Get(f.ctx, a.config.BaseURL()+"/", "text/html", 1<<20); return err },
			func() error {
				_, err := b.client.GetSigned(f.ctx, a.config.BaseURL()+"/", "text/html", 1<<20)
				return err
			},
			func() error {
				_, err := b.client.Post(f.ctx, string(a.federation.Inbox), []byte("{}"), nil)
				return err
			},
			func() error { _, err := b.client.Push(f.ctx, a.config.BaseURL()+"/", nil, []byte("{}")); return err },
			func() error { _, err := b.client.ForLibrary().Get(a.config.BaseURL() + "/"); return err },
		} {
			if err := send(); !errors.As(err, &wrong) || wrong.Kind != federation.KindRehearsal {
				t.Errorf("it goes out: %v", err)
			}
		}
		f.settle()
		if n := asked.Load(); n != 0 {
			t.Errorf("%d requests reached another server", n)
		}
		if got := a.push(a.federation, b, "/inbox", map[string]any{"id": a.config.BaseURL() + "/1", "type": "Like", "actor": a.federation.IRI, "object": early.IRI}); got != http.StatusServiceUnavailable {
			t.Errorf("an inbox answers %d", got)
		}
		base := b.config.BaseURL()
		for address, want := range map[string]int{
			base + "/.well-known/webfinger?resource=" + string(telar.IRI): 503, base + "/.well-known/host-meta": 503, base + "/actor": 503, string(telar.IRI): 503, string(early.IRI): 503,
			string(telar.IRI) + "/outbox": 503, base + "/.well-known/nodeinfo": 200, base + "/nodeinfo/2.1": 200,
		} {
			if got, body := b.asServer(address); got != want || want == 503 && !strings.Contains(body, "rehearsal") {
				t.Errorf("%s answers %d: %.200s", address, got, body)
			}
		}

		f.must(b.store.Write(f.ctx, func(tx *storage.Tx) error {
			_, err := tx.Promote(f.ctx, coop.AuditEntry{Who: byCommand, Act: "instance.promote"})
			return err
		}))
		f.settle()
		if n := asked.Load(); n != 0 || len(a.pushed()) != 0 {
			t.Errorf("%d requests burst out when it was promoted", n)
		}
		late := b.publish(telar, "Late")
		f.settle()
		got := a.pushed()
		if len(got) != 1 || got[0].Object.ID != string(late.IRI) {
			t.Errorf("after the promotion came %+v", got)
		}
	})
}
