// SPDX-License-Identifier: AGPL-3.0-or-later

package document_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"minga/federation/document"

	"github.com/google/go-cmp/cmp"
)

// TestReadKeepsBytes: whatever is taken out of a document is a part of the bytes
// that came.
func TestReadKeepsBytes(t *testing.T) {
	body := []byte(" {\"object\" : { \"id\":\"https:\\/\\/a.example\\/1\" ,\n\"n\": 1.50 } } \n")
	o, err := document.Read(body)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSpace(string(body)); string(o.Bytes()) != want {
		t.Errorf("%q, want %q", o.Bytes(), want)
	}
	inner := o.Ref("object")
	if inner.ID != "https://a.example/1" || !bytes.Contains(body, inner.Embedded) || inner.Embedded[0] != '{' {
		t.Errorf("%+v", inner)
	}
	if string(inner.Object().Raw("n")) != "1.50" {
		t.Errorf("%s", inner.Object().Raw("n"))
	}
}

// TestReadRefuses: Read trusts nobody to have checked the syntax.
func TestReadRefuses(t *testing.T) {
	for body, want := range map[string]document.Reason{
		`[]`: document.NotObject, `{"a":1} x`: document.TrailingData, `{"a":}`: document.NotJSON, "{\"\xff\":1}": document.BadUTF8,
		`{"a":` + strings.Repeat(`[`, 100) + strings.Repeat(`]`, 100) + `}`: document.TooDeep, `{"a":"\ud800"}`: document.LoneSurrogate,
	} {
		o, err := document.Read([]byte(body))
		if got := reasonOf(t, err); got != want || o != nil {
			t.Errorf("%.30s: %q, want %q", body, got, want)
		}
	}
}

// TestAbsent: a chain of calls on what is not there ends in nothing, not in a panic.
func TestAbsent(t *testing.T) {
	var o *document.Object
	o = o.Object("object").Payload("job")
	if o.ID() != "" || o.Type() != "" || o.Has("x") || o.Members() != nil || o.Bytes() != nil || o.Owner() != "" || o.Link() != "" {
		t.Error("an absent object says something")
	}
	if o.Class() != document.Thing || o.PayloadName() != "" || o.Text("content").Value != "" || len(o.Tags().Emoji) > 0 ||
		o.Audience().Visibility() != document.Limited || o.Actor().Inbox != "" || o.Source().Content != "" {
		t.Error("an absent object means something")
	}
	if _, ok := o.Collection().TotalItems(); ok || !o.Collection().First().IsZero() {
		t.Error("an absent collection counts")
	}
	for range o.Collection().Items() {
		t.Error("an absent collection has items")
	}
}

// TestType: names, prefixes, several types.
func TestType(t *testing.T) {
	for raw, want := range map[string]string{
		`"Note"`: "Note", `"as:Note"`: "Note", `"https://www.w3.org/ns/activitystreams#Note"`: "Note", `["Note"]`: "Note",
		`["Unheard","Note","Article"]`: "Note", `["Unheard","Odd"]`: "Unheard", `null`: "", `7`: "", `[7,"Note"]`: "Note",
		`"http://schema.org/JobPosting"`: "JobPosting", `"vf:Proposal"`: "Proposal", `"ValueFlows:Proposal"`: "Proposal",
		`"https://w3id.org/minga/ns#Pool"`: "Pool", `"x:Note"`: "x:Note", `"` + strings.Repeat("x", 300) + `"`: "",
	} {
		if got := parse(t, `{"type":`+raw+`}`).Type(); got != want {
			t.Errorf("%.40s is read as %q, want %q", raw, got, want)
		}
	}
}

// TestClass: by the type, else by the shape (FEP-2277).
func TestClass(t *testing.T) {
	const iri = `"https://a.example/1"`
	for body, want := range map[string]document.Class{
		`{"type":"Person"}`: document.Actor, `{"type":"Undo"}`: document.Activity, `{"type":"OrderedCollection"}`: document.Collection,
		`{"type":"OrderedCollectionPage"}`: document.Page, `{"type":"Mention"}`: document.LinkClass, `{"type":"Note"}`: document.Thing,
		`{"type":"Note","inbox":` + iri + `}`: document.Thing, `{"inbox":` + iri + `}`: document.Actor, `{"type":"Bot","inbox":` + iri + `}`: document.Actor,
		`{"type":"Bite","actor":` + iri + `,"object":` + iri + `}`: document.Activity, `{"type":"x","items":[]}`: document.Collection,
		`{"orderedItems":[],"partOf":` + iri + `}`: document.Page, `{"href":` + iri + `}`: document.LinkClass, `{}`: document.Thing,
	} {
		if got := parse(t, body).Class(); got != want {
			t.Errorf("%s is a %s, want %s", body, got, want)
		}
	}
}

