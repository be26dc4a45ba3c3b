// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bufio"
	"compress/lzw"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// A GIF is written anew block by block, with one frame in memory at a time: Go's own
// package holds all of them at once. Kept are the canvas, the palettes, how long and
// how each frame stays, and how often it goes round. Frames are unpacked and packed
// again; comments, texts, the extensions of programs and what hangs behind go.

// The blocks of a GIF (GIF89a §20 and following).
const (
	gifExtension = 0x21
	gifImage     = 0x2c
	gifEnd       = 0x3b
	gifControl   = 0xf9
	gifProgram   = 0xff
)

// gifFrame is where a frame lies and how it is packed.
type gifFrame struct {
	head                     [9]byte // the image descriptor
	palette                  []byte
	left, top, width, height int
}

// gifReader reads the blocks of a GIF.
type gifReader struct {
	r             *bufio.Reader
	width, height int
	screen        [13]byte
	palette       []byte
	frames        int
	moving        int64 // pixels of all frames so far
}

// readScreen reads the beginning.
func (g *gifReader) readScreen() (err error) {
	if _, err := io.ReadFull(g.r, g.screen[:]); err != nil {
		return err
	}
	g.width, g.height = int(binary.LittleEndian.Uint16(g.screen[6:])), int(binary.LittleEndian.Uint16(g.screen[8:]))
	if g.width == 0 || g.height == 0 || g.width*g.height > MaxPixels {
		return errBounds(fmt.Sprintf("has %d × %d pixels; at most %d together", g.width, g.height, MaxPixels))
	}
	g.palette, err = g.readPalette(g.screen[10])
	return err
}

// readPalette reads the colours that a byte of flags announces.
func (g *gifReader) readPalette(flags byte) ([]byte, error) {
	if flags&0x80 == 0 {
		return nil, nil
	}
	p := make([]byte, 3<<(1+flags&7))
	_, err := io.ReadFull(g.r, p)
	return p, err
}

// readFrame reads an image descriptor after its mark and holds the bounds.
func (g *gifReader) readFrame() (f gifFrame, err error) {
	if _, err := io.ReadFull(g.r, f.head[:]); err != nil {
		return f, err
	}
	at := func(i int) int { return int(binary.LittleEndian.Uint16(f.head[i:])) }
	f.left, f.top, f.width, f.height = at(0), at(2), at(4), at(6)
	g.frames++
	g.moving += int64(f.width) * int64(f.height)
	switch {
	case g.frames > maxFrames:
		return f, errBounds(fmt.Sprintf("has more than %d pictures", maxFrames))
	case g.moving > maxMoving:
		return f, errBounds("moves too many pixels")
	case f.width == 0 || f.height == 0 || f.left+f.width > g.width || f.top+f.height > g.height:
		return f, errBroken("gif", "a picture lies outside")
	}
	f.palette, err = g.readPalette(f.head[8])
	if err == nil && f.palette == nil && g.palette == nil {
		err = errBroken("gif", "it has no colours")
	}
	return f, err
}

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

// readGIF walks all blocks and counts frames, without unpacking any.
func (h *header) readGIF(r *bufio.Reader) error {
	g := &gifReader{r: r}
	if err := g.readScreen(); err != nil {
		return err
	}
	h.width, h.height, h.alpha = g.width, g.height, true
	h.memory = int64(h.width) * int64(h.height) * 5 // a frame, and the canvas
	if err := g.walk(func(gifFrame) error {
		if _, err := g.r.ReadByte(); err != nil {
			return err
		}
		return g.skipBlocks()
	}, func(byte) error { return g.skipBlocks() }); err != nil {
		return err
	}
	h.frames = g.frames
	return nil
}

