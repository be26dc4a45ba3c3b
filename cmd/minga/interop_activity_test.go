// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// TestInteropWhatThePeerDoes: what Fedify publishes has its effect here, and its end
// undoes it.
func TestInteropWhatThePeerDoes(t *testing.T) {
	w := newInteropWorld(t, nil)
	telar, ben := w.account(coop.Coop, "telar"), w.peer.add("ben", nil)
	w.followedBy(ben, telar)
	w.subscribe(telar, ben)
	author := w.remote(ben)
	tell := func(w *interopWorld, order fields) interopSent {
		sent := w.peer.publish(ben, order)
		w.settle()
		return sent
	}
	create := tell(w, fields{"activity": "Create", "object": fields{"content": `<p>Pan <script>alert(1)</script><b onclick="x()">nuevo</b></p>`, "language": "es"}})
	w.run("Create", func(w *interopWorld) {
		p := w.post(create.Object)
		if p == nil || p.AuthorID != author.ID || p.Language != "es" || p.Visibility != coop.VisiblePublic || !strings.Contains(p.Content, "nuevo") {
			w.t.Fatalf("kept as %+v", p)
		}
		if strings.Contains(p.Content, "script") || strings.Contains(p.Content, "onclick") {
			w.t.Errorf("content %s", p.Content)
		}
	})
	w.run("Update", func(w *interopWorld) {
		tell(w, fields{"activity": "Update", "object": fields{"id": create.Object, "content": "<p>Pan de ayer</p>", "language": "es"}})
		p := w.post(create.Object)
		revisions, err := w.store.Revisions(w.ctx, coop.System(), p.ID)
		w.must(err)
		if p.Content != "<p>Pan de ayer</p>" || p.Updated.IsZero() || len(revisions) == 0 {
			w.t.Errorf("after Update: %q of %v, %d revisions", p.Content, p.Updated, len(revisions))
		}
	})
	w.run("Article", func(w *interopWorld) {
		sent := tell(w, fields{"activity": "Create", "object": fields{"type": "Article", "name": "Masa madre", "summary": "Un mes", "content": "<h2>Uno</h2><p>Harina.</p>", "language": "es"}})
		p := w.post(sent.Object)
		if p == nil || p.Kind != coop.KindArticle || p.Title != "Masa madre" || p.Summary != "Un mes" || !strings.Contains(p.Content, "<h2>") {
			w.t.Errorf("kept as %+v", p)
		}
	})
	w.run("a Proposal of Fedify's own", func(w *interopWorld) {
		sent := tell(w, fields{"activity": "Create", "object": fields{"type": "Proposal", "name": "Harina", "content": "<p>Ofrezco harina.</p>", "language": "es"}})
		if p := w.post(sent.Object); p == nil || p.Type != "Proposal" || !strings.Contains(p.Content, "Ofrezco") {
			w.t.Errorf("kept as %+v", p)
		}
	})
	w.run("Like, Announce and their Undo", func(w *interopWorld) { interopReactionsHere(w, telar, ben) })
	w.run("a reply with a mention", func(w *interopWorld) { interopReplyHere(w, telar, ben) })
	w.run("Update of the actor", func(w *interopWorld) {
		w.peer.call("PATCH", "/actors/ben", fields{"displayName": "Ben el panadero"}, nil)
		tell(w, fields{"activity": "Update", "object": ben.ID})
		if got := w.remote(ben).DisplayName; got != "Ben el panadero" {
			w.t.Errorf("ben is called %q", got)
		}
	})
	w.run("Delete", func(w *interopWorld) {
		tell(w, fields{"activity": "Delete", "object": create.Object})
		w.gone(create.Object)
	})
	w.run("what minga does not know is kept and taken", func(w *interopWorld) { interopUnknownHere(w, ben) })
	w.run("Delete of the actor", func(w *interopWorld) { interopActorGoneHere(w, telar, ben) })
}

