// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/mattn/go-mastodon"

	"minga/storage"
)

// second is another node of the same instance: the same database, folder and name at
// another port.
func (p *process) second() *process {
	p.t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	q := &process{t: p.t, name: p.name + " (second node)", host: p.host, dbURL: p.dbURL, env: append(append([]string(nil), p.env...), "MINGA_LISTEN="+address)}
	q.client = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp4", address)
		},
	}}
	p.t.Cleanup(func() { q.kill(); q.client.CloseIdleConnections() })
	return q
}

// frame is an event of a WebSocket, and when it came.
type frame struct {
	Stream  []string
	Event   string
	Payload string
	at      time.Time
}

// socket listens to the home of a token by WebSocket; the channel closes with it, and then
// the error says why.
func (p *process) socket(token string) (<-chan frame, *error) {
	p.t.Helper()
	conn, _, err := websocket.Dial(p.t.Context(), "ws://"+p.host+"/api/v1/streaming?stream=user", &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: p.client.Transport}, Subprotocols: []string{token},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	frames, why := make(chan frame, 100), new(error)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(frames)
		for {
			_, text, err := conn.Read(p.t.Context())
			if err != nil {
				*why = err
				return
			}
			f := frame{at: time.Now()}
			if json.Unmarshal(text, &f) == nil {
				frames <- f
			}
		}
	}()
	p.t.Cleanup(func() { _ = conn.CloseNow(); <-done })
	if err := conn.Ping(p.t.Context()); err != nil { // the stream of the address is open now
		p.t.Fatal(err)
	}
	return frames, why
}

// follow listens to the home of a token as server-sent events, with go-mastodon.
func (p *process) follow(token string) <-chan mastodon.Event {
	p.t.Helper()
	client := mastodon.NewClient(&mastodon.Config{Server: "http://" + p.host, AccessToken: token})
	client.Transport = p.client.Transport
	ctx, stop := context.WithCancel(p.t.Context())
	events, err := client.StreamingUser(ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		stop()
		for range events { // it sends what it has, or waits for ever
		}
	})
	return events
}

// next waits for something on a channel.
func next[T any](t *testing.T, what string, from <-chan T, is func(T) bool) T {
	t.Helper()
	patience := time.After(10 * time.Second)
	for {
		select {
		case x, open := <-from:
			if !open {
				t.Fatalf("%s: the stream ended", what)
			}
			if is(x) {
				return x
			}
		case <-patience:
			t.Fatalf("%s did not come", what)
		}
	}
}

// TestStreamsOfProcesses: what is posted through one node streams from the other within a
// second, by both doors; a command that takes rights away ends the streams of a server
// that runs beside it, and SIGTERM ends a server in time although streams are open.
func TestStreamsOfProcesses(t *testing.T) {
	for _, engine := range engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			one := newProcess(t, "sur", engine)
			one.start()
			two := one
			if engine == storage.Postgres {
				two = one.second()
				two.start()
			}
			one.do(nil, "account", "create", "ana", "--email", "ana@sur.example", "--confirmed")
			one.do(nil, "account", "create", "bea", "--email", "bea@sur.example", "--confirmed")
			ana := one.do(nil, "token", "create", "--account", "ana", "--scopes", "read write follow")
			bea := one.do(nil, "token", "create", "--account", "bea", "--scopes", "read write follow")
			var who struct{ ID string }
			one.ask(t, "GET", "/api/v1/accounts/lookup?acct=ana", bea, nil, &who)
			one.ask(t, "POST", "/api/v1/accounts/"+who.ID+"/follow", bea, nil, nil)

			frames, why := two.socket(bea)
			events := two.follow(bea)
			var posted struct{ ID string }
			// The client of server-sent events says nothing of its being there: the first
			// post that it hears of does.
			eventually(t, 10*time.Second, "events are heard", func() bool {
				one.ask(t, "POST", "/api/v1/statuses", ana, map[string]any{"status": "hello"}, nil)
				select {
				case <-events:
					return true
				case <-time.After(200 * time.Millisecond):
					return false
				}
			})
			begun := time.Now()
			one.ask(t, "POST", "/api/v1/statuses", ana, map[string]any{"status": "fresh bread, @bea"}, &posted)
			f := next(t, "an update by WebSocket", frames, func(f frame) bool { return f.Event == "update" && strings.Contains(f.Payload, posted.ID) })
			next(t, "an update as an event", events, func(e mastodon.Event) bool {
				u, ok := e.(*mastodon.UpdateEvent)
				return ok && string(u.Status.ID) == posted.ID && u.Status.Account.Username == "ana"
			})
			if took := max(f.at.Sub(begun), time.Since(begun)); took > time.Second {
				t.Errorf("the events took %v", took)
			} else {
				t.Logf("from one node to the other: %v", took)
			}
			next(t, "a notification by WebSocket", frames, func(f frame) bool { return f.Event == "notification" && strings.Contains(f.Payload, `"mention"`) })
			one.ask(t, "PUT", "/api/v1/statuses/"+posted.ID, ana, map[string]any{"status": "fresher bread, @bea"}, nil)
			next(t, "an edit by WebSocket", frames, func(f frame) bool { return f.Event == "status.update" && strings.Contains(f.Payload, "fresher") })
			next(t, "an edit as an event", events, func(e mastodon.Event) bool {
				u, ok := e.(*mastodon.UpdateEditEvent)
				return ok && strings.Contains(u.Status.Content, "fresher")
			})
			one.ask(t, "DELETE", "/api/v1/statuses/"+posted.ID, ana, nil, nil)
			next(t, "a deletion by WebSocket", frames, func(f frame) bool { return f.Event == "delete" && f.Payload == posted.ID })
			next(t, "a deletion as an event", events, func(e mastodon.Event) bool {
				d, ok := e.(*mastodon.DeleteEvent)
				return ok && string(d.ID) == posted.ID
			})

			one.do(nil, "account", "suspend", "bea")
			for range frames { // until it ends
			}
			if websocket.CloseStatus(*why) != websocket.StatusPolicyViolation {
				t.Errorf("a suspension ends the stream with %v", *why)
			}
			frames, why = two.socket(ana)
			if took, code := two.stop(syscall.SIGTERM); code != 0 || took > 9*time.Second {
				t.Errorf("SIGTERM with an open stream: %v, exit %d", took, code)
			}
			for range frames {
			}
			if websocket.CloseStatus(*why) != websocket.StatusGoingAway {
				t.Errorf("the end of the program ends the stream with %v", *why)
			}
		})
	}
}

// engines are those that tests of processes run on.
func engines(t *testing.T) []storage.Engine {
	t.Helper()
	if os.Getenv("MINGA_TEST_POSTGRES") == "" {
		return []storage.Engine{storage.SQLite}
	}
	return []storage.Engine{storage.SQLite, storage.Postgres}
}

// ask asks the API and reads the answer, which must be good.
func (p *process) ask(t *testing.T, method, path, token string, body, v any) {
	t.Helper()
	status, text, err := p.call(t.Context(), method, path, token, body)
	if err == nil && v != nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil || status != http.StatusOK {
		t.Fatalf("%s: %s %s: %d %s %v", p.name, method, path, status, text, err)
	}
}