// TestValues reads scalars in the ways that others write them.
func TestValues(t *testing.T) {
	o := parse(t, `{"n":"41.5","i":"7","f":3.0,"big":9007199254740993,"e":1e3,"bad":"1.","no":true,"b":"true","l":[null,"x"],
		"v":{"@value":"y","@language":"es"},"z":null,"neg":-1,"list":["a",7,{"@value":"b"},{"c":1},null],"\u0061bc":"escaped"}`)
	if n, ok := o.Number("n"); n != "41.5" || !ok {
		t.Errorf("n %q", n)
	}
	for name, want := range map[string]string{
		"i": "7 true", "f": "3 true", "big": "9007199254740993 true", "e": "0 false",
		"bad": "0 false", "n": "0 false", "neg": "-1 true", "z": "0 false", "no": "0 false",
	} {
		n, ok := o.Int(name)
		if got := fmt.Sprintln(n, ok); got != want+"\n" {
			t.Errorf("%s is %swant %s", name, got, want)
		}
	}
	if b, ok := o.Bool("b"); !b || !ok {
		t.Error("true as a text is no boolean")
	}
	if o.String("l") != "x" || o.String("v") != "y" || o.Has("z") || o.String("abc") != "escaped" {
		t.Errorf("%q %q %q", o.String("l"), o.String("v"), o.String("abc"))
	}
	if diff := cmp.Diff([]string{"a", "7", "b"}, o.Strings("list")); diff != "" {
		t.Error(diff)
	}
}

// TestTime takes what is readable and not absurd.
func TestTime(t *testing.T) {
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for raw, want := range map[string]time.Time{
		`"2026-11-20T12:00:00Z"`: noon, `"2026-11-20T13:00:00+01:00"`: noon, `"2026-11-20T12:00:00"`: noon, `"2026-11-20T12:00Z"`: noon,
		`"2026-11-20T12:00:00.5Z"`: noon.Add(time.Second / 2), `"2026-11-20"`: noon.Add(-12 * time.Hour), `["2026-11-20T12:00:00Z"]`: noon,
		`{"@value":"2026-11-20T12:00:00Z"}`: noon, `"0001-01-01T00:00:00Z"`: {}, `"9999-01-01T00:00:00Z"`: {}, `"yesterday"`: {}, `17`: {}, `null`: {},
	} {
		got, ok := parse(t, `{"published":`+raw+`}`).Time("published")
		if ok == want.IsZero() || (ok && !got.Equal(want)) {
			t.Errorf("%s is %v %v, want %v", raw, got, ok, want)
		}
	}
}

// TestText: which language the main text is in.
func TestText(t *testing.T) {
	for _, tt := range []struct{ name, body, language, value string }{
		{"nobody says", `{"content":"x"}`, "", "x"},
		{"the first key", `{"content":"x","contentMap":{"pt":"y","es":"z"}}`, "pt", "x"},
		{"the key with the same text", `{"content":"x","contentMap":{"pt":"y","es":"x"}}`, "es", "x"},
		{"the document says", `{"content":"x","inLanguage":"ca","contentMap":{"pt":"y","es":"x"}}`, "ca", "x"},
		{"the context says", `{"@context":["https://www.w3.org/ns/activitystreams",{"@language":"it"}],"content":"x"}`, "it", "x"},
		{"the context says nothing", `{"@context":{"@language":"und"},"content":"x","contentMap":{"es":"x"}}`, "es", "x"},
		{"only a map", `{"contentMap":{"es":"x","en":"y"}}`, "es", "x"},
		{"only a map, and a language", `{"inLanguage":"en","contentMap":{"es":"x","en":"y"}}`, "en", "y"},
		{"a map in its place", `{"content":{"es":"x"}}`, "es", "x"},
		{"keys that are no languages", `{"contentMap":{"@none":"a","x":"b","es":"c","en":["d"]}}`, "es", "c"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := parse(t, tt.body).Text("content")
			if got.Language != tt.language || got.Value != tt.value {
				t.Errorf("%+v, want %q in %q", got, tt.value, tt.language)
			}
		})
	}
	inner := parse(t, `{"@context":{"@language":"it"},"object":{"content":"x"}}`).Object("object")
	if got := inner.Text("content").Language; got != "it" {
		t.Errorf("the document around it says it, read as %q", got)
	}
	text := parse(t, `{"content":"x","contentMap":{"pt-BR":"y","es":"x"}}`).Text("content")
	if text.In("pt") != "y" || text.In("ES") != "x" || text.In("eu") != "x" {
		t.Errorf("%+v", text)
	}
}

