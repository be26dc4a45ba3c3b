// SPDX-License-Identifier: AGPL-3.0-or-later

package document

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxNumber is how long a number may be written.
const maxNumber = 64

// scalar is the text of a string or number, or of a JSON-LD value object.
func scalar(raw []byte) (string, bool) {
	if len(raw) == 0 {
		return "", false
	}
	switch ch := raw[0]; {
	case ch == '"':
		return decode(raw), true
	case ch == '-' || (ch >= '0' && ch <= '9'):
		return string(raw), true
	case ch == '{':
		var v Object
		v.load(raw, nil)
		if inner := v.Raw("@value"); len(inner) > 0 && inner[0] != '{' {
			return scalar(inner)
		}
	}
	return "", false
}

// String is the member's text: a string, the first string of an array, the
// value of a JSON-LD value object, or a number as written.
func (o *Object) String(member string) (text string) {
	entries(o.Raw(member), func(raw []byte) (more bool) {
		s, ok := scalar(raw)
		if ok {
			text = s
		}
		return !ok
	})
	return text
}

// Strings are all strings of the member, at most [MaxEntries].
func (o *Object) Strings(member string) []string {
	var all []string
	entries(o.Raw(member), func(raw []byte) bool {
		if s, ok := scalar(raw); ok {
			all = append(all, s)
		}
		return len(all) < MaxEntries
	})
	return all
}

// Bool is the member as a boolean; "true" and "false" as strings count.
func (o *Object) Bool(member string) (value, ok bool) {
	switch string(first(o.Raw(member))) {
	case "true", `"true"`:
		return true, true
	case "false", `"false"`:
		return false, true
	}
	return false, false
}

// Number is the member as a decimal text, from a number or a string, exactly as
// written. It is never made a binary fraction.
func (o *Object) Number(member string) (decimal string, ok bool) {
	s, ok := scalar(first(o.Raw(member)))
	if !ok || len(s) > maxNumber || s == "" || numberLength([]byte(s)) != len(s) {
		return "", false
	}
	return s, true
}

// Int is the member as a whole number; 3.0 is one.
func (o *Object) Int(member string) (n int64, ok bool) {
	s, ok := o.Number(member)
	if !ok {
		return 0, false
	}
	if whole, fraction, found := strings.Cut(s, "."); found && strings.Trim(fraction, "0") == "" {
		s = whole
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// count is the member as a number that is not negative, else 0.
func (o *Object) count(member string) int64 {
	n, _ := o.Int(member)
	return max(n, 0)
}

// Time is the member as an instant in UTC: RFC 3339 with or without fraction or
// offset, or a date. Not ok: absent, unreadable, or absurd (before 1900, after
// 2199); the caller then takes the time of arrival.
func (o *Object) Time(member string) (t time.Time, ok bool) {
	s, ok := scalar(first(o.Raw(member)))
	if !ok || len(s) > maxNumber {
		return time.Time{}, false
	}
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			t = t.UTC()
			return t, t.Year() >= 1900 && t.Year() < 2200
		}
	}
	return time.Time{}, false
}

// cut shortens s to at most n characters.
func cut(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// cutBytes shortens s to at most n bytes, at the border of a character.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
