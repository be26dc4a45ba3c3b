// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gohugoio/locales"
	"github.com/gohugoio/locales/ca"
	"github.com/gohugoio/locales/en_GB"
	"github.com/gohugoio/locales/es"
	"github.com/gohugoio/locales/it"
	"github.com/gohugoio/locales/pt"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/shopspring/decimal"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"minga/coop"
	"minga/outbox/text"
	"minga/web/respond"
)

//go:embed words/*.toml
var wordFiles embed.FS

// ourLanguage is one of the interface, with its own name.
type ourLanguage struct{ tag, name, openGraph string }

// ourLanguages are all of them, in the order of the switch.
var ourLanguages = []ourLanguage{
	{"es", "Español", "es_AR"}, {"en", "English", "en_GB"}, {"ca", "Català", "ca_ES"}, {"it", "Italiano", "it_IT"}, {"pt", "Português", "pt_BR"},
}

// words are the texts of the interface. They are safe for concurrent use.
type words struct {
	tongues map[string]*tongue
	offered []ourLanguage // for the pages, in the order of the switch
	matcher language.Matcher
}

// tongue speaks one language of the interface.
type tongue struct {
	Lang   string // BCP 47
	say    *text.Book
	locale locales.Translator
	jobs   *text.Catalogue // the words of jobs, the same as on the wire
	zone   *time.Location
	tags   display.Namer
	lands  display.Namer
	world  func() []choice // all countries by name, put in order once
}

// loadWords finds the catalogues, which are part of the program. One is read when
// somebody first asks for its language.
func loadWords(zone *time.Location) (*words, error) {
	dates := map[string]locales.Translator{"es": es.New(), "en": en_GB.New(), "ca": ca.New(), "it": it.New(), "pt": pt.New()}
	jobs, err := text.Load()
	if err != nil {
		return nil, fmt.Errorf("words of jobs: %w", err)
	}
	w := &words{tongues: map[string]*tongue{}}
	for _, l := range ourLanguages {
		tag := language.MustParse(l.tag)
		files, err := catalogue(l.tag)
		if err != nil {
			return nil, err
		}
		t := &tongue{
			Lang: l.tag, say: text.NewBook(wordFiles, l.tag, files...), locale: dates[l.tag], jobs: jobs, zone: zone,
			tags: display.Languages(tag), lands: display.Regions(tag),
		}
		t.world = sync.OnceValue(t.countries)
		w.tongues[l.tag] = t
	}
	w.offer(nil)
	return w, nil
}

// offer says in which languages the pages are, by their tags in the order of the switch;
// none: in all of ours.
func (w *words) offer(tags []string) {
	w.offered = ourLanguages
	if len(tags) > 0 {
		w.offered = nil
	}
	for _, tag := range tags {
		if at := slices.IndexFunc(ourLanguages, func(l ourLanguage) bool { return l.tag == tag }); at >= 0 {
			w.offered = append(w.offered, ourLanguages[at])
		}
	}
	known := make([]language.Tag, len(w.offered))
	for i, l := range w.offered {
		known[i] = language.MustParse(l.tag)
	}
	w.matcher = language.NewMatcher(known)
}

// in are the same words with the times of another zone, offered in these languages.
func (w *words) in(zone *time.Location, offered []string) *words {
	there := &words{tongues: map[string]*tongue{}}
	there.offer(offered)
	for tag, t := range w.tongues {
		local := *t
		local.zone = zone
		there.tongues[tag] = &local
	}
	return there
}

// catalogue names the files of words of a language: `<language>.toml`, and for the
// bigger sections of the pages `<section>.<language>.toml`.
func catalogue(lang string) ([]string, error) {
	sections, err := fs.Glob(wordFiles, "words/*."+lang+".toml")
	if err != nil {
		return nil, fmt.Errorf("words in %s: %w", lang, err)
	}
	return append(sections, "words/"+lang+".toml"), nil
}

// of is the tongue of a tag of ours, nil for any other.
func (w *words) of(tag string) *tongue {
	primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return w.tongues[primary]
}

// spoken is the tongue of a tag if pages are offered in it, nil for any other.
func (w *words) spoken(tag string) *tongue {
	t := w.of(tag)
	if t == nil || !slices.ContainsFunc(w.offered, func(l ourLanguage) bool { return l.tag == t.Lang }) {
		return nil
	}
	return t
}

