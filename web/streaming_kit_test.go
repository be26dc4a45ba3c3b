// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"minga/coop"
	"minga/storage"
	"minga/web/streaming"
)

// station is a house that streams over real connections.
type station struct {
	*house
	url string
}

// newStation opens one whose signs of life come often; change may alter its options.
func newStation(t *testing.T, change func(*Options)) *station {
	t.Helper()
	return stationOn(newHouse(t, func(o *Options) {
		o.RateLimit = false
		o.Streams = streaming.Limits{Beat: 50 * time.Millisecond, Write: 2 * time.Second}
		if change != nil {
			change(o)
		}
	}))
}

// stationOn serves a house.
func stationOn(h *house) *station {
	server := httptest.NewServer(h.handler)
	ctx, stop := context.WithCancel(h.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.server.streams.Run(ctx) }()
	h.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			h.Error(err)
		}
		server.Close()
	})
	s := &station{h, server.URL}
	s.until("streams are open", func() bool { return h.ask("GET", "/api/v1/streaming/health", "", "").Code == http.StatusOK })
	return s
}

// until waits for something.
func (s *station) until(what string, is func() bool) {
	s.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatalf("waited in vain: %s", what)
		}
	}
}

// event is one event as a client reads it.
type event struct {
	Stream  []string `json:"stream"`
	Event   string   `json:"event"`
	Payload string   `json:"payload"`
	Error   string   `json:"error"`
	Status  int      `json:"status"`
}

// about is an event in words: its name and the id that it is about.
func (e event) about() string {
	var told struct {
		ID     string `json:"id"`
		Type   string `json:"type"`
		Reblog *struct{ ID string }
	}
	_ = json.Unmarshal([]byte(e.Payload), &told) //nolint:errcheck // a bare id is no object
	if told.ID == "" {
		told.ID = e.Payload
	}
	return strings.Join(strings.Fields(e.Event+" "+told.Type+" "+told.ID), " ")
}

// listener is a client that listens.
type listener struct {
	s    *station
	conn *websocket.Conn

	mu     sync.Mutex
	events []event
	raw    []string
	ended  error
	done   chan struct{}
}

// note keeps an event.
func (l *listener) note(e event, raw string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events, l.raw = append(l.events, e), append(l.raw, raw)
}

// all are the events that came.
func (l *listener) all() []event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]event(nil), l.events...)
}

// heard is what came, in words.
func (l *listener) heard() (list []string) {
	for _, e := range l.all() {
		if e.Error != "" {
			list = append(list, fmt.Sprintf("%d %s", e.Status, e.Error))
			continue
		}
		list = append(list, e.about())
	}
	return list
}

// wait waits until an event came that is so, and gives it.
func (l *listener) wait(what string, is func(event) bool) (found event) {
	l.s.Helper()
	l.s.until(what+" came", func() bool {
		for _, e := range l.all() {
			if is(e) {
				found = e
				return true
			}
		}
		return false
	})
	return found
}

// named waits for an event of a name.
func (l *listener) named(name string) event {
	l.s.Helper()
	return l.wait(name, func(e event) bool { return e.Event == name })
}

// dial opens a WebSocket with a token as the browsers of clients do; query begins with ?.
func (s *station) dial(token, query string) (*listener, *http.Response, error) {
	s.Helper()
	conn, answer, err := websocket.Dial(s.Context(), "ws"+strings.TrimPrefix(s.url, "http")+"/api/v1/streaming"+query, &websocket.DialOptions{
		Host: "coop.example", Subprotocols: []string{token}, HTTPHeader: http.Header{"Origin": {"https://phanpy.social"}},
	})
	if err != nil {
		return nil, answer, err
	}
	conn.SetReadLimit(1 << 20)
	l := &listener{s: s, conn: conn, done: make(chan struct{})}
	go func() {
		defer close(l.done)
		for {
			_, text, err := conn.Read(s.Context())
			if err != nil {
				l.ended = err
				return
			}
			var e event
			if json.Unmarshal(text, &e) != nil {
				e.Error = "no JSON"
			}
			l.note(e, string(text))
		}
	}()
	s.Cleanup(func() { _ = conn.CloseNow(); <-l.done })
	return l, answer, nil
}

