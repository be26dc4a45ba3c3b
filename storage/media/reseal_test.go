// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"minga/storage"
	"minga/storage/storagetest"
)

// before calls do before it is read a second time: what is in the first piece is sealed.
type before struct {
	io.Reader
	do    func()
	reads int
}

func (b *before) Read(p []byte) (int, error) {
	if b.reads++; b.reads == 2 && b.do != nil {
		b.do()
	}
	return b.Reader.Read(p)
}

// TestSealedFilesAreSealedAnew: files of one piece and of many open with the new key alone
// after a rotation; one that came while the key was changed too; a broken one is counted.
func TestSealedFilesAreSealedAnew(t *testing.T) {
	url, old, fresh := storagetest.SQLiteURL(t), bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	with := func(keys ...[]byte) *storage.Store {
		s, err := storage.Open(t.Context(), storage.Options{URL: url, Now: storagetest.NewClock().Now, SecretKeys: keys, Reread: func() ([][]byte, error) { return keys, nil }})
		must(t, err)
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	first, both, alone := with(old), with(fresh, old), with(fresh)
	must(t, first.SecretKeyFits(t.Context()))
	l := newLibrary(t, func(o *Options) { o.Store = both })
	texts := map[string]string{}
	keep := func(text string, do func()) {
		kept, err := l.KeepSealed(t.Context(), "cv.pdf", &before{Reader: strings.NewReader(text), do: do}, 1<<20)
		must(t, err)
		texts[kept.Name] = text
	}
	keep(document(100), nil)
	keep(document(3*sealedPiece+5), nil)
	keep(document(2*sealedPiece), func() { must(t, both.UseNewestKey(t.Context())) })
	broken, err := l.KeepSealed(t.Context(), "cv.pdf", strings.NewReader(document(50)), 1<<20)
	must(t, err)
	key, _ := keyOf(areaSealed, broken.Name)
	must(t, l.files.Put(t.Context(), key, strings.NewReader("nothing"), 7, ""))
	if done, lost, err := l.Reseal(t.Context()); done != 2 || lost != 1 || err != nil {
		t.Errorf("sealed anew %d, lost %d, %v", done, lost, err)
	}
	if done, lost, err := l.Reseal(t.Context()); done != 0 || lost != 1 || err != nil {
		t.Errorf("a second time: %d, %d, %v", done, lost, err)
	}
	l.Library.store = alone
	for name, text := range texts {
		if got, err := l.OpenSealed(t.Context(), name); err != nil || string(got) != text {
			t.Errorf("%d bytes with the new key alone: %d, %v", len(text), len(got), err)
		}
	}
}
