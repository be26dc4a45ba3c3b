// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// opened tells how the opening of a WebSocket is answered.
func (s *station) opened(query string, headers ...string) *http.Response {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.url+"/api/v1/streaming"+query, nil)
	if err != nil {
		s.Fatal(err)
	}
	r.Host = "coop.example"
	for name, value := range map[string]string{"Connection": "keep-alive, Upgrade", "Upgrade": "WebSocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="} {
		r.Header.Set(name, value)
	}
	for n := 0; n+1 < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
		if headers[n+1] == "" {
			r.Header.Del(headers[n])
		}
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = answer.Body.Close() })
	return answer
}

// TestTheOpeningOfAWebSocket: three ways to show a token, of which one is echoed, and what
// is refused before the upgrade.
func TestTheOpeningOfAWebSocket(t *testing.T) {
	var log journal
	s := newStation(t, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	ana := s.person("ana")
	token, statuses, notifications, other := s.token(ana, allScopes), s.token(ana, "read:statuses"), s.token(ana, "read:notifications"), s.token(ana, "write")
	for _, tt := range []struct {
		name     string
		query    string
		headers  []string
		code     int
		protocol string
	}{
		{"as a sub-protocol, which is echoed", "", []string{"Sec-WebSocket-Protocol", token}, 101, token},
		{"the first of several", "", []string{"Sec-WebSocket-Protocol", token + ", chat"}, 101, token},
		{"as Bearer", "?stream=user", []string{"Authorization", "Bearer " + token}, 101, ""},
		{"in the address", "?stream=user&access_token=" + token, nil, 101, ""},
		{"an empty one beside another", "?access_token=", []string{"Authorization", "Bearer " + token}, 101, ""},
		{"statuses alone", "", []string{"Authorization", "Bearer " + statuses}, 101, ""},
		{"notifications alone", "", []string{"Authorization", "Bearer " + notifications}, 101, ""},
		{"from any site", "", []string{"Authorization", "Bearer " + token, "Origin", "https://elk.zone"}, 101, ""},
		{"from no site", "", []string{"Authorization", "Bearer " + token, "Origin", "null"}, 101, ""},
		{"without a token", "", nil, 401, ""},
		{"a wrong one", "", []string{"Sec-WebSocket-Protocol", "wrong"}, 401, ""},
		{"a wrong one in the address", "?access_token=wrong", nil, 401, ""},
		{"a long one", "?access_token=" + strings.Repeat("x", 2000), nil, 401, ""},
		{"without the scope", "", []string{"Authorization", "Bearer " + other}, 403, ""},
		{"no WebSocket", "", []string{"Authorization", "Bearer " + token, "Upgrade", ""}, 426, ""},
		{"another protocol", "", []string{"Authorization", "Bearer " + token, "Upgrade", "h2c"}, 426, ""},
		{"no upgrade", "", []string{"Authorization", "Bearer " + token, "Connection", "keep-alive"}, 426, ""},
		{"another version", "", []string{"Authorization", "Bearer " + token, "Sec-WebSocket-Version", "8"}, 400, ""},
		{"without a key", "", []string{"Authorization", "Bearer " + token, "Sec-WebSocket-Key", ""}, 400, ""},
	} {
		answer := s.opened(tt.query, tt.headers...)
		if answer.StatusCode != tt.code || answer.Header.Get("Sec-WebSocket-Protocol") != tt.protocol {
			t.Errorf("%s: %d %q, want %d %q", tt.name, answer.StatusCode, answer.Header.Get("Sec-WebSocket-Protocol"), tt.code, tt.protocol)
		}
		if tt.code != 101 && !strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s: answers %s", tt.name, answer.Header.Get("Content-Type"))
		}
		if tt.code == 101 {
			_ = answer.Body.Close()
			s.until("it left", func() bool { return s.server.streams.Open() == 0 })
		}
	}
	for _, path := range []string{"/api/v1/timelines/home", "/api/v1/streaming/health"} {
		if w := s.ask("GET", path+"?access_token="+token, "", ""); w.Code == http.StatusOK && strings.Contains(path, "home") {
			t.Errorf("%s takes a token in the address", path)
		}
	}
	log.mu.Lock()
	defer log.mu.Unlock()
	if text := log.text.String(); !strings.Contains(text, "request refused") || strings.Contains(text, token) || strings.Contains(text, "access_token") || strings.Contains(text, strings.Repeat("x", 100)) {
		t.Errorf("the log has a token, or nothing at all: %s", text)
	}
}

