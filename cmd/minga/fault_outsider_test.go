// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"minga/federation/signature"
)

// outsider is a person on another server who writes to the co-op of a process: its key
// is known there after the first activity.
type outsider struct {
	answers
	t      *testing.T
	crowd  *crowd
	host   string // of the process
	coop   string // whom it writes to
	client *http.Client

	arrived map[string]int // marks of what the co-op published, by how often they came
}

// newOutsider makes one; it writes to the co-op telar.
func newOutsider(t *testing.T, p *process) *outsider {
	t.Helper()
	c, err := newCrowd(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.close() })
	s := &outsider{arrived: map[string]int{}, t: t, crowd: c, host: p.host, coop: "http://" + p.host + "/coops/telar", client: p.client}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard = s.hear
	return s
}

// hear counts what the co-op publishes.
func (s *outsider) hear(body string) {
	var activity struct {
		Type   string
		Object struct{ Content string }
	}
	_ = json.Unmarshal([]byte(body), &activity) // another object is a name, and of no interest
	if activity.Type == "Create" {
		mark := strings.TrimSuffix(strings.TrimPrefix(activity.Object.Content, "<p>"), "</p>")
		s.arrived[mark]++
	}
}

// delivered compares what was acknowledged with what arrived here.
func (s *outsider) delivered(a *answers) (lost, doubled int) {
	s.crowd.mu.Lock()
	defer s.crowd.mu.Unlock()
	return a.kept(s.arrived)
}

// follow follows the co-op and waits for its answer.
func (s *outsider) follow() {
	actor := s.crowd.actor(0)
	s.crowd.want(`"Accept"`)
	body := fmt.Sprintf(`{"@context":"https://www.w3.org/ns/activitystreams","id":"%s/follow","type":"Follow","actor":%q,"object":%q}`, actor, actor, s.coop)
	w, err := s.client.Do(s.signed([]byte(body)))
	if err != nil {
		s.t.Fatal(err)
	}
	_ = w.Body.Close()
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	if err := s.crowd.await(ctx, 1); err != nil || w.StatusCode != http.StatusAccepted {
		s.t.Fatalf("follow was answered %d, %v", w.StatusCode, err)
	}
}

// request is a signed Create of a note for the co-op, of which the text is a mark.
func (s *outsider) request(mark string) *http.Request {
	actor, at := s.crowd.actor(0), time.Now().UTC().Format(time.RFC3339)
	id := fmt.Sprintf("%s/notes/%x", actor, mark)
	mention := []map[string]string{{"type": "Mention", "href": s.coop, "name": "@telar"}}
	body, err := json.Marshal(map[string]any{
		"@context": "https://www.w3.org/ns/activitystreams", "id": id + "/activity", "type": "Create", "actor": actor, "published": at, "to": []string{s.coop},
		"object": map[string]any{"id": id, "type": "Note", "attributedTo": actor, "published": at, "to": []string{s.coop}, "content": mark, "tag": mention},
	})
	if err != nil {
		s.t.Error(err)
	}
	return s.signed(body)
}

// signed is a request with a body for the shared inbox.
func (s *outsider) signed(body []byte) *http.Request {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+s.host+"/federation/inbox", bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/activity+json")
	key := signature.PrivateKey{ID: s.crowd.actor(0) + "#main-key", Signer: s.crowd.key}
	if err := signature.Sign(r, body, key, signature.Cavage, time.Now()); err != nil {
		s.t.Error(err)
	}
	return r
}

// send delivers an activity with a mark, and counts what came of it.
func (s *outsider) send(ctx context.Context, mark string) int { return s.sendTo(ctx, s.client, mark) }

// sendTo is send by another way.
func (s *outsider) sendTo(ctx context.Context, client *http.Client, mark string) int {
	begun := time.Now()
	w, err := client.Do(s.request(mark).WithContext(ctx))
	status := 0
	if err == nil {
		status = w.StatusCode
		_ = w.Body.Close()
	}
	s.note(mark, status, time.Since(begun), err)
	return status
}

// stream delivers until ctx ends.
func (s *outsider) stream(ctx context.Context, prefix string, pace time.Duration) {
	for i := 0; ctx.Err() == nil; i++ {
		s.send(context.WithoutCancel(ctx), fmt.Sprintf("%s from afar %d", prefix, i))
		pause(ctx, pace)
	}
}
