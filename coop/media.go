// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// MediaClass says what an uploaded file is for.
type MediaClass string

// The classes of files.
const (
	MediaPost   MediaClass = "post"   // to be attached to a post
	MediaAvatar MediaClass = "avatar" // 400×400 pixels at most
	MediaHeader MediaClass = "header" // 1500×500 pixels at most
)

// MediaKind says what a file is, by its bytes.
type MediaKind string

// The kinds of files.
const (
	MediaImage    MediaKind = "image"
	MediaVideo    MediaKind = "video"
	MediaAudio    MediaKind = "audio"
	MediaDocument MediaKind = "document" // never decoded, never shown inline
)

// WireType is the type of an attachment on the wire.
func (k MediaKind) WireType() string {
	switch k {
	case MediaImage:
		return "Image"
	case MediaVideo:
		return "Video"
	case MediaAudio:
		return "Audio"
	default:
		return "Document"
	}
}

// Focus is the point of a picture that stays in sight when it is cropped: from -1
// to 1, left to right and bottom to top. The zero value is the middle.
type Focus struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// ParseFocus reads "x,y". Numbers beyond the edge are cut to it; empty is the
// middle; anything else is an *InvalidError.
func ParseFocus(text string) (Focus, error) {
	if strings.TrimSpace(text) == "" {
		return Focus{}, nil
	}
	left, right, ok := strings.Cut(text, ",")
	x, errX := strconv.ParseFloat(strings.TrimSpace(left), 64)
	y, errY := strconv.ParseFloat(strings.TrimSpace(right), 64)
	if !ok || errX != nil || errY != nil || math.IsNaN(x) || math.IsNaN(y) {
		return Focus{}, &InvalidError{Field: "focus", Problem: "is two numbers from -1 to 1 with a comma between them"}
	}
	return Focus{X: round(min(max(x, -1), 1)), Y: round(min(max(y, -1), 1))}, nil
}

// round keeps four decimals: more is finer than any picture.
func round(f float64) float64 { return math.Round(f*10_000) / 10_000 }

// CleanAlt is the text that stands for a file as it is kept, or an *InvalidError.
func CleanAlt(text string) (string, error) {
	text = strings.TrimSpace(CleanText(text, len(text)))
	if n := len([]rune(text)); n > MaxAltLength {
		return "", &InvalidError{Field: "description", Code: CodeTooLong, Problem: "at most " + strconv.Itoa(MaxAltLength) + " characters, not " + strconv.Itoa(n)}
	}
	return text, nil
}

// Media is a file that somebody of this instance uploaded.
type Media struct {
	ID        ID
	OwnerID   ID
	Class     MediaClass
	Kind      MediaKind
	MediaType string // by its bytes
	Name      string // ours: random, with the ending of its type
	Bytes     int64
	Width     int // pixels; 0 where unknown
	Height    int
	URL       string

	// The small picture; its name is empty where there is none.
	Preview                     string
	PreviewBytes                int64
	PreviewWidth, PreviewHeight int
	PreviewURL                  string

	Blurhash string
	Focus    Focus
	Alt      string
	Title    string // what the person called a document; plain text

	PostID    ID // zero: in no post
	CreatedAt time.Time
	// GoneAt is when its post was deleted or it was taken out of it: it is not
	// served any more. Zero: it is here.
	GoneAt time.Time
}

// Attachment is the file as part of a post.
func (m *Media) Attachment() Attachment {
	a := Attachment{
		ID: m.ID, Type: m.Kind.WireType(), URL: m.URL, MediaType: m.MediaType, Alt: m.Alt, Blurhash: m.Blurhash, Width: m.Width, Height: m.Height,
		PreviewURL: m.PreviewURL, PreviewWidth: m.PreviewWidth, PreviewHeight: m.PreviewHeight, Size: m.Bytes, Title: m.Title,
	}
	if m.Focus != (Focus{}) {
		focus := m.Focus
		a.Focus = &focus
	}
	return a
}

// Picture is the file as avatar or header.
func (m *Media) Picture() Picture {
	return Picture{URL: m.URL, MediaType: m.MediaType, Alt: m.Alt}
}

// MediaChange is what may change of a file; nil stays.
type MediaChange struct {
	Alt   *string
	Focus *Focus
}
