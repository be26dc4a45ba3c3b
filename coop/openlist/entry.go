// SPDX-License-Identifier: AGPL-3.0-or-later

package openlist

import (
	"slices"
	"strconv"
	"strings"

	"minga/coop"
)

// fields are the names under which lists have what we look for; the first one that
// an entry has counts.
var fields = map[string][]string{
	"name":      {"name", "nombre", "nom", "nome", "title", "organisation", "organization", "coop", "cooperative"},
	"url":       {"url", "website", "web", "site", "link", "homepage", "sitio", "sito"},
	"note":      {"note", "notes", "description", "descripción", "descripció", "descrizione", "descricao", "about"},
	"place":     {"place", "location", "lugar", "lloc", "luogo", "local"},
	"locality":  {"locality", "city", "town", "ciudad", "ciutat", "città", "cidade"},
	"region":    {"region", "state", "province", "provincia"},
	"country":   {"country", "país", "paese"},
	"latitude":  {"latitude", "lat"},
	"longitude": {"longitude", "lon", "lng", "long"},
	"languages": {"languages", "language", "idiomas", "llengues", "lingue", "linguas"},
	"members":   {"members", "member count", "membercount", "socios", "socies", "soci"},
	"status":    {"status", "state of life", "estado"},
	"service":   {"services", "service", "areas", "tags", "servicios", "serveis", "servizi", "servicos"},
	"sector":    {"sectors", "sector", "sectores", "sectors of activity", "settori", "setores"},
	"tech":      {"technologies", "technology", "tecnologias", "tecnologies", "tecnologie"},
}

// entry is an entry as it stands: folded names of its fields, and one or several values.
type entry map[string][]string

// add takes the fields of an object, and those of its properties and its point.
func (e entry) add(object map[string]any) {
	for name, value := range object {
		switch inner, isObject := value.(map[string]any); {
		case !isObject:
			if texts := textsOf(value); len(texts) > 0 && len(e[fold(name)]) == 0 {
				e[fold(name)] = texts
			}
		case name == "properties":
			e.add(inner)
		case name == "geometry":
			if at, ok := inner["coordinates"].([]any); ok && len(at) >= 2 { // RFC 7946 §3.1.1: longitude first
				e["longitude"], e["latitude"] = textsOf(at[0]), textsOf(at[1])
			}
		}
	}
}

// textsOf are the texts of a value: of a list each.
func textsOf(value any) []string {
	switch v := value.(type) {
	case string:
		if strings.TrimSpace(v) != "" {
			return []string{v}
		}
	case float64:
		return []string{strconv.FormatFloat(v, 'f', -1, 64)}
	case bool:
		return []string{strconv.FormatBool(v)}
	case []any:
		var texts []string
		for _, one := range v[:min(len(v), 200)] {
			if _, list := one.([]any); !list {
				texts = append(texts, textsOf(one)...)
			}
		}
		return texts
	}
	return nil
}

// fold is a name of a field as names are compared.
func fold(name string) string { return coop.Truncate(strings.Join(coop.Words(name), " "), 100) }

// all are the values of a field, by any of its names.
func (e entry) all(field string) []string {
	for _, name := range fields[field] {
		if found := e[fold(name)]; len(found) > 0 {
			return found
		}
	}
	return nil
}

// text is the first value of a field.
func (e entry) text(field string, most int) string {
	if all := e.all(field); len(all) > 0 {
		return coop.CleanLine(coop.Truncate(all[0], 10*most), most)
	}
	return ""
}

