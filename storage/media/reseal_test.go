// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// before calls do before it is read the third time: what is in the first piece is sealed.
type before struct {
	io.Reader
	do    func()
	reads int
}

func (b *before) Read(p []byte) (int, error) {
	if b.reads++; b.reads == 3 && b.do != nil {
		b.do()
	}
	return b.Reader.Read(p)
}

// TestSealedFilesAreSealedAnew: files and archives of one piece and of many open with the
// new key alone after a rotation; one that came while the key was changed too; a broken
// one is counted and stays.
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
	keepFile := func(from io.Reader) string {
		kept, err := l.KeepSealed(t.Context(), "cv.pdf", from, 1<<20)
		must(t, err)
		return kept.Name
	}
	keepArchive := func(from io.Reader) string {
		name, _, err := l.KeepExport(t.Context(), func(to io.Writer) error {
			_, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, make([]byte, sealedPiece))
			return err
		})
		must(t, err)
		return name
	}
	keeps := []func(io.Reader) string{keepFile, keepArchive}
	for _, keep := range keeps {
		for _, size := range []int{100, 3*sealedPiece + 5} {
			texts[keep(strings.NewReader(document(size)))] = document(size)
		}
	}
	// Both are begun with the old key and end with the new one.
	long := document(4 * sealedPiece)
	changed := func() { must(t, both.UseNewestKey(t.Context())) }
	file := func() { texts[keepFile(&before{Reader: strings.NewReader(long), do: changed})] = long }
	texts[keepArchive(&before{Reader: strings.NewReader(long), do: file})] = long
	for i, area := range []string{areaSealed, areaExports} {
		name := keeps[i](strings.NewReader(document(50)))
		key, _ := keyOf(area, name)
		must(t, l.files.Put(t.Context(), key, strings.NewReader("nothing"), 7, ""))
	}
	if done, lost, err := l.Reseal(t.Context()); done != 4 || lost != 2 || err != nil {
		t.Errorf("sealed anew %d, lost %d, %v", done, lost, err)
	}
	if done, lost, err := l.Reseal(t.Context()); done != 0 || lost != 2 || err != nil {
		t.Errorf("a second time: %d, %d, %v", done, lost, err)
	}
	l.Library.store = alone
	for name, text := range texts {
		got, err := l.OpenSealed(t.Context(), name)
		if errors.Is(err, coop.ErrNotFound) {
			got, err = l.archive(name)
		}
		if err != nil || string(got) != text {
			t.Errorf("%s, %d bytes with the new key alone: %d, %v", name, len(text), len(got), err)
		}
	}
}