// journal is a log that several write.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements [io.Writer].
func (l *journal) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// TestTheOpeningOfEvents: who may follow what as server-sent events, and the header of the
// answer.
func TestTheOpeningOfEvents(t *testing.T) {
	s := newStation(t, nil)
	ana, bea := s.person("ana"), s.person("bea")
	token, statuses, notifications := s.token(ana, allScopes), s.token(ana, "read:statuses"), s.token(ana, "read:notifications")
	list := s.made("POST", "/api/v1/lists", token, `{"title":"mine"}`)
	theirs := s.made("POST", "/api/v1/lists", s.token(bea, allScopes), `{"title":"theirs"}`)
	for _, tt := range []struct {
		path, token string
		code        int
	}{
		{"/user", token, 200},
		{"/user", statuses, 200},
		{"/user", notifications, 403},
		{"/user/notification", notifications, 200},
		{"/user/notification", statuses, 403},
		{"/public", statuses, 200},
		{"/public/local?only_media=true", statuses, 200},
		{"/public/remote", "", 401},
		{"/hashtag?tag=pan", token, 200},
		{"/hashtag", token, 400},
		{"/hashtag/local?tag=" + strings.Repeat("x", 1000), token, 400},
		{"/list?list=" + list, token, 200},
		{"/list?list=" + theirs, token, 404},
		{"/list?list=never", token, 404},
		{"/list", token, 400},
		{"/direct", token, 200},
		{"/nothing", token, 404},
	} {
		l, answer := s.follow(tt.token, tt.path)
		if answer.StatusCode != tt.code {
			t.Errorf("%s with %q answers %d, want %d", tt.path, tt.token, answer.StatusCode, tt.code)
		}
		h := answer.Header
		if tt.code == 200 && (!strings.HasPrefix(h.Get("Content-Type"), "text/event-stream") || h.Get("X-Accel-Buffering") != "no" || h.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(h.Get("Cache-Control"), "no-store")) {
			t.Errorf("%s answers with %v", tt.path, h)
		}
		_ = answer.Body.Close()
		_ = l.over(5 * time.Second)
		s.until("it left", func() bool { return s.server.streams.Open() == 0 })
	}
	if w := s.ask("HEAD", "/api/v1/streaming/user", token, ""); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("HEAD answers %d with %d bytes", w.Code, w.Body.Len())
	}
}

