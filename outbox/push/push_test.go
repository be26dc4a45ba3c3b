// SPDX-License-Identifier: AGPL-3.0-or-later

package push

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/outbox/push/pushtest"
	"minga/storage"
)

func TestAnAppReadsWhatItIsTold(t *testing.T) {
	each(t, func(h *house) {
		s := pushtest.NewService(h.t, nil)
		modern := h.subscribe(s)
		older := h.subscribe(s, func(p *coop.PushSubscription) { p.Standard = false })
		p := h.mention()
		list, err := h.store.Notifications(h.t.Context(), h.ana.ID, coop.Page{})
		h.must(err)
		h.drain()
		for _, a := range []*app{modern, older} {
			got := a.read()
			want := payload{
				Access: a.access, Locale: "es", ID: int64(list[0].ID), Type: "mention", Icon: "https://fed-sur.example/assets/avatar.svg",
				Title: "Eva te mencionó", Body: "Hello & good morning",
			}
			if len(got) != 1 || got[0] != want {
				h.t.Errorf("read %+v, want %+v", got, want)
			}
		}
		for _, r := range s.Requests() {
			if r.Header.Get("TTL") != "172800" || r.Header.Get("Urgency") != "normal" || r.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasSuffix(r.Path, "?a=b") {
				h.t.Errorf("%s with %v", r.Path, r.Header)
			}
			if strings.Contains(fmt.Sprint(r.Header), modern.access) || r.Header.Get("Cookie") != "" || r.Header.Get("Topic") != "" {
				h.t.Errorf("says too much: %v", r.Header)
			}
			if key := h.PublicKey(t.Context()); !strings.Contains(r.Header.Get("Authorization")+r.Header.Get("Crypto-Key"), key) {
				h.t.Errorf("another key than %s: %v", key, r.Header)
			}
		}
		if h.waiting() != 0 || h.told["sent"] != 2 || p.ID == 0 {
			h.t.Errorf("%d wait, %v", h.waiting(), h.told)
		}
		h.pass(time.Hour)
		if n := len(s.Requests()); n != 2 {
			h.t.Errorf("%d requests in the end", n)
		}
	})
}

// TestWhatIsNotToldAnyMore: much may happen between the event and the message.
func TestWhatIsNotToldAnyMore(t *testing.T) {
	type change func(ctx context.Context, tx *storage.Tx, h *house, a *app, p *coop.Post) error
	for name, do := range map[string]change{
		"withdrawn": func(ctx context.Context, tx *storage.Tx, _ *house, a *app, _ *coop.Post) error {
			return tx.DropPushOf(ctx, a.token.ID)
		},
		"token revoked": func(ctx context.Context, tx *storage.Tx, h *house, a *app, _ *coop.Post) error {
			return tx.RevokeToken(ctx, a.token.ID, h.clock.Now())
		},
		"all tokens revoked": func(ctx context.Context, tx *storage.Tx, h *house, _ *app, _ *coop.Post) error {
			return tx.RevokeTokensOf(ctx, h.ana.ID, h.clock.Now())
		},
		"her account suspended": func(ctx context.Context, tx *storage.Tx, h *house, _ *app, _ *coop.Post) error {
			return tx.SuspendAccount(ctx, h.ana.ID, h.clock.Now())
		},
		"her account deleted": func(ctx context.Context, tx *storage.Tx, h *house, _ *app, _ *coop.Post) error {
			return tx.DeleteAccount(ctx, h.ana.ID, h.clock.Now())
		},
		"who wrote it suspended": func(ctx context.Context, tx *storage.Tx, h *house, _ *app, _ *coop.Post) error {
			return tx.SuspendAccount(ctx, h.eva.ID, h.clock.Now())
		},
		"the post deleted": func(ctx context.Context, tx *storage.Tx, h *house, _ *app, p *coop.Post) error {
			return tx.RemovePost(ctx, p.IRI, h.eva.IRI, h.clock.Now())
		},
		"who wrote it muted": func(ctx context.Context, tx *storage.Tx, h *house, _ *app, _ *coop.Post) error {
			return tx.Mute(ctx, h.ana.ID, h.eva.ID, true, h.clock.Now().Add(time.Hour))
		},
		"the thread muted": func(ctx context.Context, tx *storage.Tx, h *house, _ *app, p *coop.Post) error {
			return tx.MuteThread(ctx, h.ana.ID, p.Thread)
		},
		"who wrote it blocked": func(ctx context.Context, tx *storage.Tx, h *house, _ *app, _ *coop.Post) error {
			return tx.AddBlock(ctx, storage.Block{Blocker: h.ana.ID, Target: h.eva.ID})
		},
		"dismissed": func(ctx context.Context, tx *storage.Tx, h *house, _ *app, _ *coop.Post) error {
			return tx.ClearNotifications(ctx, h.ana.ID)
		},
		"alert turned off": func(ctx context.Context, tx *storage.Tx, _ *house, a *app, _ *coop.Post) error {
			return tx.SetPushChoice(ctx, a.token.ID, []coop.NotificationKind{coop.NotifyPoll}, coop.PushAll)
		},
		"policy narrowed": func(ctx context.Context, tx *storage.Tx, _ *house, a *app, _ *coop.Post) error {
			return tx.SetPushChoice(ctx, a.token.ID, coop.PushAlerts(), coop.PushFollowed)
		},
	} {
		t.Run(name, func(t *testing.T) {
			one(t, func(h *house) {
				s := pushtest.NewService(h.t, nil)
				a := h.subscribe(s)
				p := h.mention()
				if h.waiting() != 1 {
					h.t.Fatalf("%d messages wait", h.waiting())
				}
				h.write(func(ctx context.Context, tx *storage.Tx) error { return do(ctx, tx, h, a, p) })
				h.drain()
				if n := len(s.Requests()); n != 0 || h.waiting() != 0 {
					h.t.Errorf("%d requests, %d wait", n, h.waiting())
				}
			})
		})
	}
}

