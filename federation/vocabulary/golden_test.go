// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"minga/federation/document"
	"minga/federation/vocabulary"
	"minga/federation/vocabulary/gofed"

	"github.com/go-fed/activity/streams"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	coop    = "https://fed-sur.example/coops/telar"
	person  = "https://fed-sur.example/people/ana"
	board   = "https://fed-sur.example/boards/jobs"
	remote  = "https://masto.example/users/rosa"
	post    = coop + "/posts/7"
	article = coop + "/articles/salarios"
)

func at(minute int) time.Time { return time.Date(2026, 11, 20, 15, minute, 0, 0, time.UTC) }

// golden is one document that we send, by name.
type golden struct {
	name string
	body func() ([]byte, error)
}

func activity(a vocabulary.Activity) func() ([]byte, error) {
	if a.Actor == "" {
		a.Actor = coop
	}
	if a.Published.IsZero() {
		a.Published = at(0)
	}
	return a.Encode
}

func object(m vocabulary.Members, kind vocabulary.Kind) func() ([]byte, error) {
	return func() ([]byte, error) { return vocabulary.Encode(m, kind) }
}

func goldens() []golden {
	public := []string{document.Public}
	everybody := []string{coop + "/followers", board}
	return []golden{
		{"create-note", activity(vocabulary.Activity{ID: post + "/create", Type: "Create", To: public, Cc: everybody, Object: note().Members(), Proven: true})},
		{"update-note", activity(vocabulary.Activity{ID: post + "/updates/1", Type: "Update", To: public, Cc: everybody, Updated: at(3), Object: note().Members()})},
		{"update-actor", activity(vocabulary.Activity{ID: person + "/updates/1", Type: "Update", Actor: person, To: public, Object: personActor().Members()})},
		{"delete", activity(vocabulary.Activity{ID: post + "/delete", Type: "Delete", To: public, Cc: everybody, Object: tombstone()})},
		{"follow", activity(vocabulary.Activity{ID: coop + "/follows/1", Type: "Follow", To: []string{remote}, Object: remote})},
		{"accept-follow", activity(vocabulary.Activity{
			ID: coop + "/accepts/1", Type: "Accept", To: []string{remote},
			Object: json.RawMessage(`{"id":"https://masto.example/f/1","type":"Follow","actor":"` + remote + `","object":"` + coop + `"}`),
		})},
		{"reject-follow", activity(vocabulary.Activity{ID: coop + "/rejects/1", Type: "Reject", To: []string{remote}, Object: "https://masto.example/f/1", Content: "<p>No.</p>"})},
		{"undo-follow", activity(vocabulary.Activity{
			ID: coop + "/follows/1/undo", Type: "Undo", To: []string{remote},
			Object: vocabulary.Members{{"id", coop + "/follows/1"}, {"type", "Follow"}, {"actor", coop}, {"object", remote}},
		})},
		{"announce", activity(vocabulary.Activity{ID: coop + "/announces/1", Type: "Announce", To: public, Cc: []string{coop + "/followers", remote}, Object: "https://masto.example/1"})},
		{"like", activity(vocabulary.Activity{
			ID: coop + "/likes/1", Type: "Like", To: []string{remote}, Object: "https://masto.example/1",
			Extra: vocabulary.Members{{"usedOn", "2026-10-01"}},
		})},
		{"add-pin", activity(vocabulary.Activity{ID: coop + "/adds/1", Type: "Add", To: public, Object: post, Target: coop + "/featured"})},
		{"remove-member", activity(vocabulary.Activity{
			ID: "https://fed-sur.example/federation/removes/1", Type: "Remove", Actor: "https://fed-sur.example/federation",
			To: public, Object: coop, Origin: "https://fed-sur.example/federation/members", Target: "https://fed-sur.example/federation/members",
		})},
		{"move", activity(vocabulary.Activity{ID: person + "/moves/1", Type: "Move", Actor: person, To: []string{person + "/followers"}, Object: person, Target: remote})},
		{"flag", activity(vocabulary.Activity{
			ID: "https://fed-sur.example/reports/1", Type: "Flag", Actor: "https://fed-sur.example/actor", To: []string{remote},
			Object: []string{remote, "https://masto.example/1"}, Content: "spam",
		})},
		{"block", activity(vocabulary.Activity{ID: coop + "/blocks/1", Type: "Block", To: []string{remote}, Object: remote})},
		{"leave", activity(vocabulary.Activity{ID: coop + "/leaves/1", Type: "Leave", To: []string{"https://red-norte.example/federation"}, Object: "https://red-norte.example/federation"})},
		{"invite", activity(vocabulary.Activity{ID: article + "/invites/1", Type: "Invite", To: []string{remote}, Object: remote, Target: article})},
		{"offer-edit", activity(vocabulary.Activity{ID: coop + "/offers/8", Type: "Offer", To: []string{"https://red-norte.example/coops/brisa"}, Object: edit()})},
		{"offer-alliance", activity(vocabulary.Activity{ID: coop + "/offers/9", Type: "Offer", To: []string{"https://banc.example/coops/gracia"}, Object: alliance()})},
		{"note", object(note().Members(), vocabulary.Post)},
		{"note-proven", object(note().Members(), vocabulary.Proven)},
		{"article", object(articleNote().Members(), vocabulary.Post)},
		{"job-on-site", object(siteJob().Members(), vocabulary.Post)},
		{"person", object(personActor().Members(), vocabulary.Actor)},
		{"coop", object(coopActor().Members(), vocabulary.Actor)},
		{"tombstone", object(tombstone(), vocabulary.Post)},
		{"followers", object(vocabulary.Collection{ID: coop + "/followers", AttributedTo: coop, TotalItems: 41, First: coop + "/followers?page=1"}.Members(), vocabulary.Post)},
		{"followers-page", object(vocabulary.Collection{
			ID: coop + "/followers?page=1", PartOf: coop + "/followers", TotalItems: 41,
			Next: coop + "/followers?page=2", Items: []any{remote},
		}.Members(), vocabulary.Post)},
		{"outbox-page-empty", object(vocabulary.Collection{ID: coop + "/outbox?page=1", PartOf: coop + "/outbox", TotalItems: -1, Items: []any{}}.Members(), vocabulary.Post)},
		{"replies", object(vocabulary.Collection{ID: post + "/replies", Unordered: true, TotalItems: 1, Items: []any{"https://masto.example/1"}}.Members(), vocabulary.Post)},
		{"jobs-embedded", object(vocabulary.Collection{ID: coop + "/jobs", TotalItems: 1, Items: []any{siteJob().Members()}}.Members(), vocabulary.Post)},
	}
}

