// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"regexp"
	"slices"
	"strconv"

	"minga/coop"
	"minga/federation/document"
)

// readAttachments reads media and documents; the files themselves stay where
// they are. A Video or Image is its own first attachment.
func readAttachments(doc *document.Object) []coop.Attachment {
	media := doc.Attachments()
	switch doc.Type() {
	case "Image", "Video", "Audio":
		own := slices.DeleteFunc(doc.Media("url"), func(m document.Attachment) bool { return !isMedia(m.MediaType) })
		media = append(own[:min(len(own), 1)], media...)
	}
	var out []coop.Attachment
	for _, m := range media {
		if len(out) == document.MaxMedia {
			break
		}
		if a := readAttachment(m); a.URL != "" {
			out = append(out, a)
		}
	}
	return out
}

// readAttachment reads one; without an address where it has none that a page may link.
func readAttachment(m document.Attachment) coop.Attachment {
	return coop.Attachment{
		Type: coop.CleanLine(m.Type, 50), URL: webAddress(m.URL), MediaType: coop.CleanLine(m.MediaType, 100),
		Alt: coop.CleanText(m.Name, maxAlt), Blurhash: blurhash(m.Blurhash),
		Width: pixels(m.Width), Height: pixels(m.Height),
		PreviewURL: webAddress(m.Icon), Focus: readFocus(m.Focus), Duration: readDuration(m.Duration),
	}
}

// readFocus is the point of a picture that stays in sight; nil for the middle and for
// what is no point of it.
func readFocus(pair [2]string) *coop.Focus {
	if pair[0] == "" {
		return nil
	}
	focus, err := coop.ParseFocus(pair[0] + "," + pair[1])
	if err != nil || focus == (coop.Focus{}) {
		return nil
	}
	return &focus
}

// longestMedia is more than any film takes, in seconds.
const longestMedia = 100 * 3600

// durationShape is a duration of hours, minutes and seconds (ISO 8601).
var durationShape = regexp.MustCompile(`^PT(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,7}(?:\.\d{1,9})?)S)?$`)

// readDuration is how long something plays, in seconds; 0 where nothing is said.
func readDuration(text string) float64 {
	parts := durationShape.FindStringSubmatch(text)
	if parts == nil {
		return 0
	}
	seconds := 0.0
	for i, factor := range []float64{3600, 60, 1} {
		if n, err := strconv.ParseFloat(parts[i+1], 64); err == nil {
			seconds += n * factor
		}
	}
	if seconds > longestMedia {
		return 0
	}
	return seconds
}

// pixels is a size that a page may use.
func pixels(n int64) int {
	if n < 0 || n > 100_000 {
		return 0
	}
	return int(n)
}
