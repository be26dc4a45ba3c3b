// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// search lets a member of this house make a question an account to follow.
func (h *house) search(query string) *coop.Account {
	h.f.t.Helper()
	values, err := url.ParseQuery(query)
	h.f.must(err)
	asked, err := coop.SearchOf(values)
	h.f.must(err)
	a, err := h.outbox.NewSearchActor(h.f.ctx, asked)
	h.f.must(err)
	return a
}

// turnSearches turns the work on saved searches of this house until nothing moves.
func (h *house) turnSearches() {
	h.f.t.Helper()
	for range mostTurns {
		did, err := h.outbox.StepSearches(h.f.ctx)
		h.f.must(err)
		if !did {
			h.f.drain()
			return
		}
	}
	h.f.t.Fatal("searches do not come to rest")
}

// boosts are the titles of the jobs that an account announced, as this house knows it.
func (h *house) boosts(by *coop.Account) []string {
	h.f.t.Helper()
	list, err := h.store.Reactions(h.f.ctx, coop.System(), storage.ReactionQuery{Actor: h.knows(by).ID, Kind: storage.Boost}, coop.Page{Limit: 200})
	h.f.must(err)
	titles := []string{}
	for _, x := range list {
		p, err := h.store.Post(h.f.ctx, coop.System(), x.Post)
		h.f.must(err)
		titles = append(titles, p.Job.Title)
	}
	slices.Sort(titles)
	return titles
}

// step does something to a job of this house.
func (h *house) step(p *coop.Post, step string) {
	h.f.t.Helper()
	_, err := h.outbox.StepJob(h.f.ctx, p.ID, step)
	h.f.must(err)
}

// TestASearchIsFollowed: somebody on another server follows a search, and gets its new
// matches as boosts, only matches, within the cap of an hour; what closes is taken back.
func TestASearchIsFollowed(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		telar, bea := a.coop("telar"), b.person("bea")
		before := a.publish(telar, "Job 00")
		actor := a.search("skill=Python&remote=1")
		if same := a.search("remote=yes&skill=Python&order=newest&state=archive"); same.ID != actor.ID || actor.Name != "jobs-python-remote" {
			t.Errorf("the same question is another account: %s, %s", actor.Name, same.Name)
		}
		if other := a.search("skill=python&remote=1&country=AR"); other.ID == actor.ID {
			t.Error("another question is the same account")
		}
		b.follow(bea, actor)
		if state := b.followState(bea, actor); state != coop.FollowAccepted {
			t.Fatalf("the follow is %s", state)
		}
		a.turnSearches()
		if got := b.boosts(actor); len(got) != 0 {
			t.Errorf("what was there before is announced: %v", got)
		}
		outboxOf(t, a, actor, string(before.IRI))

		var jobs []*coop.Post
		for i := 1; i <= 23; i++ {
			jobs = append(jobs, a.publish(telar, fmt.Sprintf("Job %02d", i)))
		}
		odd := jobPost("On site")
		odd.Job.Remote, odd.Job.ApplicantsFrom, odd.Job.Places = false, nil, []coop.Place{{Locality: "Rosario", Country: "AR"}}
		f.must(a.outbox.PublishJob(f.ctx, a.local(pathOf(telar)), odd))
		a.step(jobs[22], "fill") // before its turn came
		a.turnSearches()
		if got := b.boosts(actor); len(got) != 20 || got[0] != "Job 01" || got[19] != "Job 20" {
			t.Errorf("in the first hour: %v", got)
		}
		a.turnSearches()
		f.pass(30 * time.Minute)
		a.turnSearches()
		if got := b.boosts(actor); len(got) != 20 {
			t.Errorf("after half an hour: %v", got)
		}
		f.pass(31 * time.Minute)
		a.turnSearches()
		if got := b.boosts(actor); len(got) != 22 {
			t.Errorf("after an hour: %v", got)
		}

		a.step(jobs[0], "fill")
		a.step(jobs[1], "pause")
		f.must(a.outbox.Delete(f.ctx, jobs[2]))
		jobs[3].Job.Skills = []coop.Skill{{Term: coop.Term{Name: "Perl"}, Required: true}}
		f.must(a.outbox.EditJob(f.ctx, jobs[3]))
		a.turnSearches()
		if got := b.boosts(actor); len(got) != 18 || got[0] != "Job 05" {
			t.Errorf("after four ended: %v", got)
		}
		a.step(jobs[1], "resume")
		a.turnSearches()
		if got := b.boosts(actor); len(got) != 18 {
			t.Errorf("one id was announced twice: %v", got)
		}
		a.step(before, "fill")
		a.turnSearches()
		outboxOf(t, a, actor, string(jobs[21].IRI))
	})
}

