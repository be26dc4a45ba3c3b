// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"minga/coop"
)

// A folder of Markdown becomes articles: each file one, with what its front matter says,
// as site generators and WriteFreely write it. Nothing is published by reading.

// Bounds of a folder that comes in.
const (
	MaxArticles    = 500
	MaxFolderBytes = 32 << 20
	maxDepth       = 8
)

// Article is an article as a file holds it.
type Article struct {
	Name     string // path of the file in the folder
	Title    string
	Summary  string
	Language string   // BCP 47
	License  string   // address; empty: it does not say
	Date     string   // ISO 8601, the day on which it was published there; empty: it does not say
	Origin   coop.IRI // where it stands; empty: it does not say
	Topics   []string
	Text     string // Markdown, without the front matter
	Key      string // what it is known by when it comes again; empty: its title
	Draft    bool   // it was not published there, or not for everybody
}

// What keeps a file from being read, beside those of rows.
const (
	BadText   Problem = "text"   // it is no text in UTF-8
	BadHead   Problem = "head"   // its front matter has no end
	BadLength Problem = "length" // it is longer than an article may be
	BadEmpty  Problem = "empty"  // it holds no text
)

// BadFile is a file that cannot be read.
type BadFile struct {
	Name    string
	Problem Problem
}

// Articles reads the Markdown files of a folder, in the order of their paths. lang and
// licence are those of files that say none. More than [MaxArticles] files or
// [MaxFolderBytes] give [coop.ErrTooLarge], a folder without any Markdown a
// *[coop.InvalidError] of field file. Never does a bad file keep the others out.
func Articles(folder fs.FS, lang, licence string) (list []Article, bad []BadFile, err error) {
	total := 0
	err = fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (strings.Count(name, "/") >= maxDepth || hidden(name)):
			return fs.SkipDir
		case entry.IsDir() || !markdown(name) || hidden(name) || !entry.Type().IsRegular():
			return nil
		case len(list)+len(bad) >= MaxArticles:
			return fmt.Errorf("more than %d files: %w", MaxArticles, coop.ErrTooLarge)
		}
		data, err := readFile(folder, name)
		if err != nil {
			return err
		}
		if total += len(data); total > MaxFolderBytes {
			return fmt.Errorf("folder of more than %d bytes: %w", MaxFolderBytes, coop.ErrTooLarge)
		}
		article, problem := ReadArticle(name, data, lang, licence)
		if problem != "" {
			bad = append(bad, BadFile{name, problem})
			return nil
		}
		list = append(list, article)
		return nil
	})
	if err == nil && len(list)+len(bad) == 0 {
		err = &coop.InvalidError{Field: "file", Code: coop.CodeRequired, Problem: "there is no Markdown in it"}
	}
	return list, bad, err
}

// readFile reads a file up to a little more than an article may be.
func readFile(folder fs.FS, name string) ([]byte, error) {
	file, err := folder.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	data, err := io.ReadAll(io.LimitReader(file, 2*coop.MaxArticleBytes))
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return data, nil
}

// markdown tells Markdown by its name.
func markdown(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".md" || ext == ".markdown"
}

// hidden tells what begins with a dot, and what archives of one system bring besides.
func hidden(name string) bool {
	base := path.Base(name)
	return base != "." && strings.HasPrefix(base, ".") || base == "__MACOSX"
}

// ReadArticle reads one file; an empty problem says that it could.
func ReadArticle(name string, data []byte, lang, licence string) (Article, Problem) {
	text, ok := decode(data)
	switch {
	case !ok:
		return Article{}, BadText
	case len(text) > coop.MaxArticleBytes:
		return Article{}, BadLength
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	head, text, ok := cutHead(text)
	if !ok {
		return Article{}, BadHead
	}
	a := Article{
		Name: name, Title: coop.CleanLine(head.first("title"), 150), Summary: head.first("summary", "description", "excerpt"),
		Language: languageOr(head.first("language", "lang", "locale"), lang), License: licenceOr(head.first("license", "licence"), licence),
		Draft: head.first("draft") == "true", Date: dayOf(head.first("date", "created", "published")), Origin: originOf(head.first("canonical", "canonical_url", "original", "origin", "url", "link")),
		Topics: head.list("topics", "tags", "categories", "keywords"),
	}
	a.Title, text = titleOf(a.Title, text, name)
	a.Text = strings.TrimLeft(text, "\n")
	if strings.TrimSpace(a.Text) == "" {
		return Article{}, BadEmpty
	}
	if a.Summary == "" {
		a.Summary = firstParagraph(a.Text)
	}
	a.Summary = coop.Shorten(coop.CleanText(a.Summary, 4000), 500)
	return a, ""
}

// titleOf takes the first heading as the title where nothing else says one, and out of
// the text where it says the same; else the file's name.
func titleOf(title, text, name string) (string, string) {
	line, rest, _ := strings.Cut(strings.TrimLeft(text, "\n"), "\n")
	if heading, ok := strings.CutPrefix(line, "# "); ok {
		heading = coop.CleanLine(strings.Trim(heading, " #"), 150)
		if title == "" || strings.EqualFold(heading, title) {
			return heading, rest
		}
	}
	if title == "" {
		title = strings.TrimSuffix(path.Base(name), path.Ext(name))
		title = coop.CleanLine(strings.NewReplacer("-", " ", "_", " ").Replace(title), 150)
	}
	return title, text
}

// firstParagraph is what the text begins with, as a summary to be mended.
func firstParagraph(text string) string {
	for part := range strings.SplitSeq(text, "\n\n") {
		part = strings.TrimSpace(part)
		if part != "" && !strings.ContainsAny(part[:1], "#>|-*`<![0123456789") {
			return strings.Join(strings.Fields(part), " ")
		}
	}
	return ""
}

// languageOr reads a language as people write it, en_GB too.
func languageOr(tag, usual string) string {
	tag = strings.ReplaceAll(tag, "_", "-")
	if tag != "" && coop.ValidLanguage(tag) {
		return tag
	}
	return usual
}

// dayOf is the day of a date or moment; empty for what is none.
func dayOf(text string) string {
	if len(text) >= 10 {
		if _, ok := coop.ParseDate(text[:10]); ok {
			return text[:10]
		}
	}
	return ""
}

// originOf is the address where it stood; a path alone is none.
func originOf(text string) coop.IRI {
	if coop.ValidIRI(coop.IRI(text)) {
		return coop.IRI(text)
	}
	return ""
}

// licenceOr reads a licence by its address or by its usual short names: CC-BY-SA-4.0,
// CC BY 4.0, CC0.
func licenceOr(text, usual string) string {
	if text == "" {
		return usual
	}
	if known := coop.LicenceOf(text); known.Name != "" {
		return known.URL
	}
	short := strings.ToUpper(strings.NewReplacer("-", " ", "_", " ").Replace(text))
	for _, l := range coop.Licences() {
		name := strings.NewReplacer("-", " ").Replace(l.Name)
		if l.URL != coop.NoReuse && (short == name || short == strings.TrimSuffix(name, " 4.0") || strings.HasPrefix(short, "CC0") && strings.HasPrefix(name, "CC0")) {
			return l.URL
		}
	}
	return ""
}
