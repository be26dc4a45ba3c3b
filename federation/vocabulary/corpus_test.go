// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"minga/federation/document"
	"minga/federation/vocabulary"
	"minga/federation/vocabulary/gofed"
)

// TestCorpusRecognise hands real documents that passed the shape check to go-fed:
// it must not panic, and what it recognises our reader must read the same.
func TestCorpusRecognise(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(corpusDir(), "*", "*.json"))
	if err != nil || len(names) < 500 {
		t.Skipf("%d documents in the corpus (%v)", len(names), err)
	}
	known, unknown := 0, 0
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(filepath.Dir(name)) == "contexts" || document.Check(body, document.Pushed()) != nil {
			continue
		}
		recognised, err := gofed.Recognise(context.Background(), body)
		switch {
		case errors.Is(err, vocabulary.ErrUnknownType):
			unknown++
		case err != nil:
			t.Errorf("%s: %v", name, err)
		default:
			known++
			if types := read(t, body).Types(); !slices.Contains(types, recognised) {
				t.Errorf("%s: go-fed says %s, we say %v", name, recognised, types)
			}
		}
	}
	t.Logf("go-fed knows %d, not %d", known, unknown)
	if known < 400 {
		t.Errorf("go-fed knows only %d", known)
	}
}
