// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"minga/storage"
	"minga/storage/storagetest"
)

// atOnce asks a path n times at the same moment, in turn at each of the nodes, and
// gives the answers. Key, if any, is the Idempotency-Key of all.
func atOnce(p *phone, nodes []*house, n int, path, key string, body func(n int) any) []*httptest.ResponseRecorder {
	answers := make([]*httptest.ResponseRecorder, n)
	begin := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		text, err := json.Marshal(body(i))
		p.h.f.must(err)
		r := httptest.NewRequestWithContext(p.h.f.ctx, http.MethodPost, p.h.config.BaseURL()+"/api"+path, bytes.NewReader(text))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+p.token)
		if key != "" {
			r.Header.Set("Idempotency-Key", key)
		}
		answers[i] = httptest.NewRecorder()
		all.Go(func() {
			<-begin
			nodes[i%len(nodes)].handler.ServeHTTP(answers[i], r)
		})
	}
	close(begin)
	all.Wait()
	return answers
}

// TestRaces: sixteen of the same at the same time are one; nobody votes twice; a follow
// that is made and ended at once is there or is not. On both engines, and on PostgreSQL
// by two nodes of one instance.
func TestRaces(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		h := f.house("sur")
		nodes := []*house{h}
		if f.engine == storage.Postgres {
			nodes = append(nodes, h.twin())
		}
		nina, bea := h.phone(h.person("nina")), h.phone(h.person("bea"))

		ids := map[string]int{}
		for _, w := range atOnce(nina, nodes, 16, "/v1/statuses", "una vez", func(int) any { return row{"status": "una vez"} }) {
			var answer row
			if f.must(json.Unmarshal(w.Body.Bytes(), &answer)); w.Code != http.StatusOK {
				t.Errorf("a key: answers %d %s", w.Code, w.Body)
			}
			ids[fmt.Sprint(answer["id"])]++
		}
		if posts := nina.list("/v1/accounts/" + nina.self.ID.String() + "/statuses"); len(ids) != 1 || len(posts) != 1 {
			t.Errorf("one key made %v, %d posts", ids, len(posts))
		}

		poll := nina.post("/v1/statuses", row{"status": "¿?", "poll": row{"options": []string{"a", "b"}, "expires_in": 3600}})["poll"].(row)["id"].(string)
		codes := map[int]int{}
		for _, w := range atOnce(bea, nodes, 16, "/v1/polls/"+poll+"/votes", "", func(n int) any { return row{"choices": []int{n % 2}} }) {
			codes[w.Code]++
		}
		if got := nina.get("/v1/polls/" + poll); codes[200] != 1 || codes[422] != 15 || got["votes_count"] != 1.0 {
			t.Errorf("votes answer %v, counted %v", codes, got)
		}

		for range 4 {
			var all sync.WaitGroup
			for n, path := range []string{"/follow", "/unfollow"} {
				all.Go(func() {
					for _, w := range atOnce(bea, nodes[n%len(nodes):], 4, bea.of(nina.self, path), "", func(int) any { return nil }) {
						if w.Code != http.StatusOK {
							t.Errorf("%s answers %d %s", path, w.Code, w.Body)
						}
					}
				})
			}
			all.Wait()
		}
		f.drain()
		follows := bea.relation(nina.self) == "following showing_reblogs"
		count := nina.get("/v1/accounts/" + nina.self.ID.String())["followers_count"]
		if want := map[bool]float64{true: 1}[follows]; count != want {
			t.Errorf("follows: %v, and yet %v followers", follows, count)
		}
		if problems, err := h.store.Check(f.ctx); err != nil || len(problems) > 0 {
			t.Errorf("damage: %v %v", problems, err)
		}
	})
}

