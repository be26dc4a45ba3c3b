// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"net/url"
	"strings"
)

// DirectoryQuery is a question to the directory of co-ops: the values of one list are
// alternatives, the fields must hold together.
type DirectoryQuery struct {
	Q          string
	Words      []string // folded; each begins a word of the name or handle
	Country    []string // ISO 3166-1 alpha-2
	Language   []string // BCP 47, as it is usually written
	Sector     []string // addresses of activities
	Type       []string // addresses of legal forms
	Evidence   []string // of [EvidenceLevels]
	Federation []string // handles; their verified members are meant
	Source     []string // own, followed, wider; empty: own, and verified members elsewhere
	// Nothing is true when no co-op can match.
	Nothing bool
}

// mostNameWords is how many words of a name are looked for.
const mostNameWords = 5

// ParseDirectoryQuery reads a query string, as [ParseJobQuery] does.
func ParseDirectoryQuery(values url.Values) DirectoryQuery {
	r := queryReader{values: values}
	q := DirectoryQuery{
		Q:          CleanLine(Truncate(values.Get("q"), 2*maxQueryLength), maxQueryLength),
		Country:    r.list("country", strings.ToUpper, ValidCountry),
		Language:   r.list("language", usualLanguage, ValidLanguage),
		Sector:     r.list("sector", sameText, isText),
		Type:       r.list("type", sameText, isText),
		Evidence:   r.list("evidence", strings.ToLower, oneOfList(EvidenceLevels())),
		Federation: r.list("federation", bareHandle, isHandle),
		Source:     r.list("source", strings.ToLower, oneOfList([]string{"own", "followed", "wider"})),
	}
	q.Words = Words(q.Q)
	q.Nothing = q.Q != "" && len(q.Words) == 0
	q.Words = q.Words[:min(len(q.Words), mostNameWords)]
	return q
}
