// SPDX-License-Identifier: AGPL-3.0-or-later

package entity

import (
	"encoding/json"
	"time"

	"minga/coop"
)

// List is a list that is [] and never null, since clients drop an item whose list
// is null.
type List[T any] []T

// MarshalJSON implements json.Marshaler.
func (l List[T]) MarshalJSON() ([]byte, error) {
	if len(l) == 0 {
		return []byte("[]"), nil
	}
	return json.Marshal([]T(l))
}

// Time is a moment as clients parse it: UTC, exactly three decimals of a second, Z.
// The zero time is null.
type Time time.Time

// timeForm is the one form in which every client reads a time.
const timeForm = "2006-01-02T15:04:05.000Z"

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) {
	if time.Time(t).IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(t.String())
}

// String is the moment in the form of the API; empty for none.
func (t Time) String() string {
	if time.Time(t).IsZero() {
		return ""
	}
	return time.Time(t).UTC().Format(timeForm)
}

// Date is a day without a time, such as 2026-11-21; the zero time is null.
type Date time.Time

// MarshalJSON implements json.Marshaler.
func (d Date) MarshalJSON() ([]byte, error) {
	if time.Time(d).IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(time.Time(d).UTC().Format(time.DateOnly))
}

// ID is the id of a record, a string of decimal digits; zero is null.
type ID coop.ID

// MarshalJSON implements json.Marshaler.
func (id ID) MarshalJSON() ([]byte, error) {
	if id == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(coop.ID(id).String())
}

// Null is a text or address that may be missing: empty is null.
type Null string

// MarshalJSON implements json.Marshaler.
func (s Null) MarshalJSON() ([]byte, error) {
	if s == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(s))
}
