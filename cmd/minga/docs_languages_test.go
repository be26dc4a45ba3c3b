// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A page of docs/es says what the page of the same name in docs says. What can be held
// against each other without reading is: headings, blocks of code, everything between
// backticks (settings, commands, paths, messages), figures, tables, lists, links, and names
// of pages and buttons as the interface shows them. So whoever changes one is told what the
// other lacks.

// docsOnlyEnglish are pages without a Spanish one, with the reason.
var docsOnlyEnglish = map[string]string{
	"api.md":         "for authors of programs",
	"client-api.md":  "for authors of apps",
	"performance.md": "figures for those who work on the program",
	"reliability.md": "what was broken on purpose, for those who work on the program",
	"security.md":    "names tests, for auditors; docs/es/security.md is SECURITY.md",
}

// docsOnlySpanish are pages without an English one, with the reason.
var docsOnlySpanish = map[string]string{"docs/es/README.md": "the most important in one page, and the list of pages"}

// docSpanish is where the Spanish page of an English one is, or would be; nothing for
// pages that are only in English.
func docSpanish(page string) string {
	dir, name := path.Split(page)
	switch {
	case page == "SECURITY.md":
		return "docs/es/security.md"
	case dir == "docs/" && docsOnlyEnglish[name] == "":
		return "docs/es/" + name
	}
	return ""
}

// TestDocLanguages holds the pages of both languages against each other.
func TestDocLanguages(t *testing.T) {
	tree := readDocs(t)
	words := readDocWords(t)
	paired := maps.Clone(docsOnlySpanish)
	for page := range tree {
		spanish := docSpanish(page)
		if spanish == "" {
			continue
		}
		if paired[spanish] = page; tree[spanish] == nil {
			t.Errorf("%s: either %s says the same, or docsOnlyEnglish says why not", page, spanish)
			continue
		}
		tree.compare(t, page, spanish, words)
	}
	for page := range tree {
		if path.Dir(page) == "docs/es" && paired[page] == "" {
			t.Errorf("%s: no English page says the same", page)
		}
	}
	for name := range docsOnlyEnglish {
		if tree["docs/"+name] == nil {
			t.Errorf("docsOnlyEnglish: there is no docs/%s", name)
		}
	}
}

// TestDocSpanishList holds that the first page in Spanish leads to all others.
func TestDocSpanishList(t *testing.T) {
	tree := readDocs(t)
	var links []string
	for _, s := range tree["docs/es/README.md"] {
		links = append(links, s.links...)
	}
	for page := range tree {
		if dir, name := path.Split(page); dir == "docs/es/" && name != "README.md" && !slices.Contains(links, name) {
			t.Errorf("docs/es/README.md does not lead to %s", name)
		}
	}
}

// compare says in what a Spanish page differs from the English one.
func (tree docTree) compare(t *testing.T, english, spanish string, words docWords) {
	t.Helper()
	en, es := tree[english], tree[spanish]
	if len(en) != len(es) {
		t.Errorf("%s has %d headings, %s has %d:\n\t%s\nwant\n\t%s", spanish, len(es), english, len(en), docTitles(es), docTitles(en))
		return
	}
	for i := range en {
		where := fmt.Sprintf("%s:%d %q, as %s:%d %q:", spanish, es[i].line, es[i].title, english, en[i].line, en[i].title)
		if en[i].level != es[i].level {
			t.Errorf("%s the heading has level %d, want %d", where, es[i].level, en[i].level)
			return
		}
		tree.compareSection(t, where, english, spanish, en[i], es[i])
		for _, name := range words.missing(en[i], es[i]) {
			t.Errorf("%s %s", where, name)
		}
	}
}

// docTitles are the headings of a page in one line.
func docTitles(sections []docSection) string {
	var titles []string
	for _, s := range sections {
		titles = append(titles, s.title)
	}
	return strings.Join(titles, " | ")
}

// compareSection says in what two sections differ.
func (tree docTree) compareSection(t *testing.T, where, english, spanish string, en, es docSection) {
	t.Helper()
	compareBlocks(t, where, en.blocks, es.blocks)
	compareSets(t, where, "`%s`", en.spans, es.spans)
	compareSets(t, where, "the figure %s", en.numbers, es.numbers)
	var links []string
	for _, link := range en.links {
		links = append(links, tree.spanishLink(english, spanish, link))
	}
	apart := func(link string) bool { return tree.apart(spanish, link) }
	compareSets(t, where, "the link %s", slices.DeleteFunc(docOnce(links), apart), slices.DeleteFunc(slices.Clone(es.links), apart))
	if en.items != es.items {
		t.Errorf("%s %d points of lists, want %d", where, es.items, en.items)
	}
	if !slices.Equal(en.cells, es.cells) {
		t.Errorf("%s cells of the rows of tables %v, want %v", where, es.cells, en.cells)
	}
}

