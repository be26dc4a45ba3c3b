// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// qrCode is a text for cameras, to draw as one path in SVG: no request, no inline style.
type qrCode struct {
	Size int    // of the drawing, with the quiet zone around it
	Path string // of the dark squares, each 1 × 1
}

// quiet is the zone around a code that cameras need, in squares.
const quiet = 4

// qrOf draws a text.
func qrOf(text string) (*qrCode, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("qr code: %w", err)
	}
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			run := 0
			for x+run < size && code.At(x+run, y) == color.Black {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	return &qrCode{size + 2*quiet, path.String()}, nil
}