// several are the values of a field that may have several; one cell of a table parts them
// by semicolons or bars, else by commas.
func (e entry) several(field string) []string {
	all := e.all(field)
	if len(all) == 1 {
		for _, mark := range []string{";", "|", ","} {
			if strings.Contains(all[0], mark) {
				all = strings.Split(coop.Truncate(all[0], 5000), mark)
				break
			}
		}
	}
	var out []string
	for _, one := range all {
		one = coop.CleanLine(coop.Truncate(one, 500), 120)
		if rest, ok := strings.CutPrefix(one, "and "); ok { // the end of a sentence that was cut at its commas
			one = rest
		}
		if one != "" && !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	return out
}

// listed reads an entry.
func (e entry) listed() coop.ListedCoop {
	l := coop.ListedCoop{
		Name: e.text("name", 200), Note: e.text("note", 2000), URL: webAddress(e.text("url", 2048)),
		Members: e.members(), Ended: e.ended(), At: e.point(),
	}
	l.Place, l.Locality, l.Country = e.place()
	for _, kind := range []struct {
		field string
		kind  coop.ServiceKind
	}{{"service", coop.KindService}, {"sector", coop.KindSector}, {"tech", coop.KindTechnology}} {
		for _, label := range e.several(kind.field) {
			l.Services = append(l.Services, coop.Offering{Kind: kind.kind, Label: label})
		}
	}
	l.Services = coop.TidyOfferings(l.Services)
	l.Services = l.Services[:min(len(l.Services), coop.MaxServices)]
	for _, tag := range e.several("languages") {
		if coop.ValidLanguage(tag) {
			l.Languages = append(l.Languages, tag)
		}
	}
	return l
}

// members is the number of members; negative where it is not said.
func (e entry) members() int {
	n, err := strconv.Atoi(e.text("members", 20))
	if err != nil || n < 0 || n > 10_000_000 {
		return -1
	}
	return n
}

// ended tells whether the list says that the co-op is no more.
func (e entry) ended() bool {
	return slices.Contains([]string{"defunct", "closed", "ended", "inactive", "dissolved"}, strings.ToLower(e.text("status", 40)))
}

// point is where the co-op is; nil where that is not said.
func (e entry) point() *coop.Point {
	lat, err1 := strconv.ParseFloat(e.text("latitude", 40), 64)
	lng, err2 := strconv.ParseFloat(e.text("longitude", 40), 64)
	p := coop.Point{Latitude: lat, Longitude: lng}
	if err1 != nil || err2 != nil || !p.Valid() || lat == 0 && lng == 0 {
		return nil
	}
	return &p
}

// webAddress is an address of the web, or nothing.
func webAddress(s string) string {
	if s != "" && !strings.Contains(s, ":") {
		s = "https://" + s
	}
	if !coop.ValidIRI(coop.IRI(s)) {
		return ""
	}
	return s
}

// also are names of countries that are no official ones.
var also = map[string]string{
	"usa": "US", "us": "US", "united states of america": "US", "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
	"czech republic": "CZ", "turkey": "TR", "south korea": "KR", "nz": "NZ", "ger": "DE", "catalonia": "ES", "basque country": "ES",
}

// country is the code of a country that is named somehow.
func country(s string) string {
	s = strings.TrimSpace(s)
	if code := also[fold(s)]; code != "" {
		return code
	}
	if code := strings.ToUpper(s); len(code) == 2 && coop.ValidCountry(code) {
		return code
	}
	return coop.CountryNamed(s)
}

// place reads where the co-op is: "Vancouver, BC, Canada", or fields of their own. Of
// several places the first counts.
func (e entry) place() (place, locality, code string) {
	place, locality = e.text("place", 300), e.text("locality", 200)
	code = country(e.text("country", 100))
	if place == "" {
		var parts []string
		for _, part := range []string{locality, e.text("region", 100), e.text("country", 100)} {
			if part != "" {
				parts = append(parts, part)
			}
		}
		return strings.Join(parts, ", "), locality, code
	}
	head, _, _ := strings.Cut(place, " / ")
	head, _, _ = strings.Cut(head, ";")
	parts := strings.Split(strings.NewReplacer("(", ",", ")", "").Replace(head), ",")
	// Two letters at the end of an address are a state as often as a country.
	last := strings.TrimPrefix(strings.TrimSpace(parts[len(parts)-1]), "the ")
	if code == "" && (len(last) > 2 || also[fold(last)] != "") {
		code = country(last)
	}
	if first := strings.TrimSpace(parts[0]); locality == "" && (len(parts) > 1 || code == "") {
		first, _, _ = strings.Cut(first, " and ")
		locality = coop.CleanLine(first, 200)
	}
	return place, locality, code
}
