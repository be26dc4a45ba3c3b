// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bufio"
	"errors"
	"io"
)

// skipBlocks passes over sub-blocks.
func (g *gifReader) skipBlocks() error {
	for {
		n, err := g.r.ReadByte()
		if err != nil || n == 0 {
			return err
		}
		if _, err := g.r.Discard(int(n)); err != nil {
			return err
		}
	}
}

// readBlocks reads sub-blocks of at most most bytes together.
func (g *gifReader) readBlocks(most int) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(&subBlocks{r: g.r}, int64(most)+1))
	if err == nil && len(b) > most {
		err = errBroken("gif", "an extension is too long")
	}
	return b, err
}

// subBlocks reads what lies in sub-blocks as one stream, to their end.
type subBlocks struct {
	r    *bufio.Reader
	left int
	over bool
}

// next begins the next sub-block where one is used up.
func (s *subBlocks) next() error {
	if s.over {
		return io.EOF
	}
	if s.left > 0 {
		return nil
	}
	n, err := s.r.ReadByte()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	if err == nil && n == 0 {
		s.over = true
		return io.EOF
	}
	s.left = int(n)
	return err
}

// Read implements io.Reader.
func (s *subBlocks) Read(b []byte) (int, error) {
	if err := s.next(); err != nil {
		return 0, err
	}
	n, err := s.r.Read(b[:min(len(b), s.left)])
	s.left -= n
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// ReadByte implements io.ByteReader, so that lzw takes no more than it needs.
func (s *subBlocks) ReadByte() (byte, error) {
	if err := s.next(); err != nil {
		return 0, err
	}
	s.left--
	b, err := s.r.ReadByte()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

// blockWriter writes a stream as sub-blocks.
type blockWriter struct {
	w   *bufio.Writer
	buf [255]byte
	n   int
}

// Write implements io.Writer.
func (b *blockWriter) Write(p []byte) (int, error) {
	for _, c := range p {
		if err := b.WriteByte(c); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// WriteByte implements io.ByteWriter.
func (b *blockWriter) WriteByte(c byte) error {
	b.buf[b.n] = c
	if b.n++; b.n < len(b.buf) {
		return nil
	}
	return b.flush()
}

func (b *blockWriter) flush() error {
	if b.n == 0 {
		return nil
	}
	_ = b.w.WriteByte(byte(b.n))
	_, err := b.w.Write(b.buf[:b.n])
	b.n = 0
	return err
}

// end writes what is left and the mark of the end.
func (b *blockWriter) end() error {
	return errors.Join(b.flush(), b.w.WriteByte(0))
}