func TestATokenWithoutItsScopeIsToldNothing(t *testing.T) {
	one(t, func(h *house) {
		s := pushtest.NewService(h.t, nil)
		a := h.subscribe(s)
		token, access := h.token(h.ana, "read", "write")
		sub := subscription(a.Phone, s.URL+"/other", true)
		sub.TokenID, sub.AccountID, sub.Alerts = token.ID, h.ana.ID, coop.PushAlerts()
		h.write(func(ctx context.Context, tx *storage.Tx) error { return tx.PutPush(ctx, sub, access) })
		h.mention()
		h.drain()
		if got := s.Requests(); len(got) != 1 || strings.HasPrefix(got[0].Path, "/other") || h.told["void"] != 1 {
			h.t.Errorf("%d requests, %v", len(got), h.told)
		}
	})
}

// TestAnswers is what a push service says, and what becomes of message and subscription.
func TestAnswers(t *testing.T) {
	slow := func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() }
	dripping := func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(http.StatusCreated)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	endless := func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.WriteHeader(http.StatusCreated)
		for n, err := 0, error(nil); err == nil && n < 1<<30; {
			n, err = w.Write(make([]byte, 64<<10))
		}
	}
	rows := []struct {
		name             string
		say              func(http.ResponseWriter, *http.Request, int)
		there            bool
		soon, hour, days int // requests after the first turns, after an hour, after a day
		outcome          string
	}{
		{"taken", pushtest.Status(201), true, 1, 1, 1, "sent"},
		{"taken, with an answer that never ends", endless, true, 1, 1, 1, "sent"},
		{"taken, with an answer that never comes whole", dripping, true, 1, 1, 1, "sent"},
		{"another 2xx", pushtest.Status(202), true, 1, 1, 1, "sent"},
		{"gone", pushtest.Status(410), false, 1, 1, 1, "dropped"},
		{"unknown", pushtest.Status(404), false, 1, 1, 1, "dropped"},
		{"refused", pushtest.Status(400), true, 1, 1, 1, "refused"},
		{"another sender's", pushtest.Status(403), true, 1, 1, 1, "refused"},
		{"moved, which is not followed", pushtest.Status(307, "Location", "http://127.0.0.1:1/inside"), true, 1, 1, 1, "refused"},
		{"too often, for ever", pushtest.Status(429, "Retry-After", "99999999999"), true, 1, 1, 2, "again"},
		{"too often, for half an hour", pushtest.Status(429, "Retry-After", "1800"), true, 1, 2, 3, "again"},
		{"broken", pushtest.Status(500), true, 1, 2, 3, "again"},
		{"not now", pushtest.Status(503), true, 1, 2, 3, "again"},
		{"hangs up", hangUp, true, 1, 2, 3, "again"},
		{"answers nothing", slow, true, 1, 2, 3, "again"},
	}
	one(t, func(h *house) {
		for _, tt := range rows {
			s := pushtest.NewService(h.t, tt.say)
			a := h.subscribe(s)
			h.told = map[string]int{}
			h.mention()
			h.drain()
			count := func(when string, want int) {
				if n := len(s.Requests()); n != want {
					h.t.Errorf("%s: %d requests %s, want %d", tt.name, n, when, want)
				}
			}
			count("at first", tt.soon)
			if h.told[tt.outcome] != 1 {
				h.t.Errorf("%s: counted as %v", tt.name, h.told)
			}
			h.pass(time.Hour)
			count("after an hour", tt.hour)
			h.pass(24 * time.Hour)
			count("after a day", tt.days)
			h.pass(24 * time.Hour)
			if h.waiting() != 0 || a.there() != tt.there {
				h.t.Errorf("%s: after two days %d wait; the subscription is there: %t", tt.name, h.waiting(), a.there())
			}
			count("after two days", tt.days)
			h.write(func(ctx context.Context, tx *storage.Tx) error { return tx.DropPush(ctx, a.id) })
		}
	})
}

