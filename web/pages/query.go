// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/url"
	"slices"
)

// with is a copy of parameters with one set.
func with(q url.Values, name, value string) url.Values {
	out := without(q, name, "")
	out.Set(name, value)
	return out
}

// without is a copy of parameters without one value; an empty value means all.
func without(q url.Values, name, value string) url.Values {
	out := url.Values{}
	for k, list := range q {
		for _, v := range list {
			if k != name || value != "" && v != value {
				out.Add(k, v)
			}
		}
	}
	return out
}

// sortedNames are the names of parameters in order.
func sortedNames(q url.Values) []string {
	names := make([]string, 0, len(q))
	for name := range q {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// withQuery puts a path and its parameters together.
func withQuery(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
