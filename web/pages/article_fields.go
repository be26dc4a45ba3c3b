// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// articleFields are the form of an article as it was typed.
type articleFields struct {
	Language, Title, Summary, Text, License string
	Topics                                  string // parted by commas
	Series, SeriesName, NewSeries, Position string
	Citations, Authors                      string // a line each
	Reason                                  string
	Version                                 string // that was edited
	Seen                                    string // when the draft was saved that was edited
	Follows                                 bool   // the translation follows the present version
}

// articleFieldNames are the fields in the order of the form, and what of an article they
// write.
var articleFieldNames = []struct{ name, prefix string }{
	{"language", "language"},
	{"title", "title"},
	{"summary", "summary"},
	{"text", "markdown"},
	{"license", "license"},
	{"license", "translation_of"},
	{"topics", "topics"},
	{"series", "series"},
	{"position", "position"},
	{"authors", "authors"},
	{"citations", "citations"},
	{"reason", "reason"},
}

// newFields are those of an empty form.
func newFields(author *coop.Account, lang, licence string) articleFields {
	g := articleFields{Language: author.Language, License: licence}
	if g.Language == "" {
		g.Language = lang
	}
	return g
}

// fieldsOfArticle are an article as somebody would type it.
func (f *Face) fieldsOfArticle(ctx context.Context, p *coop.Post) (articleFields, error) {
	a := p.Article
	g := articleFields{
		Language: p.Language, Title: p.Title, Summary: p.Summary, Text: p.Source, License: a.License,
		Version: strconv.FormatInt(a.Version, 10), Seen: seenAt(p), Citations: strings.Join(addresses(a.Citations), "\n"),
	}
	var topics []string
	for _, t := range a.Topics {
		topics = append(topics, t.Name)
	}
	g.Topics = strings.Join(topics, ", ")
	if a.Series != nil {
		g.Series, g.SeriesName = a.Series.URI, a.Series.Name
	}
	if a.Position > 0 {
		g.Position = strconv.Itoa(a.Position)
	}
	iris := make([]coop.IRI, len(a.Contributors))
	for i, c := range a.Contributors {
		iris[i] = c.IRI
	}
	names, err := f.names(ctx, iris)
	var authors []string
	for _, iri := range iris {
		if n := names[iri]; n.Handle != "" {
			authors = append(authors, n.Handle)
		} else {
			authors = append(authors, string(iri))
		}
	}
	g.Authors = strings.Join(authors, "\n")
	return g, err
}

// addresses are names on the network as texts.
func addresses(iris []coop.IRI) []string {
	out := make([]string, len(iris))
	for i, iri := range iris {
		out[i] = string(iri)
	}
	return out
}

// seenAt names the state of a draft, which has no versions yet.
func seenAt(p *coop.Post) string { return strconv.FormatInt(lastChange(p).UnixMilli(), 36) }

// typedArticle reads the form.
func typedArticle(c *gin.Context) articleFields {
	text := func(name string) string { return coop.CleanLine(coop.Truncate(c.PostForm(name), 4000), 2000) }
	return articleFields{
		Language: text("language"), Title: text("title"), Summary: coop.CleanText(coop.Truncate(c.PostForm("summary"), 8000), 4000),
		Text: markdownOf(c.PostForm("text")), License: text("license"), Topics: text("topics"),
		Series: text("series"), NewSeries: text("new_series"), Position: text("position"), Citations: coop.CleanText(coop.Truncate(c.PostForm("citations"), 1<<18), 1<<18),
		Authors: coop.CleanText(coop.Truncate(c.PostForm("authors"), 1<<14), 1<<14), Reason: text("reason"), Version: text("version"), Seen: text("seen"),
		Follows: c.PostForm("follows") != "",
	}
}

// markdownOf is Markdown as a browser sent it: its white space means something.
func markdownOf(s string) string {
	return strings.ToValidUTF8(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s), "")
}

// write fills in an article from what was typed; what cannot be read is complained of.
func (g articleFields) write(ctx context.Context, f *Face, p *coop.Post) coop.Invalid {
	var list coop.Invalid
	complain := func(field, code string) {
		list = append(list, &coop.InvalidError{Field: field, Code: code, Problem: "this is not understood"})
	}
	if p.Article == nil {
		p.Article = &coop.Article{}
	}
	a := p.Article
	p.Language, p.Title, p.Summary, p.Source, p.SourceType = g.Language, g.Title, g.Summary, g.Text, "text/markdown"
	a.License, a.Reason = g.License, g.Reason
	a.Topics = g.topics(a.Topics)
	a.Position = 0
	if g.Position != "" {
		n, err := strconv.Atoi(g.Position)
		if err != nil {
			complain("position", coop.CodeFormat)
		}
		a.Position = n
	}
	a.Citations = nil
	for line := range strings.Lines(g.Citations) {
		if line = strings.TrimSpace(line); line != "" {
			a.Citations = append(a.Citations, coop.IRI(line))
		}
	}
	contributors, err := g.contributors(ctx, f, p)
	if a.Contributors = contributors; err != nil {
		complain("authors", coop.CodeUnknown)
	}
	return list
}

// topics are the words that an article is about; those that it had keep their address.
func (g articleFields) topics(had []coop.Term) []coop.Term {
	var out []coop.Term
	for name := range strings.SplitSeq(g.Topics, ",") {
		name = strings.TrimPrefix(strings.TrimSpace(name), "#")
		if name == "" || slices.ContainsFunc(out, func(t coop.Term) bool { return strings.EqualFold(t.Name, name) }) {
			continue
		}
		term := coop.Term{Name: name}
		if at := slices.IndexFunc(had, func(t coop.Term) bool { return t.Name == name }); at >= 0 {
			term = had[at]
		}
		out = append(out, term)
	}
	return out
}

// mostTyped is how many co-authors are looked up at most; more are complained of anyway.
const mostTyped = 21

// contributors finds who was named as co-author, by handle or address. Who had confirmed
// before still has.
func (g articleFields) contributors(ctx context.Context, f *Face, p *coop.Post) ([]coop.Contributor, error) {
	var out []coop.Contributor
	var failed error
	for _, name := range strings.FieldsFunc(g.Authors, func(r rune) bool { return r == '\n' || r == ',' || r == ' ' }) {
		if len(out) == mostTyped {
			break
		}
		iri, err := f.namedBy(ctx, name)
		if err != nil {
			failed = errors.Join(failed, err)
			iri = coop.IRI(name)
		}
		if p.Author != nil && iri == p.Author.IRI || slices.ContainsFunc(out, func(c coop.Contributor) bool { return c.IRI == iri }) {
			continue
		}
		one := coop.Contributor{IRI: iri}
		if at := slices.IndexFunc(p.Article.Contributors, func(c coop.Contributor) bool { return c.IRI == iri }); at >= 0 {
			one = p.Article.Contributors[at]
		}
		out = append(out, one)
	}
	return out, failed
}

// namedBy is the account that a handle or an address names.
func (f *Face) namedBy(ctx context.Context, name string) (coop.IRI, error) {
	if strings.Contains(name, "://") {
		return coop.IRI(name), nil
	}
	name = strings.TrimPrefix(name, "@")
	if !strings.Contains(name, "@") {
		name += "@" + f.AccountDomain
	}
	h, err := coop.ParseHandle(name)
	if err != nil {
		return "", err
	}
	a, err := f.Inbox.ByHandle(ctx, h)
	if err != nil {
		return "", err
	}
	return a.IRI, nil
}
