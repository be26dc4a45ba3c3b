// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// interopMissing lists the members of a document, at any depth, whose values are
// nowhere in what a strict reader expanded: terms that have no meaning there. Keys
// of language maps and keywords are no terms.
func interopMissing(read interopAnswer, document map[string]any) (missing []string) {
	expanded, err := json.Marshal(read.Expanded)
	if err != nil {
		return []string{err.Error()}
	}
	interopWalk("", document, func(path string, leaf any) {
		text, err := json.Marshal(leaf)
		if err == nil && !strings.Contains(string(expanded), interopInner(text)) {
			missing = append(missing, fmt.Sprintf("%s = %s", path, text))
		}
	})
	slices.Sort(missing)
	return missing
}

// interopInner is the text of a value without quotation marks, the way it stands in
// longer texts: relative names and prefixed ones become longer when expanded.
func interopInner(text []byte) string {
	inner := strings.Trim(string(text), `"`)
	if _, name, prefixed := strings.Cut(inner, ":"); prefixed && !strings.Contains(inner, "/") && !strings.Contains(inner, " ") {
		return name
	}
	return inner
}

// interopWalk calls visit with every text, number and truth value of a document
// but those of contexts, with the path to it.
func interopWalk(path string, value any, visit func(path string, leaf any)) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if key != "@context" {
				interopWalk(path+"/"+key, inner, visit)
			}
		}
	case []any:
		for n, inner := range v {
			interopWalk(fmt.Sprintf("%s/%d", path, n), inner, visit)
		}
	case nil:
	default:
		visit(path, v)
	}
}
