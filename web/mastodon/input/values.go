// SPDX-License-Identifier: AGPL-3.0-or-later

package input

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"slices"
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

// Texts is a member as a list of texts; one text is a list of one, and a form may
// number its entries.
func (v Values) Texts(name string) []string {
	entries, ok := v.entries(name)
	list := make([]string, 0, len(entries))
	for _, one := range entries {
		text, plain := plain(one)
		ok = ok && plain && one != nil
		list = append(list, text)
	}
	if !ok {
		v.Complain(name, "type", "is a list of texts")
		return nil
	}
	if len(list) == 1 && list[0] == "" || len(list) == 0 {
		return nil
	}
	return list
}

// IDs is a member as a list of ids, each once; what is no id is left out, since it
// names nothing.
func (v Values) IDs(name string) []coop.ID {
	var ids []coop.ID
	for _, text := range v.Texts(name) {
		if id, err := coop.ParseID(text); err == nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// entries are the elements of a list: of an array, of an object with numbers for
// names, or the one value itself.
func (v Values) entries(name string) ([]any, bool) {
	switch value := v.members[name].(type) {
	case nil:
		return nil, true
	case []any:
		return value, true
	case map[string]any:
		return numbered(value)
	default:
		return []any{value}, true
	}
}

// numbered is an object such as {"0": …, "1": …} as a list in the order of its names.
func numbered(object map[string]any) ([]any, bool) {
	numbers := make([]int, 0, len(object))
	for name := range object {
		n, err := strconv.Atoi(name)
		if err != nil || strconv.Itoa(n) != name {
			return nil, false
		}
		numbers = append(numbers, n)
	}
	slices.SortFunc(numbers, cmp.Compare[int])
	list := make([]any, 0, len(numbers))
	for _, n := range numbers {
		list = append(list, object[strconv.Itoa(n)])
	}
	return list, true
}

// Words is a member as texts by language or media type.
func (v Values) Words(name string) map[string]string {
	below, ok := v.members[name].(map[string]any)
	if !ok {
		if v.members[name] != nil {
			v.Complain(name, "type", "is an object of texts")
		}
		return nil
	}
	out := map[string]string{}
	for key, value := range below {
		text, ok := value.(string)
		if !ok {
			v.Complain(name+"."+key, "type", "is a text")
			continue
		}
		out[key] = text
	}
	return out
}

// Below is a nested object; an empty one for none.
func (v Values) Below(name string) Values {
	out := Values{members: map[string]any{}, prefix: v.prefix + name + ".", wrong: v.wrong}
	switch value := v.members[name].(type) {
	case nil:
	case map[string]any:
		out.members = value
	default:
		v.Complain(name, "type", "is an object")
	}
	return out
}

// One is a member as one object, as [Values.List] has several: an object, a text, or a
// list of one of these. false: there is none.
func (v Values) One(name, bare string) (Values, bool) {
	if object, ok := v.members[name].(map[string]any); ok {
		if _, list := numbered(object); !list || len(object) == 0 {
			return v.Below(name), len(object) > 0
		}
	}
	list := v.List(name, bare)
	if len(list) == 0 || len(list) == 1 && list[0].Text(bare) == "" && len(list[0].members) == 1 {
		return Values{}, false
	}
	return list[0], true
}

// List is a member as a list of objects; a text among them becomes an object with
// that text under the name given. A form may number its objects: 0, 1, ….
func (v Values) List(name, bare string) []Values {
	entries, ok := v.entries(name)
	if !ok {
		v.Complain(name, "type", "is a list of objects")
		return nil
	}
	var out []Values
	for n, entry := range entries {
		one := Values{prefix: fmt.Sprintf("%s%s[%d].", v.prefix, name, n), wrong: v.wrong}
		switch value := entry.(type) {
		case map[string]any:
			one.members = value
		case string:
			one.members = map[string]any{bare: value}
		default:
			v.Complain(fmt.Sprintf("%s[%d]", name, n), "type", "is an object")
			continue
		}
		out = append(out, one)
	}
	return out
}
