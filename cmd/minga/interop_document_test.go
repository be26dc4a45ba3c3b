// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"minga/coop"
)

// TestInteropDocuments: a job and an article of a member reach the peer by their
// author, by the federation and by both Announces of the board, and read there with
// every term, without network.
func TestInteropDocuments(t *testing.T) {
	w := newInteropWorld(t, nil)
	telar, ben := w.member("telar"), w.peer.add("ben", nil)
	for _, path := range []string{"/coops/telar", "/boards/jobs", "/boards/library", "/federation"} {
		w.followedBy(ben, w.local(path))
	}
	job := interopArrives(w, "job", func() *coop.Post { return w.job(telar) }, "/boards/jobs")
	article := interopArrives(w, "article", func() *coop.Post { return w.article(telar) }, "/boards/library")
	w.run("a job is a Note with all its terms", func(w *interopWorld) {
		interopReads(w, job, "Note", []string{"job", "engagement", "membershipTrack", "payRatio"}, []string{"JobPosting", "title", "baseSalary", "validThrough"})
	})
	w.run("an article is an Article with all its terms", func(w *interopWorld) {
		interopReads(w, article, "Article", nil, []string{"license"})
	})
	w.run("a change and the end reach the peer once by each way", func(w *interopWorld) {
		for _, step := range []string{"pause", "resume", "fill"} {
			since := w.peer.mark()
			_, err := w.outbox.StepJob(w.ctx, job.ID, step)
			w.must(err)
			w.settle()
			interopSame(w, since, "Announce(Update) Update")
		}
		read := w.peer.lookup(string(job.IRI))
		if content, _ := read.Document["content"].(string); !strings.Contains(content, "Cubierta: Desarrollo backend") {
			w.t.Errorf("the filled job says %s", content)
		}
		since := w.peer.mark()
		w.must(w.outbox.Delete(w.ctx, job))
		w.settle()
		interopSame(w, since, "Announce(Delete) Delete")
	})
	w.run("collections are read page by page", func(w *interopWorld) { interopCollections(w, telar, ben, article) })
}

// interopArrives publishes and demands that the peer gets the Create, both Announces
// of the board and that of the federation, each taken, signed, proven and read
// without loss.
func interopArrives(w *interopWorld, what string, publish func() *coop.Post, board string) *coop.Post {
	w.t.Helper()
	since := w.peer.mark()
	post := publish()
	w.settle()
	entries := interopSame(w, since, "Announce Announce Announce(Create) Create")
	by := map[string]int{}
	for _, short := range entries {
		e := w.peer.entry(short.Seq)
		by[e.Actor]++
		actor := w.local(strings.TrimPrefix(e.Actor, w.config.BaseURL()))
		w.good(e, actor)
		if _, whole := e.Document["object"].(map[string]any); e.Type == "Announce" && !whole && e.Object != string(post.IRI) {
			w.t.Errorf("the %s is announced as %s", what, e.Object)
		}
	}
	want := map[string]int{string(post.Author.IRI): 1, w.config.BaseURL() + board: 2, w.config.BaseURL() + "/federation": 1}
	for actor, n := range want {
		if by[actor] != n {
			w.t.Errorf("of the %s, %s sent %d, not %d", what, actor, by[actor], n)
		}
	}
	return post
}

// interopSame demands what arrived since, in any order.
func interopSame(w *interopWorld, since int, want string) []interopEntry {
	w.t.Helper()
	entries := w.peer.inbox(since)
	said := strings.Fields(interopSays(entries))
	slices.Sort(said)
	if got := strings.Join(said, " "); got != want {
		w.t.Errorf("arrived %q, want %q", got, want)
	}
	for _, e := range entries {
		if !e.Accepted || !e.HTTP.Verified {
			w.t.Errorf("%s of %s: accepted %t, %+v", e.Type, e.Actor, e.Accepted, e.HTTP)
		}
	}
	return entries
}

