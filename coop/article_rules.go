// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"slices"
	"strings"
)

// MaxArticleBytes is how long the text of an article is at most, in bytes.
const MaxArticleBytes = 256 << 10

// Bounds of a knowledge post.
const (
	maxArticleBytes = MaxArticleBytes
	maxCoAuthors    = 20
	maxCitations    = 100
	maxArticleFiles = 10
	maxTopics       = 30
)

// ValidateArticle complains about everything that keeps a knowledge post of ours
// from being published; the error is an [Invalid], with the fields of the API's
// minga.article. p.Article may be nil: then licence and version are missing.
func ValidateArticle(p *Post) error {
	a := p.Article
	if a == nil {
		a = &Article{}
	}
	c := &complaints{}
	checkArticleText(c, p)
	checkArticleLicence(c, a)
	checkArticleLists(c, a)
	checkArticleFiles(c, p.Attachments)
	checkArticleOrigin(c, a)
	return c.list.Or()
}

// checkArticleText: title, summary, text, language.
func checkArticleText(c *complaints, p *Post) {
	c.text("title", p.Title, 3, 150)
	if markup.MatchString(p.Title) {
		c.add("title", CodeHTML, "a title is plain text")
	}
	c.text("summary", p.Summary, 1, 500)
	if strings.TrimSpace(p.Source) == "" && VisibleLength(Truncate(p.Content, maxArticleBytes)) == 0 {
		c.add("markdown", CodeRequired, "this is needed")
	}
	if len(p.Source) > maxArticleBytes || len(p.Content) > 4*maxArticleBytes {
		c.add("markdown", CodeTooLong, "at most 256 kB")
	}
	if p.Language == "" {
		c.add("language", CodeRequired, "this is needed")
	} else if !ValidLanguage(p.Language) {
		c.add("language", CodeUnknown, "%.40q is no BCP 47 language", p.Language)
	}
}

// checkArticleLicence: one of the list.
func checkArticleLicence(c *complaints, a *Article) {
	known := slices.ContainsFunc(Licences(), func(l Licence) bool { return l.URL == a.License })
	switch {
	case a.License == "":
		c.add("license", CodeRequired, "this is needed")
	case !known:
		c.add("license", CodeUnknown, "%.80q is not one of the licences offered", a.License)
	}
}

// checkArticleLists: co-authors, citations, topics.
func checkArticleLists(c *complaints, a *Article) {
	c.count("authors", len(a.Contributors), 0, maxCoAuthors)
	for i, one := range a.Contributors {
		checkContributor(c, i, one)
	}
	c.count("citations", len(a.Citations), 0, maxCitations)
	for i, cited := range a.Citations {
		checkCitation(c, i, cited)
	}
	c.count("topics", len(a.Topics), 0, maxTopics)
	for i, topic := range a.Topics {
		checkTopic(c, i, topic)
	}
}

// checkContributor checks authors[i].
func checkContributor(c *complaints, i int, one Contributor) {
	if !ValidIRI(one.IRI) {
		c.add(fmt.Sprintf("authors[%d]", i), CodeFormat, "a co-author is an account")
	}
}

// checkCitation checks citations[i].
func checkCitation(c *complaints, i int, cited IRI) {
	if !ValidIRI(cited) {
		c.add(fmt.Sprintf("citations[%d]", i), CodeFormat, "a citation is an address")
	}
}

// checkTopic checks topics[i].
func checkTopic(c *complaints, i int, topic Term) { checkTerm(c, fmt.Sprintf("topics[%d]", i), topic) }

// checkArticleFiles: at most ten, images or PDF.
func checkArticleFiles(c *complaints, files []Attachment) {
	c.count("files", len(files), 0, maxArticleFiles)
	for i, file := range files {
		if !strings.HasPrefix(file.MediaType, "image/") && file.MediaType != "application/pdf" || file.MediaType == "image/svg+xml" {
			c.add(fmt.Sprintf("files[%d]", i), CodeUnknown, "a file is an image or a PDF")
		}
	}
}

// checkArticleOrigin: version, series, translation, when it was checked.
func checkArticleOrigin(c *complaints, a *Article) {
	if a.Version < 0 {
		c.add("version", CodeRange, "versions count from 1")
	}
	if a.Position < 0 || a.Position > 10_000 {
		c.add("position", CodeRange, "a place in a series is between 1 and 10,000")
	}
	if a.Series != nil {
		checkTerm(c, "series", *a.Series)
	}
	c.iri("translation_of", a.TranslationOf)
	if a.TranslationOf == "" && a.TranslatedVersion != 0 || a.TranslatedVersion < 0 {
		c.add("translated_version", CodeNotAllowed, "only a translation says from which version it was made")
	}
	c.date("checked_on", a.CheckedOn)
	c.iri("checked_by", a.CheckedBy)
}

// AdmitArticle cleans the article that another server sent, in place: whatever
// is broken is dropped alone and noted. A licence that we do not know stays as
// it is (nothing is allowed by it); one that is no address is "not stated".
// Nobody has confirmed yet to be a co-author.
func AdmitArticle(a *Article) (notes Invalid) {
	c := &complaints{wire: true}
	if c.iri("license", IRI(a.License)); len(c.list) > 0 {
		a.License = ""
	}
	a.Contributors = keep(c, "authors", a.Contributors, maxCoAuthors, checkContributor)
	for i := range a.Contributors {
		a.Contributors[i].Confirmed = false
	}
	a.Citations = keep(c, "citations", a.Citations, maxCitations, checkCitation)
	a.Topics = keep(c, "topics", a.Topics, maxTopics, checkTopic)
	a.Translations = keep(c, "translations", a.Translations, maxCitations, checkCitation)
	admitOrigin(c, a)
	a.Reason = CleanLine(a.Reason, 500)
	if a.Status == "" || a.Status == ArticleDraft || !in(articleStatuses(), a.Status) {
		a.Status = ArticlePublished
	}
	return c.list
}

// admitOrigin drops what checkArticleOrigin complains about.
func admitOrigin(c *complaints, a *Article) {
	before := len(c.list)
	checkArticleOrigin(c, a)
	for _, broken := range c.list[before:] {
		switch name, _, _ := strings.Cut(broken.Field, "."); name {
		case "version":
			a.Version = 0
		case "position":
			a.Position = 0
		case "series":
			a.Series = nil
		case "translation_of":
			a.TranslationOf, a.TranslatedVersion = "", 0
		case "translated_version":
			a.TranslatedVersion = 0
		case "checked_on":
			a.CheckedOn = ""
		case "checked_by":
			a.CheckedBy = ""
		}
	}
}

// articleStatuses are all of them.
func articleStatuses() []ArticleStatus {
	return []ArticleStatus{ArticleDraft, ArticlePublished, ArticleSuperseded, ArticleArchived, ArticleWithdrawn}
}

// VersionVerdict is what becomes of an Update of an article.
type VersionVerdict string

// The verdicts.
const (
	ShowVersion   VersionVerdict = "show"    // newer: it is shown, what we had becomes history
	KeepVersion   VersionVerdict = "history" // not newer: kept, never shown
	IgnoreVersion VersionVerdict = "ignore"  // we have it already
)

// JudgeVersion decides by the versions of the article that we hold and of the
// one that came; held tells whether that version with that text is here already.
// Articles of software without versions say 0 and replace each other.
func JudgeVersion(ours, theirs int64, held bool) VersionVerdict {
	switch {
	case held:
		return IgnoreVersion
	case theirs > ours, theirs == 0 && ours == 0:
		return ShowVersion
	}
	return KeepVersion
}
