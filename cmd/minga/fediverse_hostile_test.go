// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// away is how long a house is not to be reached in each leap: beyond five retries.
var leaps = []time.Duration{20 * time.Second, time.Minute, 2 * time.Minute, 6 * time.Minute, 15 * time.Minute, time.Hour}

// TestAwayAndBack: a house that was not to be reached for several retries has
// everything when it is back, what is about one thing in its order, and each once.
func TestAwayAndBack(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		f.befriend(a, b)
		telar := a.coop("telar")
		f.admit(telar, a, a)
		f.record()
		b.away.Store(true)
		var posts []*coop.Post
		for n, leap := range leaps {
			p := a.publish(telar, "Puesto "+string(rune('A'+n)))
			posts = append(posts, p)
			f.pass(leap)
			p.Job.Title, p.Job.TitleMap = p.Job.Title+" bis", nil
			f.must(a.outbox.EditJob(f.ctx, p))
			f.pass(leap)
		}
		f.must(a.outbox.Delete(f.ctx, posts[0]))
		f.drain()
		destination, err := a.store.Destination(f.ctx, b.config.Host)
		f.must(err)
		if destination.Failures < 4 || len(b.pushed()) != 0 {
			t.Fatalf("%d failures in a row, %d pushes: that was not away", destination.Failures, len(b.pushed()))
		}
		b.away.Store(false)
		f.pass(7 * time.Hour)
		f.pass(time.Hour)
		if got, want := len(b.board(false)), len(posts)-1; got != want {
			t.Errorf("%d jobs arrived, want %d: %v", got, want, titles(b.board(false)))
		}
		for _, p := range b.board(false) {
			if !strings.HasSuffix(p.Job.Title, " bis") {
				t.Errorf("%s: its edit did not arrive", p.Job.Title)
			}
		}
		for _, problem := range disorder(b.pushed()) {
			t.Error(problem)
		}
	})
}

// disorder lists what came twice, and what came about a thing before it was made or
// after it was gone.
func disorder(list []push) []string {
	var problems []string
	seen, made, gone := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, p := range list {
		if seen[p.ID] {
			problems = append(problems, "twice: "+p.ID)
		}
		seen[p.ID] = true
		switch {
		case gone[p.Object.ID]:
			problems = append(problems, p.Type+" after its Delete: "+p.Object.ID)
		case p.Type == "Create":
			made[p.Object.ID] = true
		case p.Type == "Update" && strings.Contains(p.Object.ID, "/jobs/") && !made[p.Object.ID]:
			problems = append(problems, "Update before its Create: "+p.Object.ID)
		case p.Type == "Delete":
			gone[p.Object.ID] = true
		}
	}
	return problems
}

// trace is what a lie could leave at a house.
type trace struct {
	Posts, Tombstones, Memberships, Follows, Accounts int
	Titles                                            []string
	Keys                                              string
}

// trace counts what the house keeps, whoever may see it.
func (h *house) trace(things ...coop.IRI) trace {
	h.f.t.Helper()
	var tr trace
	var err error
	tr.Posts, err = h.store.CountPosts(h.f.ctx, coop.System(), storage.PostQuery{})
	h.f.must(err)
	tr.Memberships, err = h.store.CountMemberships(h.f.ctx, storage.MembershipQuery{})
	h.f.must(err)
	tr.Follows, err = h.store.CountFollowers(h.f.ctx, h.federation.ID, "")
	h.f.must(err)
	for _, iri := range things {
		if _, err := h.store.Tombstone(h.f.ctx, iri); err == nil {
			tr.Tombstones++
		}
		if h.stored(iri) != nil {
			tr.Accounts++
		}
		keys, err := h.store.RemoteKeys(h.f.ctx, iri)
		h.f.must(err)
		for _, k := range keys {
			tr.Keys += fmt.Sprint(k.ID, k.Material, " ")
		}
	}
	tr.Titles = titles(h.board(true))
	return tr
}

// lie is something that a server says without the right to.
type lie struct {
	name   string
	doc    map[string]any
	change func(r *http.Request)
	status int // 0: any below 500
}