func TestRetryAfterIsObeyed(t *testing.T) {
	one(t, func(h *house) {
		s := pushtest.NewService(h.t, func(w http.ResponseWriter, r *http.Request, n int) {
			if n == 1 {
				w.Header().Set("Retry-After", "3600")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			w.WriteHeader(http.StatusCreated)
		})
		a, other := h.subscribe(s), h.subscribe(s)
		h.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.SetPushChoice(ctx, other.token.ID, nil, coop.PushAll)
		})
		h.mention()
		h.drain()
		h.mention() // the same subscription waits as a whole
		h.pass(59 * time.Minute)
		if n := len(s.Requests()); n != 1 {
			h.t.Errorf("%d requests within the hour", n)
		}
		h.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.SetPushChoice(ctx, other.token.ID, coop.PushAlerts(), coop.PushAll)
		})
		h.mention() // another at the same service does not
		h.drain()
		if n := len(other.read()); n != 1 || len(s.Requests()) != 2 {
			h.t.Errorf("the other app read %d of %d", n, len(s.Requests()))
		}
		h.pass(2 * time.Minute)
		h.pass(time.Minute)
		if n := len(a.read()); n != 4 || h.waiting() != 0 { // one of them was answered 429
			h.t.Errorf("%d messages came, %d wait", n, h.waiting())
		}
	})
}

func TestTooLongIsShortened(t *testing.T) {
	one(t, func(h *house) {
		room := 100_000
		s := pushtest.NewService(h.t, func(w http.ResponseWriter, r *http.Request, _ int) {
			if r.ContentLength > int64(room) {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
				return
			}
			w.WriteHeader(http.StatusCreated)
		})
		a := h.subscribe(s)
		for _, tt := range []struct{ room, requests, least, most int }{{100_000, 1, 400, 500}, {700, 2, 50, 100}, {400, 3, 0, 0}, {10, 3, 0, 0}} {
			before := len(s.Requests())
			room = tt.room
			h.mention(func(p *coop.Post) { p.Content = "<p>" + strings.Repeat("many words ", 400) + "</p>" })
			h.drain()
			list := a.read()
			last := len([]rune(list[len(list)-1].Body))
			if n := len(s.Requests()) - before; n != tt.requests || last < tt.least || last > tt.most {
				h.t.Errorf("room for %d: %d requests, the last with %d characters", tt.room, n, last)
			}
		}
		if h.told["sent"] != 3 || h.told["refused"] != 1 || !a.there() {
			h.t.Errorf("%v, there: %t", h.told, a.there())
		}
	})
}

// TestInsideIsNeverAsked: where a name leads is judged when it is asked, and the
// subscription ends.
func TestInsideIsNeverAsked(t *testing.T) {
	one(t, func(h *house) {
		inside, err := net.Listen("tcp", "127.0.0.9:0")
		h.must(err)
		reached := make(chan struct{})
		go func() {
			defer close(reached)
			conn, err := inside.Accept()
			if err == nil {
				h.t.Error("inside was reached")
				_ = conn.Close()
			}
		}()
		client, err := federation.New(federation.Options{OwnHosts: []string{"fed-sur.example"}, Dev: true, AllowNets: nets("127.0.0.1/32"), Now: h.clock.Now})
		h.must(err)
		h.t.Cleanup(client.Close)
		h.o.Client = client
		outside := pushtest.NewService(h.t, pushtest.Status(308, "Location", "http://"+inside.Addr().String()+"/"))
		lies := h.subscribe(outside)
		var gone []*app
		for _, endpoint := range []string{"http://" + inside.Addr().String() + "/x", "https://10.0.0.1/x", "http://[::1]:80/", "https://fed-sur.example/x", "ftp://push.example/"} {
			gone = append(gone, h.subscribe(outside, func(s *coop.PushSubscription) { s.Endpoint = endpoint }))
			if err := h.MaySend(h.t.Context(), endpoint); err == nil {
				h.t.Errorf("%s may be subscribed", endpoint)
			}
		}
		h.mention()
		h.drain()
		for _, a := range gone {
			if a.there() {
				h.t.Error("a subscription inside is kept")
			}
		}
		if !lies.there() || h.waiting() != 0 || len(outside.Requests()) != 1 {
			h.t.Errorf("%d wait, %d requests", h.waiting(), len(outside.Requests()))
		}
		h.must(inside.Close())
		<-reached
	})
}