// accept chooses by an Accept-Language header; nil when it wants none of ours.
func (w *words) accept(header string) *tongue {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(tags) == 0 || len(header) > 1000 {
		return nil
	}
	_, n, confidence := w.matcher.Match(tags...)
	if confidence == language.No {
		return nil
	}
	return w.tongues[w.offered[n].tag]
}

// T is a text with pairs of a name and a value filled in. A key that is not in the
// catalogue is shown as such; a test sees to it that there is none.
func (t *tongue) T(key string, pairs ...any) string {
	data := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		data[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	s, err := t.say.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data})
	if err != nil {
		return key
	}
	return s
}

// N is a text with a number, in the plural form of CLDR that the number asks for.
func (t *tongue) N(key string, n int) string {
	s, err := t.say.Localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: map[string]string{"Count": t.Number(n)}})
	if err != nil {
		return key
	}
	return s
}

// Number is a whole number as people write it.
func (t *tongue) Number(n int) string { return t.jobs.Number(t.Lang, decimal.NewFromInt(int64(n))) }

// Decimal is a number as people write it.
func (t *tongue) Decimal(d decimal.Decimal) string { return t.jobs.Number(t.Lang, d) }

// Day is a date in UTC: deadlines are days of the calendar, the same for everybody
// and the same as in the text on the wire.
func (t *tongue) Day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return t.locale.FmtDateLong(at.UTC())
}

// Here is the day of a moment in the zone of this instance.
func (t *tongue) Here(at time.Time) string { return t.locale.FmtDateLong(at.In(t.zone)) }

// Date is an ISO 8601 date in words; what is none stays as it is.
func (t *tongue) Date(iso string) string {
	if day, ok := coop.ParseDate(iso); ok {
		return t.Day(day)
	}
	return iso
}

// Stamp is a moment for machines.
func (t *tongue) Stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// Language names a language in this one, by its tag where there is no name.
func (t *tongue) Language(tag string) string {
	if parsed, err := language.Parse(tag); err == nil && t.tags != nil {
		base, _ := parsed.Base()
		if name := t.tags.Name(base); name != "" {
			return name
		}
	}
	return tag
}

// Country names a country by its ISO 3166-1 alpha-2 code.
func (t *tongue) Country(code string) string {
	if region, err := language.ParseRegion(code); err == nil && t.lands != nil && len(code) == 2 {
		if name := t.lands.Name(region); name != "" {
			return name
		}
	}
	return code
}

// Countries names several.
func (t *tongue) Countries(codes []string) []string {
	names := make([]string, len(codes))
	for i, code := range codes {
		names[i] = t.Country(code)
	}
	return names
}

// choice is an entry of a list to choose from.
type choice struct {
	Value, Name string
	Chosen      bool
}

// countryChoices are all countries by name. To put them in order took a third of the work
// for a page of the board.
func (t *tongue) countryChoices(chosen []string) []choice {
	list := slices.Clone(t.world())
	for i := range list {
		list[i].Chosen = slices.Contains(chosen, list[i].Value)
	}
	return list
}

// countries puts all countries in the order of their names.
func (t *tongue) countries() (list []choice) {
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if code := string([]rune{a, b}); coop.ValidCountry(code) {
				list = append(list, choice{Value: code, Name: t.Country(code)})
			}
		}
	}
	return byName(list)
}

// workLanguages are those that the form offers; any other may stand in the address.
var workLanguages = strings.Fields("ar ca cs da de el en es eu fi fr gl gn hu it ja ko nl pl pt qu ro ru sv tr uk zh")

// languageChoices are the languages of work by name, the chosen one among them.
func (t *tongue) languageChoices(chosen []string) []choice {
	var list []choice
	for _, tag := range workLanguages {
		list = append(list, choice{tag, t.Language(tag), slices.Contains(chosen, tag)})
	}
	for _, tag := range chosen {
		if !slices.Contains(workLanguages, tag) {
			list = append(list, choice{tag, t.Language(tag), true})
		}
	}
	return byName(list)
}

// byName orders a list as people look for a name: without case and accents.
func byName(list []choice) []choice {
	slices.SortStableFunc(list, func(a, b choice) int { return strings.Compare(coop.Fold(a.Name), coop.Fold(b.Name)) })
	return list
}

// English are the texts in English, for the command line.
func English() (respond.Tongue, error) {
	w, err := loadWords(time.UTC)
	if err != nil {
		return nil, err
	}
	return w.tongues["en"], nil
}