// TestRefs: a string, an object, a link, several; what is no address is none.
func TestRefs(t *testing.T) {
	const a, b = "https://a.example/1", "https://b.example/2"
	for _, tt := range []struct {
		raw  string
		want []string
	}{
		{`"` + a + `"`, []string{a}},
		{`{"id":"` + a + `"}`, []string{a}},
		{`{"type":"Link","href":"` + a + `"}`, []string{a}},
		{`["` + a + `",{"id":"` + b + `"}]`, []string{a, b}},
		{`"as:Public"`, []string{document.Public}},
		{`"Public"`, []string{document.Public}},
		{`"javascript:x"`, nil},
		{`"mailto:a@b.example"`, nil},
		{`"https://u@a.example/"`, nil},
		{`7`, nil},
		{`null`, nil},
		{`[null,7]`, nil},
		{`[["` + a + `"]]`, nil},
		{`{"name":"x"}`, []string{""}},
	} {
		o := parse(t, `{"inReplyTo":`+tt.raw+`}`)
		var got []string
		for _, r := range o.Refs("inReplyTo") {
			got = append(got, r.ID)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s:\n%s", tt.raw, diff)
		}
		if first := o.Ref("inReplyTo").ID; len(got) > 0 && first != got[0] {
			t.Errorf("%s: first %q", tt.raw, first)
		}
	}
}

// TestOwner: the first of attributedTo, and a broken first lets no second move up.
func TestOwner(t *testing.T) {
	const a, b = "https://a.example/1", "https://b.example/2"
	for _, tt := range []struct {
		body, owner string
		claims      []string
	}{
		{`{"type":"Note","attributedTo":"` + a + `"}`, a, nil},
		{`{"type":"Note","attributedTo":["` + a + `","` + b + `"]}`, a, []string{b}},
		{`{"type":"Note","attributedTo":[{"name":"x"},"` + b + `"]}`, "", nil},
		{`{"type":"Note","actor":"` + a + `"}`, a, nil},
		{`{"type":"Create","actor":"` + a + `","attributedTo":"` + b + `"}`, a, nil},
		{`{"type":"Person","id":"` + a + `"}`, a, nil},
		{`{"type":"Group","id":"` + a + `","attributedTo":"` + b + `"}`, b, nil},
		{`{"type":"Note"}`, "", nil},
	} {
		o := parse(t, tt.body)
		if got := o.Owner(); got != tt.owner {
			t.Errorf("%s is owned by %q, want %q", tt.body, got, tt.owner)
		}
		if diff := cmp.Diff(tt.claims, o.Claims()); diff != "" {
			t.Errorf("%s: %s", tt.body, diff)
		}
	}
}

// TestAudience: five lists, spellings of Public, and an activity without any.
func TestAudience(t *testing.T) {
	o := parse(t, `{"type":"Create","object":{"to":"as:Public","cc":["https://a.example/f","https://a.example/f"],"bcc":"https://b.example/"}}`)
	got := o.Audience()
	if diff := cmp.Diff([]string{document.Public, "https://a.example/f", "https://b.example/"}, got.All()); diff != "" {
		t.Error(diff)
	}
	if got.Visibility() != document.Everyone || !got.Has("https://b.example/") || got.Has("https://c.example/") {
		t.Errorf("%+v", got)
	}
	for body, want := range map[string]document.Visibility{
		`{"cc":["Public"]}`: document.Unlisted, `{"audience":"as:Public"}`: document.Unlisted, `{"bto":"as:Public"}`: document.Limited,
		`{"type":"Create","to":[],"object":{"to":"as:Public"}}`: document.Limited, `{"type":"Note","object":{"to":"as:Public"}}`: document.Limited,
	} {
		if got := parse(t, body).Audience().Visibility(); got != want {
			t.Errorf("%s: %d, want %d", body, got, want)
		}
	}
}
