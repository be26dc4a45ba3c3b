// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bufio"
	"compress/lzw"
	"errors"
	"io"
	"slices"
)

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
