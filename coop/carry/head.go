// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"strings"

	"minga/coop"
)

// head is what a file says of itself before its text, by name in small letters.
type head map[string][]string

// mostHead is how many values of one name are kept.
const mostHead = 30

// cutHead parts the front matter from a text: between lines of --- (YAML) or of
// +++ (TOML), of which plain values and lists are read. A text without any has an empty
// one; false says that it has no end.
func cutHead(text string) (head, string, bool) {
	for _, fence := range []string{"---", "+++"} {
		rest, ok := strings.CutPrefix(text, fence+"\n")
		if !ok {
			continue
		}
		before, after, ok := strings.Cut("\n"+rest, "\n"+fence+"\n")
		if !ok {
			before, ok = strings.CutSuffix("\n"+rest, "\n"+fence)
			after = ""
		}
		if !ok {
			return nil, "", false
		}
		if fence == "+++" {
			return plainHead(before, "="), after, true
		}
		return plainHead(before, ":"), after, true
	}
	return head{}, text, true
}

// plainHead reads what site generators write: a name, the sign between, a value; lists in
// brackets and, in YAML, a line each. What is nested deeper is left out.
func plainHead(text, between string) head {
	h, open := head{}, ""
	for line := range strings.SplitSeq(text, "\n") {
		trimmed := strings.TrimSpace(line)
		if item, ok := strings.CutPrefix(trimmed, "- "); ok && open != "" {
			h.add(open, unquote(item))
			continue
		}
		name, value, ok := strings.Cut(line, between)
		if !ok || line != strings.TrimLeft(line, " \t") || strings.HasPrefix(trimmed, "#") {
			continue
		}
		open, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if inner, ok := strings.CutPrefix(value, "["); ok && strings.HasSuffix(inner, "]") {
			for one := range strings.SplitSeq(strings.TrimSuffix(inner, "]"), ",") {
				h.add(open, unquote(one))
			}
		} else {
			h.add(open, unquote(value))
		}
	}
	return h
}

// unquote takes quotes from around a value; a block that begins on the next line is none.
func unquote(value string) string {
	value = strings.TrimSpace(value)
	if len(value) >= 2 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0] {
		return value[1 : len(value)-1]
	}
	if value == "|" || value == ">" || value == "|-" || value == ">-" {
		return ""
	}
	return value
}

// add notes a value that is not empty.
func (h head) add(name, value string) {
	name = strings.ToLower(strings.TrimSpace(name))
	if value = coop.CleanText(value, 4000); name != "" && value != "" && len(h[name]) < mostHead {
		h[name] = append(h[name], value)
	}
}

// first is the first value of the first of the names that has one.
func (h head) first(names ...string) string {
	for _, name := range names {
		if len(h[name]) > 0 {
			return h[name][0]
		}
	}
	return ""
}

// list are the values of the first of the names that has any; one with commas is several.
func (h head) list(names ...string) []string {
	for _, name := range names {
		if len(h[name]) == 1 && strings.Contains(h[name][0], ",") {
			var list []string
			for one := range strings.SplitSeq(h[name][0], ",") {
				if one = strings.TrimSpace(one); one != "" {
					list = append(list, one)
				}
			}
			return list
		}
		if len(h[name]) > 0 {
			return h[name]
		}
	}
	return nil
}