// interopReactionsHere lets the peer like and boost a job and take both back; what
// somebody else undoes stays.
func interopReactionsHere(w *interopWorld, telar *coop.Account, ben interopActor) {
	job, who := w.job(telar), w.remote(ben)
	w.settle()
	mallory := w.peer.add("mallory", nil)
	for kind, activity := range map[storage.ReactionKind]string{storage.Like: "Like", storage.Boost: "Announce"} {
		sent := w.peer.publish(ben, fields{"activity": activity, "object": string(job.IRI)})
		w.settle()
		if !w.reacted(kind, who, job) {
			w.t.Errorf("no %s is stored", kind)
		}
		w.peer.publish(mallory, fields{"jsonld": fields{"type": "Undo", "object": sent.ID}, "recipients": []string{string(telar.IRI)}})
		w.settle()
		if !w.reacted(kind, who, job) {
			w.t.Errorf("mallory took back the %s of ben", kind)
		}
		w.peer.publish(ben, fields{"activity": "Undo", "object": sent.ID})
		w.settle()
		if w.reacted(kind, who, job) {
			w.t.Errorf("the %s stands after its Undo", kind)
		}
	}
}

// interopReplyHere answers a job by a mention: it is kept below the job, and its
// author is told.
func interopReplyHere(w *interopWorld, telar *coop.Account, ben interopActor) {
	job := w.job(telar)
	w.settle()
	carla := w.peer.add("carla", nil)
	sent := w.peer.publish(carla, fields{"activity": "Create", "recipients": []string{string(telar.IRI)}, "object": fields{
		"content": "<p>@telar ¿se puede desde Rosario?</p>", "inReplyTo": string(job.IRI), "mentions": []fields{{"href": string(telar.IRI), "name": w.handle(telar)}},
	}})
	w.settle()
	p := w.post(sent.Object)
	if p == nil || p.InReplyToID != job.ID || len(p.Mentions) != 1 || p.Mentions[0].Account != telar.ID {
		w.t.Fatalf("kept as %+v", p)
	}
	told, err := w.store.Notifications(w.ctx, telar.ID, coop.Page{Limit: 20})
	w.must(err)
	if !slices.ContainsFunc(told, func(n coop.Notification) bool { return n.PostID == p.ID }) {
		w.t.Errorf("telar was told %+v", told)
	}
	replies := w.peer.fetch(ben, string(job.IRI)+"/replies", "none")
	if !strings.Contains(w.pages(ben, replies.Document), sent.Object) {
		w.t.Errorf("the replies of the job are %s", replies.Text)
	}
}

// gone demands that nothing is left of a post but its tombstone.
func (w *interopWorld) gone(iri string) {
	w.t.Helper()
	if p := w.post(iri); p != nil {
		w.t.Errorf("still kept: %+v", p)
	}
	if _, err := w.store.Tombstone(w.ctx, coop.IRI(iri)); err != nil {
		w.t.Errorf("no tombstone of %s: %v", iri, err)
	}
	if d, err := w.store.Document(w.ctx, coop.IRI(iri)); err == nil {
		w.t.Errorf("its bytes are still kept: %s", d.Body)
	}
}

