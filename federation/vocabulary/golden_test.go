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
		{"accept-follow", activity(vocabulary.Activity{ID: coop + "/accepts/1", Type: "Accept", To: []string{remote},
			Object: json.RawMessage(`{"id":"https://masto.example/f/1","type":"Follow","actor":"` + remote + `","object":"` + coop + `"}`)})},
		{"reject-follow", activity(vocabulary.Activity{ID: coop + "/rejects/1", Type: "Reject", To: []string{remote}, Object: "https://masto.example/f/1", Content: "<p>No.</p>"})},
		{"undo-follow", activity(vocabulary.Activity{ID: coop + "/follows/1/undo", Type: "Undo", To: []string{remote},
			Object: vocabulary.Members{{"id", coop + "/follows/1"}, {"type", "Follow"}, {"actor", coop}, {"object", remote}}})},
		{"announce", activity(vocabulary.Activity{ID: coop + "/announces/1", Type: "Announce", To: public, Cc: []string{coop + "/followers", remote}, Object: "https://masto.example/1"})},
		{"like", activity(vocabulary.Activity{ID: coop + "/likes/1", Type: "Like", To: []string{remote}, Object: "https://masto.example/1",
			Extra: vocabulary.Members{{"usedOn", "2026-10-01"}}})},
		{"add-pin", activity(vocabulary.Activity{ID: coop + "/adds/1", Type: "Add", To: public, Object: post, Target: coop + "/featured"})},
		{"remove-member", activity(vocabulary.Activity{ID: "https://fed-sur.example/federation/removes/1", Type: "Remove", Actor: "https://fed-sur.example/federation",
			To: public, Object: coop, Origin: "https://fed-sur.example/federation/members", Target: "https://fed-sur.example/federation/members"})},
		{"move", activity(vocabulary.Activity{ID: person + "/moves/1", Type: "Move", Actor: person, To: []string{person + "/followers"}, Object: person, Target: remote})},
		{"flag", activity(vocabulary.Activity{ID: "https://fed-sur.example/reports/1", Type: "Flag", Actor: "https://fed-sur.example/actor", To: []string{remote},
			Object: []string{remote, "https://masto.example/1"}, Content: "spam"})},
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
		{"followers-page", object(vocabulary.Collection{ID: coop + "/followers?page=1", PartOf: coop + "/followers", TotalItems: 41,
			Next: coop + "/followers?page=2", Items: []any{remote}}.Members(), vocabulary.Post)},
		{"outbox-page-empty", object(vocabulary.Collection{ID: coop + "/outbox?page=1", PartOf: coop + "/outbox", TotalItems: -1, Items: []any{}}.Members(), vocabulary.Post)},
		{"replies", object(vocabulary.Collection{ID: post + "/replies", Unordered: true, TotalItems: 1, Items: []any{"https://masto.example/1"}}.Members(), vocabulary.Post)},
		{"jobs-embedded", object(vocabulary.Collection{ID: coop + "/jobs", TotalItems: 1, Items: []any{siteJob().Members()}}.Members(), vocabulary.Post)},
	}
}

