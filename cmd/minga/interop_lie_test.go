// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// interopLiars are the actors of the tests about lies: ben is known and followed,
// mallory is known and lives on the same server.
type interopLiars struct {
	*interopWorld
	telar        *coop.Account
	ben, mallory interopActor
	post         string // of ben's
	job          *coop.Post
}

// newInteropLiars lets everybody get to know each other.
func newInteropLiars(t *testing.T) *interopLiars {
	w := newInteropWorld(t, nil)
	l := &interopLiars{interopWorld: w, telar: w.account(coop.Coop, "telar"), ben: w.peer.add("ben", nil), mallory: w.peer.add("mallory", nil)}
	w.followedBy(l.ben, l.telar)
	w.followedBy(l.mallory, l.telar)
	w.subscribe(l.telar, l.ben)
	l.post = w.peer.publish(l.ben, fields{"activity": "Create", "object": fields{"content": "<p>Pan</p>"}}).Object
	l.job = w.job(l.telar)
	w.settle()
	if w.post(l.post) == nil {
		t.Fatal("ben's post did not arrive")
	}
	return l
}

// activity is an activity of ben's with a public Note in it.
func (l *interopLiars) activity(kind, id string, over fields) fields {
	public := []string{vocabularyPublic}
	document := fields{
		"@context": "https://www.w3.org/ns/activitystreams", "type": kind, "id": l.ben.ID + "/activities/" + id, "actor": l.ben.ID, "to": public,
		"object": fields{"type": "Note", "id": l.ben.ID + "/objects/" + id, "attributedTo": l.ben.ID, "content": "<p>" + id + "</p>", "to": public, "published": "2026-01-01T00:00:00Z"},
	}
	for key, value := range over {
		document[key] = value
	}
	return document
}

// TestInteropRefusedAtTheDoor: what was spoiled on its way, or says that it is from
// somebody else, is refused at once, and the database is as it was before.
func TestInteropRefusedAtTheDoor(t *testing.T) {
	l := newInteropLiars(t)
	for _, signature := range []string{"cavage", "rfc9421"} {
		id := "whole-" + signature
		got := l.peer.lie(l.ben, interopLie{Inbox: string(l.telar.Inbox), Body: l.activity("Create", id, nil), Signature: signature})
		l.settle()
		if !slices.Equal(got, []int{http.StatusAccepted}) || l.post2(id) == nil {
			t.Fatalf("%s: what is whole is answered %v and kept as %v", signature, got, l.post2(id))
		}
	}
	before := l.trace()
	refused := func(why string, want int, as interopActor, lie interopLie) {
		t.Helper()
		if lie.Inbox == "" {
			lie.Inbox = string(l.telar.Inbox)
		}
		if lie.Body == nil {
			lie.Body = l.activity("Create", strings.ReplaceAll(why, " ", "-"), nil)
		}
		if got := l.peer.lie(as, lie); !slices.Equal(got, []int{want}) {
			t.Errorf("%s: answered %v, not %d", why, got, want)
		}
	}
	now := time.Now()
	for _, signature := range []string{"cavage", "rfc9421"} {
		for _, tamper := range []string{"body", "digest", "signature", "date"} {
			refused(signature+" spoiled in its "+tamper, http.StatusUnauthorized, l.ben, interopLie{Signature: signature, Tamper: tamper})
		}
		refused(signature+" from two hours ago", http.StatusUnauthorized, l.ben, interopLie{Signature: signature, At: now.Add(-2 * time.Hour).Format(time.RFC3339)})
		refused(signature+" from in two hours", http.StatusUnauthorized, l.ben, interopLie{Signature: signature, At: now.Add(2 * time.Hour).Format(time.RFC3339)})
		refused(signature+" in the name of another key", http.StatusUnauthorized, l.mallory, interopLie{Signature: signature, KeyID: l.ben.ID + "#main-key"})
		refused(signature+" by another actor", http.StatusUnauthorized, l.mallory, interopLie{Signature: signature})
		refused(signature+" in the name of an account here", http.StatusUnauthorized, l.ben, interopLie{
			Signature: signature, Body: l.activity("Create", "x", fields{"actor": string(l.telar.IRI), "id": string(l.telar.IRI) + "/activities/1"}),
		})
		refused(signature+" with an id of another server", http.StatusBadRequest, l.ben, interopLie{
			Signature: signature, Body: l.activity("Create", "x", fields{"id": "http://other.localhost/activities/1"}),
		})
	}
	refused("rfc9421 with another query", http.StatusUnauthorized, l.ben, interopLie{Signature: "rfc9421", Tamper: "query"})
	refused("unsigned", http.StatusUnauthorized, l.ben, interopLie{Signature: "none"})
	refused("unsigned with a proof", http.StatusUnauthorized, l.ben, interopLie{Signature: "none", Proof: true})
	refused("a proof over other words", http.StatusUnauthorized, l.ben, interopLie{Proof: true, AfterProof: map[string]any{"published": "2026-01-02T00:00:00Z"}})
	refused("somebody's proof over other words", http.StatusUnauthorized, l.mallory, interopLie{Proof: true, AfterProof: map[string]any{"published": "2026-01-02T00:00:00Z"}})
	refused("no JSON", http.StatusBadRequest, l.ben, interopLie{Body: "pan"})
	refused("a graph", http.StatusBadRequest, l.ben, interopLie{Body: l.activity("Create", "x", fields{"@graph": []any{}})})
	refused("a page", http.StatusUnsupportedMediaType, l.ben, interopLie{ContentType: "text/html"})
	refused("an inbox of nobody", http.StatusNotFound, l.ben, interopLie{Inbox: l.config.BaseURL() + "/coops/nobody/inbox"})
	l.settle()
	l.untouched(before, "what was refused at the door")
	if post := l.post2("cavage-spoiled-in-its-body"); post != nil {
		t.Errorf("kept: %+v", post)
	}
}

