// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"minga/federation/document"
	"minga/federation/vocabulary/gofed"
)

// FuzzRecognise: what the shape check lets in crashes neither reader nor go-fed.
func FuzzRecognise(f *testing.F) {
	names, _ := filepath.Glob("testdata/*/*.json")
	shapes, _ := filepath.Glob("../document/testdata/shapes/*.json")
	for _, name := range append(names, shapes...) {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if document.Check(body, document.Pushed()) != nil {
			return
		}
		if _, err := document.Read(body); err != nil {
			t.Fatal(err)
		}
		_, _ = gofed.Recognise(context.Background(), body)
	})
}

// TestRecogniseBounded: behind the shape check go-fed's appetite stays small.
// Without it 1 MiB costs more than a gigabyte.
func TestRecogniseBounded(t *testing.T) {
	list := func(head, unit string, n int) []byte {
		return []byte(head + strings.TrimSuffix(strings.Repeat(unit+",", n), ",") + `]}`)
	}
	for name, body := range map[string][]byte{
		"objects":    list(`{"type":"Create","object":[`, `{"type":"Note","id":"https://a.example/1","content":"x"}`, 256),
		"tags":       list(`{"type":"Note","tag":[`, `{"type":"Mention","href":"https://a.example/1","name":"x"}`, 256),
		"recipients": list(`{"type":"Note","to":[`, `"https://a.example/1"`, 1000),
		"items":      list(`{"type":"Collection","items":[`, `{"type":"Note","id":"https://a.example/1"}`, 1000),
		"icons":      list(`{"type":"Note","icon":[`, `{"type":"Image"}`, 3000),
	} {
		if err := document.Check(body, document.Pushed()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, err := gofed.Recognise(context.Background(), bytes.Clone(body))
		runtime.ReadMemStats(&after)
		used := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s: %d bytes cost %d kB (%v)", name, len(body), used>>10, err)
		if used > 128<<20 {
			t.Errorf("%s: %d bytes cost %d MiB", name, len(body), used>>20)
		}
	}
}
