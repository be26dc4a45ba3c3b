// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// document is a PDF of a size, in which a word stands everywhere.
func document(size int) string {
	text := "%PDF-1.7\n" + strings.Repeat("secret of somebody. ", size/20+1)
	return text[:size]
}

func TestSealedFilesComeBackWhole(t *testing.T) {
	s := newLibrary(t, nil)
	for _, size := range []int{9, sealedPiece - 1, sealedPiece, sealedPiece + 1, 3 * sealedPiece, 5 << 20} {
		kept, err := s.KeepSealed(t.Context(), `C:\papers\cv.PDF`, oddReader(document(size)), 5<<20)
		if err != nil || kept.Size != int64(size) || kept.Title != "cv.PDF" {
			t.Fatalf("%d bytes: %+v %v", size, kept, err)
		}
		got, err := s.OpenSealed(t.Context(), kept.Name)
		if err != nil || string(got) != document(size) {
			t.Errorf("%d bytes come back as %d: %v", size, len(got), err)
		}
		key, _ := keyOf(areaSealed, kept.Name)
		raw := s.raw(key)
		// Whole words: three letters stand in millions of random bytes by chance.
		if bytes.Contains(raw, []byte("secret of")) || bytes.Contains(raw, []byte("%PDF-1.7")) {
			t.Errorf("%d bytes lie readable", size)
		}
		if _, err := s.Serve(t.Context(), kept.Name); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("it is served by its name: %v", err)
		}
	}
}

func TestASealedFileThatWasChangedDoesNotOpen(t *testing.T) {
	s := newLibrary(t, nil)
	keep := func() (Sealed, string, []byte) {
		kept, err := s.KeepSealed(t.Context(), "cv.pdf", strings.NewReader(document(3*sealedPiece)), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		key, _ := keyOf(areaSealed, kept.Name)
		return kept, key, s.raw(key)
	}
	piece := sealedPiece + storage.SealOverhead
	_, _, foreign := keep()
	for name, change := range map[string]func(raw []byte) []byte{
		"cut after a piece":  func(raw []byte) []byte { return raw[:piece] },
		"cut within a piece": func(raw []byte) []byte { return raw[:piece+100] },
		"empty":              func([]byte) []byte { return nil },
		"two pieces swapped": func(raw []byte) []byte {
			return bytes.Join([][]byte{raw[piece : 2*piece], raw[:piece], raw[2*piece:]}, nil)
		},
		"a piece of another file":    func(raw []byte) []byte { return append(bytes.Clone(foreign[:piece]), raw[piece:]...) },
		"a byte turned":              func(raw []byte) []byte { raw[piece+50] ^= 1; return raw },
		"something at the end of it": func(raw []byte) []byte { return append(raw, raw[:piece]...) },
	} {
		kept, key, raw := keep()
		changed := change(bytes.Clone(raw))
		if err := s.files.Put(t.Context(), key, bytes.NewReader(changed), int64(len(changed)), ""); err != nil {
			t.Fatal(err)
		}
		if _, err := s.OpenSealed(t.Context(), kept.Name); !errors.Is(err, storage.ErrSecretKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsNotSealed(t *testing.T) {
	s := newLibrary(t, nil)
	for _, tt := range []struct{ name, called, body, code string }{
		{"a page", "cv.pdf", "<html>", coop.CodeFormat},
		{"nothing", "cv.pdf", "", coop.CodeFormat},
		{"a PDF that calls itself a program", "cv.exe", document(100), coop.CodeFormat},
		{"one byte too many", "cv.pdf", document(101), coop.CodeRange},
	} {
		var invalid *coop.InvalidError
		if _, err := s.KeepSealed(t.Context(), tt.called, strings.NewReader(tt.body), 100); !errors.As(err, &invalid) || invalid.Code != tt.code {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if n := s.filesLeft(); n != 0 {
		t.Errorf("%d files are left", n)
	}
	for _, name := range []string{"../secret.key", "x", strings.Repeat("a", 32) + ".pdf"} {
		if _, err := s.OpenSealed(t.Context(), name); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A file whose row was never written is an orphan, after a day.
	kept, err := s.KeepSealed(t.Context(), "cv.pdf", strings.NewReader(document(100)), 100)
	must(t, err)
	key, err := keyOf(areaSealed, kept.Name)
	must(t, err)
	old := time.Now().Add(-48 * time.Hour)
	must(t, s.root.Chtimes(key, old, old))
	s.now = time.Now // files are dated by the machine
	if got, err := s.Prune(t.Context(), 0, false); err != nil || got.Orphans != 1 || s.filesLeft() != 0 {
		t.Errorf("orphans: %+v, %v", got, err)
	}
}

// raw is what lies in the folder under a key.
func (s *shelfTest) raw(key string) []byte {
	s.t.Helper()
	text, err := s.root.ReadFile(key)
	must(s.t, err)
	return text
}

// oddReader hands a text out in odd parts.
func oddReader(s string) io.Reader { return &oddly{strings.NewReader(s)} }

type oddly struct{ from io.Reader }

func (o *oddly) Read(b []byte) (int, error) { return o.from.Read(b[:min(len(b), 4093)]) }
