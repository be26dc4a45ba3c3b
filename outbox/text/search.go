// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"minga/coop"
)

// searchOrder is in which order what is asked is said; what is not in it follows.
var searchOrder = [...]string{"q", "skill", "place", "remote", "country", "lang", "engagement", "track", "apply_from", "overlap", "verified", "open_to_new", "hours_min", "hours_max", "pay_min", "sector", "coop", "federation", "source", "new", "closing"}

// silent parameters are said with another one, or not at all.
var silent = [...]string{"radius", "currency", "order", "state", "tz"}

// mostSaid is how many characters the words of a question have.
const mostSaid = 90

// Search says in a few words what a question to the job board asks: "Python · remote ·
// Spanish".
func (c *Catalogue) Search(lang string, q *coop.JobQuery) string {
	v := q.Values()
	names := searchOrder[:]
	for _, name := range sortedNames(v) {
		if !slices.Contains(names, name) && !slices.Contains(silent[:], name) {
			names = append(names, name)
		}
	}
	var said []string
	for _, name := range names {
		for _, value := range v[name] {
			said = append(said, c.asked(lang, name, value, v))
		}
	}
	return coop.Shorten(strings.Join(stated(said...), " · "), mostSaid)
}

// sortedNames are the names of parameters in order.
func sortedNames(v url.Values) []string {
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// asked is one thing that is asked, in words.
func (c *Catalogue) asked(lang, name, value string, all url.Values) string {
	switch name {
	case "q", "sector", "coop", "federation":
		return value
	case "skill":
		return strings.TrimRight(value, "/")[strings.LastIndexByte(strings.TrimRight(value, "/"), '/')+1:]
	case "remote":
		return c.Say(lang, map[bool]string{true: "search_remote", false: "search_onsite"}[value == "1"], nil)
	case "country", "lang":
		return nameOfCode(lang, name, value)
	case "apply_from":
		return c.Say(lang, "search_from", map[string]string{"Value": nameOfCode(lang, "country", value)})
	case "verified", "open_to_new":
		return c.Say(lang, "search_"+name, nil)
	case "overlap":
		return c.Say(lang, "search_overlap", map[string]string{"Value": value, "Zone": all.Get("tz")})
	case "engagement":
		if value == "membership" {
			return c.Say(lang, "search_membership", nil)
		}
		return orRaw(c.Say(lang, "engagement_"+value, nil), value)
	case "track":
		return orRaw(c.Say(lang, "search_"+strings.ReplaceAll(strings.TrimSuffix(value, "-only"), "-", "_"), nil), value)
	case "source":
		return orRaw(c.Say(lang, "search_"+value, nil), value)
	case "place":
		return c.Say(lang, "search_near", map[string]string{"Value": value})
	case "pay_min":
		return c.Say(lang, "search_pay", map[string]string{"Value": value, "Currency": all.Get("currency")})
	case "hours_min", "hours_max", "new", "closing":
		return c.Say(lang, "search_"+name, map[string]string{"Value": value})
	}
	return name + ": " + value
}

// orRaw is a word, or the value itself where there is none.
func orRaw(said, value string) string {
	if said == "" {
		return value
	}
	return said
}

// nameOfCode is the name of a country or a language, or its code where none is known.
func nameOfCode(lang, kind, code string) string {
	tag, err := language.Parse(lang)
	if err != nil {
		tag = language.English
	}
	name := ""
	if kind == "country" {
		if region, err := language.ParseRegion(code); err == nil {
			name = display.Regions(tag).Name(region)
		}
	} else if of, err := language.Parse(code); err == nil {
		name = display.Tags(tag).Name(of)
	}
	return orRaw(name, code)
}