// post2 is ben's Note of that name.
func (l *interopLiars) post2(id string) *coop.Post {
	return l.interopWorld.post(l.ben.ID + "/objects/" + id)
}

// TestInteropProofCarried: a document that proves itself may come by anybody; the
// same without its proof may not.
func TestInteropProofCarried(t *testing.T) {
	l := newInteropLiars(t)
	// The peer proves in the name of whom it delivers for: ben's words are proven on
	// a way that minga refuses, and then carried by mallory.
	var proven struct{ Body string }
	l.peer.call("POST", "/actors/ben/deliver", interopLie{Inbox: string(l.telar.Inbox), Signature: "none", Proof: true, Body: l.activity("Create", "carried", nil)}, &proven)
	if !strings.Contains(proven.Body, "proofValue") || l.post2("carried") != nil {
		t.Fatalf("the document is %s", proven.Body)
	}
	got := l.peer.lie(l.mallory, interopLie{Inbox: string(l.telar.Inbox), Body: strings.Replace(proven.Body, "carried", "altered", 2)})
	if !slices.Equal(got, []int{http.StatusUnauthorized}) {
		t.Errorf("altered words are answered %v", got)
	}
	got = l.peer.lie(l.mallory, interopLie{Inbox: string(l.telar.Inbox), Body: proven.Body})
	l.settle()
	if !slices.Equal(got, []int{http.StatusAccepted}) || l.post2("carried") == nil || l.post2("altered") != nil {
		t.Errorf("answered %v, kept %v and %v", got, l.post2("carried"), l.post2("altered"))
	}
}

// TestInteropLiesAreDropped: what is well signed and yet not the signer's to say is
// answered 202 and has no effect.
func TestInteropLiesAreDropped(t *testing.T) {
	l := newInteropLiars(t)
	mine := func(kind, id string, object any) fields {
		return l.activity(kind, id, fields{"actor": l.mallory.ID, "id": l.mallory.ID + "/activities/" + id, "object": object})
	}
	note := func(id, owner, content string) fields {
		return fields{"type": "Note", "id": id, "attributedTo": owner, "content": content, "to": []string{vocabularyPublic}, "updated": time.Now().Add(time.Minute).UTC().Format(time.RFC3339)}
	}
	// Documents that say that they are others.
	twin := l.peer.serve("/lies/note", note(l.post, l.ben.ID, "<p>Mentira</p>"))
	foreign := l.peer.serve("/lies/foreign", note("http://other.localhost/1", "http://other.localhost/ana", "<p>Mentira</p>"))
	ours := l.peer.serve("/lies/ours", note(string(l.job.IRI), string(l.telar.IRI), "<p>Mentira</p>"))
	before := l.trace(bookkeeping...)
	for name, activity := range map[string]fields{
		"a post in ben's name":           mine("Create", "1", note(l.ben.ID+"/objects/false", l.ben.ID, "<p>Mentira</p>")),
		"a post of another server":       mine("Create", "2", note("http://other.localhost/1", "http://other.localhost/ana", "<p>Mentira</p>")),
		"a post in our name":             mine("Create", "3", note(l.config.BaseURL()+"/coops/telar/notes/1", string(l.telar.IRI), "<p>Mentira</p>")),
		"ben's post changed":             mine("Update", "4", note(l.post, l.ben.ID, "<p>Mentira</p>")),
		"ben's post taken over":          mine("Update", "5", note(l.post, l.mallory.ID, "<p>Mentira</p>")),
		"our job changed":                mine("Update", "6", note(string(l.job.IRI), string(l.telar.IRI), "<p>Mentira</p>")),
		"ben's post deleted":             mine("Delete", "7", fields{"type": "Tombstone", "id": l.post}),
		"our job deleted":                mine("Delete", "8", string(l.job.IRI)),
		"ben deleted":                    mine("Delete", "9", l.ben.ID),
		"ben's follow undone":            mine("Undo", "10", fields{"type": "Follow", "actor": l.ben.ID, "object": string(l.telar.IRI)}),
		"our follow of ben refused":      mine("Reject", "11", fields{"type": "Follow", "actor": string(l.telar.IRI), "object": l.ben.ID}),
		"ben moved":                      mine("Move", "12", l.ben.ID),
		"ben's post, as another says it": mine("Announce", "13", twin),
		"a post that is elsewhere":       mine("Announce", "14", foreign),
		"our job, as another says it":    mine("Announce", "15", ours),
		"a post pinned for ben":          l.over(mine("Add", "16", l.post), fields{"target": l.ben.ID + "/featured"}),
		"ben's name changed":             mine("Update", "17", fields{"type": "Person", "id": l.ben.ID, "name": "Mallory", "inbox": l.mallory.Inbox, "preferredUsername": "ben"}),
	} {
		if got := l.peer.lie(l.mallory, interopLie{Inbox: l.config.BaseURL() + "/inbox", Body: activity}); !slices.Equal(got, []int{http.StatusAccepted}) {
			t.Errorf("%s: answered %v", name, got)
		}
		l.settle()
		l.untouched(before, name)
	}
	if content := l.interopWorld.post(l.post).Content; content != "<p>Pan</p>" {
		t.Errorf("ben's post says %s", content)
	}
	if _, err := l.inbox.Actor(l.ctx, coop.IRI(l.peer.serve("/lies/actor", l.peer.lookup(l.ben.ID).Document))); err == nil {
		// An actor elsewhere that says it is ben: ben's own address was asked.
		if a := l.remote(l.ben); string(a.IRI) != l.ben.ID {
			t.Errorf("ben became %s", a.IRI)
		}
	}
	l.untouched(before, "looking at all this")
}

