// SPDX-License-Identifier: AGPL-3.0-or-later

package input

import (
	"encoding/json"
	"maps"
	"mime/multipart"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
)

// Values is a tree of members that somebody sent. What is asked of it and has the
// wrong shape becomes a complaint about that field; see [Values.Err].
type Values struct {
	members map[string]any
	prefix  string
	wrong   *coop.Invalid
	files   *multipart.Form
}

// New is a tree over members; nil is an empty one.
func New(members map[string]any) Values {
	if members == nil {
		members = map[string]any{}
	}
	return Values{members: members, wrong: &coop.Invalid{}}
}

// Err is what was complained of so far, a [coop.Invalid], or nil.
func (v Values) Err() error { return v.wrong.Or() }

// Complaints are what [Values.Err] holds, one by one.
func (v Values) Complaints() coop.Invalid { return *v.wrong }

// Complain notes what is wrong with a field.
func (v Values) Complain(field, code, problem string) {
	*v.wrong = append(*v.wrong, &coop.InvalidError{Field: v.prefix + field, Code: code, Problem: problem})
}

// Beside is v with the members of a nested object beside its own: clients send a
// part in its object or on its own.
func (v Values) Beside(name string) Values {
	both := Values{members: maps.Clone(v.members), prefix: v.prefix, wrong: v.wrong, files: v.files}
	maps.Copy(both.members, v.Below(name).members)
	return both
}

// Empty tells whether nothing was sent.
func (v Values) Empty() bool { return len(v.members) == 0 }

// Has tells whether a member was sent, null included.
func (v Values) Has(name string) bool {
	_, ok := v.members[name]
	return ok
}

// Null tells whether a member is missing or null.
func (v Values) Null(name string) bool { return v.members[name] == nil }

// IsText tells whether a member is a text.
func (v Values) IsText(name string) bool {
	_, ok := v.members[name].(string)
	return ok
}

// IsObject tells whether a member is an object.
func (v Values) IsObject(name string) bool {
	_, ok := v.members[name].(map[string]any)
	return ok
}

// plain is a number, switch or text as text.
func plain(value any) (string, bool) {
	switch v := value.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// Text is a member as text; numbers and switches are taken too.
func (v Values) Text(name string) string {
	text, ok := plain(v.members[name])
	if !ok {
		v.Complain(name, "type", "is a text")
	}
	return text
}

// Number is a member as a whole number; zero for none.
func (v Values) Number(name string) int {
	text := v.Text(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		v.Complain(name, "type", "is a whole number")
	}
	return n
}

// Decimal is a member as an exact number; zero for none.
func (v Values) Decimal(name string) decimal.Decimal {
	text := v.Text(name)
	if text == "" {
		return decimal.Zero
	}
	d, err := decimal.NewFromString(text)
	if err != nil || len(text) > 40 || d.Exponent() > 12 || d.Exponent() < -6 {
		v.Complain(name, "type", "is a number such as 1900000 or 12.50")
		return decimal.Zero
	}
	return d
}

// Flag is a member as a switch; nil for none.
func (v Values) Flag(name string) *bool {
	text := v.Text(name)
	if text == "" {
		return nil
	}
	b, err := strconv.ParseBool(text)
	if err != nil {
		b = text == "on" || text == "yes"
		if !b && text != "off" && text != "no" {
			v.Complain(name, "type", "is true or false")
		}
	}
	return &b
}

// On is a member as a switch that is off when nothing was sent.
func (v Values) On(name string) bool {
	b := v.Flag(name)
	return b != nil && *b
}

// Moment is a member as a time: RFC 3339, or a date, which means its last second in
// UTC; zero for none.
func (v Values) Moment(name string) time.Time {
	text := v.Text(name)
	if text == "" {
		return time.Time{}
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t.Add(24*time.Hour - time.Second)
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		v.Complain(name, "date", "is a date such as 2026-12-20 or a time such as 2026-12-20T23:59:59Z")
	}
	return t
}
