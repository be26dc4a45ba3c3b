// SPDX-License-Identifier: AGPL-3.0-or-later

package jobtext

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"minga/coop"
)

// nicknames are what people call countries besides the names of the CLDR.
var nicknames = map[string]string{
	"GB": "uk, u.k., great britain, britain, england, scotland, wales, inglaterra, anglaterra, gran bretaña, gran bretanya, inghilterra, gran bretagna, grã-bretanha",
	"US": "usa, u.s.a., u.s., united states of america, eeuu, ee. uu., ee.uu., eua, stati uniti d'america, estados unidos de américa",
	"NL": "holland, holanda, olanda", "CZ": "czech republic, república checa, republica ceca, repubblica ceca, república tcheca", "BO": "bolivia", "VE": "venezuela",
	"KR": "south korea, corea del sur, corea del sud, coreia do sul", "RU": "russia, rusia, rússia", "SY": "siria, syria", "MD": "moldova, moldavia", "TZ": "tanzania",
	"VA": "vatican, vaticano, vaticà", "CD": "dr congo", "CI": "costa de marfil, costa d'avorio, costa do marfim", "PS": "palestina, palestine", "DO": "santo domingo", //nolint:misspell // words of other languages
	"MX": "mexico, méjico, mèxic", "PT": "portugal", "BR": "brasil, brazil, brasile",
}

// countries are the codes by their folded names, in five languages.
var countries = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	namers := make([]display.Namer, 0, len(Languages()))
	for _, lang := range Languages() {
		namers = append(namers, display.Regions(language.MustParse(lang)))
	}
	for _, code := range codes() {
		region := language.MustParseRegion(code)
		for _, namer := range namers {
			if name := countryKey(namer.Name(region)); len(name) > 2 {
				all[name] = code
			}
		}
	}
	for code, names := range nicknames {
		for name := range strings.SplitSeq(names, ",") {
			all[countryKey(name)] = code
		}
	}
	return all
})

// countryKey is a name as it is compared, without the words that join two islands.
func countryKey(name string) string {
	words := slices.DeleteFunc(coop.Words(name), func(word string) bool { return slices.Contains([]string{"and", "y", "i", "e", "the"}, word) })
	return strings.Join(words, " ")
}

// codes are all of ISO 3166-1.
func codes() (list []string) {
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if code := string([]rune{a, b}); coop.ValidCountry(code) {
				list = append(list, code)
			}
		}
	}
	return list
}

// country reads a code or a name.
func country(s string) (string, bool) {
	s = strings.Trim(s, " .")
	if code := strings.ToUpper(s); coop.ValidCountry(code) {
		return code, true
	}
	code, ok := countries()[countryKey(s)]
	return code, ok
}
