// SPDX-License-Identifier: AGPL-3.0-or-later

package translate

import (
	"slices"
	"strings"
)

// Pairs are the languages that texts can be translated from, each with those that it can
// be translated into. Tags are as the service writes them.
type Pairs map[string][]string

// auto asks the service to find out the language itself.
const auto = "auto"

// between are the service's words for a pair of languages: the tags themselves, else
// their first parts. A source that nobody knows is for the service to find out.
func (p Pairs) between(source, target string) (from, to string, ok bool) {
	if source == "" {
		for _, targets := range p {
			if to = match(targets, target); to != "" {
				return auto, to, true
			}
		}
		return "", "", false
	}
	sources := make([]string, 0, len(p))
	for one := range p {
		sources = append(sources, one)
	}
	slices.Sort(sources)
	if from = match(sources, source); from == "" || primary(source) == primary(target) {
		return "", "", false
	}
	if to = match(p[from], target); to == "" {
		return "", "", false
	}
	return from, to, true
}

// match finds a language in a list: itself, else its first part, else a kind of it.
func match(list []string, language string) string {
	for _, fits := range []func(string) bool{
		func(one string) bool { return strings.EqualFold(one, language) },
		func(one string) bool { return strings.EqualFold(one, primary(language)) },
		func(one string) bool { return primary(one) == primary(language) },
	} {
		if at := slices.IndexFunc(list, fits); at >= 0 && language != "" {
			return list[at]
		}
	}
	return ""
}

// primary is a language without region and script.
func primary(tag string) string {
	first, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return first
}