// walk calls frame after each descriptor and extension after each label, which read
// what follows, until the end.
func (g *gifReader) walk(frame func(gifFrame) error, extension func(label byte) error) error {
	for {
		mark, err := g.r.ReadByte()
		if err != nil {
			return err
		}
		switch mark {
		case gifEnd:
			if g.frames == 0 {
				return errBroken("gif", "it has no picture")
			}
			return nil
		case gifImage:
			f, err := g.readFrame()
			if err == nil {
				err = frame(f)
			}
			if err != nil {
				return err
			}
		case gifExtension:
			label, err := g.r.ReadByte()
			if err == nil {
				err = extension(label)
			}
			if err != nil {
				return err
			}
		default:
			return errBroken("gif", "something lies between its blocks")
		}
	}
}

// rewriteGIF writes a GIF anew. Errors are *coop.InvalidError, or of r and w.
func rewriteGIF(w io.Writer, r io.Reader) error {
	out := bufio.NewWriter(w)
	g := &gifReader{r: bufio.NewReaderSize(r, 32<<10)}
	if err := g.readScreen(); err != nil {
		return readError(formatGIF, err)
	}
	copy(g.screen[:6], "GIF89a")
	g.screen[12] = 0 // pixel aspect ratio: nobody uses it
	_, _ = out.Write(g.screen[:])
	_, _ = out.Write(g.palette)
	if err := g.walk(func(f gifFrame) error { return g.rewriteFrame(out, f) }, func(label byte) error { return g.rewriteExtension(out, label) }); err != nil {
		return readError(formatGIF, err)
	}
	_ = out.WriteByte(gifEnd)
	return out.Flush()
}

// rewriteExtension keeps how a frame stays and how often the whole goes round.
func (g *gifReader) rewriteExtension(out *bufio.Writer, label byte) error {
	if label != gifControl && label != gifProgram {
		return g.skipBlocks()
	}
	b, err := g.readBlocks(64 << 10)
	if err != nil {
		return err
	}
	switch {
	case label == gifControl && len(b) >= 4:
		_, _ = out.Write([]byte{gifExtension, gifControl, 4, b[0] & 0x1f, b[1], b[2], b[3], 0})
	case label == gifProgram && len(b) >= 14 && (string(b[:11]) == "NETSCAPE2.0" || string(b[:11]) == "ANIMEXTS1.0") && b[11] == 1:
		_, _ = out.Write([]byte{gifExtension, gifProgram, 11})
		_, _ = out.WriteString("NETSCAPE2.0")
		_, _ = out.Write([]byte{3, 1, b[12], b[13], 0})
	}
	return nil
}

// rewriteFrame unpacks one frame and packs it again.
func (g *gifReader) rewriteFrame(out *bufio.Writer, f gifFrame) error {
	pixels, err := g.unpack(f)
	if err != nil {
		return err
	}
	colours := f.palette
	if colours == nil {
		colours = g.palette
	}
	width := 2
	for 3<<width < len(colours) {
		width++
	}
	if int(slices.Max(pixels)) >= 1<<width {
		return errBroken("gif", "it uses colours that it does not have")
	}
	_ = out.WriteByte(gifImage)
	_, _ = out.Write(f.head[:])
	_, _ = out.Write(f.palette)
	_ = out.WriteByte(byte(width))
	blocks := &blockWriter{w: out}
	packer := lzw.NewWriter(blocks, lzw.LSB, width)
	if _, err := packer.Write(pixels); err != nil {
		return err
	}
	return errors.Join(packer.Close(), blocks.end())
}

// unpack reads the pixels of a frame, exactly as many as it has.
func (g *gifReader) unpack(f gifFrame) ([]byte, error) {
	width, err := g.r.ReadByte()
	if err != nil {
		return nil, err
	}
	if width < 2 || width > 8 {
		return nil, errBroken("gif", "it is not packed as a picture")
	}
	blocks := &subBlocks{r: g.r}
	unpacker := lzw.NewReader(blocks, lzw.LSB, int(width))
	defer unpacker.Close()
	pixels := make([]byte, f.width*f.height)
	if _, err := io.ReadFull(unpacker, pixels); err != nil {
		return nil, errBroken("gif", "pixels are missing")
	}
	_, err = io.Copy(io.Discard, blocks) // what is behind the last pixel
	return pixels, err
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
