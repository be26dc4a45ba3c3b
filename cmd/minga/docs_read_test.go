// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// docSection is a heading of a page with what stands under it, up to the next heading.
type docSection struct {
	line    int
	level   int
	title   string
	anchor  string
	blocks  []docBlock
	spans   []string // what stands between backticks, each once
	links   []string // where links and pictures lead, each once
	numbers []string // figures outside of code, each once, without signs between thousands
	names   []string // what is emphasised or quoted, such as names of pages and buttons
	items   int      // of lists
	cells   []int    // of each row of tables
	text    string
}

// docBlock is a block of code: its language, and its lines without what explains them.
type docBlock struct {
	lang  string
	lines []string
}

var (
	docHeading = regexp.MustCompile(`^(#{1,6}) (.+)$`)
	docItem    = regexp.MustCompile(`^\s*(-|[0-9]+\.) `)
	docSpan    = regexp.MustCompile("`([^`]+)`")
	docLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	docNumber  = regexp.MustCompile(`[0-9]+([.,][0-9]+)*`)
	docName    = regexp.MustCompile(`\*{1,2}([^*]+)\*{1,2}`)
	docQuoted  = regexp.MustCompile(`["“]([^"“”]+)["”]`)
	docWhy     = regexp.MustCompile(`(^|\s+)# .*$`)
	docOther   = regexp.MustCompile(`(?m)^(En español|In English): .*$`)
)

// docSections parts a page at its headings.
func docSections(text string) (sections []docSection) {
	var prose []string
	end := func() {
		if len(sections) > 0 {
			sections[len(sections)-1].read(strings.Join(prose, "\n"))
		}
		prose = nil
	}
	lines := strings.Split(docOther.ReplaceAllString(text, ""), "\n")
	for n := 0; n < len(lines); n++ {
		if m := docHeading.FindStringSubmatch(lines[n]); m != nil {
			end()
			sections = append(sections, docSection{line: n + 1, level: len(m[1]), title: m[2], anchor: docAnchor(m[2])})
			continue
		}
		block, after := docBlockAt(lines, n)
		if block == nil {
			prose = append(prose, lines[n])
			continue
		}
		if n = after - 1; len(sections) > 0 {
			sections[len(sections)-1].blocks = append(sections[len(sections)-1].blocks, *block)
		}
	}
	end()
	return sections
}

// docBlockAt is the block of code that begins at a line, fenced or indented after an
// empty line, and the line after it; nil where none begins.
func docBlockAt(lines []string, n int) (block *docBlock, after int) {
	indented := func(i int) bool { return strings.HasPrefix(lines[i], "    ") }
	lang, fenced := strings.CutPrefix(lines[n], "```")
	if !fenced && (!indented(n) || n == 0 || lines[n-1] != "") {
		return nil, n
	}
	block = &docBlock{lang: lang}
	if !fenced {
		block.lang = ""
	}
	for after = n; after < len(lines); after++ {
		if fenced && after > n && lines[after] == "```" {
			return block, after + 1
		}
		if !fenced && !indented(after) && lines[after] != "" {
			break
		}
		line := strings.Join(strings.Fields(docWhy.ReplaceAllString(lines[after], "")), " ")
		if line != "" && (!fenced || after > n) {
			block.lines = append(block.lines, line)
		}
	}
	return block, after
}

// read takes in what stands outside of blocks.
func (s *docSection) read(prose string) {
	for line := range strings.SplitSeq(prose, "\n") {
		if docItem.MatchString(line) {
			s.items++
		}
		if strings.HasPrefix(line, "|") {
			s.cells = append(s.cells, strings.Count(line, "|")-1)
		}
	}
	s.text = strings.Join(strings.Fields(prose), " ")
	s.spans = docEach(docSpan, s.text, 1)
	plain := docSpan.ReplaceAllString(s.text, "")
	s.links = docEach(docLink, plain, 1)
	plain = docLink.ReplaceAllString(plain, "]")
	s.names = append(docEach(docName, plain, 1), docEach(docQuoted, plain, 1)...)
	for _, number := range docEach(docNumber, s.title+" "+plain, 0) {
		s.numbers = append(s.numbers, strings.NewReplacer(".", "", ",", "").Replace(number))
	}
	s.numbers = docOnce(s.numbers)
}

// docEach is what a pattern finds, each once and in order of the alphabet.
func docEach(pattern *regexp.Regexp, text string, group int) (found []string) {
	for _, m := range pattern.FindAllStringSubmatch(text, -1) {
		found = append(found, m[group])
	}
	return docOnce(found)
}

func docOnce(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// docAnchor is the address of a heading within its page, as forges make it.
func docAnchor(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, title)
}

// docTree are the pages of the repository by their names, read once.
type docTree map[string][]docSection

// readDocs reads README and all of docs.
func readDocs(t *testing.T) docTree {
	t.Helper()
	tree := docTree{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/es/*.md"} {
		found, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tree[filepath.ToSlash(strings.TrimPrefix(file, filepath.Join("..", "..")+string(filepath.Separator)))] = docSections(string(text))
		}
	}
	return tree
}

// heading is the place of the heading of an anchor, -1 for none.
func (tree docTree) heading(page, anchor string) int {
	return slices.IndexFunc(tree[page], func(s docSection) bool { return s.anchor == anchor })
}

// docTarget parts a link of a page into the file it leads to and the anchor there; ok is
// false for addresses elsewhere.
func docTarget(page, link string) (file, anchor string, ok bool) {
	if strings.Contains(link, ":") {
		return "", "", false
	}
	file, anchor, _ = strings.Cut(link, "#")
	if file == "" {
		return page, anchor, true
	}
	return path.Join(path.Dir(page), file), anchor, true
}

// TestDocLinks holds that what the pages link to exists, headings too.
func TestDocLinks(t *testing.T) {
	tree := readDocs(t)
	for page, sections := range tree {
		for _, s := range sections {
			for _, link := range s.links {
				tree.checkLink(t, page, s, link)
			}
		}
	}
}

func (tree docTree) checkLink(t *testing.T, page string, s docSection, link string) {
	t.Helper()
	file, anchor, ok := docTarget(page, link)
	if !ok {
		return
	}
	if _, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(file))); err != nil {
		t.Errorf("%s, %q: leads to %s, which is not there", page, s.title, link)
		return
	}
	if anchor != "" && tree.heading(file, anchor) < 0 {
		t.Errorf("%s, %q: leads to %s; %s has no such heading", page, s.title, link, file)
	}
}