func TestPatienceEnds(t *testing.T) {
	each(t, func(h *house) {
		code := http.StatusInternalServerError
		s := pushtest.NewService(h.t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(code) })
		a := h.subscribe(s)
		day := func(n int) {
			for range n {
				h.mention()
				h.pass(24 * time.Hour)
			}
		}
		day(6)
		code = http.StatusCreated
		day(1)
		code = http.StatusInternalServerError
		day(7)
		if !a.there() {
			h.t.Fatal("it worked in between, and was dropped")
		}
		day(1)
		if a.there() {
			h.t.Error("a subscription that failed for a week is kept")
		}
		code = http.StatusForbidden
		b := h.subscribe(s)
		for range mostRefused - 1 {
			h.mention()
			h.drain()
		}
		if !b.there() {
			h.t.Fatal("dropped too soon")
		}
		h.mention()
		h.drain()
		if b.there() {
			h.t.Error("a subscription that is always refused is kept")
		}
		h.pass(72 * time.Hour)
		if h.waiting() != 0 {
			h.t.Errorf("%d wait for nobody", h.waiting())
		}
	})
}

// TestARestartLosesNothing: a message whose worker was killed comes again when its lease
// is over; one whose answer was not written down comes twice, with the same id.
func TestARestartLosesNothing(t *testing.T) {
	each(t, func(h *house) {
		s := pushtest.NewService(h.t, nil)
		a := h.subscribe(s)
		h.mention()
		h.mention()
		killed := func(sends int) {
			claimed, err := h.claim(h.t.Context(), 10)
			h.must(err)
			for _, task := range claimed[:sends] {
				subscription, notification, err := storage.ParsePushKey(task.Key)
				h.must(err)
				if _, r := h.message(h.t.Context(), subscription, notification); r.outcome != sent {
					h.t.Fatalf("%+v", r)
				}
			}
		}
		killed(1)
		h.Sender = h.sender(h.store)
		h.drain()
		if n := len(s.Requests()); n != 1 {
			h.t.Fatalf("%d requests while the lease holds", n)
		}
		h.pass(lease + time.Second)
		ids := map[int64]int{}
		for _, p := range a.read() {
			ids[p.ID]++
		}
		if len(ids) != 2 || len(s.Requests()) != 3 || h.waiting() != 0 {
			h.t.Errorf("%v in %d requests, %d wait", ids, len(s.Requests()), h.waiting())
		}
	})
}

// TestASlowServiceKeepsNobodyBack runs the loop: a service that never answers has many
// messages, another has one.
func TestASlowServiceKeepsNobodyBack(t *testing.T) {
	one(t, func(h *house) {
		h.o.Workers, h.hosts = 6, newHosts(4)
		h.patience = 5 * time.Second
		slow := pushtest.NewService(h.t, func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() })
		for range 20 {
			h.subscribe(slow)
		}
		h.mention()
		ctx, stop := context.WithCancel(h.t.Context())
		ended := make(chan error, 1)
		go func() { ended <- h.Run(ctx) }()
		h.until("the slow one is busy", func() bool { return len(slow.Requests()) >= 4 })
		quick := pushtest.NewService(h.t, nil)
		a := h.subscribe(quick, func(s *coop.PushSubscription) { s.Alerts = []coop.NotificationKind{coop.NotifyFollow} })
		h.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.Notify(ctx, coop.Notification{AccountID: h.ana.ID, Kind: coop.NotifyFollow, FromID: h.eva.ID})
		})
		h.until("the quick one is told", func() bool { return len(a.read()) == 1 })
		if n := len(slow.Requests()); n > 4 {
			h.t.Errorf("%d at once at one host", n)
		}
		stop()
		h.must(<-ended)
	})
}

// until waits for something that a loop does.
func (h *house) until(what string, holds func() bool) {
	h.t.Helper()
	for range 300 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	h.t.Fatalf("it never comes that %s", what)
}
