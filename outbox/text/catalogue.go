// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/gohugoio/locales"
	"github.com/gohugoio/locales/ca"
	"github.com/gohugoio/locales/en_GB"
	"github.com/gohugoio/locales/es"
	"github.com/gohugoio/locales/it"
	"github.com/gohugoio/locales/pt"
	"github.com/nicksnyder/go-i18n/v2/i18n"
)

//go:embed *.toml
var files embed.FS

// Catalogue holds the words of all languages. It is safe for concurrent use.
type Catalogue struct {
	tongues map[string]*tongue
}

// tongue is one language.
type tongue struct {
	say    *Book
	locale locales.Translator
}

// Languages are those that the catalogue speaks, BCP 47.
func Languages() []string { return []string{"es", "en", "ca", "it", "pt"} }

// Load is the catalogue, which is part of the program; an error is a language that is
// missing in it. Words are read when a language is first spoken.
func Load() (*Catalogue, error) {
	dates := map[string]locales.Translator{"es": es.New(), "en": en_GB.New(), "ca": ca.New(), "it": it.New(), "pt": pt.New()}
	c := &Catalogue{tongues: map[string]*tongue{}}
	for _, lang := range Languages() {
		if _, err := fs.Stat(files, lang+".toml"); err != nil {
			return nil, fmt.Errorf("words in %s: %w", lang, err)
		}
		c.tongues[lang] = &tongue{say: NewBook(files, lang, lang+".toml"), locale: dates[lang]}
	}
	return c, nil
}

// Closest is the language of the catalogue for a BCP 47 tag: its own primary
// language, else English. The text of a person in another language then has its
// facts in English.
func (c *Catalogue) Closest(tag string) string {
	primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if _, ok := c.tongues[primary]; ok {
		return primary
	}
	return "en"
}

func (c *Catalogue) in(tag string) *tongue { return c.tongues[c.Closest(tag)] }

// Say is the message of that key in that language with its data filled in; an
// unknown key is empty.
func (c *Catalogue) Say(lang, key string, data map[string]string) string {
	s, err := c.in(lang).say.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data})
	if err != nil {
		return ""
	}
	return s
}

// count is a message with a number.
func (t *tongue) count(key string, n int) string {
	s, err := t.say.Localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: map[string]int{"Count": n}})
	if err != nil {
		return ""
	}
	return s
}

// Date is a day as people write it, in UTC.
func (c *Catalogue) Date(lang string, t time.Time) string {
	return c.in(lang).locale.FmtDateLong(t.UTC())
}
