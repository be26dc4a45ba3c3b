// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"net/url"
	"slices"
	"strings"
)

// DirectoryQuery is a question to the directory of co-ops: the values of one list are
// alternatives, the fields must hold together.
type DirectoryQuery struct {
	Q          string
	Words      []string // folded; each begins a word of the name, the handle or of a service
	Service    []string // folded names of services, as the catalogue has them
	Technology []string // the same of technologies
	Skill      []string // skills, addresses or names, for which it has time now
	Place      string   // a town, or a country, as it was typed
	Radius     int      // km around it
	Size       []string // of [CoopSizes]
	Country    []string // ISO 3166-1 alpha-2
	Language   []string // BCP 47, as it is usually written
	Sector     []string // addresses of activities, or names of sectors as the catalogue has them
	Type       []string // addresses of legal forms
	Evidence   []string // of [EvidenceLevels]
	Federation []string // handles; their verified members are meant
	Source     []string // own, followed, wider, imported; empty: own, verified members elsewhere, and imported ones
	// Nothing is true when no co-op can match.
	Nothing bool
	// Near is what Place means here; the store looks it up.
	Near *Near
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
		Source:     r.list("source", strings.ToLower, oneOfList([]string{"own", "followed", "wider", SourceImported})),
		Service:    r.folded("service"),
		Technology: r.folded("technology"),
		Skill:      r.all("skill"),
		Size:       r.list("size", sameText, oneOfList(CoopSizes())),
	}
	r.place()
	q.Place, q.Radius = r.Place, r.Radius
	q.Words = Words(q.Q)
	q.Nothing = r.Nothing || q.Q != "" && len(q.Words) == 0
	q.Words = q.Words[:min(len(q.Words), mostNameWords)]
	return q
}

// SourceImported are the entries of lists that were read in, which are no accounts.
const SourceImported = "imported"

// CoopSizes are the classes of how many people a co-op is.
func CoopSizes() []string { return []string{"1-5", "6-20", "21-50", "51+"} }

// SizeBounds are the least and the most people of a class; ok is false for what is none.
func SizeBounds(class string) (least, most int, ok bool) {
	switch class {
	case "1-5":
		return 1, 5, true
	case "6-20":
		return 6, 20, true
	case "21-50":
		return 21, 50, true
	case "51+":
		return 51, mostOfCoop, true
	}
	return 0, 0, false
}

// SizeOf is the class of a number of people; empty where it is not known.
func SizeOf(people int) string {
	for _, class := range CoopSizes() {
		if least, most, _ := SizeBounds(class); people >= least && people <= most {
			return class
		}
	}
	return ""
}

// folded reads names of services, each whole: there are commas in some.
func (r *queryReader) folded(name string) []string {
	var list []string
	for _, value := range r.all(name) {
		if value = FoldService(value); value != "" && !in(list, value) {
			list = append(list, value)
		}
	}
	slices.Sort(list)
	return list
}

// OfAccountsAlone tells whether the query asks for something that only accounts have.
func (q DirectoryQuery) OfAccountsAlone() bool {
	return len(q.Evidence)+len(q.Federation)+len(q.Type)+len(q.Skill) > 0 || len(q.Source) > 0 && !slices.Contains(q.Source, SourceImported)
}

// OfListsAlone tells whether the query asks for imported entries alone.
func (q DirectoryQuery) OfListsAlone() bool {
	return len(q.Source) == 1 && q.Source[0] == SourceImported
}