// TestFramesOfClients: several streams on one WebSocket, their end, and what is said of
// those that cannot be.
func TestFramesOfClients(t *testing.T) {
	s := newStation(t, nil)
	ana, bea := s.person("ana"), s.person("bea")
	one, two := s.token(ana, allScopes), s.token(bea, allScopes)
	theirs := s.made("POST", "/api/v1/lists", one, `{"title":"theirs"}`)
	l := s.listen(two)
	for _, text := range []string{
		`{"type":"subscribe","stream":"nothing"}`, `{"type":"subscribe"}`, `{"type":"subscribe","stream":"hashtag"}`, `{"type":"subscribe","stream":"list"}`,
		`{"type":"subscribe","stream":"list","list":"` + theirs + `"}`, `{"type":"subscribe","stream":"list","list":117000000000000001}`,
		`{"type":"dance","stream":"user"}`, `no JSON`, `[]`, `{"type":7}`, `null`, `""`, `{"type":"unsubscribe","stream":"user"}`,
		`{"type":"subscribe","stream":["public"]}`, `{"type":"subscribe","stream":"public"}`, `{"type":"subscribe","stream":"hashtag","tag":["PAN"]}`,
	} {
		l.write(text)
	}
	l.subscribe("public:local")
	s.until("six refusals", func() bool { return len(l.all()) == 6 })
	want := []string{"400 Unknown stream type", "400 Unknown stream type", "400 Missing tag name parameter", "400 Missing list name parameter", "404 Not authorized to stream this list", "404 Not authorized to stream this list"}
	if got := fmt.Sprint(l.heard()); got != fmt.Sprint(want) {
		t.Errorf("said %v, want %v", got, want)
	}
	id := s.say(one, "#pan")
	count := func(id string) (n int) {
		for _, e := range l.all() {
			if e.about() == "update "+id {
				n++
			}
		}
		return n
	}
	s.until("three frames", func() bool { return count(id) == 3 })
	l.write(`{"type":"unsubscribe","stream":"hashtag","tag":"pan"}`)
	l.write(`{"type":"unsubscribe","stream":"public"}`)
	l.subscribe()
	second := s.say(one, "#pan again")
	l.subscribe()
	s.until("one frame", func() bool { return count(second) == 1 })

	narrow := s.listen(s.token(bea, "read:notifications"), "user:notification")
	for _, kind := range []string{"user", "public", "direct", "hashtag"} {
		narrow.write(`{"type":"subscribe","stream":"` + kind + `","tag":"x"}`)
	}
	s.until("four refusals", func() bool { return strings.Count(fmt.Sprint(narrow.heard()), "403") == 4 })
	for n := range 70 {
		narrow.write(fmt.Sprintf(`{"type":"unsubscribe","stream":"hashtag","tag":"x%d"}`, n))
	}
	greedy := s.listen(one)
	for n := range 70 {
		greedy.write(fmt.Sprintf(`{"type":"subscribe","stream":"hashtag","tag":"x%d"}`, n))
	}
	s.until("it is told that this is too much", func() bool { return strings.Count(fmt.Sprint(greedy.heard()), "429") == 6 })
}

// TestBadFrames: what goes too far ends the stream, with a reason, and nothing else.
func TestBadFrames(t *testing.T) {
	s := newStation(t, nil)
	token := s.token(s.person("ana"), allScopes)
	for _, tt := range []struct {
		name string
		act  func(l *listener)
		code websocket.StatusCode
	}{
		{"a message that is no text", func(l *listener) { _ = l.conn.Write(t.Context(), websocket.MessageBinary, []byte{1}) }, websocket.StatusUnsupportedData},
		{"a huge message", func(l *listener) {
			_ = l.conn.Write(t.Context(), websocket.MessageText, []byte(strings.Repeat(" ", 1<<20)))
		}, websocket.StatusMessageTooBig},
		{"a flood", func(l *listener) {
			for range 400 {
				if l.conn.Write(t.Context(), websocket.MessageText, []byte(`{"type":"subscribe","stream":"user"}`)) != nil {
					return
				}
			}
		}, websocket.StatusPolicyViolation},
	} {
		l := s.listen(token, "user")
		tt.act(l)
		if err := l.over(15 * time.Second); websocket.CloseStatus(err) != tt.code {
			t.Errorf("%s ends with %v", tt.name, err)
		}
	}
	s.until("all left", func() bool { return s.server.streams.Open() == 0 })
}

