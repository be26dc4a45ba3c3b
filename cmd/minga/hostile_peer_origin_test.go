// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// TestHostilePeerOrigins: what is well signed and yet not the signer's to say has no
// effect, and what is true still arrives later.
func TestHostilePeerOrigins(t *testing.T) {
	s := newStage(t, nil)
	s.attacked(forgedPosts(s))
	s.attacked(forgedChanges(s))
	s.attacked(forgedAnswers(s))
	s.attacked(forgedPlaces(s))
	true1 := s.noa.note("/notes/forged", row{"content": "<p>De verdad</p>"})
	s.says(s.noa, s.noa.act("Create", "/notes/forged/create", s.honest.put(true1), nil))
	if p := s.interopWorld.post(s.noa.iri + "/notes/forged"); p == nil || p.Content != "<p>De verdad</p>" {
		t.Errorf("the true one is kept as %+v", p)
	}
	s.run("a reference is no copy", (*stage).references)
	s.run("newest wins, deleted stays deleted", (*stage).stale)
	s.run("an actor changes by its own word", (*stage).renamed)
	s.run("local names are ours", (*stage).namesakes)
	s.run("a follow waits for its Accept", (*stage).pending)
	s.run("a vote counts once", (*stage).votes)
	s.run("reports bear their sender", (*stage).reported)
	s.run("suspension holds for authors", (*stage).suspended)
	s.still()
}

// slander are attacks that mallory signs, all to be answered with one status.
func slander(want int, s *stage, docs map[string]row) (list []attack) {
	for name, doc := range docs {
		list = append(list, attack{name, want, "", encoded(s.t, doc), []step{signedBy(s.mallory)}})
	}
	return list
}

// forgedPosts: activity, actor, object and owner share an origin.
func forgedPosts(s *stage) []attack {
	m, n := s.mallory, 0
	create := func(note row) row { n++; return m.act("Create", fmt.Sprint("/lies/c", n), note, nil) }
	ours := row{"id": string(s.telar.IRI) + "/notes/forged", "attributedTo": string(s.telar.IRI)}
	list := slander(http.StatusAccepted, s, map[string]row{
		"a note of another server":          create(s.noa.note("/notes/forged", nil)),
		"a note of ours":                    create(m.note("/notes/x", ours)),
		"a note by somebody elsewhere":      create(m.note("/notes/x", row{"attributedTo": s.noa.iri})),
		"a note by a neighbour":             create(s.mia.note("/notes/x", nil)),
		"a note with two owners":            create(m.note("/notes/x2", row{"attributedTo": []string{s.noa.iri, m.iri}})),
		"a note that is only named":         m.act("Create", "/lies/named", s.noa.iri+"/notes/nowhere", nil),
		"a job of somebody else's in it":    create(s.noa.note("/jobs/forged", row{"job": row{"type": "JobPosting", "title": "Mentira", "hiringOrganization": s.noa.iri, "status": "open"}})),
		"a membership that one side claims": m.act("Join", "/lies/join", s.noa.iri, nil),
		"a note under its author's id":      create(m.note("", nil)),
		"a note under a neighbour's id":     create(m.note("", row{"id": s.mia.iri})),
		"a note in a list in a list":        m.act("Create", "/lies/nested", []any{[]any{m.note("/notes/x3", nil)}}, nil),
		"a note of another origin's port":   create(m.note("/notes/x4", row{"id": s.hostile.base + "1/users/mallory/notes/x4"})),
	})
	return append(list, slander(http.StatusBadRequest, s, map[string]row{
		"an activity id of another server": m.act("Create", "/lies/c0", m.note("/notes/x", nil), row{"id": s.noa.iri + "/lies"}),
		"an activity id of ours":           m.act("Create", "/lies/c0", m.note("/notes/x", nil), row{"id": string(s.telar.IRI) + "/lies"}),
	})...)
}

