// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	// MaxPixels is the most that a picture may have.
	MaxPixels = 33_000_000
	// maxFrames is the most pictures of one GIF.
	maxFrames = 600
	// maxMoving is the most pixels of all frames of a GIF together: how long it
	// takes to write it anew.
	maxMoving = 200_000_000
	// maxSide keeps sums far from overflow.
	maxSide = 65_535
	// maxDecoded is the most memory that a decoder may need for one picture, in
	// bytes. Go's decoders ask for all of it at once, whatever comes after the header.
	maxDecoded = 160 << 20
	// maxScans is the most passes over a JPEG. A file of a few megabytes could
	// demand hundreds of thousands of them, each over all pixels.
	maxScans = 64
)

// header is what a picture says of itself before anything is decoded.
type header struct {
	format        format
	width, height int
	orientation   int   // Exif: 1 to 8; 1 where nothing is said
	memory        int64 // that decoding takes, in bytes
	least         int64 // bytes that so many pixels take in this format at least
	alpha         bool  // may have transparent pixels
	frames        int
}

// readHeader judges a picture of size bytes without decoding any of it. Errors are
// *coop.InvalidError, or of r.
func readHeader(r io.Reader, f format, size int64) (*header, error) {
	b := bufio.NewReaderSize(r, 32<<10)
	h := &header{format: f, orientation: 1, frames: 1}
	var err error
	switch f {
	case formatJPEG:
		err = h.readJPEG(b)
	case formatPNG:
		err = h.readPNG(b)
	case formatWebP:
		err = h.readWebP(b)
	case formatGIF:
		err = h.readGIF(b)
	default:
		return nil, errFormat()
	}
	if err != nil {
		return nil, readError(f, err)
	}
	return h, h.judge(size)
}

// readError tells a file that ends too early from a disk that fails.
func readError(f format, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errBroken(f.ending, "it ends too early")
	}
	return err
}

// judge holds the bounds.
func (h *header) judge(size int64) error {
	pixels := int64(h.width) * int64(h.height)
	switch {
	case h.width < 1 || h.height < 1:
		return errBroken(h.format.ending, "it has no pixels")
	case h.width > maxSide || h.height > maxSide || pixels > MaxPixels:
		return errBounds(fmt.Sprintf("has %d × %d pixels; at most %d together", h.width, h.height, MaxPixels))
	case h.memory > maxDecoded:
		return errBounds(fmt.Sprintf("has %d × %d pixels, too many for how they are packed", h.width, h.height))
	case size < h.least:
		return errBroken(h.format.ending, "so few bytes cannot hold its pixels")
	}
	return nil
}

// readPNG reads IHDR (PNG §11.2.2), which must come first.
func (h *header) readPNG(r io.Reader) error {
	var b [8 + 8 + 13]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return err
	}
	if string(b[12:16]) != "IHDR" {
		return errBroken("png", "it does not begin with its header")
	}
	width, height := binary.BigEndian.Uint32(b[16:]), binary.BigEndian.Uint32(b[20:])
	h.width, h.height = int(min(width, maxSide+1)), int(min(height, maxSide+1))
	depth, color := int64(b[24]), b[25]
	samples, kept := int64(1), int64(1)
	switch color {
	case 2:
		samples, kept = 3, 4
	case 3:
	case 4:
		samples, kept = 2, 4
	case 6:
		samples, kept = 4, 4
	}
	h.alpha = true // tRNS may come later
	pixels := int64(h.width) * int64(h.height)
	h.memory = pixels * kept * max(depth/8, 1)
	if b[28] != 0 {
		h.memory *= 2 // interlaced: a picture of each pass besides the whole
	}
	// One byte of deflate makes at most 1,032 (RFC 1951).
	h.least = pixels * samples * depth / 8 / 1032
	return nil
}