// TestStreamsEndWithTheirRights: at once where this node hears of it, and at the next look
// where it does not.
func TestStreamsEndWithTheirRights(t *testing.T) {
	s := newStation(t, nil)
	for _, tt := range []struct {
		name string
		act  func(ctx context.Context, tx *storage.Tx, a *coop.Account, k *coop.Token) error
	}{
		{"withdrawn", func(ctx context.Context, tx *storage.Tx, a *coop.Account, k *coop.Token) error {
			return tx.RevokeTokenOf(ctx, a.ID, k.ID, time.Now())
		}},
		{"withdrawn-by-an-admin", func(ctx context.Context, tx *storage.Tx, _ *coop.Account, k *coop.Token) error {
			return tx.RevokeToken(ctx, k.ID, time.Now())
		}},
		{"password", func(ctx context.Context, tx *storage.Tx, a *coop.Account, _ *coop.Token) error {
			return tx.ChangePassword(ctx, a.ID, strings.Repeat("h", 40), 0)
		}},
		{"suspended", func(ctx context.Context, tx *storage.Tx, a *coop.Account, _ *coop.Token) error {
			return tx.SuspendAccount(ctx, a.ID, time.Now())
		}},
		{"deleted", func(ctx context.Context, tx *storage.Tx, a *coop.Account, _ *coop.Token) error {
			return tx.DeleteAccount(ctx, a.ID, time.Now())
		}},
	} {
		a := s.person(tt.name)
		token := s.token(a, allScopes)
		tokens, err := s.store.TokensOf(t.Context(), a.ID)
		if err != nil || len(tokens) != 1 {
			t.Fatal(tokens, err)
		}
		socket := s.listen(token, "user")
		events, _ := s.follow(token, "/user")
		s.do(func(ctx context.Context, tx *storage.Tx) error { return tt.act(ctx, tx, a, &tokens[0]) })
		if err := socket.over(2 * time.Second); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
			t.Errorf("%s: the WebSocket ends with %v", tt.name, err)
		}
		if err := events.over(2 * time.Second); err != nil {
			t.Errorf("%s: the events end with %v", tt.name, err)
		}
		if _, answer, err := s.dial(token, ""); err == nil || answer == nil || answer.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: it opens again: %v", tt.name, answer)
		}
	}
}

// TestStreamsEndWithWhatNobodyTells: a token that another process withdrew, of which this
// node heard nothing.
func TestStreamsEndWithWhatNobodyTells(t *testing.T) {
	url := "sqlite://" + t.TempDir() + "/minga.db"
	open := func() *storage.Store {
		store, err := storage.Open(t.Context(), storage.Options{URL: url, Now: time.Now, SecretKeys: storagetest.Keys()})
		if err == nil {
			err = store.Migrate(t.Context(), nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		return store
	}
	s := stationOn(newHouseOn(t, open(), func(o *Options) { o.Streams.Beat = 200 * time.Millisecond }))
	a := s.person("ana")
	socket := s.listen(s.token(a, allScopes), "user")
	command := open()
	if err := command.Write(t.Context(), func(tx *storage.Tx) error { return tx.RevokeTokensOf(t.Context(), a.ID, time.Now()) }); err != nil {
		t.Fatal(err)
	}
	if err := socket.over(5 * time.Second); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("ends with %v", err)
	}
}

// TestStreamsAreBounded: so many of an account, so many in all, and room again when one
// leaves; who does not read is dropped and holds nobody up.
func TestStreamsAreBounded(t *testing.T) {
	s := newStation(t, func(o *Options) { o.Streams.All, o.Streams.PerAccount = 4, 3 })
	ana, bea := s.person("ana"), s.person("bea")
	one, two := s.token(ana, allScopes), s.token(bea, allScopes)
	first := s.listen(one, "user")
	s.listen(one, "user")
	events, _ := s.follow(one, "/user")
	if _, answer, err := s.dial(one, ""); err == nil || answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") == "" {
		t.Errorf("a fourth stream of an account: %v", answer)
	}
	if _, answer := s.follow(one, "/user"); answer.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a fourth stream of an account: %v", answer)
	}
	s.listen(two, "user")
	if _, answer, err := s.dial(two, ""); err == nil || answer.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a fifth stream in all: %v", answer)
	}
	_ = first.conn.Close(websocket.StatusNormalClosure, "")
	s.until("there is room", func() bool { return s.server.streams.Open() == 3 })
	s.listen(two, "user")
	s.say(one, "for those who read")
	events.named("update")
}

// TestWhoDoesNotReadIsDropped: its frames pile up, it is dropped, and others hear all.
func TestWhoDoesNotReadIsDropped(t *testing.T) {
	s := newStation(t, nil)
	ana := s.person("ana")
	token := s.token(ana, allScopes)
	good := s.listen(token, "user")
	// One who never reads: what the network does not take waits, up to a bound.
	slow, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(s.url, "http")+"/api/v1/streaming?stream=user", &websocket.DialOptions{Host: "coop.example", Subprotocols: []string{token}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = slow.CloseNow() }()
	s.until("both listen", func() bool { return s.server.streams.Open() == 2 })
	const many, big = 300, 60_000
	text := strings.Repeat("x", big)
	for n := range many {
		s.do(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.AddPost(ctx, &coop.Post{
				IRI: ana.IRI + coop.IRI(fmt.Sprintf("/big/%d", n)), AuthorID: ana.ID, Kind: coop.KindNote, Type: "Note", Visibility: coop.VisiblePublic,
				To: []coop.IRI{coop.Public}, Content: "<p>" + text + "</p>", Published: time.Now(),
			}, storage.Arrival{})
			return err
		})
	}
	s.until("the slow one is gone", func() bool { return s.server.streams.Open() == 1 })
	s.until("the other heard all", func() bool { return len(good.all()) == many })
}