// interopUnknownHere posts what minga has no use for yet: it is answered 202, and
// what is a post of somebody who is followed is kept with its bytes.
func interopUnknownHere(w *interopWorld, ben interopActor) {
	for name, activity := range map[string]fields{
		"a proposal": {"type": "Create", "object": fields{
			"type": "Proposal", "id": ben.ID + "/objects/proposal", "attributedTo": ben.ID, "content": "<p>Ofrezco harina</p>", "purpose": "offer",
			"to": []string{vocabularyPublic},
		}},
		"an Event": {"type": "Create", "object": fields{
			"type": "Event", "id": ben.ID + "/objects/event", "attributedTo": ben.ID, "name": "Asamblea", "content": "<p>El lunes</p>",
			"startTime": "2030-01-01T10:00:00Z", "to": []string{vocabularyPublic},
		}},
		"an Offer":            {"type": "Offer", "object": fields{"type": "Note", "content": "x"}},
		"an Arrive":           {"type": "Arrive"},
		"a type from nowhere": {"type": "https://example.com/ns#Knit", "object": ben.ID},
	} {
		activity["@context"] = []any{"https://www.w3.org/ns/activitystreams", fields{"Proposal": "https://w3id.org/valueflows/ont/vf#Proposal", "purpose": "https://w3id.org/valueflows/ont/vf#purpose"}}
		activity["id"], activity["actor"] = ben.ID+"/activities/"+strings.ReplaceAll(name, " ", "-"), ben.ID
		activity["to"] = []string{vocabularyPublic}
		got := w.peer.lie(ben, interopLie{Inbox: w.config.BaseURL() + "/inbox", Body: activity})
		if !slices.Equal(got, []int{http.StatusAccepted}) {
			w.t.Errorf("%s is answered %v", name, got)
		}
	}
	w.settle()
	for _, iri := range []string{"/objects/proposal", "/objects/event"} {
		p := w.post(ben.ID + iri)
		d, err := w.store.Document(w.ctx, coop.IRI(ben.ID+iri))
		if p == nil || err != nil || !strings.Contains(string(d.Body), `"content"`) {
			w.t.Errorf("%s: kept as %+v with %v", iri, p, err)
		}
	}
	if dead := w.deadIncoming(); dead != 0 {
		w.t.Errorf("%d activities were set aside", dead)
	}
}

// interopActorGoneHere deletes the actor: its posts, reactions and follows go.
func interopActorGoneHere(w *interopWorld, telar *coop.Account, ben interopActor) {
	sent := w.peer.publish(ben, fields{"activity": "Create", "object": fields{"content": "<p>Adiós</p>"}})
	w.settle()
	who := w.remote(ben)
	if w.post(sent.Object) == nil || !w.follows(telar, who) {
		w.t.Fatal("nothing is there to be removed")
	}
	w.peer.publish(ben, fields{"activity": "Delete", "object": ben.ID})
	w.settle()
	if a, err := w.store.Account(w.ctx, who.ID); err == nil && a.DeletedAt.IsZero() {
		w.t.Errorf("ben is still there: %+v", a)
	}
	if w.follow(telar, who) != nil || w.follow(who, telar) != nil {
		w.t.Error("a follow of ben is left")
	}
	w.until("ben's posts are removed", func() bool { return w.post(sent.Object) == nil })
}

// TestInteropWhatMingaDoes: what minga publishes arrives at Fedify, which reads it,
// verifies it and finds it under its id.
func TestInteropWhatMingaDoes(t *testing.T) {
	w := newInteropWorld(t, nil)
	telar, ben := w.account(coop.Coop, "telar"), w.peer.add("ben", nil)
	w.followedBy(ben, telar)
	theirs := w.peer.publish(ben, fields{"activity": "Create", "object": fields{"content": "<p>Pan</p>"}, "recipients": []string{string(telar.IRI)}})
	w.settle()
	bread, err := w.inbox.Post(w.ctx, coop.IRI(theirs.Object))
	w.must(err)
	note := &coop.Post{Kind: coop.KindNote, Visibility: coop.VisiblePublic, Language: "es", Source: "Hola @ben@" + strings.TrimPrefix(w.peer.origin, "http://") + " #pan"}
	for _, act := range []struct {
		want string
		do   func() error
	}{
		{"Create", func() error { return w.outbox.PublishNote(w.ctx, telar, note) }},
		{"Update", func() error { note.Source += " y más"; return w.outbox.EditNote(w.ctx, note) }},
		{"Like", func() error { return w.outbox.Like(w.ctx, telar, bread) }},
		{"Undo", func() error { return w.outbox.Unlike(w.ctx, telar, bread) }},
		{"Announce", func() error { return w.outbox.Boost(w.ctx, telar, bread) }},
		{"Undo", func() error { return w.outbox.Unboost(w.ctx, telar, bread) }},
		{"Update", func() error { telar.BioSource = "Somos doce."; return w.outbox.UpdateActor(w.ctx, telar) }},
		{"Delete", func() error { return w.outbox.Delete(w.ctx, note) }},
	} {
		before := w.peer.mark()
		w.must(act.do())
		w.settle()
		entries := w.peer.inbox(before)
		if got := interopSays(entries); got != act.want {
			w.t.Errorf("%s arrived as %q", act.want, got)
			continue
		}
		w.good(w.peer.entry(entries[0].Seq), telar)
	}
	w.run("what was deleted is gone", func(w *interopWorld) {
		got := w.peer.fetch(ben, string(note.IRI), "none")
		if got.Status != http.StatusGone || got.Type != "Tombstone" {
			w.t.Errorf("answers %d with a %q", got.Status, got.Type)
		}
	})
	w.run("Delete of the account", func(w *interopWorld) {
		before := w.peer.mark()
		w.must(w.outbox.DeleteAccount(w.ctx, telar))
		w.settle()
		if got := interopSays(w.peer.inbox(before)); got != "Delete" {
			w.t.Errorf("arrived as %q", got)
		}
		if got := w.peer.fetch(ben, string(telar.IRI), "none"); got.Status != http.StatusGone || got.Type != "Tombstone" {
			w.t.Errorf("answers %d with a %q", got.Status, got.Type)
		}
	})
}

