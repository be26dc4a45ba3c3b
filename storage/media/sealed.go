// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"minga/coop"
	"minga/storage"
)

// Files that few may see lie encrypted, in pieces, each bound to the name of the file,
// to its place in it and to whether it is the last: what was cut off, swapped or put
// together of two files does not open.

// sealedPiece is how much of a file is sealed at once.
const sealedPiece = 32 << 10

// maxSealed is the most bytes of a sealed file that is opened, which is done in memory.
const maxSealed = 16 << 20

// Sealed is a file that was kept encrypted.
type Sealed struct {
	Name  string
	Title string // what the person called it
	Size  int64  // before it was sealed
}

// KeepSealed takes a PDF of at most most bytes and keeps it encrypted under a new name;
// nothing of it ever lies readable on a disk. called is how the person calls it. What is
// none, by its first bytes or its name, and what is too large is a *coop.InvalidError of
// field file; [coop.ErrFull] says that there is no room. Whoever calls it either keeps a
// row with the name or calls [Library.DropSealed].
func (l *Library) KeepSealed(ctx context.Context, called string, body io.Reader, most int64) (Sealed, error) {
	if l == nil {
		return Sealed{}, fmt.Errorf("keep a file: %w", coop.ErrUnavailable)
	}
	if err := l.roomToTake(ctx); err != nil {
		return Sealed{}, err
	}
	in := bufio.NewReaderSize(io.LimitReader(&untilDone{ctx, body}, most+1), sealedPiece)
	if err := judgeSealed(called, in); err != nil {
		return Sealed{}, err
	}
	name, err := newName(formatPDF.ending)
	if err != nil {
		return Sealed{}, err
	}
	s, err := newScratch(l.scratch)
	if err != nil {
		return Sealed{}, err
	}
	defer func() { _ = s.Close() }()
	before, err := l.store.KeyInForce(ctx)
	if err != nil {
		return Sealed{}, fmt.Errorf("keep a file: %w", err)
	}
	size, err := l.seal(ctx, s, in, name)
	if err != nil {
		return Sealed{}, fmt.Errorf("keep a file: %w", full(err))
	}
	if size > most {
		return Sealed{}, tooLarge(most)
	}
	if err := l.putSealed(ctx, s, name); err != nil {
		return Sealed{}, err
	}
	return Sealed{name, titleOf(called), size}, l.keepUp(ctx, name, before)
}

// keepUp seals a new file anew if the key was changed meanwhile: the rotation may have
// listed the files before this one lay there.
func (l *Library) keepUp(ctx context.Context, name string, before storage.KeyName) error {
	now, err := l.store.KeyInForce(ctx)
	if err == nil && now != before {
		_, err = l.resealFile(ctx, name)
	}
	return err
}

// judgeSealed says whether a file is one that is taken.
func judgeSealed(called string, in *bufio.Reader) error {
	head, err := in.Peek(sniffLength)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read file: %w", err)
	}
	if f, ok := sniff(head); !ok || f != formatPDF {
		return &coop.InvalidError{Field: "file", Code: coop.CodeFormat, Problem: "is no PDF"}
	}
	return checkEnding(called, formatPDF.kind)
}

// pieceName is what a piece of a file is bound to.
func pieceName(name string, n int, last bool) string {
	end := "more"
	if last {
		end = "end"
	}
	return "file:" + name + ":" + strconv.Itoa(n) + ":" + end
}

// seal writes a file piece by piece and says how many bytes it had.
func (l *Library) seal(ctx context.Context, to io.Writer, in *bufio.Reader, name string) (size int64, err error) {
	piece := make([]byte, sealedPiece)
	for n := 0; ; n++ {
		got, err := io.ReadFull(in, piece)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return size, err
		}
		_, ahead := in.Peek(1)
		if ahead != nil && !errors.Is(ahead, io.EOF) {
			return size, ahead
		}
		last := ahead != nil
		sealed, err := l.store.Seal(ctx, pieceName(name, n, last), piece[:got])
		if err != nil {
			return size, err
		}
		if _, err := to.Write(sealed); err != nil {
			return size, err
		}
		if size += int64(got); last {
			return size, nil
		}
	}
}

// putSealed gives what was sealed its place.
func (l *Library) putSealed(ctx context.Context, s *scratch, name string) error {
	key, err := keyOf(areaSealed, name)
	if err != nil {
		return err
	}
	size, err := s.size()
	if err != nil {
		return err
	}
	return l.files.Put(ctx, key, io.NewSectionReader(s, 0, size), size, "application/octet-stream")
}

// OpenSealed reads a file that was kept by [Library.KeepSealed], whole. A missing one is
// [coop.ErrNotFound]; one that was changed gives [storage.ErrSecretKey].
func (l *Library) OpenSealed(ctx context.Context, name string) ([]byte, error) {
	if l == nil {
		return nil, fmt.Errorf("file %.60q: %w", name, coop.ErrNotFound)
	}
	sealed, err := l.readSealed(ctx, name)
	if err != nil {
		return nil, err
	}
	return l.unseal(sealed, name)
}

// unseal opens the pieces of a file.
func (l *Library) unseal(sealed []byte, name string) ([]byte, error) {
	var plain bytes.Buffer
	whole := sealedPiece + storage.SealOverhead
	for n := 0; ; n++ {
		size := min(whole, len(sealed))
		last := size == len(sealed)
		piece, err := l.store.Unseal(pieceName(name, n, last), sealed[:size])
		if err != nil {
			return nil, err
		}
		plain.Write(piece)
		if sealed = sealed[size:]; last {
			return plain.Bytes(), nil
		}
	}
}

// DropSealed removes files that no row names. What cannot be removed now the sweep of
// orphans finds.
func (l *Library) DropSealed(ctx context.Context, names ...string) {
	if l != nil {
		l.remove(context.WithoutCancel(ctx), areaSealed, names)
	}
}

// SweepSealed removes the files of applications that are gone, a bounded part.
func (l *Library) SweepSealed(ctx context.Context) error {
	if l == nil {
		return nil
	}
	var names []string
	err := l.store.Write(ctx, func(tx *storage.Tx) (err error) {
		names, err = tx.SweepApplicationFiles(ctx, sweepRows)
		return err
	})
	if err == nil {
		l.remove(ctx, areaSealed, names)
	}
	return err
}