// outboxOf checks what the outbox of a search shows first, and that all of it can be
// fetched.
func outboxOf(t *testing.T, h *house, actor *coop.Account, newest string) {
	t.Helper()
	_, head := h.get(actor.IRI + "/outbox")
	status, doc := h.get(actor.IRI + "/outbox?page=first")
	items, _ := doc["orderedItems"].([]any)
	if status != http.StatusOK || len(items) == 0 || len(items) > coop.MaxSearchListed || head["totalItems"] != float64(len(items)) {
		t.Fatalf("outbox: %d %v %v", status, head, doc)
	}
	first, _ := items[0].(map[string]any)
	if first["type"] != "Announce" || first["object"] != newest || first["actor"] != string(actor.IRI) {
		t.Errorf("the first of the outbox: %v, want %s", first, newest)
	}
	if status, doc := h.get(coop.IRI(first["id"].(string))); status != http.StatusOK || doc["object"] != newest {
		t.Errorf("the announcement itself: %d %v", status, doc)
	}
}

// TestASearchThatNobodyFollows goes after ninety days, for good.
func TestASearchThatNobodyFollows(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		bea := b.person("bea")
		followed, alone := a.search("skill=Python"), a.search("skill=Perl")
		b.follow(bea, followed)
		for range 4 {
			f.pass(31 * 24 * time.Hour)
			a.turnSearches()
		}
		if status, _ := a.get(alone.IRI); status != http.StatusGone {
			t.Errorf("nobody followed it: %d", status)
		}
		status, doc := a.get(followed.IRI)
		if status != http.StatusOK || doc["type"] != "Service" || doc["preferredUsername"] != "jobs-python" || doc["manuallyApprovesFollowers"] != false || doc["indexable"] != false {
			t.Errorf("somebody follows it: %d %v", status, doc)
		}
		if link, _ := doc["url"].(string); !strings.HasSuffix(link, "/jobs?skill=Python") {
			t.Errorf("its page: %s", link)
		}
		if again := a.search("skill=Perl"); again.Name != "jobs-perl-2" {
			t.Errorf("a name that was used is given again: %s", again.Name)
		}
	})
}

// hookEnd is somebody's webhook: it keeps what it is told, and answers as it likes.
type hookEnd struct {
	status int
	calls  []hookCallSeen
}

// hookCallSeen is one call.
type hookCallSeen struct {
	header http.Header
	body   []byte
}

func (h *hookEnd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.calls = append(h.calls, hookCallSeen{r.Header, body})
	w.WriteHeader(h.status)
}

// TestAWebhookIsTold of each match once, signed; one that fails for a week is told no
// more, and its owner hears of it.
func TestAWebhookIsTold(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a := f.house("ana")
		telar, ana := a.coop("telar"), a.person("eva")
		end := &hookEnd{status: http.StatusNoContent}
		server := httptest.NewServer(end)
		defer server.Close()
		s := &coop.SavedSearch{AccountID: ana.ID, Language: "en", Query: "skill=python", Hook: server.URL + "/hook"}
		f.must(a.outbox.SaveSearch(f.ctx, s))
		secrets, err := a.outbox.SearchSecrets(f.ctx, s)
		f.must(err)
		a.publish(telar, "Weaver")
		closed := a.publish(telar, "Closed before its turn")
		a.turnSearches()
		a.step(closed, "fill")
		a.turnHooks()
		if len(end.calls) != 1 {
			t.Fatalf("%d calls", len(end.calls))
		}
		call := end.calls[0]
		var said struct {
			Type string
			Job  struct{ Title, URL string }
		}
		f.must(json.Unmarshal(call.body, &said))
		if said.Type != "job.matched" || said.Job.Title != "Weaver" || !strings.HasPrefix(said.Job.URL, a.config.BaseURL()) {
			t.Errorf("told: %s", call.body)
		}
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secrets[storage.SecretHook], "whsec_"))
		f.must(err)
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(call.header.Get("webhook-id") + "." + call.header.Get("webhook-timestamp") + "." + string(call.body)))
		if got := call.header.Get("webhook-signature"); got != "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
			t.Errorf("signed: %s", got)
		}

		end.status = http.StatusInternalServerError
		for day := range 9 {
			a.publish(telar, fmt.Sprintf("Job %d", day))
			a.turnSearches()
			a.turnHooks()
			f.pass(25 * time.Hour)
		}
		now, err := a.store.SavedSearch(f.ctx, ana.ID, s.ID)
		f.must(err)
		if now.Hook != "" {
			t.Errorf("it is told still, failing since %s", now.HookFailed)
		}
		told, err := a.store.Notifications(f.ctx, ana.ID, coop.Page{Limit: 5})
		f.must(err)
		if len(told) != 1 || told[0].Kind != coop.NotifyMention {
			t.Errorf("its owner is told: %+v", told)
		}
	})
}

// turnHooks tells webhooks what waits for them now.
func (h *house) turnHooks() {
	h.f.t.Helper()
	for range mostTurns {
		did, err := h.outbox.StepHooks(h.f.ctx)
		h.f.must(err)
		if !did {
			return
		}
	}
	h.f.t.Fatal("webhooks do not come to rest")
}