func note() vocabulary.Note {
	return vocabulary.Note{
		ID: post, AttributedTo: coop, URL: "https://fed-sur.example/@telar/7", To: []string{document.Public},
		Cc: []string{coop + "/followers", board, remote}, Audience: board, InReplyTo: "https://masto.example/1",
		Context: "https://masto.example/contexts/1", Replies: post + "/replies", Published: at(0), Updated: at(3),
		Contents: vocabulary.Map{{"es", "<p>Hola <b>mundo</b> & más</p>"}, {"ca", "<p>Hola <b>món</b> & més</p>"}},
		Attachment: []vocabulary.Members{append(vocabulary.Picture("https://fed-sur.example/m/1.jpg", "image/jpeg", "Un mate"),
			vocabulary.Member{"blurhash", "UBL_"}, vocabulary.Member{"width", 1200}, vocabulary.Member{"height", 800},
			vocabulary.Member{"focalPoint", []any{vocabulary.Decimal("0.1"), vocabulary.Decimal("-0.5")}})},
		Tag: []vocabulary.Members{
			vocabulary.Hashtag("coopjobs", "https://fed-sur.example/tags/coopjobs"), vocabulary.Mention("rosa@masto.example", remote),
			vocabulary.ObjectLink("https://red-norte.example/requests/88", "RE: request", "related"),
			{{"id", "https://fed-sur.example/emoji/1"}, {"type", "Emoji"}, {"name", ":mate:"}, {"icon", vocabulary.Picture("https://fed-sur.example/e/1.png", "image/png", "")}},
		},
		Extra: vocabulary.Members{{"interactionPolicy", vocabulary.Members{{"canQuote", vocabulary.Members{{"automaticApproval", []string{document.Public}}}}}}},
	}
}

func articleNote() vocabulary.Note {
	return vocabulary.Note{
		ID: article, Type: "Article", AttributedTo: coop, URL: "https://fed-sur.example/@telar/salarios", To: []string{document.Public},
		Published: at(0), Name: "Salarios", Summary: "Tres modelos.", Contents: vocabulary.Map{{"es", "<h2>Iguales</h2><p>Era simple.</p>"}},
		Source: "## Iguales\n\nEra simple.\n",
		Extra: vocabulary.Members{
			{"inLanguage", "es"}, {"license", "https://creativecommons.org/licenses/by-sa/4.0/"}, {"version", "1"},
			{"history", article + "/history"}, {"contextHistory", article + "/context/history"}, {"citation", []string{"https://handbook.example/pay"}}, {"position", 1},
			{"checkedOn", "2026-11-01"}, {"checkedBy", coop}, {"contributor", []string{remote}},
			{"preview", vocabulary.Note{AttributedTo: coop, Content: "<p>Tres modelos.</p>", Published: at(0)}.Members()},
		},
	}
}

func siteJob() vocabulary.Note {
	pay := vocabulary.Members{{"type", "MonetaryAmount"}, {"currency", "EUR"}, {"value", vocabulary.Members{
		{"type", "QuantitativeValue"}, {"minValue", vocabulary.Decimal("15.50")}, {"maxValue", vocabulary.Decimal("17")}, {"unitText", "HOUR"}}}}
	job := vocabulary.Members{{"type", "JobPosting"}, {"id", coop + "/jobs/3#job"}}.
		Localized("title", vocabulary.Text{"it", "Panettiere"}, vocabulary.Text{"en", "Baker"}).
		Localized("description", vocabulary.Text{"it", "<p>Pane, ogni notte.</p>"}).
		Add("jobLocation", []vocabulary.Members{vocabulary.Place("Il forno", "45.46", "9.19", vocabulary.Address("Via Roma 1", "Milano", "IT-25", "20121", "IT"))}).
		Add("identifier", vocabulary.PropertyValue("telar.coop.example", "3")).
		Add("officeDays", 5).Add("baseSalary", pay).Add("gross", true).Add("openToNew", true).
		Add("repostOf", coop+"/jobs/1").Add("validThrough", at(59)).Add("closed", at(58)).
		Add("memberShare", vocabulary.Members{{"type", "MonetaryAmount"}, {"currency", "EUR"}, {"value", 100}, {"instalments", 10}}).
		Add("hiringSteps", []string{"lettera"}).Add("employmentType", []string{"FULL_TIME"})
	return vocabulary.Note{ID: coop + "/jobs/3", AttributedTo: coop, To: []string{document.Public}, Published: at(0),
		Contents: vocabulary.Map{{"it", "<p><strong>Panettiere</strong></p>"}, {"en", "<p><strong>Baker</strong></p>"}},
		Extra:    vocabulary.Members{{"job", job}}}
}

func tombstone() vocabulary.Members {
	m, err := vocabulary.Tombstone{ID: post, FormerType: "Note", Deleted: at(5)}.Members()
	if err != nil {
		panic(err)
	}
	return m
}

