// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const allScopes = "read write follow push"

// TestEventsOfAStatus: what is written, changed, boosted and withdrawn arrives by both
// doors as it is described.
func TestEventsOfAStatus(t *testing.T) {
	s := newStation(t, nil)
	ana, bea := s.person("ana"), s.person("bea")
	one, two := s.token(ana, allScopes), s.token(bea, allScopes)
	s.follows(bea, ana)
	socket := s.listen(two, "user", "hashtag Pan", "public")
	events, _ := s.follow(two, "/user")

	// Each event is judged by what stands when it goes out: the edit that takes the hashtag
	// away comes after the post has been heard.
	id := s.say(one, "Good #pan for all")
	s.until("the post", func() bool { return len(socket.heard()) >= 3 })
	s.ask("PUT", "/api/v1/statuses/"+id, one, `{"status":"Better bread"}`)
	boost := s.made("POST", "/api/v1/statuses/"+id+"/reblog", one, "")
	s.ask("POST", "/api/v1/statuses/"+id+"/unreblog", one, "")
	s.ask("DELETE", "/api/v1/statuses/"+id, one, "")

	want := []string{"update " + id, "status.update " + id, "delete " + boost, "delete " + id}
	s.until("all events", func() bool { return len(events.heard()) >= len(want) && len(socket.heard()) >= 8 })
	if diff := cmp.Diff(want, events.heard()); diff != "" {
		t.Errorf("server-sent events:\n%s", diff)
	}
	labels := map[string][]string{}
	for _, e := range socket.all() {
		labels[e.about()] = append(labels[e.about()], strings.Join(e.Stream, " "))
	}
	for about, count := range map[string]int{"update " + id: 3, "status.update " + id: 2, "delete " + boost: 1, "delete " + id: 2} {
		if len(labels[about]) != count {
			t.Errorf("%s under %v, want %d", about, labels[about], count)
		}
	}
	for _, label := range []string{"user", "hashtag Pan", "public"} {
		if !strings.Contains(fmt.Sprint(labels["update "+id]), label) {
			t.Errorf("%v lack %q", labels["update "+id], label)
		}
	}
	var streamed, asked map[string]any
	first := socket.all()[0]
	if err := json.Unmarshal([]byte(first.Payload), &streamed); err != nil {
		t.Fatal(err)
	}
	if w := s.ask("GET", "/api/v1/streaming/health", "", ""); w.Code != http.StatusOK || w.Body.String() != "OK" {
		t.Errorf("health is %d %s", w.Code, w.Body)
	}
	if err := json.Unmarshal([]byte(events.all()[0].Payload), &asked); err != nil || !cmp.Equal(streamed, asked) {
		t.Errorf("two doors, two statuses: %s", cmp.Diff(streamed, asked))
	}
	s.until("a thump", func() bool {
		events.mu.Lock()
		defer events.mu.Unlock()
		return strings.Contains(strings.Join(events.raw, "\n"), ":thump")
	})
}
