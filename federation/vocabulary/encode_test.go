// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"minga/federation/vocabulary"

	"pgregory.net/rapid"
)

type m = vocabulary.Members

// TestEncodeValues writes each kind of value.
func TestEncodeValues(t *testing.T) {
	at := time.Date(2026, 11, 20, 12, 0, 0, 987, time.FixedZone("", -3*3600))
	for _, tt := range []struct {
		name string
		doc  m
		want string
	}{
		{"a time is UTC and without fraction", m{{"published", at}}, `{"published":"2026-11-20T15:00:00Z"}`},
		{"HTML is not escaped", m{{"content", "<p>a & b</p>"}}, `{"content":"<p>a & b</p>"}`},
		{"what JSON demands is", m{{"content", "\"\\\n\t\r\x01"}}, `{"content":"\"\\\n\t\r\u0001"}`},
		{"a list of one stays a list", m{{"to", []string{"https://a.example/"}}}, `{"to":["https://a.example/"]}`},
		{"an empty list is left out", m{{"to", []string{}}, {"name", ""}}, `{"name":""}`},
		{"but may be written", m{{"items", json.RawMessage("[]")}}, `{"items":[]}`},
		{"false and 0 are said", m{{"totalItems", 0}, {"sensitive", false}}, `{"totalItems":0,"sensitive":false}`},
		{"nothing is left out", m{{"name", nil}, {"published", time.Time{}}, {"source", m{}}}, `{}`},
		{
			"the main language stands first", m{}.Localized("content", vocabulary.Text{"es", "hola"}, vocabulary.Text{"en", "hi"}),
			`{"content":"hola","contentMap":{"es":"hola","en":"hi"}}`,
		},
		{"money keeps its digits", m{{"value", vocabulary.Decimal("1900000.50")}}, `{"value":1900000.50}`},
		{
			"raw bytes are not touched",
			m{{"object", json.RawMessage(`{"id" : "https:\/\/a.example"}`)}},
			`{"object":{"id" : "https:\/\/a.example"}}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := vocabulary.Encode(tt.doc, vocabulary.Bare)
			if err != nil || string(got) != tt.want {
				t.Errorf("got %s (%v), want %s", got, err, tt.want)
			}
		})
	}
}

// TestEncodeRefuses names what must never leave the house.
func TestEncodeRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		doc  m
		want error
	}{
		{"a term that nothing defines", m{{"colour", "red"}}, vocabulary.ErrUnknownTerm},
		{"a type that nothing defines", m{{"type", "Teapot"}}, vocabulary.ErrUnknownTerm},
		{"a term deep inside", m{{"tag", []m{{{"icon", m{{"colour", 1}}}}}}}, vocabulary.ErrUnknownTerm},
		{"a term inside raw bytes", m{{"object", json.RawMessage(`[{"name":"x","icon":{"colour":1}}]`)}}, vocabulary.ErrUnknownTerm},
		{"a key of an actor on a post", m{{"publicKey", "https://a.example/#k"}}, vocabulary.ErrUnknownTerm},
		{"bcc", m{{"bcc", []string{"https://a.example/"}}}, vocabulary.ErrValue},
		{"bto inside", m{{"object", m{{"bto", "https://a.example/"}}}}, vocabulary.ErrValue},
		{"two types", m{{"type", []string{"Note", "Article"}}}, vocabulary.ErrValue},
		{"a member twice", m{{"name", "a"}, {"name", "b"}}, vocabulary.ErrValue},
		{"a language twice", m{{"contentMap", vocabulary.Map{{"en", "a"}, {"en", "b"}}}}, vocabulary.ErrValue},
		{"a language without name", m{{"contentMap", vocabulary.Map{{"", "a"}}}}, vocabulary.ErrValue},
		{"a context of its own making", m{{"@context", "https://a.example/"}}, vocabulary.ErrValue},
		{"a vote that says more", m{{"type", "Note"}, {"name", "a"}, {"inReplyTo", "https://a.example/"}, {"content", "b"}}, vocabulary.ErrValue},
		{"raw bytes that are not JSON", m{{"object", json.RawMessage(`{"a":`)}}, vocabulary.ErrValue},
		{"text that is not UTF-8", m{{"name", "a\xff"}}, vocabulary.ErrValue},
		{"a NUL", m{{"name", "a\x00"}}, vocabulary.ErrValue},
		{"a binary fraction", m{{"value", 1.5}}, vocabulary.ErrValue},
		{"a number over 2^53", m{{"totalItems", int64(1)<<53 + 1}}, vocabulary.ErrNumber},
		{"the same as a text", m{{"value", json.Number("9007199254740993")}}, vocabulary.ErrNumber},
		{"more digits than a reader keeps", m{{"value", json.Number("0.12345678901234567")}}, vocabulary.ErrNumber},
		{"no number", m{{"value", json.Number("12e")}}, vocabulary.ErrNumber},
		{"true as a number", m{{"value", json.Number("true")}}, vocabulary.ErrNumber},
		{"an empty number", m{{"value", json.Number("")}}, vocabulary.ErrNumber},
		{"900 KiB", m{{"content", strings.Repeat("x", vocabulary.MaxDocument)}}, vocabulary.ErrTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := vocabulary.Encode(tt.doc, vocabulary.Post)
			if !errors.Is(err, tt.want) || got != nil {
				t.Errorf("%.60s, %v; want %v", got, err, tt.want)
			}
		})
	}
}

// TestContext tells which contexts a document names.
func TestContext(t *testing.T) {
	const as2 = `"https://www.w3.org/ns/activitystreams"`
	for _, tt := range []struct {
		name string
		doc  m
		kind vocabulary.Kind
		want string
	}{
		{"plain", m{{"type", "Note"}}, vocabulary.Post, as2},
		{"one term", m{{"sensitive", false}}, vocabulary.Post, `[` + as2 + `,{"sensitive":"as:sensitive"}]`},
		{"an actor", m{{"inbox", "https://a.example/i"}}, vocabulary.Post, `[` + as2 + `,"https://w3id.org/security/v1"]`},
		{
			"a field of an actor",
			m{{"type", "PropertyValue"}},
			vocabulary.Actor,
			`[` + as2 + `,"https://w3id.org/security/v1",{"schema":"http://schema.org#","PropertyValue":"schema:PropertyValue"}]`,
		},
		{
			"the same on a job",
			m{{"type", "PropertyValue"}},
			vocabulary.Post,
			`[` + as2 + `,{"sdo":"http://schema.org/","PropertyValue":"sdo:PropertyValue"}]`,
		},
		{"a proof to come", m{{"type", "Note"}}, vocabulary.Proven, `[` + as2 + `,"https://w3id.org/security/data-integrity/v2"]`},
		{"an original inside explains itself", m{{"object", json.RawMessage(`{"@context":"https://b.example","odd":1}`)}}, vocabulary.Post, as2},
		{
			"an actor inside an Update",
			m{{"object", json.RawMessage(`{"inbox":"https://a.example/i","publicKey":{"owner":"https://a.example"}}`)}},
			vocabulary.Post, `[` + as2 + `,"https://w3id.org/security/v1"]`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := vocabulary.Encode(tt.doc, tt.kind)
			if err != nil || !strings.HasPrefix(string(got), `{"@context":`+tt.want+`,`) {
				t.Errorf("%s, %v; want the context %s", got, err, tt.want)
			}
		})
	}
}

// TestActivityRefuses: go-fed's types know no such activity, and no such address.
func TestActivityRefuses(t *testing.T) {
	good := vocabulary.Activity{ID: "https://a.example/1", Type: "Like", Actor: "https://a.example/a", Object: "https://b.example/1"}
	if _, err := good.Encode(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(a *vocabulary.Activity){
		"unknown type":        func(a *vocabulary.Activity) { a.Type = "Teapot" },
		"no actor":            func(a *vocabulary.Activity) { a.Actor = "" },
		"actor without host":  func(a *vocabulary.Activity) { a.Actor = "telar" },
		"recipient":           func(a *vocabulary.Activity) { a.To = []string{":"} },
		"object":              func(a *vocabulary.Activity) { a.Object = "nothing" },
		"object of odd type":  func(a *vocabulary.Activity) { a.Object = 7 },
		"raw object, no JSON": func(a *vocabulary.Activity) { a.Object = json.RawMessage(`{`) },
		"target":              func(a *vocabulary.Activity) { a.Target = "%" },
		"id":                  func(a *vocabulary.Activity) { a.ID = "x y" },
	} {
		bad := good
		change(&bad)
		if got, err := bad.Encode(); err == nil {
			t.Errorf("%s: written as %s", name, got)
		}
	}
}

// TestIRIsAreKept: go-fed re-encodes addresses; what leaves us is what we were given.
func TestIRIsAreKept(t *testing.T) {
	const odd = "https://a.example/ñandú/%7Ex?q=a b&c='"
	a := vocabulary.Activity{ID: odd, Type: "Like", Actor: odd, To: []string{odd}, Object: odd}
	got, err := a.Encode()
	if err != nil || strings.Count(string(got), odd) != 4 {
		t.Errorf("%s, %v", got, err)
	}
}

// TestTextSurvives: any text comes back from encoding/json as it was.
func TestTextSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := strings.ReplaceAll(rapid.String().Draw(t, "text"), "\x00", "")
		want = strings.ToValidUTF8(want, "")
		got, err := vocabulary.Encode(m{{"content", want}}, vocabulary.Bare)
		if err != nil {
			t.Fatal(err)
		}
		var back map[string]string
		if err := json.Unmarshal(got, &back); err != nil || back["content"] != want {
			t.Fatalf("%q came back as %q (%v)", want, back["content"], err)
		}
	})
}
