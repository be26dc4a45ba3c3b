// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"image"
	"math"

	"golang.org/x/image/draw"
)

// fit is the size of w × h pixels made so small that it has at most area pixels; it
// is never made larger.
func fit(w, h, area int) (int, int) {
	if w*h <= area {
		return w, h
	}
	scale := math.Sqrt(float64(area) / float64(w) / float64(h))
	return max(int(float64(w)*scale), 1), max(int(float64(h)*scale), 1)
}

// centre is the largest part in the middle of w × h pixels whose sides are as
// wide : high.
func centre(w, h, wide, high int) image.Rectangle {
	cw, ch := w, w*high/wide
	if ch > h || ch == 0 {
		cw, ch = h*wide/high, h
	}
	cw, ch = min(max(cw, 1), w), min(max(ch, 1), h)
	x, y := (w-cw)/2, (h-ch)/2
	return image.Rect(x, y, x+cw, y+ch)
}

// shrink makes a part of a picture w × h pixels large, each the mean of those that
// it stands for. It holds the result and a few rows and no more: what the library
// scales well with needs 32 bytes for each pixel of an intermediate picture. w and h
// must not be larger than the part.
func shrink(src image.Image, part image.Rectangle, w, h int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if part.Dx() == w && part.Dy() == h {
		draw.Draw(out, out.Rect, src, part.Min, draw.Src)
		return out
	}
	columns := spread(part.Dx(), w)
	rows := spread(part.Dy(), h)
	line := image.NewRGBA(image.Rect(0, 0, part.Dx(), 1))
	read := -1
	sum := make([]float64, 4*w)
	thin := make([]float64, 4*w)
	for y := range h {
		clear(sum)
		for _, row := range rows[y] {
			if row.at != read {
				draw.Draw(line, line.Rect, src, image.Pt(part.Min.X, part.Min.Y+row.at), draw.Src)
				narrow(thin, line.Pix, columns)
				read = row.at
			}
			for i, v := range thin {
				sum[i] += v * row.weight
			}
		}
		for i, v := range sum {
			out.Pix[y*out.Stride+i] = uint8(min(v+0.5, 255))
		}
	}
	return out
}

// share is how much a pixel counts for one of the result.
type share struct {
	at     int
	weight float64
}

// spread says of which of n pixels each of m ≤ n is the mean.
func spread(n, m int) [][]share {
	all := make([][]share, m)
	step := float64(n) / float64(m)
	for i := range all {
		from, to := float64(i)*step, float64(i+1)*step
		for at := int(from); at < n && float64(at) < to; at++ {
			weight := (min(to, float64(at+1)) - max(from, float64(at))) / step
			if weight > 1e-9 {
				all[i] = append(all[i], share{at, weight})
			}
		}
	}
	return all
}

// narrow makes a line of pixels shorter.
func narrow(out []float64, line []uint8, columns [][]share) {
	clear(out)
	for x, shares := range columns {
		for _, s := range shares {
			for c := range 4 {
				out[4*x+c] += float64(line[4*s.at+c]) * s.weight
			}
		}
	}
}

// opaque tells whether a picture hides all that is behind it.
func opaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

// place draws a picture where it lies on a canvas.
func place(canvas *image.RGBA, img image.Image) {
	draw.Draw(canvas, img.Bounds(), img, img.Bounds().Min, draw.Over)
}
