// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/bbrks/go-blurhash"
	"golang.org/x/image/webp"
)

// Sizes, in pixels.
const (
	keptArea    = 3840 * 2160 // of a picture in a post: what is larger is made so small
	smallArea   = 640 * 360   // of the small picture beside it
	avatarSide  = 400
	headerWide  = 1500
	headerHigh  = 500
	blurSide    = 32 // of what the hash is made of
	blurAcross  = 4
	blurDown    = 3
	jpegQuality = 88
	smallJPEG   = 80
)

// decode reads a picture whose header was judged, makes it so small that it has at
// most area pixels and turns it upright. Errors are *coop.InvalidError, or of r.
func decode(r io.Reader, h *header, area int) (image.Image, error) {
	img, err := decodeRaw(r, h.format)
	if err != nil {
		return nil, err
	}
	b := img.Bounds()
	if b.Dx() != h.width || b.Dy() != h.height {
		return nil, errBroken(h.format.ending, "it is of another size than it says")
	}
	w, hi := fit(b.Dx(), b.Dy(), area)
	if w == b.Dx() && hi == b.Dy() && h.orientation == 1 {
		return img, nil
	}
	return upright(shrink(img, b, w, hi), h.orientation), nil
}

// decodeRaw calls the decoder of a format. What a decoder complains of is the fault
// of the file; a decoder that panics has met one that its authors did not think of.
func decodeRaw(r io.Reader, f format) (img image.Image, err error) {
	from := &failing{r: r}
	defer func() {
		if recover() != nil {
			img, err = nil, errBroken(f.ending, "it cannot be read")
		}
	}()
	b := bufio.NewReaderSize(from, 32<<10)
	switch f {
	case formatJPEG:
		img, err = jpeg.Decode(b)
	case formatPNG:
		img, err = png.Decode(b)
	case formatWebP:
		img, err = webp.Decode(b)
	case formatGIF:
		img, err = firstFrame(b)
	default:
		return nil, errFormat()
	}
	switch {
	case from.err != nil:
		return nil, from.err
	case err != nil:
		return nil, errBroken(f.ending, "it cannot be read")
	}
	return img, nil
}

// failing remembers what went wrong with reading, which decoders wrap or forget.
type failing struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (f *failing) Read(b []byte) (int, error) {
	n, err := f.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}

// firstFrame is the first picture of a GIF on its whole canvas.
func firstFrame(r *bufio.Reader) (image.Image, error) {
	screen, err := r.Peek(10)
	if err != nil {
		return nil, err
	}
	canvas := image.Rect(0, 0, int(screen[6])|int(screen[7])<<8, int(screen[8])|int(screen[9])<<8)
	img, err := gif.Decode(r)
	if err != nil || img.Bounds() == canvas {
		return img, err
	}
	whole := image.NewRGBA(canvas)
	place(whole, img)
	return whole, nil
}

// encode writes a picture in the format that keeps it best: PNG where it has
// transparent pixels or came as one, JPEG else.
func encode(w io.Writer, img image.Image, f format, quality int) error {
	out := bufio.NewWriter(w)
	var err error
	if f == formatPNG {
		err = (&png.Encoder{CompressionLevel: png.DefaultCompression}).Encode(out, img)
	} else {
		err = jpeg.Encode(out, img, &jpeg.Options{Quality: quality})
	}
	if err != nil {
		return fmt.Errorf("write picture: %w", err)
	}
	return out.Flush()
}

// formatFor is what a picture is written as.
func formatFor(img image.Image, came format) format {
	if came == formatPNG || !opaque(img) {
		return formatPNG
	}
	return formatJPEG
}

// smallFormat is what its small picture is written as.
func smallFormat(img image.Image) format {
	if !opaque(img) {
		return formatPNG
	}
	return formatJPEG
}

// small is the small picture of one.
func small(img image.Image) *image.RGBA {
	b := img.Bounds()
	w, h := fit(b.Dx(), b.Dy(), smallArea)
	return shrink(img, b, w, h)
}

// cropped is the middle of a picture, wide × high pixels at most and of that shape.
func cropped(img image.Image, wide, high int) *image.RGBA {
	b := img.Bounds()
	part := centre(b.Dx(), b.Dy(), wide, high)
	w, h := min(part.Dx(), wide), min(part.Dy(), high)
	return shrink(img, part.Add(b.Min), w, h)
}

// blur is the blurhash of a picture; empty where it has none.
func blur(img image.Image) string {
	b := img.Bounds()
	w, h := min(b.Dx(), blurSide), min(b.Dy(), blurSide)
	hash, err := blurhash.Encode(blurAcross, blurDown, shrink(img, b, w, h))
	if err != nil {
		return ""
	}
	return hash
}
