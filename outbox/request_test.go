// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/storage"
)

const esco = "http://data.europa.eu/esco/skill/"

// clinics is the request of example 10 as a coordinator typed it.
func clinics(by *coop.Account) *coop.Post {
	d := decimal.NewFromInt
	rate := func(n int64) *coop.Rate { return &coop.Rate{Currency: "EUR", Value: d(n)} }
	return &coop.Post{
		Author: by, AuthorID: by.ID, Kind: coop.KindRequest, Type: "Note", Visibility: coop.VisiblePublic, Language: "en", Hashtags: []string{requestTag},
		Request: &coop.Request{
			Title:    "Booking site for a network of 14 rural clinics",
			TitleMap: map[string]string{"es": "Sitio de turnos para una red de 14 centros de salud rurales", "en": "Booking site for a network of 14 rural clinics"},
			Status:   coop.RequestOpen, RespondBy: day("2026-11-24T23:59:59Z"),
			Need:         coop.Term{URI: esco + "69bbd53f-fbb0-4476-b4b2-ef7844464e28"},
			Budget:       &coop.Budget{Currency: "EUR", Min: d(38000), Max: d(46000)},
			Transparency: coop.TransparencyRules(),
			Slots: []coop.Slot{
				{Key: "backend", Name: "Backend", Skill: coop.Term{URI: esco + "ccd0a1d9-afda-43d9-b901-96344886e14d"}, Hours: 220, Rate: rate(62), Required: true},
				{Key: "ux", Name: "UX/UI", Skill: coop.Term{URI: esco + "fd33c66c-70c4-40e6-b87c-5495bd3bf26e"}, Hours: 120, Rate: rate(60), Required: true},
				{Key: "ops", Name: "Operations", Skill: coop.Term{URI: esco + "f0de4973-0a70-4644-8fd4-3a97080476f4"}, Hours: 40, Rate: rate(62)},
			},
		},
	}
}

func TestWireRequest(t *testing.T) {
	o := bareOutbox(t, "red-norte.example")
	by := o.local(coop.Federation, "red-norte")
	p := clinics(by)
	p.IRI, p.Published = norte+"/requests/88", day("2026-11-10T10:00:00Z")
	p.URL, p.Thread, p.To, p.Cc = string(p.IRI), below(p.IRI, "context"), []coop.IRI{coop.Public}, []coop.IRI{by.Followers}
	o.finishRequest(p)
	want := "<p><strong>Booking site for a network of 14 rural clinics</strong></p>" +
		"<p>3 roles: Backend 220 h, UX/UI 120 h, Operations 40 h · EUR 38,000–46,000 · the team sees the contract · no margin on the work of others · who gets what is published.</p>" +
		`<p>Co-ops, offer until 24 November 2026: <a href="https://red-norte.example/requests/88">red-norte.example/requests/88</a></p>` +
		`<p><a href="https://red-norte.example/tags/cooprequest" class="mention hashtag" rel="tag">#<span>cooprequest</span></a></p>`
	if diff := cmp.Diff(want, p.Content); diff != "" {
		t.Error(diff)
	}
	body, err := vocabulary.Encode(o.object(p).Members(), vocabulary.Post)
	if err != nil {
		t.Fatal(err)
	}
	// The example words its text by hand, with the weeks that it takes.
	file := "10-request.json"
	var example, got map[string]any
	asked, err := os.ReadFile(filepath.Join("testdata", "wire", file))
	if err != nil {
		t.Fatal(err)
	}
	for at, text := range map[*map[string]any][]byte{&example: asked, &got: body} {
		if err := json.Unmarshal(text, at); err != nil {
			t.Fatal(err)
		}
		delete(*at, "content")
		delete(*at, "contentMap")
	}
	if diff := cmp.Diff(example, got); diff != "" {
		t.Errorf("%s differs:\n%s", file, diff)
	}
	for _, lang := range []string{"es", "ca", "it", "pt", "eu"} {
		if s := o.requestText(lang, p); coop.VisibleLength(s) > maxNoteText || strings.Contains(s, ": .") || strings.Contains(s, "·  ·") {
			t.Errorf("%s: %s", lang, s)
		}
	}
}