// TestThirdThatLies: a federation that others follow says what it may not say. Good
// things pass before and after, and of the lies nothing is left.
func TestThirdThatLies(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c := f.house("ana"), f.house("berta"), f.house("carla")
		for _, pair := range [][2]*house{{a, b}, {b, c}, {a, c}} {
			f.befriend(pair[0], pair[1])
		}
		telar, liar := a.coop("telar"), c.coop("embuste")
		f.admit(telar, a, a)
		f.admit(liar, c, c)
		p := a.publish(telar, "Panadera")
		c.publish(liar, "Control antes")
		f.settle()
		if got := titles(b.board(true)); len(got) != 2 {
			t.Fatalf("a server that takes nothing is no safe server: %v", got)
		}
		ghost := coop.IRI(a.config.BaseURL() + "/coops/fantasma")
		things := []coop.IRI{p.IRI, telar.IRI, a.federation.IRI, ghost, ghost + "/jobs/1", telar.IRI + "/jobs/falso", liar.IRI + "/jobs/falso"}
		before := b.trace(things...)
		for _, l := range lies(a, b, c, telar, liar, p) {
			f.tell(l, b, c, liar)
		}
		f.replay(b, c, liar)
		f.settle()
		f.pass(25 * time.Hour)
		if diff := cmp.Diff(before, b.trace(things...)); diff != "" {
			t.Errorf("the lies left a trace: %s", diff)
		}
		got := b.has(p.IRI)
		if got == nil || got.Job.Status != coop.JobOpen || got.Author.IRI != telar.IRI || got.Likes != 0 || got.Boosts > 1 {
			t.Errorf("the true job is now %+v", got)
		}
		c.publish(liar, "Control después")
		f.settle()
		if got := titles(b.board(true)); len(got) != 3 {
			t.Errorf("after the lies the truth does not pass any more: %v", got)
		}
	})
}

// tell pushes a lie and looks at the answer.
func (f *fediverse) tell(l lie, b, c *house, liar *coop.Account) {
	f.t.Helper()
	l.doc["@context"] = "https://www.w3.org/ns/activitystreams"
	body, err := json.Marshal(l.doc)
	f.must(err)
	r := c.signed(liar, b, "/inbox", body)
	if l.change != nil {
		l.change(r)
	}
	got := b.take(r)
	if l.status != 0 && got != l.status || got >= 500 {
		f.t.Errorf("%s: answered %d, want %d", l.name, got, l.status)
	}
	f.drain()
}