// TestGolden compares all that leaves the house, byte for byte.
func TestGolden(t *testing.T) {
	c, withContexts := contexts(nil), true
	t.Run("contexts", func(t *testing.T) {
		withContexts = false
		c = loadContexts(t)
		withContexts = true
	})
	for _, g := range goldens() {
		t.Run(g.name, func(t *testing.T) {
			got, err := g.body()
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, filepath.Join("testdata", "golden", g.name+".json"), got)
			if err := document.Check(got, document.Pushed()); err != nil {
				t.Errorf("our own shape check: %v", err)
			}
			readBack(t, got)
			if withContexts {
				if err := c.lost(got); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func compareGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	got = append(got[:len(got):len(got)], '\n')
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the document changed (-want +got):\n%s", diff)
	}
}

// meaning is what both readers must agree on.
type meaning struct {
	ID, Type, Actor, Object, Target, Content, Owner, Published string
	To, Cc                                                     []string
	Total                                                      int64
}

// readBack reads a document with our reader and with go-fed, to the same meaning.
func readBack(t *testing.T, body []byte) {
	t.Helper()
	o := read(t, body)
	to := o.Audience()
	total, _ := o.Int("totalItems")
	ours := meaning{
		ID: o.ID(), Type: o.Type(), Actor: o.Ref("actor").ID, Object: o.Ref("object").ID, Target: o.Ref("target").ID,
		Content: o.Text("content").Value, Owner: o.Ref("attributedTo").ID, Published: o.String("published"),
		To: to.To, Cc: to.Cc, Total: total,
	}
	var generic map[string]any
	if err := json.Unmarshal(body, &generic); err != nil {
		t.Fatal(err)
	}
	typed, err := streams.ToType(context.Background(), generic)
	if err != nil {
		t.Fatalf("go-fed: %v", err)
	}
	again, err := streams.Serialize(typed)
	if err != nil {
		t.Fatalf("go-fed: %v", err)
	}
	if name, err := gofed.Recognise(context.Background(), body); err != nil || name != ours.Type {
		t.Errorf("recognised as %q (%v), want %q", name, err, ours.Type)
	}
	if diff := cmp.Diff(ours, meaningOf(again)); diff != "" {
		t.Errorf("go-fed reads something else (-ours +go-fed):\n%s", diff)
	}
}

func meaningOf(v map[string]any) meaning {
	total, _ := v["totalItems"].(int)
	return meaning{
		ID: idIn(v["id"]), Type: idIn(v["type"]), Actor: idIn(v["actor"]), Object: idIn(v["object"]), Target: idIn(v["target"]),
		Content: idIn(v["content"]), Owner: idIn(v["attributedTo"]), Published: idIn(v["published"]),
		To: idsIn(v["to"]), Cc: idsIn(v["cc"]), Total: int64(total),
	}
}

// idIn is the first string or id of what go-fed serialised.
func idIn(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		if len(v) > 0 {
			return idIn(v[0])
		}
	case map[string]any:
		return idIn(v["id"])
	}
	return ""
}

func idsIn(v any) []string {
	list, ok := v.([]any)
	if !ok && v != nil {
		list = []any{v}
	}
	var all []string
	for _, one := range list {
		all = append(all, idIn(one))
	}
	return all
}

// TestRecogniseUnknown: an unknown type is told apart from a broken document, and
// one without context is no problem.
func TestRecogniseUnknown(t *testing.T) {
	ctx := context.Background()
	if name, err := gofed.Recognise(ctx, []byte(`{"type":"Note","id":"https://a.example/1"}`)); name != "Note" || err != nil {
		t.Errorf("%q, %v", name, err)
	}
	if _, err := gofed.Recognise(ctx, []byte(`{"type":"Teapot"}`)); !errors.Is(err, vocabulary.ErrUnknownType) {
		t.Error(err)
	}
	var shape *document.ShapeError
	if _, err := gofed.Recognise(ctx, []byte(`{"id":"a","id":"b"}`)); !errors.As(err, &shape) {
		t.Errorf("let through to go-fed: %v", err)
	}
	if _, err := gofed.Recognise(ctx, []byte(`{`)); err == nil || errors.Is(err, vocabulary.ErrUnknownType) {
		t.Error(err)
	}
}

// BenchmarkEncodeCreate measures writing a note inside a Create.
func BenchmarkEncodeCreate(b *testing.B) {
	n := note().Members()
	a := vocabulary.Activity{ID: post + "/create", Type: "Create", Actor: coop, To: []string{document.Public}, Published: at(0), Object: n}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}