// forgedChanges: the stored owner decides, and never changes.
func forgedChanges(s *stage) []attack {
	m, later := s.mallory, time.Now().Add(time.Minute).UTC().Format(time.RFC3339)
	theirs := row{"id": s.kept, "type": "Note", "attributedTo": s.noa.iri, "content": "<p>Mentira</p>", "to": []string{vocabularyPublic}, "updated": later}
	own := over(theirs, row{"id": m.iri + "/notes/good1", "attributedTo": m.iri})
	list := slander(http.StatusAccepted, s, map[string]row{
		"another's note changed":     m.act("Update", "/lies/u1", theirs, nil),
		"another's note taken over":  m.act("Update", "/lies/u2", over(theirs, row{"attributedTo": m.iri}), nil),
		"our note changed":           m.act("Update", "/lies/u3", over(theirs, row{"id": string(s.post.IRI), "attributedTo": string(s.telar.IRI)}), nil),
		"another's note deleted":     m.act("Delete", "/lies/d1", s.kept, nil),
		"another's note is a stone":  m.act("Update", "/lies/u4", row{"id": s.kept, "type": "Tombstone"}, nil),
		"our note deleted":           m.act("Delete", "/lies/d2", string(s.post.IRI), nil),
		"another deleted":            m.act("Delete", "/lies/d3", s.noa.iri, nil),
		"one of ours deleted":        m.act("Delete", "/lies/d4", string(s.telar.IRI), nil),
		"another's follow undone":    m.act("Undo", "/lies/x1", row{"id": s.noa.iri + "/follows/0", "type": "Follow", "actor": s.noa.iri, "object": string(s.telar.IRI)}, nil),
		"another's follow, by id":    m.act("Undo", "/lies/x2", s.noa.iri+"/follows/0", nil),
		"another's keys":             m.act("Update", "/lies/u5", over(s.noa.doc, row{"publicKey": over(m.doc["publicKey"].(row), row{"id": s.noa.rsa.ID, "owner": s.noa.iri}), "inbox": m.doc["inbox"]}), nil),
		"another moved":              m.act("Move", "/lies/m1", s.noa.iri, row{"target": m.iri}),
		"a move that one side says":  m.act("Move", "/lies/m2", m.iri, row{"target": s.noa.iri}),
		"another's pins":             m.act("Add", "/lies/a1", s.kept, row{"target": s.noa.iri + "/featured"}),
		"own note given away":        m.act("Update", "/lies/u6", over(own, row{"attributedTo": s.noa.iri}), nil),
		"own note, by an older word": m.act("Update", "/lies/u7", over(own, row{"updated": "2020-01-01T00:00:00Z"}), nil),
	})
	for name, doc := range map[string]row{
		"a neighbour's note changed":   s.mia.act("Update", "/lies/1", own, nil),
		"a neighbour's note deleted":   s.mia.act("Delete", "/lies/2", own["id"], nil),
		"a neighbour's follow undone":  s.mia.act("Undo", "/lies/3", m.iri+"/follows/1", nil),
		"a neighbour deleted":          s.mia.act("Delete", "/lies/4", m.iri, nil),
		"changed, by an id of theirs":  s.mia.act("Update", "/lies/5", own, row{"id": m.iri + "/updates/1"}),
		"a neighbour's board of likes": s.mia.act("Remove", "/lies/7", own["id"], row{"target": m.iri + "/featured"}),
	} {
		list = append(list, attack{name, http.StatusAccepted, "", encoded(s.t, doc), []step{signedBy(s.mia)}})
	}
	return list
}

// forgedAnswers: replies to our acts must match our record.
func forgedAnswers(s *stage) []attack {
	m, telar := s.mallory, string(s.telar.IRI)
	between := func(a, b string) row { return row{"type": "Follow", "actor": a, "object": b} }
	return slander(http.StatusAccepted, s, map[string]row{
		"an Accept that another must say": m.act("Accept", "/lies/y1", between(telar, s.noa.iri), nil),
		"a Reject by a third":             m.act("Reject", "/lies/y2", between(telar, s.noa.iri), nil),
		"an Accept between others":        m.act("Accept", "/lies/y3", between(s.noa.iri, s.mia.iri), nil),
		"another's like undone":           m.act("Undo", "/lies/y4", row{"type": "Like", "actor": s.noa.iri, "object": string(s.post.IRI)}, nil),
	})
}

// forgedPlaces: our collections are ours.
func forgedPlaces(s *stage) []attack {
	m, n := s.mallory, 0
	docs := map[string]row{}
	federation := s.local("/federation")
	for _, target := range []coop.IRI{federation.Members, s.telar.IRI + "/featured", s.telar.Followers, federation.IRI, s.ana.Following} {
		for _, kind := range []string{"Add", "Remove"} {
			n++
			docs[fmt.Sprint(kind, " ", target)] = m.act(kind, fmt.Sprint("/lies/p", n), m.iri, row{"target": string(target)})
		}
	}
	return slander(http.StatusAccepted, s, docs)
}

