// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// The codes of an [InvalidError] that the rules of this package give. They are
// stable: faces translate by them.
const (
	CodeRequired   = "required"    // nothing is there
	CodeTooShort   = "too_short"   // fewer characters than the least
	CodeTooLong    = "too_long"    // more characters than the most
	CodeTooMany    = "too_many"    // more entries than the most
	CodeRange      = "range"       // a number outside its bounds
	CodeOrder      = "order"       // the lower end is above the upper
	CodeUnknown    = "unknown"     // not in the list of possible values
	CodeFormat     = "format"      // not written as such a thing is
	CodePast       = "past"        // a time that has gone by
	CodeTooLate    = "too_late"    // a time too far ahead
	CodeNotAllowed = "not_allowed" // does not go with another field
	CodeHTML       = "html"        // mark-up where plain text belongs
	CodeCapitals   = "capitals"    // all in capitals
	CodeReserved   = "reserved"    // a name that is kept for something else
	CodeCommon     = "common"      // a password that everybody tries first
	CodeTaken      = "taken"       // somebody has it, or had it
)

// complaints collects what is wrong with one input.
type complaints struct {
	now  time.Time
	wire bool // from another server: what it left out cannot be asked for
	list Invalid
}

// add notes one complaint.
func (c *complaints) add(field, code, problem string, args ...any) {
	c.list = append(c.list, &InvalidError{Field: field, Code: code, Problem: fmt.Sprintf(problem, args...)})
}

// text complains about the length of a text in characters; least above zero
// makes it required.
func (c *complaints) text(field, s string, least, most int) { c.length(field, runes(s), least, most) }

// length is text for a length that was counted in another way.
func (c *complaints) length(field string, n, least, most int) {
	switch {
	case n == 0 && least > 0:
		c.add(field, CodeRequired, "this is needed")
	case n < least:
		c.add(field, CodeTooShort, "at least %d characters, not %d", least, n)
	case n > most:
		c.add(field, CodeTooLong, "at most %d characters, not %d", most, n)
	}
}

// count complains about a number of entries.
func (c *complaints) count(field string, n, least, most int) {
	switch {
	case n < least:
		c.add(field, CodeRequired, "at least %d is needed", least)
	case n > most:
		c.add(field, CodeTooMany, "at most %d, not %d", most, n)
	}
}

// number complains about a whole number outside its bounds.
func (c *complaints) number(field string, n, least, most int) {
	if n < least || n > most {
		c.add(field, CodeRange, "between %d and %d, not %d", least, most, n)
	}
}

// oneOf complains about a value outside a closed list.
func (c *complaints) oneOf(field, value string, list []string) {
	if value == "" {
		c.add(field, CodeRequired, "this is needed")
	} else if !slices.Contains(list, value) {
		c.add(field, CodeUnknown, "%.40q is not one of %v", value, list)
	}
}

// optional is oneOf for a field that may be empty.
func (c *complaints) optional(field, value string, list []string) {
	if value != "" {
		c.oneOf(field, value, list)
	}
}

// iri complains about something that is no address; empty is allowed.
func (c *complaints) iri(field string, i IRI) {
	if i != "" && !ValidIRI(i) {
		c.add(field, CodeFormat, "%.80q is no http or https address", string(i))
	}
}

// date complains about something that is no date; empty is allowed.
func (c *complaints) date(field, s string) {
	if _, ok := ParseDate(s); s != "" && !ok {
		c.add(field, CodeFormat, "%.40q is no date such as 2026-11-20", s)
	}
}

// runes counts characters.
func runes(s string) int { return utf8.RuneCountInString(s) }

// keep returns the entries of a list that check does not complain about, at most
// most of them; the complaints stay in c with the places in the original list.
func keep[T any](c *complaints, field string, list []T, most int, check func(*complaints, int, T)) []T {
	var good []T
	for i, item := range list {
		before := len(c.list)
		if check(c, i, item); len(c.list) > before {
			continue
		}
		if len(good) == most {
			c.add(field, CodeTooMany, "at most %d, not %d", most, len(list))
			break
		}
		good = append(good, item)
	}
	return good
}
