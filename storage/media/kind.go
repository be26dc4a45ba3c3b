// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"minga/coop"
)

// format is a type of files that is taken.
type format struct {
	kind      coop.MediaKind
	mediaType string
	ending    string
}

// The formats of pictures; other formats stand in the table of [sniff].
var (
	formatJPEG = format{coop.MediaImage, "image/jpeg", "jpg"}
	formatPNG  = format{coop.MediaImage, "image/png", "png"}
	formatGIF  = format{coop.MediaImage, "image/gif", "gif"}
	formatWebP = format{coop.MediaImage, "image/webp", "webp"}
	formatPDF  = format{coop.MediaDocument, "application/pdf", "pdf"}
)

// sniffLength is how many bytes of a file say what it is.
const sniffLength = 512

// sniff says what a file is by its first bytes; false: nothing that we take.
func sniff(head []byte) (format, bool) {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return formatJPEG, true
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return formatPNG, true
	case bytes.HasPrefix(head, []byte("GIF87a")), bytes.HasPrefix(head, []byte("GIF89a")):
		return formatGIF, true
	case isRIFF(head, "WEBP"):
		return formatWebP, true
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return formatPDF, true
	}
	return sniffSound(head)
}

// isRIFF tells a RIFF file of a kind.
func isRIFF(head []byte, kind string) bool {
	return len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == kind
}

// sniffSound knows audio and video.
func sniffSound(head []byte) (format, bool) {
	switch {
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return sniffISO(string(head[8:12]))
	case bytes.HasPrefix(head, []byte("\x1aE\xdf\xa3")) && bytes.Contains(head[:min(len(head), 64)], []byte("\x42\x82\x84webm")):
		return format{coop.MediaVideo, "video/webm", "webm"}, true
	case bytes.HasPrefix(head, []byte("OggS\x00")):
		if bytes.Contains(head[:min(len(head), 64)], []byte("\x80theora")) {
			return format{coop.MediaVideo, "video/ogg", "ogv"}, true
		}
		return format{coop.MediaAudio, "audio/ogg", "ogg"}, true
	case bytes.HasPrefix(head, []byte("fLaC")):
		return format{coop.MediaAudio, "audio/flac", "flac"}, true
	case isRIFF(head, "WAVE"):
		return format{coop.MediaAudio, "audio/wav", "wav"}, true
	case bytes.HasPrefix(head, []byte("ID3")), len(head) > 2 && head[0] == 0xff && head[1]&0xe6 == 0xe2:
		return format{coop.MediaAudio, "audio/mpeg", "mp3"}, true
	}
	return format{}, false
}

// sniffISO tells the files of ISO 14496-12 apart by their brand. HEIF pictures use
// the same boxes; Go cannot read them.
func sniffISO(brand string) (format, bool) {
	switch strings.ToLower(brand) {
	case "m4a ", "m4b ":
		return format{coop.MediaAudio, "audio/mp4", "m4a"}, true
	case "qt  ":
		return format{coop.MediaVideo, "video/quicktime", "mov"}, true
	case "isom", "iso2", "iso3", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "m4v ", "dash", "3gp4", "3gp5", "3gp6", "mmp4":
		return format{coop.MediaVideo, "video/mp4", "mp4"}, true
	}
	return format{}, false
}

// endings are those that say what a file is. One of another class than the bytes
// is a lie: a picture that calls itself a page is taken by nobody in good faith. Within
// a class they are often wrong by accident.
var endings = map[coop.MediaKind][]string{
	coop.MediaImage:    {"jpg", "jpeg", "jpe", "jfif", "png", "apng", "gif", "webp", "heic", "heif", "avif", "bmp", "tif", "tiff"},
	coop.MediaVideo:    {"mp4", "m4v", "mov", "webm", "mkv", "ogv", "3gp", "avi"},
	coop.MediaAudio:    {"mp3", "m4a", "m4b", "aac", "ogg", "oga", "opus", "flac", "wav"},
	coop.MediaDocument: {"pdf"},
	"active": {
		"html", "htm", "xhtml", "shtml", "mht", "svg", "svgz", "xml", "xsl", "js", "mjs", "cjs", "css", "json", "jsonld", "wasm", "swf",
		"php", "phtml", "jsp", "asp", "aspx", "cgi", "pl", "py", "sh", "exe", "dll", "msi", "bat", "cmd", "ps1", "jar", "zip", "txt", "csv",
	},
}

// checkEnding refuses a file whose name says another class than its bytes.
func checkEnding(name string, kind coop.MediaKind) error {
	ending := strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
	for claimed, list := range endings {
		if !slices.Contains(list, ending) {
			continue
		}
		// Sound alone may lie in a file of video, and the other way round.
		played := isPlayed(claimed) && isPlayed(kind)
		if claimed != kind && !played {
			return &coop.InvalidError{Field: "file", Code: coop.CodeFormat, Problem: fmt.Sprintf("its name ends in .%s, which it is not", ending)}
		}
	}
	return nil
}

func isPlayed(kind coop.MediaKind) bool { return kind == coop.MediaVideo || kind == coop.MediaAudio }

// errFormat is said of what is not on the list.
func errFormat() error {
	return &coop.InvalidError{Field: "file", Code: coop.CodeFormat, Problem: "is no picture (JPEG, PNG, GIF, WebP) nor another file that is taken here"}
}

// errBroken is said of what is no whole file of its type.
func errBroken(format, problem string) error {
	return &coop.InvalidError{Field: "file", Code: coop.CodeFormat, Problem: "is no whole " + format + " file: " + problem}
}

// errBounds is said of what is too much to decode.
func errBounds(problem string) error {
	return &coop.InvalidError{Field: "file", Code: coop.CodeRange, Problem: problem}
}

// tooLarge is said of too many bytes.
func tooLarge(most int64) error {
	return &coop.InvalidError{Field: "file", Code: coop.CodeRange, Problem: fmt.Sprintf("has more than %d bytes", most)}
}

// Types are the media types that are taken, with audio and video or without.
func Types(played bool) []string {
	types := []string{"image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf"}
	if played {
		types = append(types, "video/mp4", "video/quicktime", "video/webm", "video/ogg",
			"audio/mpeg", "audio/mp4", "audio/ogg", "audio/flac", "audio/wav")
	}
	return types
}
