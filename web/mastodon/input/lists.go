// SPDX-License-Identifier: AGPL-3.0-or-later

package input

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"minga/coop"
)

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