// compareBlocks says in what the code of two sections differs.
func compareBlocks(t *testing.T, where string, en, es []docBlock) {
	t.Helper()
	if len(en) != len(es) {
		t.Errorf("%s %d blocks of code, want %d", where, len(es), len(en))
	}
	for i := range min(len(en), len(es)) {
		if en[i].lang != es[i].lang {
			t.Errorf("%s block %d is of %q, want %q", where, i+1, es[i].lang, en[i].lang)
		}
		for n := range max(len(en[i].lines), len(es[i].lines)) {
			if got, want := docLineAt(es[i], n), docLineAt(en[i], n); got != want {
				t.Errorf("%s block %d, line %d is\n\t%s\nwant\n\t%s", where, i+1, n+1, got, want)
				break
			}
		}
	}
}

func docLineAt(b docBlock, n int) string {
	if n < len(b.lines) {
		return b.lines[n]
	}
	return "(nothing)"
}

// compareSets says what only one of two lists has.
func compareSets(t *testing.T, where, what string, en, es []string) {
	t.Helper()
	for _, one := range en {
		if !slices.Contains(es, one) {
			t.Errorf("%s lacks "+what, where, one)
		}
	}
	for _, one := range es {
		if !slices.Contains(en, one) {
			t.Errorf("%s has "+what+", which the English page does not have", where, one)
		}
	}
}

// spanishLink is where a link of an English page leads in the Spanish one: to the Spanish
// page where there is one, and there to the heading in the same place.
func (tree docTree) spanishLink(english, spanish, link string) string {
	file, anchor, ok := docTarget(english, link)
	if !ok {
		return link
	}
	to := file
	if other := docSpanish(file); tree[other] != nil {
		to = other
		if n := tree.heading(file, anchor); n >= 0 && n < len(tree[other]) {
			anchor = tree[other][n].anchor
		}
	}
	if anchor != "" {
		anchor = "#" + anchor
	}
	if to == spanish {
		return anchor
	}
	relative, _ := filepath.Rel(path.Dir(spanish), to)
	return filepath.ToSlash(relative) + anchor
}

// apart tells whether a link of a Spanish page leads to a heading of a page that has others
// than the English one: which of them it should be cannot be said before they agree.
func (tree docTree) apart(spanish, link string) bool {
	file, anchor, ok := docTarget(spanish, link)
	for page := range tree {
		if ok && anchor != "" && docSpanish(page) == file {
			return len(tree[page]) != len(tree[file])
		}
	}
	return false
}

// docWords are the English names that the interface shows, with the Spanish ones.
type docWords map[string][]string

var docWord = regexp.MustCompile(`(?m)^([a-z0-9_-]+) = "(.*)"$`)

// readDocWords reads the words of the pages.
func readDocWords(t *testing.T) docWords {
	t.Helper()
	english, spanish := readDocCatalogue(t, "en"), readDocCatalogue(t, "es")
	words := docWords{}
	for key, word := range english {
		if other := spanish[key]; other != "" {
			words[docNamed(word)] = append(words[docNamed(word)], docNamed(other))
		}
	}
	return words
}

// readDocCatalogue reads those of one language, by their keys.
func readDocCatalogue(t *testing.T, language string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, pattern := range []string{language + ".toml", "*." + language + ".toml"} {
		files, err := filepath.Glob(filepath.Join("..", "..", "web", "pages", "words", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range docWord.FindAllStringSubmatch(string(text), -1) {
				found[m[1]] = m[2]
			}
		}
	}
	return found
}

// docNamed is a name as it may stand in a sentence.
func docNamed(name string) string { return strings.ToLower(strings.TrimRight(name, ".:")) }

// missing are names that an English section emphasises or quotes and the interface shows, and whose
// Spanish ones the Spanish section does not have.
func (words docWords) missing(en, es docSection) (missing []string) {
	for _, name := range en.names {
		there := words[docNamed(name)]
		if len(there) == 0 || slices.ContainsFunc(there, func(word string) bool { return strings.Contains(strings.ToLower(es.text), word) }) {
			continue
		}
		missing = append(missing, fmt.Sprintf("%q is %q on the pages, which is not here", name, there))
	}
	return missing
}
