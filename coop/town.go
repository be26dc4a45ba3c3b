// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Town is an entry of the gazetteer.
type Town struct {
	ID      int64
	Name    string // in the language that was asked for where there is such a name, else the gazetteer's
	Region  string // the country's first division, in English; may be empty
	Country string // ISO 3166-1 alpha-2
	Point
	// Weight is how well known it is: its people as far as they are known, or a guess.
	Weight int64
}

// TownEntry is a town as it is read into the gazetteer.
type TownEntry struct {
	Town
	Labels []Label // what else it is called
}

// Value is how a query names the town, so that every server finds the same one:
// "Rosario, Santa Fe, AR".
func (t Town) Value() string {
	if t.Region == "" || t.Region == t.Name {
		return t.Name + ", " + t.Country
	}
	return t.Name + ", " + t.Region + ", " + t.Country
}

// TownName is what somebody typed in search of a town, in its parts.
type TownName struct {
	Name    string // folded
	Region  string // folded; may be empty
	Country string // ISO 3166-1 alpha-2; may be empty
}

// ParseTownName reads "Roma", "Roma, IT" and "Rosario, Santa Fe, AR". A country is
// known by its code or by its name in a language of ours; any other part is a region.
func ParseTownName(s string) TownName {
	parts := strings.Split(Truncate(s, maxQueryValue), ",")
	for i := range parts {
		parts[i] = CleanLine(parts[i], maxQueryValue)
	}
	t := TownName{Name: foldName(parts[0])}
	rest := parts[1:]
	if n := len(rest); n > 0 {
		if t.Country = countryOf(rest[n-1]); t.Country != "" {
			rest = rest[:n-1]
		}
	}
	if len(rest) > 0 {
		t.Region = foldName(rest[0])
	}
	return t
}

// countryOf is the code of a country that is named by its code or by its name; empty
// for anything else.
func countryOf(s string) string {
	if code := strings.ToUpper(s); ValidCountry(code) {
		return code
	}
	return CountryNamed(s)
}

// namedIn are the languages in which countries are known by name.
var namedIn = [...]language.Tag{language.Spanish, language.English, language.Catalan, language.Italian, language.Portuguese}

// CountryNamed is the code of the country of that name in Spanish, English, Catalan,
// Italian or Portuguese; empty where there is none.
func CountryNamed(name string) string {
	folded := foldName(name)
	if folded == "" {
		return ""
	}
	countries := Countries()
	for _, tag := range namedIn {
		names := display.Regions(tag)
		for _, code := range countries {
			if region, err := language.ParseRegion(code); err == nil && foldName(names.Name(region)) == folded {
				return code
			}
		}
	}
	return ""
}

// String writes the name so that it is read back: alike for all who mean the same.
func (t TownName) String() string {
	s := t.Name
	for _, part := range []string{t.Region, t.Country} {
		if part != "" {
			s += ", " + part
		}
	}
	return s
}

// foldName is a name as names are compared.
func foldName(s string) string { return strings.Join(Words(s), " ") }

// Near is the place that a query names, as it was found.
type Near struct {
	Town
	Known bool // false: no such place is known; places are compared by their names
	Whole bool // it is a country: all of it is near
}

// nearOne tells whether a job is at most the radius from the place, or remote for
// somebody who lives there. Of an unknown place, names are compared.
func (q *JobQuery) nearOne(j *Job, points []Point) bool {
	if q.Near == nil || !q.Near.Known {
		name := ParseTownName(q.Place).Name
		for _, p := range j.Places {
			if name != "" && foldName(p.Locality) == name {
				return true
			}
		}
		return false
	}
	if q.Near.Whole && j.inCountry(q.Near.Country) {
		return true
	}
	for _, p := range points {
		if !q.Near.Whole && q.Near.Within(p, q.Radius) {
			return true
		}
	}
	return j.remoteFrom(q.Near.Country)
}

// remoteFrom tells whether the work can be done from a country without ever coming
// to an office.
func (j *Job) remoteFrom(country string) bool {
	return j.Remote && j.OfficeDays == 0 && (len(j.ApplicantsFrom) == 0 || in(j.ApplicantsFrom, country))
}