// listen opens a WebSocket to streams, each as "stream" or "stream argument", and waits
// until the hub knows of them.
func (s *station) listen(token string, streams ...string) *listener {
	s.Helper()
	l, _, err := s.dial(token, "")
	if err != nil {
		s.Fatal(err)
	}
	l.subscribe(streams...)
	return l
}

// subscribe asks for streams and then for a sign of life: it is answered when the frames
// before it were read.
func (l *listener) subscribe(streams ...string) {
	l.s.Helper()
	for _, stream := range streams {
		kind, arg, _ := strings.Cut(stream, " ")
		l.write(`{"type":"subscribe","stream":"` + kind + `","tag":"` + arg + `","list":"` + arg + `"}`)
	}
	ctx, cancel := context.WithTimeout(l.s.Context(), 10*time.Second)
	defer cancel()
	if err := l.conn.Ping(ctx); err != nil {
		l.s.Errorf("the streams are not open: %v", err)
	}
}

// write sends a frame.
func (l *listener) write(text string) {
	l.s.Helper()
	if err := l.conn.Write(l.s.Context(), websocket.MessageText, []byte(text)); err != nil {
		l.s.Error(err)
	}
}

// follow opens server-sent events and waits for the first sign of life. The answer is given
// where it is no stream.
func (s *station) follow(token, path string) (*listener, *http.Response) {
	s.Helper()
	ctx, stop := context.WithCancel(s.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/api/v1/streaming"+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	r.Host = "coop.example"
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	l := &listener{s: s, done: make(chan struct{})}
	s.Cleanup(func() { stop(); <-l.done })
	first := make(chan bool, 1)
	go l.readEvents(answer, first)
	if answer.StatusCode == http.StatusOK {
		<-first
	}
	return l, answer
}

// readEvents reads server-sent events to their end.
func (l *listener) readEvents(answer *http.Response, first chan<- bool) {
	defer close(l.done)
	defer func() { _ = answer.Body.Close() }()
	lines, name := bufio.NewScanner(answer.Body), ""
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		l.mu.Lock()
		l.raw = append(l.raw, line)
		l.mu.Unlock()
		switch {
		case line == ":)":
			first <- true
		case strings.HasPrefix(line, "event: "):
			name = strings.TrimPrefix(line, "event: ")
		case strings.HasPrefix(line, "data: "):
			l.mu.Lock()
			l.events = append(l.events, event{Event: name, Payload: strings.TrimPrefix(line, "data: ")})
			l.mu.Unlock()
		}
	}
	l.ended = lines.Err()
}

// over waits until the stream has ended.
func (l *listener) over(within time.Duration) error {
	l.s.Helper()
	select {
	case <-l.done:
		return l.ended
	case <-time.After(within):
		l.s.Errorf("the stream goes on")
		return nil
	}
}

// do changes the database.
func (s *station) do(change func(ctx context.Context, tx *storage.Tx) error) {
	s.Helper()
	if err := s.store.Write(s.Context(), func(tx *storage.Tx) error { return change(s.Context(), tx) }); err != nil {
		s.Fatal(err)
	}
}

// follows lets one account follow another.
func (s *station) follows(who, whom *coop.Account) {
	s.Helper()
	s.do(func(ctx context.Context, tx *storage.Tx) error {
		return tx.PutFollow(ctx, &coop.Follow{Follower: who, Target: whom, State: coop.FollowAccepted})
	})
}

// say publishes a status by the API and gives its id.
func (s *station) say(token, text string, more ...string) string {
	s.Helper()
	body := map[string]any{"status": text}
	for n := 0; n+1 < len(more); n += 2 {
		body[more[n]] = more[n+1]
	}
	raw, err := json.Marshal(body)
	if err != nil {
		s.Fatal(err)
	}
	return s.made("POST", "/api/v1/statuses", token, string(raw))
}

// made asks for something and gives the id of what was made.
func (s *station) made(method, path, token, body string) string {
	s.Helper()
	w := s.ask(method, path, token, body)
	var made struct{ ID string }
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || w.Code != http.StatusOK {
		s.Fatalf("%s %s answers %d %s", method, path, w.Code, w.Body)
	}
	return made.ID
}
