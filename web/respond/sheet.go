// SPDX-License-Identifier: AGPL-3.0-or-later

package respond

import (
	"net/url"
	"time"
)

// Sheet is a page for people that a face hands to web/pages to be drawn, in the frame
// and with the components that all pages share. In its template the frame's fields
// stand at the top, and what the face filled in under View.
type Sheet struct {
	Page     string     // its template, from the files that the face handed in
	Title    string     // in the reader's language
	View     any        // what the template shows
	Problems []Problem  // what was wrong with a form
	Keep     url.Values // parameters of its address that the switch of the language keeps
}

// Problem is what is wrong with a field, which has its name as id.
type Problem struct{ Field, Text string }

// Tongue are the texts of the interface in one language.
type Tongue interface {
	Tag() string                       // BCP 47
	T(key string, pairs ...any) string // a text, with pairs of a name and a value filled in
	N(key string, n int) string        // a text with a number, in the plural form that it asks for
	Number(n int) string
	Here(at time.Time) string  // the day of a moment in the zone of the instance
	Clock(at time.Time) string // its time of the day there
	Stamp(at time.Time) string // RFC 3339
	Language(tag string) string
}
