// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bytes"
	"encoding/binary"
	"image"
)

// maxEntries is the most entries of a directory that are looked at.
const maxEntries = 200

// exifOrientation reads how a picture was held from an APP1 segment (Exif §4.6.5,
// tag 0x0112): 1 to 8, or 0 where nothing is said.
func exifOrientation(segment []byte) int {
	tiff, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00"))
	if !ok || len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch string(tiff[:2]) {
	case "II":
	case "MM":
		order = binary.BigEndian
	default:
		return 0
	}
	at := int64(order.Uint32(tiff[4:]))
	if order.Uint16(tiff[2:]) != 42 || at+2 > int64(len(tiff)) {
		return 0
	}
	entries := int(order.Uint16(tiff[at:]))
	for i := range min(entries, maxEntries) {
		from := at + 2 + 12*int64(i)
		if from+12 > int64(len(tiff)) {
			return 0
		}
		if entry := tiff[from:]; order.Uint16(entry) == 0x0112 {
			if o := int(order.Uint16(entry[8:])); o >= 1 && o <= 8 {
				return o
			}
			return 0
		}
	}
	return 0
}

// upright turns and mirrors a picture so that it stands as it was seen.
func upright(src *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 || orientation > 8 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	outW, outH := w, h
	if orientation >= 5 {
		outW, outH = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, outW, outH))
	for y := range outH {
		for x := range outW {
			sx, sy := seenAt(orientation, x, y, w, h)
			from, to := src.PixOffset(src.Rect.Min.X+sx, src.Rect.Min.Y+sy), out.PixOffset(x, y)
			copy(out.Pix[to:to+4], src.Pix[from:from+4])
		}
	}
	return out
}

// seenAt is where the pixel that is seen at x, y lies in a picture of w × h.
func seenAt(orientation, x, y, w, h int) (int, int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	default: // 8
		return w - 1 - y, x
	}
}
