// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"encoding/json"
	"strings"

	"golang.org/x/net/html"

	"minga/coop"
	"minga/federation/sanitize"
)

// node is an object of JSON-LD as a page of somebody's own site writes it: a member may be
// one value or a list, which its readers make one.
type node map[string]any

// is tells whether an object has a type.
func (n node) is(kind string) bool {
	for _, t := range n.texts("@type") {
		if strings.TrimPrefix(strings.TrimPrefix(t, "https://schema.org/"), "http://schema.org/") == kind {
			return true
		}
	}
	return false
}

// texts are the texts of a member that is one or a list.
func (n node) texts(name string) (list []string) {
	values, many := n[name].([]any)
	if !many {
		values = []any{n[name]}
	}
	for _, value := range values {
		if len(list) == maxJobList {
			break
		}
		switch v := value.(type) {
		case string:
			list = append(list, v)
		case json.Number:
			list = append(list, v.String())
		}
	}
	return list
}

// text is the first of them.
func (n node) text(name string) string {
	if list := n.texts(name); len(list) > 0 {
		return coop.CleanLine(coop.Truncate(html.UnescapeString(list[0]), maxJobText), maxJobLine)
	}
	return ""
}

// html is a text with its mark-up, cleaned.
func (n node) html(name string) string {
	if list := n.texts(name); len(list) > 0 && len(list[0]) <= maxJobText {
		return sanitize.Brief(list[0])
	}
	return ""
}

// objects are the objects of a member that is one or a list.
func (n node) objects(name string) (list []node) {
	values, many := n[name].([]any)
	if !many {
		values = []any{n[name]}
	}
	for _, value := range values {
		if object, ok := value.(map[string]any); ok && len(list) < maxJobList {
			list = append(list, object)
		}
	}
	return list
}

// object is the first of them; an empty one where there is none.
func (n node) object(name string) node {
	if list := n.objects(name); len(list) > 0 {
		return list[0]
	}
	return node{}
}

// names are the names of objects.
func names(list []node) (out []string) {
	for _, n := range list {
		out = append(out, n.text("name"))
	}
	return out
}