// readWebP reads the first chunks (RFC 9649 §2).
func (h *header) readWebP(r io.Reader) error {
	var b [12 + 8 + 10]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return err
	}
	body := b[20:]
	perPixel := int64(4)
	switch string(b[12:16]) {
	case "VP8X":
		if body[0]&0x02 != 0 {
			return errFormat() // animated: nothing here decodes that
		}
		h.width = 1 + (int(body[4]) | int(body[5])<<8 | int(body[6])<<16)
		h.height = 1 + (int(body[7]) | int(body[8])<<8 | int(body[9])<<16)
		h.alpha = body[0]&0x10 != 0
	case "VP8L":
		bits := binary.LittleEndian.Uint32(body[1:])
		h.width, h.height, h.alpha = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1, bits>>28&1 != 0
	case "VP8 ":
		h.width, h.height = int(binary.LittleEndian.Uint16(body[6:])&0x3fff), int(binary.LittleEndian.Uint16(body[8:])&0x3fff)
		perPixel = 2
	default:
		return errBroken("webp", "it has no picture")
	}
	// A lossless picture of one colour takes no byte at all for its pixels: only the
	// memory bounds it.
	h.memory = int64(h.width) * int64(h.height) * perPixel
	if perPixel == 4 {
		h.memory *= 2
	}
	return nil
}

// readJPEG walks the segments (ITU T.81 §B.1.1): the frame says how large, APP1 how
// it was held, and the scans are counted.
func (h *header) readJPEG(r *bufio.Reader) error {
	if _, err := r.Discard(2); err != nil {
		return err
	}
	scans := 0
	for {
		marker, err := nextMarker(r)
		if err != nil {
			return err
		}
		switch {
		case marker == 0xd9: // EOI
			return h.endJPEG(scans)
		case marker >= 0xd0 && marker <= 0xd7 || marker == 0x01:
			continue // no segment
		}
		length, err := segmentLength(r)
		if err != nil {
			return err
		}
		if marker == 0xda {
			if scans++; scans > maxScans {
				return errBounds("is a JPEG with too many passes")
			}
			if h.width == 0 {
				return errBroken("jpg", "it has pixels before it says how many")
			}
			if err := h.judge(1 << 40); err != nil {
				return err // before reading any further
			}
		}
		if err := h.readSegment(r, marker, length); err != nil {
			return err
		}
	}
}

// endJPEG is what must be true at the end of the picture.
func (h *header) endJPEG(scans int) error {
	if scans == 0 || h.width == 0 {
		return errBroken("jpg", "it has no picture")
	}
	// The shortest code is of one bit, and each block of 8×8 has one.
	h.least = int64(h.width) * int64(h.height) / 64 / 8
	return nil
}

// nextMarker goes on to the next marker, over what is coded between two.
func nextMarker(r *bufio.Reader) (byte, error) {
	for {
		if _, err := r.ReadSlice(0xff); errors.Is(err, bufio.ErrBufferFull) {
			continue
		} else if err != nil {
			return 0, err
		}
		b := byte(0xff)
		for b == 0xff { // fill bytes
			var err error
			if b, err = r.ReadByte(); err != nil {
				return 0, err
			}
		}
		if b != 0 { // a stuffed 0xff
			return b, nil
		}
	}
}

// segmentLength is how many bytes of a segment follow.
func segmentLength(r io.Reader) (int, error) {
	var b [2]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return 0, err
	}
	n := int(binary.BigEndian.Uint16(b[:]))
	if n < 2 {
		return 0, errBroken("jpg", "a segment has no length")
	}
	return n - 2, nil
}

// readSegment reads what counts of a segment and skips the rest.
func (h *header) readSegment(r *bufio.Reader, marker byte, length int) error {
	isFrame := marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc
	if !isFrame && marker != 0xe1 {
		_, err := r.Discard(length)
		return err
	}
	b := make([]byte, length)
	if _, err := io.ReadFull(r, b); err != nil {
		return err
	}
	if marker == 0xe1 {
		if o := exifOrientation(b); o != 0 && h.orientation == 1 {
			h.orientation = o
		}
		return nil
	}
	return h.readFrame(marker, b)
}

// readFrame reads a frame header (ITU T.81 §B.2.2).
func (h *header) readFrame(marker byte, b []byte) error {
	if marker > 0xc2 {
		return errBroken("jpg", "it is packed in a way that nothing here reads")
	}
	if len(b) < 6 || len(b) < 6+3*int(b[5]) || h.width != 0 {
		return errBroken("jpg", "its header is not one")
	}
	h.height, h.width = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	most, samples := int64(1), int64(0)
	for i := range int(b[5]) {
		size := int64(b[7+3*i]>>4) * int64(b[7+3*i]&15)
		most, samples = max(most, size), samples+size
	}
	pixels := int64(h.width) * int64(h.height)
	h.memory = pixels * samples / most
	if marker == 0xc2 {
		h.memory *= 5 // progressive: a coefficient of four bytes for each sample
	}
	if b[5] == 4 {
		h.memory += pixels * 4
	}
	return nil
}
