// SPDX-License-Identifier: AGPL-3.0-or-later

package document_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"minga/federation/document"
)

// seed gives a fuzz target every document that we wrote, and some broken ones.
func seed(f *testing.F) {
	f.Helper()
	names, _ := filepath.Glob("testdata/shapes/*.json")
	own, _ := filepath.Glob("../vocabulary/testdata/*/*.json")
	for _, name := range append(names, own...) {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	for _, s := range []string{`{}`, `{"id":"\u0000"}`, `{"a":"\ud83d\ude00"}`, `{"\u0069d":1}`, `{"a":[[[{}]]]}`, `{"a":1e9,"b":-0.0}`, `{"a":"\\\""}`, `[`, `{"a"`, `{"to":[[]],"tag":[7,[],{}]}`} {
		f.Add([]byte(s))
	}
}

// FuzzCheck: no panic, and what is let in is JSON to the standard library too.
func FuzzCheck(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		pushed := document.Check(body, document.Pushed())
		fetched := document.Check(body, document.Fetched())
		if pushed == nil && (!json.Valid(body) || fetched != nil) {
			t.Fatalf("let in: %q (fetched: %v)", body, fetched)
		}
		_, err := document.Read(body)
		if pushed == nil && err != nil {
			t.Fatalf("checked but not read: %v in %q", err, body)
		}
	})
}

// FuzzRead: no panic in any accessor, and what is read are the bytes that came.
func FuzzRead(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		o, err := document.Read(body)
		if err != nil {
			return
		}
		if !bytes.Equal(o.Bytes(), bytes.TrimSpace(body)) {
			t.Fatalf("%q was read as %q", body, o.Bytes())
		}
		sink += readPost(o) + len(gistOf(o).Attachments)
		compareMembers(t, o)
		for _, m := range o.Members() {
			touch(o, m.Name)
		}
	})
}

// compareMembers holds our index against the standard library.
func compareMembers(t *testing.T, o *document.Object) {
	var std map[string]json.RawMessage
	if err := json.Unmarshal(o.Bytes(), &std); err != nil {
		t.Fatalf("we read %q, the standard library says %v", o.Bytes(), err)
	}
	for name, raw := range std {
		if string(raw) != "null" && !bytes.Equal(o.Raw(name), raw) {
			t.Fatalf("%q is %q, want %q", name, o.Raw(name), raw)
		}
		var text string
		if json.Unmarshal(raw, &text) == nil && string(raw) != "null" && o.String(name) != text {
			t.Fatalf("%q is the text %q, want %q", name, o.String(name), text)
		}
	}
}

// touch asks a member in every way.
func touch(o *document.Object, name string) {
	_, _ = o.Bool(name)
	_, _ = o.Number(name)
	_, _ = o.Int(name)
	_, _ = o.Time(name)
	sink += len(o.Strings(name)) + len(o.Text(name).Value) + len(o.Links(name)) + len(o.Media(name))
	for _, r := range o.Refs(name) {
		sink += len(r.ID) + len(r.Object().Type())
	}
	for r := range (document.CollectionView{Object: o.Object(name)}).Items() {
		sink += len(r.ID)
	}
}

// FuzzActor: no panic, and the lists of an actor stay bounded.
func FuzzActor(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		if document.Check(body, document.Fetched()) != nil {
			return
		}
		o, err := document.Read(body)
		if err != nil {
			t.Fatal(err)
		}
		a := o.Actor()
		if len(a.Fields) > document.MaxFields || len(a.AlsoKnownAs) > document.MaxAliases || len(a.Keys) > document.MaxKeys ||
			len([]rune(a.Name)) > document.MaxName || len(a.Summary.Value) > document.MaxBio {
			t.Fatalf("%+v", a)
		}
	})
}