// TestStreamsEndWithTheProgram: both doors close at once, and no stream opens any more.
func TestStreamsEndWithTheProgram(t *testing.T) {
	s := newStation(t, nil)
	token := s.token(s.person("ana"), allScopes)
	socket := s.listen(token, "user")
	events, _ := s.follow(token, "/user")
	s.server.streams.End()
	if err := socket.over(2 * time.Second); websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("the WebSocket ends with %v", err)
	}
	if err := events.over(2 * time.Second); err != nil {
		t.Errorf("the events end with %v", err)
	}
	if w := s.ask("GET", "/api/v1/streaming/user", token, ""); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("afterwards it answers %d", w.Code)
	}
}

// TestPersonalEvents: notifications and conversations, filters, announcements in the
// language of who reads.
func TestPersonalEvents(t *testing.T) {
	s := newStation(t, nil)
	ana, bea := s.person("ana"), s.person("bea")
	s.do(func(ctx context.Context, tx *storage.Tx) error {
		bea.Language = "es"
		return tx.SaveAccount(ctx, bea)
	})
	one, two := s.token(ana, allScopes), s.token(bea, allScopes)
	l, quiet := s.listen(two, "user", "direct", "user:notification"), s.listen(s.token(bea, "read:statuses"), "user")
	s.say(one, "@bea hello", "visibility", "direct")
	talk := l.named("conversation")
	if !strings.Contains(talk.Payload, "hello") || talk.Stream[0] != "direct" {
		t.Errorf("conversation: %v", talk)
	}
	told := l.wait("a mention", func(e event) bool { return e.Event == "notification" && e.Stream[0] == "user:notification" })
	if !strings.Contains(told.Payload, `"type":"mention"`) {
		t.Errorf("notification: %s", told.Payload)
	}
	s.made("POST", "/api/v2/filters", two, `{"title":"no bread","context":["home"],"keywords_attributes":[{"keyword":"bread"}]}`)
	l.named("filters_changed")
	if frame := l.raw[len(l.raw)-1]; frame != `{"stream":["user"],"event":"filters_changed"}` {
		t.Errorf("filters: %s", frame)
	}
	s.follows(bea, ana)
	s.say(one, "bread, warm")
	if e := l.named("update"); !strings.Contains(e.Payload, `"keyword_matches":["bread"]`) {
		t.Errorf("an update that a filter meets: %s", e.Payload)
	}
	a := &coop.Announcement{Texts: coop.Texts{"en": "We are back", "es": "Volvimos"}}
	s.do(func(ctx context.Context, tx *storage.Tx) error { return tx.AddAnnouncement(ctx, a) })
	if e := l.named("announcement"); !strings.Contains(e.Payload, "Volvimos") {
		t.Errorf("announcement: %v", e)
	}
	s.ask("PUT", "/api/v1/announcements/"+a.ID.String()+"/reactions/%F0%9F%91%8D", one, "")
	if e := l.named("announcement.reaction"); e.Payload != `{"name":"👍","count":1,"announcement_id":"`+a.ID.String()+`"}` {
		t.Errorf("reaction: %s", e.Payload)
	}
	s.do(func(ctx context.Context, tx *storage.Tx) error { return tx.RemoveAnnouncement(ctx, a.ID) })
	if e := l.named("announcement.delete"); e.Payload != a.ID.String() {
		t.Errorf("its end: %v", e)
	}
	quiet.named("announcement.delete")
	for _, e := range quiet.all() {
		if e.Event == "notification" {
			t.Error("a token that may not read notifications hears of them")
		}
	}
}
