// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// asked publishes a poll of two hours.
func (h *house) asked(author *coop.Account, change ...func(*coop.Post)) *coop.Post {
	h.t.Helper()
	p := &coop.Post{Source: "¿Asamblea el martes? #asamblea", Language: "es", Poll: coop.NewPoll([]string{"Sí", "No"}, 2*time.Hour, false, false, h.now())}
	for _, f := range change {
		f(p)
	}
	h.must(h.PublishNote(h.t.Context(), author, p))
	return p
}

// voted counts a ballot that came.
func (h *house) voted(p *coop.Post, who *coop.Account, option int) {
	h.t.Helper()
	h.must(h.store.Write(h.t.Context(), func(tx *storage.Tx) error {
		_, err := tx.AddVotes(h.t.Context(), storage.Vote{Post: p.ID, Account: who.ID, Options: []int{option}, At: h.now()})
		return err
	}))
}

// tell is TellPolls with what then goes out.
func (h *house) tell(p *peer) []received {
	h.t.Helper()
	if _, err := h.TellPolls(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	h.drain()
	return p.take()
}

// TestPollGoesRound follows a poll of ours as a server of followers sees it: the
// question, its counts at most every five minutes, and its end.
func TestPollGoesRound(t *testing.T) { each(t, storyPollGoesRound) }

func storyPollGoesRound(h *house) {
	t, p := h.t, newPeer(h.t)
	ana := h.account(coop.Person, "ana")
	leo, eva := p.actor(h, coop.Person, "leo", true), p.actor(h, coop.Person, "eva", true)
	h.follows(leo, ana)
	post := h.asked(ana)
	h.drain()
	got := p.take()
	if diff := cmp.Diff("Create", says(got)); diff != "" {
		t.Fatal(diff)
	}
	golden(t, "question-create", got[0].body)
	h.proven(got[0].body, ana)
	if got := h.tell(p); len(got) != 0 {
		t.Errorf("nobody voted, and %s went out", says(got))
	}
	h.clock.Advance(10 * time.Minute)
	h.voted(post, leo, 0)
	got = h.tell(p)
	if diff := cmp.Diff("Update", says(got)); diff != "" {
		t.Fatal(diff)
	}
	golden(t, "question-counts", got[0].body)
	h.voted(post, eva, 1)
	h.clock.Advance(4 * time.Minute)
	if got := h.tell(p); len(got) != 0 {
		t.Errorf("counts were told after four minutes: %s", says(got))
	}
	h.clock.Advance(time.Minute)
	if diff := cmp.Diff("Update", says(h.tell(p))); diff != "" {
		t.Error(diff)
	}
	h.clock.Advance(2 * time.Hour)
	got = h.tell(p)
	if diff := cmp.Diff("Update", says(got)); diff != "" {
		t.Fatal(diff)
	}
	golden(t, "question-closed", got[0].body)
	object, err := h.store.VisibleDocument(t.Context(), coop.Anonymous(), post.IRI)
	h.must(err)
	if !strings.Contains(string(got[0].body), string(object.Body)) {
		t.Error("what is served is not what was sent last")
	}
	if got := h.tell(p); len(got) != 0 {
		t.Errorf("the end was told twice: %s", says(got))
	}
	now, err := h.store.Post(t.Context(), coop.System(), post.ID)
	h.must(err)
	if !now.Updated.IsZero() {
		t.Error("counting was an edit")
	}
}

// TestHiddenCounts: counts that are hidden stay so until the end.
func TestHiddenCounts(t *testing.T) {
	h, p := newHouse(t), newPeer(t)
	ana, leo := h.account(coop.Person, "ana"), p.actor(h, coop.Person, "leo", true)
	h.follows(leo, ana)
	post := h.asked(ana, func(p *coop.Post) { p.Poll.HideTotals, p.Poll.Multiple = true, true })
	h.voted(post, leo, 0)
	h.clock.Advance(10 * time.Minute)
	for _, r := range h.tell(p) {
		if strings.Contains(string(r.body), "totalItems") || !strings.Contains(string(r.body), `"anyOf"`) {
			t.Errorf("tells %s", r.body)
		}
	}
	h.clock.Advance(2 * time.Hour)
	got := h.tell(p)
	if len(got) != 1 || !strings.Contains(string(got[0].body), `"totalItems":1`) {
		t.Errorf("at the end: %s", says(got))
	}
}

// TestVoteElsewhere: a vote in a poll of another server is a ballot for each answer,
// for its author alone, and counts here at once.
func TestVoteElsewhere(t *testing.T) { each(t, storyVoteElsewhere) }

func storyVoteElsewhere(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	ana, eva := h.account(coop.Person, "ana"), p.actor(h, coop.Person, "eva", true)
	post := &coop.Post{
		IRI: eva.IRI + "/q/1", AuthorID: eva.ID, Kind: coop.KindQuestion, Type: "Question", Visibility: coop.VisiblePublic, To: []coop.IRI{coop.Public}, Content: "<p>?</p>",
		Poll: coop.NewPoll([]string{"one", "two", "three"}, time.Hour, true, false, h.now()),
	}
	post.Poll.Options[2].Name = "three "
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.AddPost(ctx, post, storage.Arrival{})
		return err
	}))
	h.must(h.Vote(ctx, ana, post.ID, []int{0, 2}))
	h.drain()
	got := p.take()
	if diff := cmp.Diff("Create Create", says(got)); diff != "" {
		t.Fatal(diff)
	}
	golden(t, "ballot", got[0].body)
	for i, name := range []string{"one", "three "} {
		var ballot struct {
			To     []string
			Object struct {
				Type, Name, InReplyTo, AttributedTo string
				Content                             *string
				To                                  []string
			}
		}
		h.must(json.Unmarshal(got[i].body, &ballot))
		o := ballot.Object
		if o.Name != name || o.Type != "Note" || o.InReplyTo != string(post.IRI) || o.AttributedTo != string(ana.IRI) || o.Content != nil || len(o.To) != 1 || o.To[0] != string(eva.IRI) || len(ballot.To) != 1 {
			t.Errorf("ballot %s", got[i].body)
		}
		if got[i].path != "/eva/inbox" {
			t.Errorf("a ballot went to %s", got[i].path)
		}
	}
	now, err := h.store.Post(ctx, coop.System(), post.ID)
	h.must(err)
	if q := now.Poll; q.Options[0].Votes != 1 || q.Options[1].Votes != 0 || q.Options[2].Votes != 1 || q.Voters != 1 {
		t.Errorf("counts %+v", q)
	}
	if got := h.tell(p); len(got) != 0 {
		t.Errorf("we told of a poll elsewhere: %s", says(got))
	}
	refused(t, "a second vote", h.Vote(ctx, ana, post.ID, []int{1}), coop.CodeNotAllowed)
}

