// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"minga/coop"
	"minga/storage"
)

// maxSealed is the most bytes of a sealed file that is opened whole, which is done in
// memory.
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
	in := bufio.NewReaderSize(io.LimitReader(&untilDone{ctx, body}, most+1), sealedPiece)
	name, size, err := l.keepPieces(ctx, areaSealed, formatPDF.ending, func(to io.Writer) error {
		if err := judgeSealed(called, in); err != nil {
			return err
		}
		n, err := io.Copy(to, in)
		if err == nil && n > most {
			err = tooLarge(most)
		}
		return err
	})
	if err != nil {
		return Sealed{}, fmt.Errorf("keep a file: %w", err)
	}
	return Sealed{name, titleOf(called), size}, nil
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

// keepPieces keeps what write writes, encrypted, under a new name of an area, and says how
// many bytes it was. Whatever fails, nothing of it stays.
func (l *Library) keepPieces(ctx context.Context, area, ending string, write func(to io.Writer) error) (name string, size int64, err error) {
	if l == nil {
		return "", 0, coop.ErrUnavailable
	}
	if err := l.roomToTake(ctx); err != nil {
		return "", 0, err
	}
	if name, err = newName(ending); err != nil {
		return "", 0, err
	}
	before, err := l.store.KeyInForce(ctx)
	if err != nil {
		return "", 0, err
	}
	if size, err = l.putPieces(ctx, area, name, write); err != nil {
		return "", 0, err
	}
	if err := l.keepUp(ctx, area, name, before); err != nil {
		l.drop(ctx, area, name)
		return "", 0, err
	}
	return name, size, nil
}

// putPieces seals what write writes and gives it its place, whole; what lay there is gone
// then.
func (l *Library) putPieces(ctx context.Context, area, name string, write func(to io.Writer) error) (size int64, err error) {
	s, err := newScratch(l.scratch)
	if err != nil {
		return 0, err
	}
	defer func() { _ = s.Close() }()
	sealed := l.newSealing(ctx, s, name)
	if err = write(sealed); err == nil {
		err = sealed.end()
	}
	if err != nil {
		return 0, full(err)
	}
	return sealed.size, l.putAs(ctx, area, name, s, "application/octet-stream")
}

// keepUp seals a new file anew if the key was changed meanwhile: the rotation may have
// listed the files before this one lay there.
func (l *Library) keepUp(ctx context.Context, area, name string, before storage.KeyName) error {
	now, err := l.store.KeyInForce(ctx)
	if err == nil && now != before {
		_, err = l.resealFile(ctx, area, name)
	}
	return err
}

// OpenSealed reads a file that was kept by [Library.KeepSealed], whole. A missing one is
// [coop.ErrNotFound]; one that was changed gives [storage.ErrSecretKey].
func (l *Library) OpenSealed(ctx context.Context, name string) (plain []byte, err error) {
	if l == nil {
		return nil, fmt.Errorf("file %.60q: %w", name, coop.ErrNotFound)
	}
	file, err := l.openPieces(ctx, areaSealed, name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	if plain, err = io.ReadAll(io.LimitReader(file, maxSealed+1)); err == nil && len(plain) > maxSealed {
		err = coop.ErrTooLarge
	}
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	return plain, nil
}

// DropSealed removes files that no row names. What cannot be removed now the sweep of
// orphans finds.
func (l *Library) DropSealed(ctx context.Context, names ...string) {
	l.drop(ctx, areaSealed, names...)
}

// SweepSealed removes the files of applications that are gone, a bounded part.
func (l *Library) SweepSealed(ctx context.Context) error {
	return l.sweepArea(ctx, areaSealed, (*storage.Tx).SweepApplicationFiles)
}