func TestRequestTextFits(t *testing.T) {
	o := bareOutbox(t, "red-norte.example")
	p := clinics(o.local(coop.Federation, "red-norte"))
	p.IRI, p.URL = norte+"/requests/88", norte+"/requests/88"
	p.Hashtags = []string{requestTag, "salud", "turnos", "rural", "cooperativas"}
	p.Request.Slots = nil
	for i := range 20 {
		p.Request.Slots = append(p.Request.Slots, coop.Slot{Key: "k", Name: strings.Repeat("Especialista ", 7), Hours: 10_000, Accepted: i})
	}
	for lang, s := range o.RequestText(p) {
		if n := coop.VisibleLength(s); n > maxNoteText || !strings.Contains(s, "red-norte.example/requests/88") {
			t.Errorf("%s, %d characters: %s", lang, n, s)
		}
	}
}

// TestRequestGoesRound follows a request from its publication to its end, as a follower
// of the federation on another server sees it.
func TestRequestGoesRound(t *testing.T) { each(t, storyRequestGoesRound) }

func storyRequestGoesRound(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	fed := h.find("https://fed-sur.example/federation")
	ana := p.actor(h, coop.Person, "ana", true)
	h.follows(ana, fed)
	post := clinics(fed)
	post.Request.RespondBy = h.clock.Now().AddDate(0, 0, 14)
	post.Request.Markdown = map[string]string{"en": strings.Repeat("What the clinics need. ", 4)}
	h.must(h.SaveRequestDraft(ctx, fed, post, nil))
	h.drain()
	if got := p.take(); len(got) != 0 {
		t.Fatalf("a draft went out: %s", says(got))
	}
	if _, err := h.store.VisibleDocument(ctx, coop.Anonymous(), post.IRI); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("the document of a draft: %v", err)
	}
	h.must(h.PublishRequest(ctx, fed, post, nil))
	if err := h.PublishRequest(ctx, fed, post, nil); !errors.Is(err, coop.ErrState) {
		t.Errorf("published twice: %v", err)
	}
	h.drain()
	got := p.take()
	if says(got) != "Create" {
		t.Fatalf("went out: %s", says(got))
	}
	golden(t, "request-create", got[0].body)
	h.proven(got[0].body, fed)

	// What is accepted shows on the wire and in the text; the last hours cover it.
	accept := func(slot string, n int) {
		h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
			if err := tx.AcceptHours(ctx, post.ID, slot, n); err != nil {
				return err
			}
			now, err := tx.RequestOf(ctx, post.ID)
			if err != nil {
				return err
			}
			return h.requestChanged(ctx, tx, now)
		}))
		h.clock.Advance(hours(1))
		h.drain()
	}
	for _, step := range []struct {
		slot   string
		hours  int
		status string
		open   string // hours of backend
		text   string
	}{
		{"backend", 160, "forming", "60", "Backend 220 h (60 h open)"},
		{"ux", 120, "forming", "60", "UX/UI 120 h (covered)"},
		{"backend", 60, "covered", "0", "Team found: Booking site"},
	} {
		accept(step.slot, step.hours)
		got := p.take()
		if says(got) != "Update" {
			t.Fatalf("went out: %s", says(got))
		}
		note := got[0].doc["object"].(map[string]any)
		request := note["request"].(map[string]any)
		slot := request["slots"].([]any)[0].(map[string]any)
		open := slot["publishes"].(map[string]any)["availableQuantity"].(map[string]any)["hasNumericalValue"]
		if request["status"] != step.status || open != step.open || !strings.Contains(note["content"].(string), step.text) {
			t.Errorf("after %d hours of %s: %v, %v h open, %s", step.hours, step.slot, request["status"], open, note["content"])
		}
	}
	slot, err := h.SlotDocument(must1(h.store.RequestOf(ctx, post.ID)), "ux")
	h.must(err)
	golden(t, "request-slot", slot)

	// An edit is over once there is a team, and the contract is promised to it.
	if err := h.EditRequest(ctx, post, nil); !errors.Is(err, coop.ErrState) {
		t.Errorf("edited with a team: %v", err)
	}
	step := func(action coop.RequestAction) error { _, err := h.StepRequest(ctx, post.ID, action); return err }
	h.must(step(coop.RequestPropose))
	var invalid *coop.InvalidError
	if err := step(coop.RequestWin); !errors.As(err, &invalid) || invalid.Field != "contract" {
		t.Errorf("won without the contract: %v", err)
	}
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
		return tx.PutRequestFile(ctx, &coop.RequestFile{PostID: post.ID, Contract: "signed on paper", DeleteAt: h.clock.Now().AddDate(1, 0, 0)})
	}))
	h.must(step(coop.RequestWin))
	h.must(step(coop.RequestWin))
	if err := step(coop.RequestExpire); !errors.Is(err, coop.ErrState) {
		t.Errorf("a person let it expire: %v", err)
	}
	h.must(step(coop.RequestWithdraw))
	h.drain()
	updates := p.take() // three states of one post, of which the last is told
	if says(updates) != "Update" {
		t.Errorf("went out: %s", says(updates))
	}
	for _, r := range updates {
		if strings.Contains(string(r.body), "signed on paper") {
			t.Error("the contract went out")
		}
	}
	golden(t, "request-update-withdrawn", updates[len(updates)-1].body)
	collection, err := h.Collection(ctx, coop.Anonymous(), fed, CollectionRequests, "first")
	h.must(err)
	if strings.Contains(string(collection), string(post.IRI)) {
		t.Error("a withdrawn request stands in the collection")
	}
}

