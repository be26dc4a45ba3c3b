// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/url"
	"slices"
	"strings"

	"minga/coop"
)

// directoryParameters are those of the query of the directory.
var directoryParameters = []string{"q", "country", "language", "sector", "type", "evidence", "federation", "source", "service", "technology", "size", "place", "radius", "skill"}

// directoryValues are the parameters of the directory alone, empty ones left out.
func directoryValues(all url.Values) url.Values {
	asked := url.Values{}
	for _, name := range directoryParameters {
		for _, value := range all[name] {
			if value = coop.CleanLine(coop.Truncate(value, 400), 200); value != "" && len(asked[name]) < 20 {
				asked.Add(name, value)
			}
		}
	}
	return asked
}

// directoryFields are the parameters that the form has a field for.
var directoryFields = []string{"q", "country", "language", "evidence", "service", "size", "place", "radius", "skill"}

// directoryChips says what was asked, each with a way to take it out.
func (p *directoryPage) directoryChips(asked url.Values, path string) {
	for _, name := range directoryParameters {
		for n, value := range asked[name] {
			field := slices.Contains(directoryFields, name)
			if !field || n > 0 {
				p.Hidden = append(p.Hidden, coop.QueryValue{Name: name, Value: value})
			}
			if name == "radius" {
				continue // it says nothing by itself
			}
			word := p.directoryWord(name, value)
			if called := p.terms[coop.FoldService(value)]; called != "" && (name == "service" || name == "technology") {
				word = called
			}
			p.Chips = append(p.Chips, chip{Name: word, Without: withQuery(path, without(asked, name, value))})
		}
	}
}

// directoryWord says a value of the query in words.
func (t *tongue) directoryWord(name, value string) string {
	switch name {
	case "country":
		return t.Country(value)
	case "language":
		return t.Language(value)
	case "evidence":
		if slices.Contains([]string{coop.EvidenceClaimed, coop.EvidenceFederation, coop.EvidenceApex}, value) {
			return t.T("directory_evidence_" + value)
		}
	case "source":
		if slices.Contains([]string{"own", "followed", "wider"}, value) {
			return t.T("source_" + value)
		}
		if value == coop.SourceImported {
			return t.T("directory_imported")
		}
	case "size":
		return t.T("directory_size_of", "Size", strings.ReplaceAll(value, "-", "–"))
	case "place":
		return t.T("directory_near", "Place", value)
	case "skill":
		return t.T("directory_time_for", "Skill", value)
	case "q":
		return "“" + value + "”"
	}
	return value
}
