// SPDX-License-Identifier: AGPL-3.0-or-later

package jobtext

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"minga/coop"
)

// What parts a line of places: whole places, the chunks of one, countries in a row.
var (
	placeEnd  = regexp.MustCompile(`(?i)[;/|]|\s(?:or|o|ou|oppure)\s`)
	chunkEnd  = regexp.MustCompile(`[,()\[\]·•:]+|\s[-–—]\s`)
	joinsUp   = regexp.MustCompile(`(?i)\s*[&+]\s*|\s+(?:y|and|e|i|ed)\s+`)
	officeDay = regexp.MustCompile(`(?i)\b([1-9])\s*(?:days?|d[ií]as?|dies|giorn[oi])\b[^,;()]{0,40}`)
	leading   = regexp.MustCompile(`(?i)^(?:(?:only|solo|sólo|només|somente|desde|from|des de|within|in|en|em|at|ad|a|dal|dalla|da|de|do|di|the|el|la|los|les|i|gli|il)\s+|des d['’]|dall['’]|d['’])+`)
	before    = regexp.MustCompile(`^(?:in|en|em|at|ad|a)\s+`)
)

// wherever collects what a line says of the place.
type wherever struct {
	modes     map[string]bool // remote, hybrid, onsite, anywhere
	countries []string
	places    []coop.Place
	unknown   string // what is no country where one must be
}

// where reads the place: "remote (AR, UY)", "hybrid, 2 days, Barcelona, ES",
// "Rosario, Argentina / Montevideo, UY".
func (p *parser) where(value string) {
	w := &wherever{modes: map[string]bool{}}
	days := 0
	if found := officeDay.FindStringSubmatch(value); found != nil {
		days, _ = strconv.Atoi(found[1])
		value = strings.Replace(value, found[0], ",", 1)
		w.modes["hybrid"] = true
	}
	for _, place := range placeEnd.Split(coop.CleanLine(value, 2000), -1) {
		w.place(place)
	}
	p.settle(w, days)
}

// place reads one place: its town, perhaps a region, its country; or how far one
// works from where.
func (w *wherever) place(text string) {
	chunks, remote := w.chunks(text)
	var town []string
	for i, chunk := range chunks {
		codes := countriesIn(chunk)
		named := i == 0 && len(chunks) == 2 && len(chunk) > 2 && len(codes) == 1 && slices.Equal(codes, countriesIn(chunks[1]))
		switch {
		case len(codes) == 0 || named: // Panamá, PA
			town = append(town, before.ReplaceAllString(chunk, ""))
		case len(town) > 0 && len(codes) == 1:
			w.town(town, codes[0], remote)
			town = nil
		default:
			w.countries = append(w.countries, codes...)
		}
	}
	w.town(town, "", remote)
}

// chunks parts a place, takes out the words for remote and the like, and says whether
// the place is one to work remotely from.
func (w *wherever) chunks(text string) (chunks []string, remote bool) {
	for _, chunk := range chunkEnd.Split(text, -1) {
		for {
			left, mode := leadingMode(chunk)
			chunk = left
			if mode == "" {
				break
			}
			w.modes[mode] = true
			remote = remote || mode == "remote" || mode == "anywhere"
		}
		if chunk != "" {
			chunks = append(chunks, chunk)
		}
	}
	return chunks, remote
}

// leadingMode takes a word about how far one works away from the front of a chunk;
// mode is empty where there is none.
func leadingMode(chunk string) (left, mode string) {
	chunk = strings.Trim(chunk, " .*_")
	for _, s := range []string{chunk, bare(chunk)} {
		words := strings.Fields(s)
		for n := min(5, len(words)); n > 0; n-- {
			if m, known := modeOf()[plainKey(strings.Join(words[:n], " "))]; known {
				return strings.Join(words[n:], " "), m.key
			}
		}
	}
	return chunk, ""
}

// bare is a chunk without the small words before a place.
func bare(chunk string) string {
	if left := leading.ReplaceAllString(chunk, ""); left != "" {
		return left
	}
	return chunk
}

// countriesIn reads one country or several with a word between them, by code or name.
func countriesIn(chunk string) []string {
	for _, s := range []string{chunk, bare(chunk)} {
		if code, ok := country(s); ok {
			return []string{code}
		}
	}
	var codes []string
	for _, part := range joinsUp.Split(chunk, -1) {
		code, ok := country(bare(part))
		if !ok {
			return nil
		}
		codes = append(codes, code)
	}
	return codes
}

// town notes a place with a name.
func (w *wherever) town(parts []string, code string, remote bool) {
	if len(parts) == 0 {
		return
	}
	if remote && !w.modes["hybrid"] {
		w.unknown = parts[0] // one works remotely from countries
		return
	}
	w.places = append(w.places, coop.Place{Locality: parts[0], Region: strings.Join(parts[1:], ", "), Country: code})
}

// settle decides what all of it means.
func (p *parser) settle(w *wherever, days int) {
	countries := unique(w.countries)
	switch {
	case w.unknown != "":
		p.complain(Where, CodeCountry, w.unknown)
	case w.modes["hybrid"]:
		p.hybrid(w, countries, days)
	case w.modes["remote"] || w.modes["anywhere"]:
		p.Remote, p.Places, p.ApplicantsFrom = true, w.places, countries
		p.Anywhere = len(countries) == 0
		if p.Anywhere {
			p.ApplicantsFrom = nil
		} else if w.modes["anywhere"] {
			p.complain(Where, coop.CodeNotAllowed, "")
		}
	case len(w.places) == 0 && len(countries) == 0:
		p.complain(Where, CodePlace, "")
	default:
		p.Places = w.places
		for _, code := range countries {
			p.Places = append(p.Places, coop.Place{Country: code})
		}
	}
}

// hybrid is work that is done at a place on some days. One may apply from the country
// of the place.
func (p *parser) hybrid(w *wherever, countries []string, days int) {
	if len(w.places) == 0 {
		p.complain(Where, CodePlace, "")
		return
	}
	for i := range w.places {
		if w.places[i].Country == "" && len(countries) == 1 {
			w.places[i].Country = countries[0]
		}
		countries = append(countries, w.places[i].Country)
	}
	countries = slices.DeleteFunc(unique(countries), func(code string) bool { return code == "" })
	p.Remote, p.Places, p.OfficeDays, p.Anywhere = true, w.places, days, w.modes["anywhere"]
	if p.Anywhere {
		return
	}
	if p.ApplicantsFrom = countries; len(countries) == 0 {
		p.complain(Where, CodeCountry, "")
	}
}

// unique drops what was there before.
func unique(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