func TestRequestsExpire(t *testing.T) {
	h, p, ctx := newHouse(t), newPeer(t), t.Context()
	fed, telar := h.find("https://fed-sur.example/federation"), h.member("telar")
	h.follows(p.actor(h, coop.Person, "ana", true), fed)
	post := clinics(telar) // of a co-op that lacks a skill
	post.Request.RespondBy = h.clock.Now().AddDate(0, 0, 2)
	post.Request.Markdown = map[string]string{"en": strings.Repeat("What the clinics need. ", 4)}
	h.must(h.PublishRequest(ctx, telar, post, nil))
	h.drain()
	if got := p.take(); says(got) != "Announce" {
		t.Errorf("a member's request: %s", says(got))
	}
	edit := *must1(h.store.RequestOf(ctx, post.ID))
	edit.Request.Transparency, edit.Request.Version = nil, 1
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error { return tx.MarkOffered(ctx, post.ID) }))
	var list coop.Invalid
	if err := h.EditRequest(ctx, &edit, nil); !errors.As(err, &list) || list[0].Field != "transparency" {
		t.Errorf("a rule was taken back after an offer: %v", err)
	}
	edit.Request.Transparency, edit.Request.Slots[2].Hours = coop.TransparencyRules(), 60
	h.must(h.EditRequest(ctx, &edit, nil))
	edit.Request.Version = 1
	if err := h.EditRequest(ctx, &edit, nil); !errors.Is(err, coop.ErrConflict) {
		t.Errorf("an edit of an old state: %v", err)
	}
	if n, err := h.ExpireRequests(ctx); n != 0 || err != nil {
		t.Errorf("expired early: %d, %v", n, err)
	}
	h.clock.Advance(hours(50))
	for want := range 2 {
		if n, err := h.ExpireRequests(ctx); n != 1-want || err != nil {
			t.Errorf("expired %d, %v", n, err)
		}
	}
	if now := must1(h.store.RequestOf(ctx, post.ID)); now.Request.Status != coop.RequestExpired || !strings.Contains(now.Content, "Expired: ") || now.Request.Slots[2].Hours != 60 {
		t.Errorf("%s: %s", now.Request.Status, now.Content)
	}
}

// TestMembersPart is read by members alone, here and elsewhere.
func TestMembersPart(t *testing.T) { each(t, storyMembersPart) }

