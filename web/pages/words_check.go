// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// CheckWords compares the catalogues of all languages with the English one: the same
// keys, each in one file; the plural forms that the language has (CLDR); the same things
// filled in; nothing empty. It returns what is wrong, a line each.
func CheckWords() ([]string, error) { return checkWords(wordFiles) }

// checkWords looks at a folder words.
func checkWords(files fs.FS) ([]string, error) {
	want, problems, err := readWords(files, "en")
	if err != nil {
		return nil, err
	}
	for _, l := range ourLanguages {
		got, twice, err := readWords(files, l.tag)
		if err != nil {
			return nil, err
		}
		if l.tag != "en" {
			problems = append(problems, twice...)
		}
		problems = append(problems, compareWords(l.tag, want, got)...)
	}
	return problems, nil
}

// entries are texts by key and plural form; one without number has the form other alone.
type entries map[string]map[string]string

// readWords reads the files of a language, and tells which keys stand in two.
func readWords(files fs.FS, lang string) (entries, []string, error) {
	names, err := fs.Glob(files, "words/*.toml")
	if err != nil {
		return nil, nil, fmt.Errorf("words: %w", err)
	}
	all, problems := entries{}, []string(nil)
	for _, name := range names {
		if file := strings.TrimPrefix(name, "words/"); file != lang+".toml" && !strings.HasSuffix(file, "."+lang+".toml") {
			continue
		}
		var raw map[string]any
		if _, err := toml.DecodeFS(files, name, &raw); err != nil {
			return nil, nil, fmt.Errorf("words in %s: %w", name, err)
		}
		for _, key := range slices.Sorted(maps.Keys(raw)) {
			if all[key] != nil {
				problems = append(problems, fmt.Sprintf("%s: %s stands in another file too", name, key))
			}
			all[key] = wordForms(raw[key])
		}
	}
	return all, problems, nil
}

// wordForms are the plural forms of one entry.
func wordForms(value any) map[string]string {
	forms := map[string]string{}
	switch v := value.(type) {
	case string:
		forms["other"] = v
	case map[string]any:
		for form, text := range v {
			forms[form], _ = text.(string)
		}
	}
	return forms
}

// pluralForms are the forms of a counted text in a language (CLDR 44).
func pluralForms(lang string) []string {
	if lang == "en" {
		return []string{"one", "other"}
	}
	return []string{"many", "one", "other"}
}

// compareWords says what one language lacks, has too much, or says otherwise than English.
func compareWords(lang string, want, got entries) []string {
	var problems []string
	say := func(format string, values ...any) {
		problems = append(problems, lang+": "+fmt.Sprintf(format, values...))
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if got[key] == nil {
			say("%s is missing", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if want[key] == nil {
			say("%s is not in English", key)
			continue
		}
		forms := []string{"other"}
		if len(want[key]) > 1 {
			forms = pluralForms(lang)
		}
		if has := slices.Sorted(maps.Keys(got[key])); !slices.Equal(has, forms) {
			say("%s has the forms %v, not %v", key, has, forms)
		}
		for _, form := range slices.Sorted(maps.Keys(got[key])) {
			text := got[key][form]
			if strings.TrimSpace(text) == "" {
				say("%s (%s) is empty", key, form)
			} else if a, b := filledIn(text), filledIn(want[key]["other"]); !slices.Equal(a, b) {
				say("%s (%s) fills in %v, not %v", key, form, a, b)
			}
		}
	}
	return problems
}

// hole is a place in a text that is filled in.
var hole = regexp.MustCompile(`{{\.\w+}}`)

// filledIn is what a text fills in.
func filledIn(text string) []string {
	list := hole.FindAllString(text, -1)
	slices.Sort(list)
	return list
}
