// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// TestArchivesLieSealed: what is written in pieces of any size comes back whole and lies
// nowhere readable; what was changed, cut off or put together of two opens not, or not to
// its end.
func TestArchivesLieSealed(t *testing.T) {
	s := newLibrary(t, func(*Options) {})
	chance := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{0, 1, sealedPiece - 1, sealedPiece, sealedPiece + 1, 5*sealedPiece + 77} {
		plain := bytes.Repeat([]byte("hola "), size/5+1)[:size]
		name, n, err := s.KeepExport(t.Context(), func(to io.Writer) error {
			for rest := plain; len(rest) > 0; {
				part := min(len(rest), 1+chance.IntN(2*sealedPiece))
				if _, err := to.Write(rest[:part]); err != nil {
					return err
				}
				rest = rest[part:]
			}
			return nil
		})
		if err != nil || n != int64(size) {
			t.Fatalf("%d bytes: kept %d, %v", size, n, err)
		}
		if got, err := s.archive(name); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: read %d, %v", size, len(got), err)
		}
		s.harm(t, name, plain)
		s.DropExport(t.Context(), name, "")
		if _, err := s.archive(name); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("a dropped one gives %v", err)
		}
	}
}

// archive reads one whole.
func (s *shelfTest) archive(name string) ([]byte, error) {
	r, err := s.OpenExport(s.t.Context(), name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// harm changes the file in each way and looks that nothing false is read.
func (s *shelfTest) harm(t *testing.T, name string, plain []byte) {
	t.Helper()
	path := filepath.Join(s.root.Name(), "exports", name[:2], name)
	sealed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(plain) > 100 && bytes.Contains(sealed, plain[:50]) {
		t.Error("it lies readable")
	}
	whole := sealedPiece + storage.SealOverhead
	harms := map[string][]byte{"changed": append(bytes.Clone(sealed[:len(sealed)-1]), sealed[len(sealed)-1]^1), "longer": append(bytes.Clone(sealed), sealed...)}
	if len(sealed) > whole {
		harms["cut off"] = sealed[:whole]
	}
	for what, harm := range harms {
		if err := os.WriteFile(path, harm, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := s.archive(name); err == nil || !bytes.HasPrefix(plain, got) {
			t.Errorf("%s, %d bytes: read %d, %v", what, len(plain), len(got), err)
		}
	}
}

// TestAnArchiveWithoutRoom: a full disk is said as such, also once half of it is written,
// and nothing is left.
func TestAnArchiveWithoutRoom(t *testing.T) {
	asked := 0
	s := newLibrary(t, func(o *Options) {
		o.Space = func() (Space, error) {
			if asked++; asked > 1 {
				return Space{Free: 4 << 20, Total: 100 << 20}, nil
			}
			return Space{Free: 50 << 20, Total: 100 << 20}, nil
		}
	})
	wrote := 0
	_, _, err := s.KeepExport(t.Context(), func(to io.Writer) error {
		for piece := make([]byte, sealedPiece); ; wrote++ {
			if wrote == roomEvery {
				s.clock.Advance(time.Hour) // what was known is old
			}
			if _, err := to.Write(piece); err != nil {
				return err
			}
		}
	})
	if !errors.Is(err, coop.ErrFull) || wrote < roomEvery {
		t.Errorf("no room after %d pieces: %v", wrote, err)
	}
	if left := s.filesLeft(); left != 0 {
		t.Errorf("%d files are left", left)
	}
}