// over lays members over a document.
func (*interopLiars) over(document, members fields) fields {
	for key, value := range members {
		document[key] = value
	}
	return document
}

// TestInteropReplay: the very same request has an effect once, also when it comes
// again after what it did was undone, and through another inbox.
func TestInteropReplay(t *testing.T) {
	l := newInteropLiars(t)
	who := l.remote(l.ben)
	for _, signature := range []string{"cavage", "rfc9421"} {
		like := l.activity("Like", "like-"+signature, fields{"object": string(l.job.IRI)})
		var first struct {
			Headers map[string]string
			Body    string
			Answers []struct{ Status int }
		}
		l.peer.call("POST", "/actors/ben/deliver", interopLie{Inbox: string(l.telar.Inbox), Body: like, Signature: signature, Times: 3}, &first)
		for _, answer := range first.Answers {
			if answer.Status != http.StatusAccepted {
				t.Errorf("%s: answered %v", signature, first.Answers)
			}
		}
		l.settle()
		if !l.reacted(storage.Like, who, l.job) {
			t.Fatalf("%s: the like had no effect", signature)
		}
		undo := l.activity("Undo", "undo-"+signature, fields{"object": l.ben.ID + "/activities/like-" + signature})
		if got := l.peer.lie(l.ben, interopLie{Inbox: string(l.telar.Inbox), Body: undo}); !slices.Equal(got, []int{http.StatusAccepted}) {
			t.Errorf("the Undo is answered %v", got)
		}
		l.settle()
		before := l.trace()
		if got := l.repeat(string(l.telar.Inbox), first.Headers, first.Body); got != http.StatusAccepted {
			t.Errorf("%s: the repeated request is answered %d", signature, got)
		}
		if got := l.repeat(l.config.BaseURL()+"/inbox", first.Headers, first.Body); got != http.StatusUnauthorized {
			t.Errorf("%s: sent to another inbox it is answered %d", signature, got)
		}
		l.settle()
		l.untouched(before, signature+" repeated")
		if l.reacted(storage.Like, who, l.job) {
			t.Errorf("%s: the like came back", signature)
		}
	}
}

// repeat sends a request with the headers and the bytes that it had.
func (l *interopLiars) repeat(inbox string, headers map[string]string, body string) int {
	l.t.Helper()
	request, err := http.NewRequestWithContext(l.ctx, "POST", inbox, bytes.NewReader([]byte(body)))
	l.must(err)
	for key, value := range headers {
		request.Header.Set(key, value)
	}
	address := net.JoinHostPort("127.0.0.1", request.URL.Port())
	request.Host, request.URL.Host = request.URL.Host, address
	response, err := http.DefaultClient.Do(request)
	l.must(err)
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		l.t.Error(err)
	}
	return response.StatusCode
}
