// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
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
