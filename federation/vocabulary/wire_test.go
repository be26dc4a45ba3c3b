// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"minga/federation/document"
	"minga/federation/vocabulary"

	"github.com/google/go-cmp/cmp"
)

// wireExamples are our own documents: what other servers will have seen of us.
func wireExamples(t *testing.T) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/wire/*.json")
	if err != nil || len(names) != 27 {
		t.Fatalf("%d wire examples, want 27 (%v)", len(names), err)
	}
	all := map[string][]byte{}
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(name), ".json")] = body
	}
	return all
}

// membersOf turns a document into the Members that would write it: without its
// @context, which the writer must find out by itself.
func membersOf(t *testing.T, o *document.Object) vocabulary.Members {
	t.Helper()
	var m vocabulary.Members
	for _, one := range o.Members() {
		if one.Name != "@context" {
			m = append(m, vocabulary.Member{Name: one.Name, Value: valueOf(t, one)})
		}
	}
	return m
}

func valueOf(t *testing.T, m document.Member) any {
	t.Helper()
	switch m.Raw[0] {
	case '{':
		return nestedOf(t, m)
	case '[':
		var list []json.RawMessage
		if err := json.Unmarshal(m.Raw, &list); err != nil {
			t.Fatal(err)
		}
		all := []any{}
		for _, one := range list {
			all = append(all, valueOf(t, document.Member{Name: m.Name, Raw: one}))
		}
		return all
	case '"':
		var s string
		if err := json.Unmarshal(m.Raw, &s); err != nil {
			t.Fatal(err)
		}
		return s
	case 't', 'f':
		return string(m.Raw) == "true"
	}
	return json.Number(m.Raw)
}

// nestedOf keeps an original with its own @context as it is.
func nestedOf(t *testing.T, m document.Member) any {
	t.Helper()
	o, err := document.Read(m.Raw)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case o.Has("@context"):
		return json.RawMessage(m.Raw)
	case strings.HasSuffix(m.Name, "Map"):
		var all vocabulary.Map
		for _, one := range o.Members() {
			all = append(all, vocabulary.Text{Language: one.Name, Value: o.String(one.Name)})
		}
		return all
	}
	return membersOf(t, o)
}

// sameJSON compares two documents as values, numbers by their digits.
func sameJSON(t *testing.T, want, got []byte) {
	t.Helper()
	if diff := cmp.Diff(decoded(t, want), decoded(t, got)); diff != "" {
		t.Errorf("not the same document (-want +got):\n%s", diff)
	}
}

func decoded(t *testing.T, body []byte) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return v
}

// TestWireExamples writes every example anew from its members alone: the same
// document must come out, its @context included, and the same bytes each time.
func TestWireExamples(t *testing.T) {
	for name, want := range wireExamples(t) {
		t.Run(name, func(t *testing.T) {
			o, err := document.Read(want)
			if err != nil {
				t.Fatal(err)
			}
			m := membersOf(t, o)
			got, err := vocabulary.Encode(m, vocabulary.Post)
			if err != nil {
				t.Fatal(err)
			}
			sameJSON(t, want, got)
			again, err := vocabulary.Encode(m, vocabulary.Post)
			if err != nil || string(again) != string(got) {
				t.Errorf("written twice it is not the same bytes (%v)", err)
			}
			if !strings.HasPrefix(string(got), `{"@context":`) || strings.Contains(string(got), `\u003c`) {
				t.Errorf("begins with %.40s, or escapes HTML", got)
			}
		})
	}
}