// references: a forged copy inside is a reference, and a look-up believes what an id
// serves, as ActivityPub, and nothing else.
func (s *stage) references() {
	s.t.Helper()
	forged := row{"id": s.kept, "type": "Note", "attributedTo": s.noa.iri, "content": "<p>Mentira</p>", "to": []string{vocabularyPublic}}
	for n, kind := range []string{"Announce", "Like"} {
		s.says(s.mallory, s.mallory.act(kind, fmt.Sprint("/refs/", n), forged, nil))
	}
	if p := s.interopWorld.post(s.kept); p == nil || p.Content != "<p>Pan de hoy</p>" {
		s.t.Errorf("the note reads %+v", p)
	}
	lie := func(path string) row { return s.mallory.note(path, row{"content": "<p>Mentira</p>"}) }
	text := func(path, kind string, doc row) string {
		s.hostile.serve("/users/mallory"+path, served{kind: kind, body: encoded(s.t, doc)})
		return s.mallory.iri + path
	}
	const as = "application/activity+json"
	s.hostile.serve("/jump", served{to: s.honest.base + "/copy"})
	s.honest.serve("/copy", served{kind: as, body: encoded(s.t, over(lie("/jump"), row{"id": s.hostile.base + "/jump"}))})
	s.honest.serve("/open", served{to: s.hostile.base + "/users/mallory/look/away"})
	for _, address := range []string{
		text("/look/other", as, lie("/look/another")), text("/look/html", "text/html", lie("/look/html")), text("/look/json", "application/json", lie("/look/json")),
		text("/look/owner", as, over(lie("/look/owner"), row{"attributedTo": s.noa.iri})), text("/look/ours", as, over(lie("/look/ours"), row{"id": string(s.post.IRI), "attributedTo": string(s.telar.IRI)})),
		text("/look/away", as, over(lie("/look/away"), row{"id": s.honest.base + "/open", "attributedTo": s.noa.iri})), s.hostile.base + "/jump", s.honest.base + "/open",
	} {
		if found := s.lookUp(address); strings.Contains(found, "Mentira") {
			s.t.Errorf("%s is shown: %s", address, found)
		}
	}
}

// stale: a Create after its Delete stays without effect, also in a month.
func (s *stage) stale() {
	s.t.Helper()
	note := s.hostile.put(s.mallory.note("/notes/gone", nil))
	s.says(s.mallory, s.mallory.act("Create", "/notes/gone/create", note, nil))
	s.says(s.mallory, s.mallory.act("Delete", "/notes/gone/delete", note["id"], nil))
	for n, later := range []time.Duration{0, 29 * 24 * time.Hour} {
		s.shift.Store(int64(later))
		got := s.send("/inbox", encoded(s.t, s.mallory.act("Create", fmt.Sprint("/notes/gone/again", n), note, nil)), by(s.mallory.rsa, "cavage", s.now()))
		s.settle()
		if got != http.StatusAccepted || s.interopWorld.post(note["id"].(string)) != nil {
			s.t.Errorf("%v later: answered %d, and it is back", later, got)
		}
	}
	s.shift.Store(0)
	s.says(s.mia, s.mia.act("Delete", "/lies/6", s.mallory.iri+"/notes/later", nil))
	later := s.hostile.put(s.mallory.note("/notes/later", nil))
	s.says(s.mallory, s.mallory.act("Create", "/notes/later/create", later, nil))
	if s.interopWorld.post(later["id"].(string)) == nil {
		s.t.Error("a neighbour buried a note before it came")
	}
}

// renamed: the payload of an Update is not believed; the id is asked.
func (s *stage) renamed() {
	s.t.Helper()
	forged := over(s.mallory.doc, row{"name": "FORGED", "inbox": s.inside[0].base + "/inbox"})
	s.says(s.mallory, s.mallory.act("Update", "/renamed/1", forged, nil))
	if a := s.remoteOf(s.mallory); a.DisplayName != "MALLORY" || string(a.Inbox) != s.mallory.iri+"/inbox" {
		s.t.Errorf("kept as %s at %s", a.DisplayName, a.Inbox)
	}
}

// namesakes: WebFinger that leads to a name of ours moves nobody.
func (s *stage) namesakes() {
	s.t.Helper()
	f := s.hostile.figure("Person", "ana", nil)
	s.hostile.named("ana@"+s.hostile.host, "ana@"+s.config.AccountDomain, f.iri)
	s.says(f, f.act("Follow", "/follows/1", string(s.telar.IRI), nil))
	if a := s.remoteOf(f); a.Host != s.hostile.host {
		s.t.Errorf("shown as %s@%s", a.Name, a.Host)
	}
	if a, err := s.store.AccountByHandle(s.ctx, "ana", ""); err != nil || a.ID != s.ana.ID {
		s.t.Errorf("ana is %+v, %v", a, err)
	}
}