// TestTwoNodes: two nodes on one PostgreSQL with one folder of files. What is scheduled
// is published once, a session and a file of one are good at the other.
func TestTwoNodes(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		if f.engine != storage.Postgres {
			return // SQLite has one node
		}
		h := f.house("sur")
		nodes := []*house{h, h.twin()}
		nina := h.phone(h.person("nina"))
		at := h.now().Add(time.Hour).UTC().Format(time.RFC3339)
		for n := range 5 {
			nina.post("/v1/statuses", row{"status": fmt.Sprintf("luego %d", n), "scheduled_at": at})
		}
		h.clock.Advance(2 * time.Hour)
		var all sync.WaitGroup
		for n := range 6 {
			all.Go(func() {
				for did := true; did; {
					var err error
					if did, err = nodes[n%2].outbox.StepScheduled(f.ctx); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if posts := nina.list("/v1/accounts/" + nina.self.ID.String() + "/statuses"); len(posts) != 5 {
			t.Errorf("five posts that waited became %d", len(posts))
		}
		if left := nina.list("/v1/scheduled_statuses"); len(left) != 0 {
			t.Errorf("still waiting: %v", left)
		}
		file := nina.post("/v2/media", pack(t, nil, map[string][]byte{"file": f.photo(50, 40)}))
		for _, node := range nodes {
			if code, body := node.fetched(file["url"].(string)); code != http.StatusOK || len(body) == 0 {
				t.Errorf("%s serves the file with %d", node.name, code)
			}
		}
	})
}

// TestTwoProcesses: two nodes as programs. Who signs in at one is signed in at the
// other, and signs out of both; a key counts at both; a file of one is served by both.
func TestTwoProcesses(t *testing.T) {
	if os.Getenv(storagetest.PostgresEnv) == "" {
		t.Skip(storagetest.PostgresEnv + " is not set")
	}
	first := newProcess(t, "home", storage.Postgres)
	second := newProcess(t, "home", storage.Postgres)
	listen := second.env[slices.IndexFunc(second.env, func(s string) bool { return strings.HasPrefix(s, "MINGA_LISTEN=") })]
	second.host, second.dbURL, second.env = first.host, first.dbURL, append(append([]string{}, first.env...), listen)
	first.start()
	second.start()
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte(anaPassword+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	first.do(nil, "account", "create", "ana", "--email", anaMail, "--confirmed", "--password-file", secret)
	token := second.do(nil, "token", "create", "--account", "ana", "--scopes", "read write")

	b := newBrowser(t, "http://"+first.host)
	at := func(p *process) { b.client.Transport = p.client.Transport }
	at(first)
	entry := b.get("http://" + first.host + "/sign-in")
	at(second) // the form was shown by the other node
	done := b.submit(entry, func(n *html.Node) bool { return n.Data == "input" && attr(n, "type") == "password" }, map[string]string{"text": anaMail, "email": anaMail, "password": anaPassword})
	if done.status != http.StatusOK {
		t.Fatalf("sign-in by a form of the other node: %d %s", done.status, done.url)
	}
	for _, p := range []*process{first, second} {
		at(p)
		if page := b.get("http://" + first.host + "/settings/security"); page.status != http.StatusOK || page.url.Path != "/settings/security" {
			t.Errorf("the session is not known: %d %s", page.status, page.url)
		}
	}
	ids := map[string]bool{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() {
			p := []*process{first, second}[n%2]
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+p.host+"/api/v1/statuses", strings.NewReader(url.Values{"status": {"una vez"}}.Encode()))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("Idempotency-Key", "una")
			w, err := p.client.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = w.Body.Close() }()
			var answer struct{ ID string }
			if err := json.NewDecoder(w.Body).Decode(&answer); err != nil || w.StatusCode != http.StatusOK {
				t.Errorf("answers %d, %v", w.StatusCode, err)
			}
			mu.Lock()
			ids[answer.ID] = true
			mu.Unlock()
		})
	}
	all.Wait()
	if len(ids) != 1 {
		t.Errorf("one key at two nodes made %v", ids)
	}
}
