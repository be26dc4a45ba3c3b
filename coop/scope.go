// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"slices"
	"strings"
)

// scopeParts are the whole scopes and what they have in them.
var scopeParts = [...]struct {
	whole string
	parts []string
}{
	{"profile", nil},
	{"read", []string{
		"accounts", "blocks", "bookmarks", "favourites", "filters", "follows", "lists", "minga", "mutes", "notifications", "search", "statuses",
	}},
	{"write", []string{
		"accounts", "blocks", "bookmarks", "conversations", "favourites", "filters", "follows", "lists", "media", "minga", "mutes", "notifications", "reports", "statuses",
	}},
	{"follow", nil},
	{"push", nil},
	{"admin:read", adminParts[:]},
	{"admin:write", adminParts[:]},
}

// adminParts are the parts of the two scopes of administrators.
var adminParts = [...]string{
	"accounts", "canonical_email_blocks", "domain_allows", "domain_blocks", "email_domain_blocks", "ip_blocks", "reports",
}

// Scopes are all that a token may have, whole ones before their parts.
func Scopes() []string {
	var all []string
	for _, s := range scopeParts {
		all = append(all, s.whole)
		for _, part := range s.parts {
			all = append(all, s.whole+":"+part)
		}
	}
	return all
}

// mostScopes bounds what is read of a list of scopes.
const mostScopes = 100

// ParseScopes reads scopes parted by spaces or commas and drops doubles. An unknown
// one is an [InvalidError] of field scopes; of none there are none.
func ParseScopes(text string) ([]string, error) {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == '+' || r == '\n' || r == '\t' })
	if len(words) > mostScopes {
		return nil, &InvalidError{Field: "scopes", Code: CodeTooLong, Problem: "too many scopes"}
	}
	known, scopes := Scopes(), []string{}
	for _, word := range words {
		if !slices.Contains(known, word) {
			return nil, &InvalidError{Field: "scopes", Code: "unknown", Problem: "a scope is not known here"}
		}
		if !slices.Contains(scopes, word) {
			scopes = append(scopes, word)
		}
	}
	return scopes, nil
}

// ScopesCover tells whether scopes hold another one: itself, what it is a part of,
// or the old umbrella follow, which means reading and writing blocks, follows and
// mutes.
func ScopesCover(scopes []string, asked string) bool {
	return slices.ContainsFunc(scopes, func(scope string) bool {
		return scope == asked || strings.HasPrefix(asked, scope+":") || scope == "follow" && underFollow(asked)
	})
}

// underFollow tells what follow is an umbrella of.
func underFollow(scope string) bool {
	switch scope {
	case "read:blocks", "read:follows", "read:mutes", "write:blocks", "write:follows", "write:mutes":
		return true
	}
	return false
}

// ScopesWithin tells whether each of some scopes is held by others.
func ScopesWithin(some, others []string) bool {
	return !slices.ContainsFunc(some, func(scope string) bool { return !ScopesCover(others, scope) })
}

// BareScopes drops the scopes that another one of the list holds already, so that
// people read each thing once.
func BareScopes(scopes []string) []string {
	var bare []string
	for i, scope := range scopes {
		others := slices.Delete(slices.Clone(scopes), i, i+1)
		if !ScopesCover(others, scope) && !slices.Contains(bare, scope) {
			bare = append(bare, scope)
		}
	}
	return bare
}