// lies are those of the third, signed with a key that is rightly its own.
func lies(a, b, c *house, telar, liar *coop.Account, p *coop.Post) []lie {
	note := func(id, owner coop.IRI) map[string]any {
		return map[string]any{
			"id": id, "type": "Note", "attributedTo": owner, "to": coop.Public, "content": "<p>mentira</p>", "published": "2030-05-01T12:00:00Z",
			"job": map[string]any{"type": "JobPosting", "title": "Mentira", "status": "open"},
		}
	}
	act := func(kind string, id, actor coop.IRI, object any) map[string]any {
		return map[string]any{"id": id, "type": kind, "actor": actor, "to": coop.Public, "object": object}
	}
	own := func(n string) coop.IRI { return liar.IRI + "/activities/" + coop.IRI(n) }
	forged := note(p.IRI, telar.IRI)
	forged["updated"] = "2031-01-01T00:00:00Z"
	tampered := act("Create", own("tampered"), liar.IRI, note(liar.IRI+"/jobs/falso", liar.IRI))
	return []lie{
		{"in another's name", act("Create", telar.IRI+"/jobs/falso/create", telar.IRI, note(telar.IRI+"/jobs/falso", telar.IRI)), nil, http.StatusUnauthorized},
		{"in the name of nobody there", act("Create", coop.IRI(a.config.BaseURL())+"/coops/fantasma/1", coop.IRI(a.config.BaseURL())+"/coops/fantasma", note(coop.IRI(a.config.BaseURL())+"/coops/fantasma/jobs/1", coop.IRI(a.config.BaseURL())+"/coops/fantasma")), nil, http.StatusUnauthorized},
		{"in the name of the receiver", act("Follow", b.federation.IRI+"/activities/9", b.federation.IRI, a.federation.IRI), nil, http.StatusUnauthorized},
		{"an id of another origin", act("Create", telar.IRI+"/activities/1", liar.IRI, note(liar.IRI+"/jobs/falso", liar.IRI)), nil, http.StatusBadRequest},
		{"an object of another origin", act("Create", own("1"), liar.IRI, note(telar.IRI+"/jobs/falso", liar.IRI)), nil, http.StatusAccepted},
		{"an object of another owner", act("Create", own("2"), liar.IRI, note(liar.IRI+"/jobs/falso", telar.IRI)), nil, http.StatusAccepted},
		{"an edit of another's job", act("Update", own("3"), liar.IRI, forged), nil, http.StatusAccepted},
		{"an edit that says it is one's own", act("Update", own("4"), liar.IRI, note(p.IRI, liar.IRI)), nil, http.StatusAccepted},
		{"an edit of another's actor", act("Update", own("5"), liar.IRI, map[string]any{"id": telar.IRI, "type": "Organization", "inbox": liar.Inbox, "publicKey": map[string]any{"id": telar.IRI + "#main-key", "owner": telar.IRI, "publicKeyPem": "x"}}), nil, http.StatusAccepted},
		{"a Delete of another's job", act("Delete", own("6"), liar.IRI, p.IRI), nil, http.StatusAccepted},
		{"a Delete of another's actor", act("Delete", own("7"), liar.IRI, telar.IRI), nil, http.StatusAccepted},
		{"an Undo of another's follow", act("Undo", own("8"), liar.IRI, map[string]any{"id": a.federation.IRI + "/activities/1", "type": "Follow", "actor": a.federation.IRI, "object": b.federation.IRI}), nil, http.StatusAccepted},
		{"an answer that nobody asked for", act("Accept", own("9"), liar.IRI, map[string]any{"type": "Follow", "actor": b.federation.IRI, "object": liar.IRI}), nil, http.StatusAccepted},
		{"a Join in another's name", act("Join", telar.IRI+"/activities/join", telar.IRI, b.federation.IRI), nil, http.StatusUnauthorized},
		{"a place among another's members", map[string]any{"id": own("10"), "type": "Add", "actor": liar.IRI, "object": liar.IRI, "target": a.federation.Members}, nil, http.StatusAccepted},
		{"an Announce of what is not there", act("Announce", own("11"), liar.IRI, coop.IRI(a.config.BaseURL())+"/coops/fantasma/jobs/1"), nil, http.StatusAccepted},
		{"a Move of another", map[string]any{"id": own("12"), "type": "Move", "actor": liar.IRI, "object": a.federation.IRI, "target": c.federation.IRI}, nil, http.StatusAccepted},
		{"a changed body", tampered, func(r *http.Request) { swap(r, "mentira", "verdad!") }, http.StatusUnauthorized},
		{"a changed digest", act("Create", own("13"), liar.IRI, note(liar.IRI+"/jobs/falso", liar.IRI)), func(r *http.Request) {
			r.Header.Set("Digest", "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
		}, http.StatusUnauthorized},
		{"a date of yesterday", act("Create", own("14"), liar.IRI, note(liar.IRI+"/jobs/falso", liar.IRI)), func(r *http.Request) {
			r.Header.Set("Date", time.Date(2030, 4, 30, 0, 0, 0, 0, time.UTC).Format(http.TimeFormat))
		}, http.StatusUnauthorized},
		{"no signature", act("Create", own("15"), liar.IRI, note(liar.IRI+"/jobs/falso", liar.IRI)), func(r *http.Request) { r.Header.Del("Signature") }, http.StatusUnauthorized},
		{"another key's name", act("Create", own("16"), liar.IRI, note(liar.IRI+"/jobs/falso", liar.IRI)), func(r *http.Request) {
			r.Header.Set("Signature", strings.Replace(r.Header.Get("Signature"), string(liar.IRI), string(telar.IRI), 1))
		}, http.StatusUnauthorized},
		{"another path", act("Create", own("17"), liar.IRI, note(liar.IRI+"/jobs/falso", liar.IRI)), func(r *http.Request) {
			r.URL.Path, r.RequestURI = "/federation/inbox", "/federation/inbox"
		}, http.StatusUnauthorized},
		{"for another host", act("Create", own("18"), liar.IRI, note(liar.IRI+"/jobs/falso", liar.IRI)), func(r *http.Request) { r.Host = a.config.Host }, http.StatusMisdirectedRequest},
	}
}
