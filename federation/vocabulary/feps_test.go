// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary_test

import (
	"errors"
	"testing"

	"minga/federation/document"
	"minga/federation/vocabulary"
)

// TestFEPs: the table is sorted, whole and says something of each.
func TestFEPs(t *testing.T) {
	last := ""
	for _, f := range vocabulary.FEPs() {
		if f.Number <= last || len(f.Number) != 4 {
			t.Errorf("FEP %q stands after %q", f.Number, last)
		}
		if f.Title == "" || !(f.In || f.Out) {
			t.Errorf("FEP %s: no title, or spoken in no direction", f.Number)
		}
		last = f.Number
	}
}

// TestSpokenTypes compares the lists with what the writer writes and the reader knows.
func TestSpokenTypes(t *testing.T) {
	for _, s := range vocabulary.ActivityTypes() {
		_, err := vocabulary.Activity{Type: s.Name, Actor: "https://a.example/1", Object: "https://a.example/2"}.Encode()
		if s.Out != (err == nil) {
			t.Errorf("%s: sent %v, but the writer says %v", s.Name, s.Out, err)
		}
		if o, _ := document.Read([]byte(`{"type":"` + s.Name + `"}`)); s.In && o.Class() != document.Activity {
			t.Errorf("%s: taken, but the reader sees a %s", s.Name, o.Class())
		}
	}
	for _, s := range vocabulary.ObjectTypes() {
		_, err := vocabulary.Encode(vocabulary.Members{{Name: "type", Value: s.Name}}, vocabulary.Post)
		if s.Out && errors.Is(err, vocabulary.ErrUnknownTerm) {
			t.Errorf("%s: sent, but without a definition", s.Name)
		}
		if o, _ := document.Read([]byte(`{"type":["Unheard","` + s.Name + `"]}`)); s.In && o.Type() != s.Name {
			t.Errorf("%s: taken, but unknown to the reader", s.Name)
		}
	}
}
