// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"io"
)

// demoDyes are the colours of which the pictures of the demonstration are woven.
var demoDyes = [...]color.NRGBA{
	{0x9C, 0x3A, 0x1E, 0xFF}, {0xF2, 0xC1, 0x4E, 0xFF}, {0x2F, 0x6B, 0x3C, 0xFF}, {0x1F, 0x5A, 0x8A, 0xFF}, {0x6B, 0x3A, 0x6E, 0xFF}, {0xFB, 0xF7, 0xF0, 0xFF},
}

// drawing is a picture as a PNG file, the same for a name each time: two scenes by
// name, and for any other name a square of cloth to tell faces apart.
func drawing(name string) (io.Reader, error) {
	var img image.Image
	switch name {
	case "cloth":
		img = weave(960, 640, 80, 20, func(row, thread int) int { return (row*5 + thread*(row%3+1)/4) % 4 })
	case "rack":
		img = rack(960, 540)
	default:
		img = badge(name)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		return nil, fmt.Errorf("draw %s: %w", name, err)
	}
	return &file, nil
}

// weave is cloth of rows and threads, so many pixels high and wide; dye tells the
// colour of a thread in its row.
func weave(width, height, row, thread int, dye func(row, thread int) int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := demoDyes[dye(y/row, x/thread)]
			if (x/4+y/4)%2 == 0 { // over and under
				c = shade(c)
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// shade is a colour in half a shadow.
func shade(c color.NRGBA) color.NRGBA {
	return color.NRGBA{c.R - c.R/6, c.G - c.G/6, c.B - c.B/6, c.A}
}

// rack is twelve bays, of which one is lit.
func rack(width, height int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{0x2A, 0x21, 0x1B, 0xFF}
			column, row := x*4/width, y*3/height
			inX, inY := x-column*width/4, y-row*height/3
			if inX > 16 && inX < width/4-16 && inY > 16 && inY < height/3-16 {
				c = color.NRGBA{0x5C, 0x4F, 0x45, 0xFF}
				if column == 2 && row == 1 {
					c = demoDyes[1]
				}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// badge is a square of eight by eight threads, the left half mirrored, in two colours
// that the name chooses.
func badge(name string) image.Image {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // never fails
	sum := h.Sum64()
	ink, ground := int(sum%4), 5
	if sum>>8&1 == 1 {
		ground = 1
		if ink == 1 {
			ink = 4
		}
	}
	return weave(200, 200, 25, 25, func(row, thread int) int {
		if thread > 3 {
			thread = 7 - thread
		}
		if sum>>(16+uint(row*4+thread))&1 == 1 {
			return ink
		}
		return ground
	})
}
