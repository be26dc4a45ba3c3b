// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bytes"
	"errors"
	"image/gif"
	"io"
	"testing"

	"minga/coop"
)

// seeds are pictures of every format, whole and cut.
func seeds(f *testing.F) {
	for _, b := range [][]byte{
		jpegOf(f, gradient(20, 10)), camera(jpegOf(f, gradient(8, 8)), 6), pngOf(f, gradient(20, 10)), gifOf(f, 9, 7, 3), webpLossless,
		bombPNG(40_000, 40_000), []byte("%PDF-1.7"), []byte("\x00\x00\x00\x18ftypisom"), []byte("\x1aE\xdf\xa3\x42\x82\x84webm"),
	} {
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
}

func FuzzReadHeader(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		h, err := look(body)
		var invalid *coop.InvalidError
		if err != nil {
			if !errors.As(err, &invalid) {
				t.Fatalf("not a complaint: %v", err)
			}
			return
		}
		if h.width < 1 || h.height < 1 || h.width*h.height > MaxPixels || h.memory > maxDecoded || h.orientation < 1 || h.orientation > 8 || h.frames > maxFrames {
			t.Fatalf("out of bounds: %+v", h)
		}
		if h.memory > 1<<20 {
			return // decoding takes its time
		}
		if _, err := decode(bytes.NewReader(body), h, smallArea); err != nil && !errors.As(err, &invalid) {
			t.Fatalf("decoding: not a complaint: %v", err)
		}
	})
}

func FuzzRewriteGIF(f *testing.F) {
	f.Add(gifOf(f, 9, 7, 3))
	f.Add(gifOf(f, 1, 1, 1))
	f.Add(gifOf(f, 9, 7, 3)[:60])
	f.Fuzz(func(t *testing.T, body []byte) {
		if h, err := look(body); err != nil || h.memory > 1<<20 {
			return
		}
		var out bytes.Buffer
		if err := rewriteGIF(&out, bytes.NewReader(body)); err != nil {
			var invalid *coop.InvalidError
			if !errors.As(err, &invalid) {
				t.Fatalf("not a complaint: %v", err)
			}
			return
		}
		if _, err := gif.DecodeAll(bytes.NewReader(out.Bytes())); err != nil {
			t.Fatalf("what was written anew cannot be read: %v", err)
		}
		again := bytes.Clone(out.Bytes())
		out.Reset()
		if err := rewriteGIF(&out, bytes.NewReader(again)); err != nil || !bytes.Equal(out.Bytes(), again) {
			t.Fatalf("written twice it is another: %v", err)
		}
	})
}

func FuzzExifOrientation(f *testing.F) {
	photo := camera(jpegOf(f, gradient(8, 8)), 6)
	f.Add(photo[6:200])
	f.Add([]byte("Exif\x00\x00II\x2a\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x08\x00\x00\x00"))
	f.Add([]byte("Exif\x00\x00MM\x00\x2a\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, segment []byte) {
		if o := exifOrientation(segment); o < 0 || o > 8 {
			t.Fatalf("orientation %d", o)
		}
	})
}

func FuzzSniff(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, ok := sniff(body)
		if ok && (got.mediaType == "" || got.ending == "") {
			t.Fatalf("%+v", got)
		}
		_, _ = io.Discard.Write([]byte(got.mediaType))
	})
}
