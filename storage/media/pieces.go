// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strconv"

	"minga/storage"
)

// Files that few may see lie encrypted, in pieces, each bound to the name of the file,
// to its place in it and to whether it is the last: what was cut off, swapped or put
// together of two files does not open.

// sealedPiece is how much of a file is sealed at once.
const sealedPiece = 32 << 10

// wholePiece is how many bytes a piece has where it lies, if it is not the last.
const wholePiece = sealedPiece + storage.SealOverhead

// roomEvery is after how many pieces of a file it is asked whether there is still room.
const roomEvery = 512 // 16 MiB

// pieceName is what a piece of a file is bound to.
func pieceName(name string, n int, last bool) string {
	end := "more"
	if last {
		end = "end"
	}
	return "file:" + name + ":" + strconv.Itoa(n) + ":" + end
}

// sealing writes a sealed file piece by piece; end writes the last one.
type sealing struct {
	ctx   context.Context
	l     *Library
	to    io.Writer
	name  string
	piece []byte
	n     int
	size  int64 // before it was sealed
}

// newSealing writes to a place what will have a name.
func (l *Library) newSealing(ctx context.Context, to io.Writer, name string) *sealing {
	return &sealing{ctx: ctx, l: l, to: to, name: name, piece: make([]byte, 0, sealedPiece)}
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

// end seals what is left.
func (s *sealing) end() error { return s.put(true) }

// put seals what is there.
func (s *sealing) put(last bool) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if s.n > 0 && s.n%roomEvery == 0 {
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

// pieces reads a sealed file piece by piece, as they lie there.
type pieces struct {
	from *bufio.Reader
	buf  []byte
}

// newPieces reads a file from its beginning.
func newPieces(file io.Reader) *pieces {
	return &pieces{bufio.NewReaderSize(file, 2*wholePiece), make([]byte, wholePiece)}
}

// next gives a piece, which lasts until the one after it, and whether it is the last.
func (p *pieces) next() (piece []byte, last bool, err error) {
	got, err := io.ReadFull(p.from, p.buf)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, false, err
	}
	_, ahead := p.from.Peek(1)
	if ahead != nil && !errors.Is(ahead, io.EOF) {
		return nil, false, ahead
	}
	return p.buf[:got], ahead != nil, nil
}

// unsealing reads what a sealed file holds; each piece is known to be whole before
// anything of it is handed out.
type unsealing struct {
	l      *Library
	pieces *pieces
	name   string
	n      int
	open   []byte // what was unsealed and not yet read
	done   bool
	io.Closer
}

// openPieces opens a file of an area; whoever opens it closes it. A missing one is
// [coop.ErrNotFound]. The first piece is read only when it is asked for.
func (l *Library) openPieces(ctx context.Context, area, name string) (*unsealing, error) {
	file, err := l.openIn(ctx, area, name)
	if err != nil {
		return nil, err
	}
	return &unsealing{l: l, pieces: newPieces(&untilDone{ctx, file}), name: name, Closer: file}, nil
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
	piece, last, err := u.pieces.next()
	if err != nil {
		return err
	}
	u.open, err = u.l.store.Unseal(pieceName(u.name, u.n, last), piece)
	u.n, u.done = u.n+1, last
	return err
}