// vocabularyPublic is whom public documents are addressed to.
const vocabularyPublic = "https://www.w3.org/ns/activitystreams#Public"

// good demands of what came to the peer that it was taken, signed by its actor,
// proven if it is public and else not, and read without loss.
func (w *interopWorld) good(e interopEntry, actor *coop.Account) {
	w.t.Helper()
	if !e.Accepted || e.Actor != string(actor.IRI) || !e.HTTP.Verified || e.HTTP.Owner != string(actor.IRI) {
		w.t.Errorf("%s: accepted %v, from %s, signature %+v", e.Type, e.Accepted, e.Actor, e.HTTP)
	}
	if public := strings.Contains(e.Text, vocabularyPublic); e.Proof.Present != public || e.Proof.Verified != public {
		w.t.Errorf("%s: proof %+v in %s", e.Type, e.Proof, e.Text)
	}
	if e.Lost != nil || e.Error != "" {
		w.t.Errorf("%s: a strict reader loses something: %+v %s", e.Type, e.Lost, e.Error)
	}
	if missing := interopMissing(interopAnswer{interopReading: e.interopReading}, e.Document); len(missing) > 0 {
		w.t.Errorf("%s: terms without a meaning: %v", e.Type, missing)
	}
}

// TestInteropBackfill: what the peer published before anybody here followed it is read
// from its outbox, page by page, with its dates and without telling anybody.
func TestInteropBackfill(t *testing.T) {
	w := newInteropWorld(t, nil)
	ben, ana := w.peer.add("ben", nil), w.account(coop.Person, "ana")
	var posts []string
	for _, content := range []string{"<p>1</p>", "<p>2</p>", "<p>3</p>", "<p>4</p>", "<p>5</p>"} {
		posts = append(posts, w.peer.publish(ben, fields{"activity": "Create", "object": fields{"content": content}, "recipients": []string{}}).Object)
	}
	w.peer.call("PUT", "/faults", fields{"authorizedFetch": true}, nil)
	w.subscribe(ana, ben)
	w.must(w.inbox.Backfill(w.ctx, w.remote(ben)))
	w.until("all five are here", func() bool {
		return !slices.ContainsFunc(posts, func(iri string) bool { return w.post(iri) == nil })
	})
	told, err := w.store.Notifications(w.ctx, ana.ID, coop.Page{Limit: 20})
	w.must(err)
	if slices.ContainsFunc(told, func(n coop.Notification) bool { return n.PostID != 0 }) {
		t.Errorf("ana was told of old posts: %+v", told)
	}
	if p := w.post(posts[0]); len(p.ReachedThrough) != 1 || p.ReachedThrough[0].How != "backfill" {
		t.Errorf("reached through %+v", p.ReachedThrough)
	}
}