// interopReads demands of a post's own document that a strict reader finds every one
// of its values again under a full name, and these terms of ours and of schema.org.
func interopReads(w *interopWorld, post *coop.Post, class string, ours, schema []string) {
	w.t.Helper()
	read := w.peer.lookup(string(post.IRI))
	if read.Type != class || read.Document["type"] != class || read.Lost != nil || read.Error != "" {
		w.t.Errorf("%s reads as a %s: lost %+v %s", post.IRI, read.Type, read.Lost, read.Error)
	}
	if missing := interopMissing(read, read.Document); len(missing) > 0 {
		w.t.Errorf("terms without a meaning: %v", missing)
	}
	text, err := json.Marshal(read.Expanded)
	w.must(err)
	for prefix, names := range map[string][]string{"https://w3id.org/minga/ns#": ours, "http://schema.org/": schema} {
		for _, name := range names {
			if !strings.Contains(string(text), `"`+prefix+name+`"`) {
				w.t.Errorf("no %s%s in %s", prefix, name, text)
			}
		}
	}
	if read.Document["proof"] == nil {
		w.t.Error("the document carries no proof")
	}
}

// interopCollections reads all collections as heads and pages.
func interopCollections(w *interopWorld, telar *coop.Account, ben interopActor, article *coop.Post) {
	for range 3 {
		w.job(telar)
	}
	w.settle()
	for path, want := range map[string]string{
		"/coops/telar/outbox": string(article.IRI), "/coops/telar/followers": ben.ID, "/coops/telar/knowledge": string(article.IRI),
		"/coops/telar/jobs": string(telar.IRI) + "/jobs/", "/coops/telar/following": "", "/coops/telar/featured": "",
		"/boards/jobs/outbox": w.config.BaseURL() + "/boards/jobs/announces/", "/boards/jobs/followers": ben.ID,
		"/federation/members": string(telar.IRI), "/federation/jobs": string(telar.IRI) + "/jobs/", "/federation/knowledge": string(article.IRI), "/federation/following": string(telar.IRI),
	} {
		head := w.peer.fetch(ben, w.config.BaseURL()+path, "none")
		if head.Status != http.StatusOK || head.Type != "OrderedCollection" || head.Lost != nil || head.Error != "" || head.Document["totalItems"] == nil {
			w.t.Errorf("%s: %d, a %q, lost %+v %s", path, head.Status, head.Type, head.Lost, head.Error)
			continue
		}
		all := w.pages(ben, head.Document)
		if items, ok := head.Document["orderedItems"]; ok {
			text, err := json.Marshal(items)
			w.must(err)
			all += string(text)
		}
		if !strings.Contains(all, want) {
			w.t.Errorf("%s: no %s in %s", path, want, all)
		}
	}
}

// TestInteropJudge lets activitypub-testing judge every kind of actor: all that it
// asks is passed or does not apply.
func TestInteropJudge(t *testing.T) {
	node, folder := interopFolder(t, "MINGA_TEST_JUDGE")
	w := &interopWorld{instance: startInteropMinga(t, nil), t: t, ctx: t.Context(), peer: &interopPeer{t: t}}
	telar := w.member("telar")
	w.account(coop.Person, "ana")
	w.job(telar)
	w.settle()
	for path, least := range map[string]int{"/coops/telar": 5, "/people/ana": 5, "/federation": 5, "/boards/jobs": 5, "/actor": 3} {
		w.run(path, func(w *interopWorld) {
			out, err := exec.CommandContext(w.ctx, node, filepath.Join(folder, "judge.js"), w.config.BaseURL()+path).CombinedOutput()
			if err != nil {
				w.t.Errorf("%v\n%s", err, out)
			}
			if n := strings.Count(string(out), "passed "); n < least {
				w.t.Errorf("only %d passed:\n%s", n, out)
			}
			w.t.Logf("%s: %d passed, %d inapplicable", path, strings.Count(string(out), "passed "), strings.Count(string(out), "inapplicable "))
		})
	}
	w.run("an outbox takes no POST", func(w *interopWorld) {
		for _, path := range []string{"/coops/telar", "/people/ana", "/federation", "/boards/jobs", "/actor", "/coops/nobody"} {
			request, err := http.NewRequestWithContext(w.ctx, "POST", w.url(path+"/outbox"), strings.NewReader("{}"))
			w.must(err)
			request.Host = w.config.Host
			request.Header.Set("Content-Type", "application/activity+json")
			response, err := http.DefaultClient.Do(request)
			w.must(err)
			response.Body.Close()
			if response.StatusCode != http.StatusMethodNotAllowed || !strings.Contains(response.Header.Get("Allow"), "GET") {
				w.t.Errorf("%s/outbox answers %d, Allow %q", path, response.StatusCode, response.Header.Get("Allow"))
			}
		}
	})
}

// url is an address here that needs no resolver.
func (w *interopWorld) url(path string) string {
	_, port, _ := strings.Cut(w.config.Host, ":")
	return "http://127.0.0.1:" + port + path
}
