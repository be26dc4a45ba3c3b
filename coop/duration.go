// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"strings"
	"time"
)

// Duration is an ISO 8601 duration in whole numbers. It is kept in its parts,
// since a month has no fixed length.
type Duration struct {
	Years, Months, Weeks, Days, Hours, Minutes, Seconds int
}

// maxDurationDigits bounds each number of a duration to 99,999.
const maxDurationDigits = 5

// ParseDuration reads an ISO 8601 duration such as P6M, P2W or P1DT12H: whole
// numbers of at most five digits, in order, at least one. Its error is an
// [InvalidError] without a field.
func ParseDuration(s string) (Duration, error) {
	rest, ok := strings.CutPrefix(s, "P")
	date, clock, hasClock := strings.Cut(rest, "T")
	var d Duration
	nDate, okDate := readParts(date, "YMWD", []*int{&d.Years, &d.Months, &d.Weeks, &d.Days})
	nClock, okClock := readParts(clock, "HMS", []*int{&d.Hours, &d.Minutes, &d.Seconds})
	if !ok || !okDate || !okClock || nDate+nClock == 0 || hasClock && nClock == 0 {
		return Duration{}, &InvalidError{Code: "duration", Problem: fmt.Sprintf("%.20q is no ISO 8601 duration such as P6M", s)}
	}
	return d, nil
}

// readParts reads numbers that end in the letters of units, each letter at most
// once and in this order, into the places given for them. n is how many.
func readParts(s, units string, places []*int) (n int, ok bool) {
	for s != "" {
		end := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
		if end < 1 || end > maxDurationDigits {
			return 0, false
		}
		unit := strings.IndexByte(units, s[end])
		if unit < 0 {
			return 0, false
		}
		for _, digit := range s[:end] {
			*places[unit] = *places[unit]*10 + int(digit-'0')
		}
		units, places, s, n = units[unit+1:], places[unit+1:], s[end+1:], n+1
	}
	return n, true
}

// String writes the duration; nothing at all is P0D.
func (d Duration) String() string {
	var out strings.Builder
	out.WriteByte('P')
	writeParts(&out, "YMWD", d.Years, d.Months, d.Weeks, d.Days)
	if d.Hours+d.Minutes+d.Seconds > 0 {
		out.WriteByte('T')
		writeParts(&out, "HMS", d.Hours, d.Minutes, d.Seconds)
	}
	if out.Len() == 1 {
		return "P0D"
	}
	return out.String()
}

// writeParts writes each number that is not zero with its letter.
func writeParts(out *strings.Builder, units string, numbers ...int) {
	for i, n := range numbers {
		if n > 0 {
			fmt.Fprintf(out, "%d%c", n, units[i])
		}
	}
}

// From is the moment that lies the duration after t.
func (d Duration) From(t time.Time) time.Time {
	return t.AddDate(d.Years, d.Months, 7*d.Weeks+d.Days).
		Add(time.Duration(d.Hours)*time.Hour + time.Duration(d.Minutes)*time.Minute + time.Duration(d.Seconds)*time.Second)
}

// Compare says whether d is shorter (-1), as long (0) or longer (1) than e,
// counted from the first day of a year without a leap day: P12M is P1Y.
func (d Duration) Compare(e Duration) int {
	start := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	return d.From(start).Compare(e.From(start))
}
