// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"slices"
	"strings"
)

// languages are those of the interface, and of what minga writes on the wire.
var languages = []string{"es", "en", "ca", "it", "pt"}

// readLanguages reads in which languages the pages are, and which one is for people who ask
// for none of them.
func (c *Config) readLanguages(r *configReader) {
	for _, tag := range strings.FieldsFunc(r.text("languages", strings.Join(languages, ",")), func(c rune) bool { return c == ',' || c == ' ' }) {
		if !slices.Contains(languages, tag) || slices.Contains(c.Languages, tag) {
			r.fail("languages", "are some of %s, each once", strings.Join(languages, ", "))
		}
		c.Languages = append(c.Languages, tag)
	}
	if len(c.Languages) == 0 {
		r.fail("languages", "are at least one of %s", strings.Join(languages, ", "))
		return
	}
	c.Language = r.oneOf("default_language", c.usualLanguage(), c.Languages...)
}

// usualLanguage is the language of the pages where none is set.
func (c *Config) usualLanguage() string {
	if len(c.Languages) == 0 || slices.Contains(c.Languages, "en") {
		return "en"
	}
	return c.Languages[0]
}