func edit() vocabulary.Members {
	return vocabulary.Members{{"type", "Edit"}, {"id", coop + "/edits/1"}, {"attributedTo", coop},
		{"article", "https://red-norte.example/coops/brisa/articles/salaries"}, {"baseVersion", "3"},
		{"source", vocabulary.Members{{"content", "Text"}, {"mediaType", "text/markdown"}}}, {"reason", "a typo"}}
}

func alliance() vocabulary.Members {
	return vocabulary.Members{{"type", "Alliance"}, {"id", coop + "/alliances/3"}, {"parties", []string{coop, "https://banc.example/coops/gracia"}},
		{"creditLimit", vocabulary.Quantity("hour", "40")}, {"terms", "an hour is an hour"}}
}

func personActor() vocabulary.ActorDocument {
	return vocabulary.ActorDocument{
		ID: person, Type: "Person", PreferredUsername: "ana", Name: "Ana", URL: "https://fed-sur.example/@ana",
		Inbox: person + "/inbox", Outbox: person + "/outbox", Followers: person + "/followers", Following: person + "/following",
		SharedInbox: "https://fed-sur.example/inbox", Published: at(0), ManuallyApproves: true, MovedTo: remote,
		AlsoKnownAs: []string{remote}, Webfinger: "ana@fed-sur.example",
		Key: vocabulary.Key{PEM: "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n",
			Multikeys: []vocabulary.Multikey{{Multibase: "z6Mknei9DRAwWLFyB6aswcQeYm5zaE7KLw7gLomguRbYofq2"}}},
	}
}

func coopActor() vocabulary.ActorDocument {
	a := personActor()
	a.ID, a.Type, a.MovedTo, a.AlsoKnownAs = coop, "Organization", "", nil
	a.Featured, a.FeaturedTags = coop+"/featured", coop+"/tags"
	a.Icon, a.Image = vocabulary.Picture("https://fed-sur.example/m/2.png", "image/png", "logo"), vocabulary.Picture("https://fed-sur.example/m/3.png", "", "")
	a.AttributionDomains = []string{"telar.coop.example"}
	a.Generator = vocabulary.Generator("https://fed-sur.example/actor", "minga", "https://fed-sur.example/about")
	a.Fields = []vocabulary.Members{vocabulary.PropertyValue("Web", `<a href="https://telar.coop.example" rel="me">telar</a>`)}
	a.Extra = vocabulary.Members{
		{"coopType", "http://purl.org/essglobal/standard/organisational-structure/OS60"}, {"workerCount", 9}, {"memberCount", 11},
		{"dayRate", vocabulary.Members{{"type", "MonetaryAmount"}, {"currency", "EUR"}, {"minValue", 300}, {"maxValue", 400}}},
		{"leadTime", "P4W"}, {"contractTypes", []string{"fixed-price"}},
		{"activity", []string{"http://purl.org/essglobal/standard/activities-ica/ICA190"}}, {"memberOf", []string{"https://fed-sur.example/federation"}},
		{"location", vocabulary.Place("Rosario", "-32.95", "-60.66", vocabulary.Address("", "Rosario", "AR-S", "", "AR"))},
	}
	return a
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
	if name, err := vocabulary.Recognise(context.Background(), body); err != nil || name != ours.Type {
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
	if name, err := vocabulary.Recognise(ctx, []byte(`{"type":"Note","id":"https://a.example/1"}`)); name != "Note" || err != nil {
		t.Errorf("%q, %v", name, err)
	}
	if _, err := vocabulary.Recognise(ctx, []byte(`{"type":"Teapot"}`)); !errors.Is(err, vocabulary.ErrUnknownType) {
		t.Error(err)
	}
	if _, err := vocabulary.Recognise(ctx, []byte(`{`)); err == nil || errors.Is(err, vocabulary.ErrUnknownType) {
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