// refused wants a complaint about the choices.
func refused(t *testing.T, name string, err error, code string) {
	t.Helper()
	var invalid *coop.InvalidError
	if !errors.As(err, &invalid) || invalid.Field != "choices" || invalid.Code != code {
		t.Errorf("%s: %v, want a complaint %s", name, err, code)
	}
}

func TestVoteHere(t *testing.T) { each(t, storyVoteHere) }

func storyVoteHere(h *house) {
	t, ctx := h.t, h.t.Context()
	ana, leo := h.account(coop.Person, "ana"), h.account(coop.Person, "leo")
	post := h.asked(ana)
	note := &coop.Post{Source: "no poll"}
	h.must(h.PublishNote(ctx, ana, note))
	refused(t, "one's own poll", h.Vote(ctx, ana, post.ID, []int{0}), coop.CodeNotAllowed)
	refused(t, "no such answer", h.Vote(ctx, leo, post.ID, []int{2}), coop.CodeRange)
	refused(t, "two answers", h.Vote(ctx, leo, post.ID, []int{0, 1}), coop.CodeTooMany)
	if err := h.Vote(ctx, leo, note.ID, []int{0}); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("a vote in a note: %v", err)
	}
	hidden := h.asked(ana, func(p *coop.Post) { p.Visibility = coop.VisibleDirect })
	if err := h.Vote(ctx, leo, hidden.ID, []int{0}); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("a vote in a poll that leo may not see: %v", err)
	}
	h.must(h.Vote(ctx, leo, post.ID, []int{1}))
	h.clock.Advance(2 * time.Hour)
	refused(t, "too late", h.Vote(ctx, leo, post.ID, []int{1}), coop.CodePast)
}

// TestEditOfAQuestion: while the answers stay so do the votes; other answers begin
// anew; without a poll it is a note again.
func TestEditOfAQuestion(t *testing.T) { each(t, storyEditOfAQuestion) }

func storyEditOfAQuestion(h *house) {
	t, ctx := h.t, h.t.Context()
	ana, leo := h.account(coop.Person, "ana"), h.account(coop.Person, "leo")
	post := h.asked(ana)
	h.must(h.Vote(ctx, leo, post.ID, []int{1}))
	edit := func(kind coop.PostKind, votes int, served string, change func(p *coop.Post)) {
		t.Helper()
		h.clock.Advance(time.Minute)
		p := &coop.Post{ID: post.ID, Source: "¿Asamblea el lunes?"}
		change(p)
		h.must(h.EditNote(ctx, p))
		now, err := h.store.Post(ctx, coop.System(), post.ID)
		h.must(err)
		got := 0
		if now.Poll != nil {
			got = now.Poll.Votes()
		}
		if now.Kind != kind || got != votes {
			t.Errorf("a %s with %d votes, want a %s with %d", now.Kind, got, kind, votes)
		}
		object, err := h.store.VisibleDocument(ctx, coop.Anonymous(), post.IRI)
		h.must(err)
		if !strings.Contains(string(object.Body), served) {
			t.Errorf("served without %s: %s", served, object.Body)
		}
	}
	poll := func(titles ...string) func(*coop.Post) {
		return func(p *coop.Post) { p.Poll = coop.NewPoll(titles, time.Hour, false, false, h.now()) }
	}
	edit(coop.KindQuestion, 1, `"votersCount":1`, poll("Sí", "No"))
	ends := h.now().Add(time.Hour)
	h.clock.Advance(2 * time.Hour)
	h.tell(newPeer(t))
	edit(coop.KindQuestion, 1, `"closed":`, func(p *coop.Post) {
		poll("Sí", "No")(p)
		p.Poll.Ends = ends
	})
	edit(coop.KindQuestion, 0, `"votersCount":0`, poll("Sí", "No", "Quizás"))
	h.must(h.Vote(ctx, leo, post.ID, []int{2}))
	edit(coop.KindNote, 0, `"type":"Note"`, func(*coop.Post) {})
	edit(coop.KindQuestion, 0, `"type":"Question"`, poll("Sí", "No", "Quizás"))
	if err := h.EditNote(ctx, &coop.Post{ID: post.ID, Source: "x", Poll: coop.NewPoll([]string{"one"}, time.Hour, false, false, h.now())}); err == nil {
		t.Error("a poll with one answer was taken")
	}
}
