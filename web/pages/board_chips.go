// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/url"
	"slices"

	"minga/coop"
)

// chip is one thing that was asked, and the address of the same without it.
type chip struct {
	Name, Without string
	Unknown       bool
}

// addChip notes a thing that narrows the list.
func (p *boardPage) addChip(asked url.Values, name, value string) {
	unknown := slices.Contains(p.Query.Unknown, coop.QueryValue{Name: name, Value: value})
	if (name == "order" || name == "state") && !unknown {
		return
	}
	p.Chips = append(p.Chips, chip{p.chipName(name, value, unknown), withQuery("/jobs", without(asked, name, value)), unknown})
}

// chipName says in words what was asked.
func (p *boardPage) chipName(name, value string, unknown bool) string {
	if unknown {
		return p.T("filter_unknown", "Value", value)
	}
	switch name {
	case "engagement", "track", "source", "remote":
		return p.T(name + "_" + value)
	case "country":
		return p.Country(value)
	case "apply_from":
		return p.T("filter_apply_from", "Value", p.Country(value))
	case "verified", "open_to_new":
		return p.T("board_" + name)
	case "skill":
		if named := p.SkillNames[value]; named != "" {
			value = named
		}
		return p.T("filter_skill", "Value", value)
	case "lang":
		return p.T("filter_lang", "Language", p.Language(value))
	case "q":
		return "“" + value + "”"
	case "hours_min", "hours_max", "pay_min", "currency", "new", "closing", "coop", "federation", "sector", "place", "radius", "tz", "overlap":
		return p.T("filter_"+name, "Value", value)
	}
	return name + ": " + value
}