// pending: who was asked and has not said yes is not followed, and what is for
// followers is not shown.
func (s *stage) pending() {
	s.t.Helper()
	f := s.honest.figure("Person", "silent", row{"manuallyApprovesFollowers": true})
	account, err := s.inbox.Actor(s.ctx, coop.IRI(f.iri))
	s.must(err)
	_, err = s.outbox.Follow(s.ctx, s.telar, account)
	s.must(err)
	s.settle()
	note := s.honest.put(f.note("/notes/quiet", row{"content": "<p>Callado</p>", "to": []string{f.iri + "/followers"}, "cc": []string{}}))
	s.says(f, f.act("Create", "/notes/quiet/create", note, row{"to": []string{f.iri + "/followers"}}))
	if follow := s.follow(s.telar, account); follow == nil || follow.State != coop.FollowAsked {
		s.t.Errorf("the follow is %+v", follow)
	}
	_, text := s.get("/api/v1/timelines/home", s.telToken)
	_, relation := s.get("/api/v1/accounts/relationships?id[]="+account.ID.String(), s.telToken)
	if strings.Contains(text, "Callado") || !strings.Contains(relation, `"requested":true`) || strings.Contains(relation, `"following":true`) {
		s.t.Errorf("relation %s, at home %s", relation, text)
	}
}

// votes: one an actor.
func (s *stage) votes() {
	s.t.Helper()
	_, text := s.ask(http.MethodPost, "/api/v1/statuses", s.telToken, `{"status":"¿Pan?","poll":{"options":["sí","no"],"expires_in":3600}}`)
	var status struct{ URI string }
	s.must(json.Unmarshal([]byte(text), &status))
	vote := func(n int, name string) {
		ballot := s.mallory.note(fmt.Sprint("/votes/", n), row{"name": name, "inReplyTo": status.URI, "to": []string{string(s.telar.IRI)}, "cc": []string{}})
		delete(ballot, "content")
		doc := s.mallory.act("Create", fmt.Sprint("/votes/", n, "/create"), ballot, row{"to": []string{string(s.telar.IRI)}})
		if got := s.send("/inbox", encoded(s.t, doc), by(s.mallory.rsa, "cavage", s.now())); got != http.StatusAccepted {
			s.t.Errorf("a vote is answered %d", got)
		}
		s.settle()
	}
	vote(1, "sí")
	vote(2, "sí")
	vote(3, "no")
	s.shift.Store(int64(2 * time.Hour))
	vote(4, "no")
	s.shift.Store(0)
	if p := s.interopWorld.post(status.URI); p.Poll.Options[0].Votes != 1 || p.Poll.Options[1].Votes != 0 {
		s.t.Errorf("counted %+v", p.Poll.Options)
	}
}

// reported: who is named as the reporter is not the one who is shown.
func (s *stage) reported() {
	s.t.Helper()
	s.says(s.mallory, s.mallory.act("Flag", "/flags/1", []string{string(s.telar.IRI)}, row{"content": "mira", "attributedTo": s.noa.iri}))
	list, err := s.store.Reports(s.ctx, storage.ReportQuery{}, coop.Page{Limit: 10})
	if s.must(err); len(list) != 1 || list[0].Reporter != s.remoteOf(s.mallory).ID {
		s.t.Errorf("reports %+v", list)
	}
}

// suspended: what a suspended actor wrote does not come back by a third's boost, nor by
// an Update of its own.
func (s *stage) suspended() {
	s.t.Helper()
	note := s.hostile.put(s.mia.note("/notes/boosted", row{"content": "<p>Silencio</p>"}))
	mia := s.remoteOf(s.mia)
	s.must(s.store.Write(s.ctx, func(tx *storage.Tx) error { return tx.SuspendAccount(s.ctx, mia.ID, s.now()) }))
	s.says(s.mallory, s.mallory.act("Announce", "/boosts/1", note["id"], nil))
	s.says(s.mia, s.mia.act("Update", "/updates/1", note, nil))
	for _, path := range []string{"/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v2/search?q=Silencio"} {
		if _, text := s.get(path, s.telToken); strings.Contains(text, "Silencio") {
			s.t.Errorf("%s shows it: %s", path, text)
		}
	}
}