func storyMembersPart(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	fed, telar := h.find("https://fed-sur.example/federation"), h.member("telar")
	stranger, brisa := h.account(coop.Coop, "ajena"), p.actor(h, coop.Coop, "brisa", true)
	h.follows(p.actor(h, coop.Person, "ana", true), fed)
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
		return tx.PutMembership(ctx, &coop.Membership{Role: coop.RoleFull, IRI: fed.IRI + "/memberships/brisa", Member: brisa, Organization: fed, State: coop.MembershipMember, MemberSays: true, OrganizationSays: true})
	}))
	post := clinics(fed)
	post.Request.RespondBy, post.Request.Description = h.clock.Now().AddDate(0, 0, 9), "<p>"+strings.Repeat("What the clinics need. ", 4)+"</p>"
	file := &coop.RequestFile{Client: "Red de salud", Contact: "Ana, +54 11", Members: "The client pays late, says Brisa."}
	h.must(h.SaveRequestDraft(ctx, fed, post, file))
	if h.drain(); len(p.take()) != 0 {
		t.Error("a draft went out")
	}
	h.must(h.PublishRequest(ctx, fed, post, nil))
	h.drain()
	told := 0
	for _, r := range p.take() {
		if strings.Contains(string(r.body), "Red de salud") || strings.Contains(string(r.body), "+54 11") {
			t.Errorf("the client went out: %s", r.body)
		}
		if strings.Contains(string(r.body), "pays late") {
			if told++; r.path != "/brisa/inbox" {
				t.Errorf("the members' part went to %s", r.path)
			}
			golden(t, "request-members-part", r.body)
		}
	}
	if told != 1 {
		t.Errorf("the members' part went out %d times", told)
	}
	for name, tt := range map[string]struct {
		v    coop.Viewer
		kind error
	}{
		"anybody": {coop.Anonymous(), coop.ErrNotFound}, "a stranger here": {coop.As(stranger.ID), coop.ErrNotFound}, "a member here": {coop.As(telar.ID), nil},
		"a member there": {coop.Signed(brisa.ID, brisa.Host), nil}, "somebody there": {coop.Stranger("x.example"), coop.ErrNotFound},
		"another server": {coop.SignedHost("x.example"), coop.ErrNotFound},
	} {
		part, err := h.store.MembersPart(ctx, tt.v, post)
		if !errors.Is(err, tt.kind) {
			t.Errorf("%s reads the members' part: %v", name, err)
		}
		if err == nil && !strings.Contains(part.Content, "pays late") {
			t.Errorf("%s reads %s", name, part.Content)
		}
	}
	file.Members = "The client pays on time by now."
	h.must(h.KeepRequestFile(ctx, file))
	h.drain()
	if got := p.take(); says(got) != "Update" || got[0].path != "/brisa/inbox" {
		t.Errorf("the edit of the members' part: %s", says(got))
	}
	file.Members = ""
	h.must(h.KeepRequestFile(ctx, file))
	h.drain()
	if got := p.take(); says(got) != "Delete" {
		t.Errorf("the end of the members' part: %s", says(got))
	}
}

// A client's request waits for a coordinator and goes nowhere.
func TestRequestOfAClientWaits(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	fed := h.find("https://fed-sur.example/federation")
	post := &coop.Post{Language: "es", Request: &coop.Request{Status: coop.RequestReview, Title: "Tienda en línea"}}
	h.must(h.SaveRequestDraft(ctx, fed, post, nil))
	if err := h.PublishRequest(ctx, fed, post, nil); !errors.Is(err, coop.ErrState) {
		t.Errorf("published unread: %v", err)
	}
	taken, err := h.TakeRequest(ctx, post.ID)
	if h.must(err); taken.Request.Status != coop.RequestDraft {
		t.Errorf("taken: %s", taken.Request.Status)
	}
	h.must(h.Delete(ctx, taken))
	if _, err := h.store.Post(context.Background(), coop.Anonymous(), post.ID); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("a deleted draft tells that it was: %v", err)
	}
}

// must1 is a value that cannot fail here.
func must1[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
