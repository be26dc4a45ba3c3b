// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"minga/coop"
	"minga/storage"
)

// Archives of what people have lie encrypted as other sealed files do, in an area of
// their own that no backup reads: they are made of what a backup holds anyway, and must
// not outlive their week.

// roomEvery is after how many pieces of an archive it is asked whether there is still room.
const roomEvery = 512 // 16 MiB

// sealing writes a sealed file piece by piece. Close writes the last one.
type sealing struct {
	ctx   context.Context
	l     *Library
	to    io.Writer
	name  string
	piece []byte
	n     int
	size  int64
}

// Write implements io.Writer.
func (s *sealing) Write(b []byte) (int, error) {
	written := len(b)
	for len(b) > 0 {
		if len(s.piece) == sealedPiece {
			if err := s.put(false); err != nil {
				return 0, err
			}
		}
		part := min(len(b), sealedPiece-len(s.piece))
		s.piece, b = append(s.piece, b[:part]...), b[part:]
	}
	s.size += int64(written)
	return written, nil
}

// put seals what is there.
func (s *sealing) put(last bool) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if s.n%roomEvery == 0 {
		if err := s.l.roomToTake(s.ctx); err != nil {
			return err
		}
	}
	sealed, err := s.l.store.Seal(s.ctx, pieceName(s.name, s.n, last), s.piece)
	if err != nil {
		return err
	}
	_, err = s.to.Write(sealed)
	s.n, s.piece = s.n+1, s.piece[:0]
	return full(err)
}

// KeepExport keeps what write writes, encrypted, under a new name, and says how many bytes
// it was; nothing of it ever lies readable on a disk. [coop.ErrFull] says that there is no
// room. Whoever calls it either keeps a row with the name or calls [Library.DropExport].
func (l *Library) KeepExport(ctx context.Context, write func(to io.Writer) error) (name string, size int64, err error) {
	if l == nil {
		return "", 0, fmt.Errorf("keep an archive: %w", coop.ErrUnavailable)
	}
	if name, err = newName("zip"); err != nil {
		return "", 0, err
	}
	s, err := newScratch(l.scratch)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = s.Close() }()
	sealed := &sealing{ctx: ctx, l: l, to: s, name: name, piece: make([]byte, 0, sealedPiece)}
	if err = write(sealed); err == nil {
		err = sealed.put(true)
	}
	if err == nil {
		err = l.putExport(ctx, s, name)
	}
	if err != nil {
		return "", 0, fmt.Errorf("keep an archive: %w", full(err))
	}
	return name, sealed.size, nil
}

// putExport gives what was sealed its place.
func (l *Library) putExport(ctx context.Context, s *scratch, name string) error {
	key, err := keyOf(areaExports, name)
	if err != nil {
		return err
	}
	size, err := s.size()
	if err != nil {
		return err
	}
	return l.files.Put(ctx, key, io.NewSectionReader(s, 0, size), size, "application/octet-stream")
}

// unsealing reads a sealed file piece by piece; each is known to be whole before
// anything of it is handed out.
type unsealing struct {
	l    *Library
	from *bufio.Reader
	name string
	n    int
	open []byte // what was unsealed and not yet read
	done bool
	io.Closer
}

// Read implements io.Reader. What was changed or cut off is an error that wraps
// [storage.ErrSecretKey].
func (u *unsealing) Read(b []byte) (int, error) {
	for len(u.open) == 0 {
		if u.done {
			return 0, io.EOF
		}
		if err := u.next(); err != nil {
			return 0, err
		}
	}
	n := copy(b, u.open)
	u.open = u.open[n:]
	return n, nil
}

// next unseals a piece.
func (u *unsealing) next() error {
	piece := make([]byte, sealedPiece+storage.SealOverhead)
	got, err := io.ReadFull(u.from, piece)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	_, ahead := u.from.Peek(1)
	if ahead != nil && !errors.Is(ahead, io.EOF) {
		return ahead
	}
	u.done = ahead != nil
	u.open, err = u.l.store.Unseal(pieceName(u.name, u.n, u.done), piece[:got])
	u.n++
	return err
}

// OpenExport reads an archive that was kept by [Library.KeepExport]; whoever opens it
// closes it. A missing one, also one that no key opens any more, is [coop.ErrNotFound].
func (l *Library) OpenExport(ctx context.Context, name string) (io.ReadCloser, error) {
	if l == nil {
		return nil, fmt.Errorf("archive %.60q: %w", name, coop.ErrNotFound)
	}
	key, err := keyOf(areaExports, name)
	if err != nil {
		return nil, err
	}
	file, err := l.files.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	u := &unsealing{l: l, from: bufio.NewReaderSize(file, 2*sealedPiece), name: name, Closer: file}
	if err := u.next(); err != nil {
		return nil, errors.Join(fmt.Errorf("archive %.60q: %w: %w", name, coop.ErrNotFound, err), file.Close())
	}
	return u, nil
}

// DropExport removes archives that no row names; empty names are none. What cannot be
// removed now the sweep of orphans finds.
func (l *Library) DropExport(ctx context.Context, names ...string) {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "" })
	if l != nil {
		l.remove(context.WithoutCancel(ctx), areaExports, names)
	}
}

// SweepExports removes archives that had their time, a bounded part.
func (l *Library) SweepExports(ctx context.Context) error {
	if l == nil {
		return nil
	}
	var names []string
	err := l.store.Write(ctx, func(tx *storage.Tx) (err error) {
		names, err = tx.SweepExports(ctx, sweepRows)
		return err
	})
	if err == nil {
		l.DropExport(ctx, names...)
	}
	return err
}
