// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"slices"
	"strconv"

	"minga/coop"
	"minga/storage"
)

// What stands around an article: its co-authors, its series, its original and its
// translations, who cites and who used it, its earlier versions, the discussion.

// Bounds of what is listed.
const (
	citedByShown = 20
	usersShown   = 30
)

// articlePart is the place of an article in a series.
type articlePart struct {
	Name, URL     string
	Place         string // empty: it says none
	Before, After *libraryLink
}

// originalNote says of what an article is a translation, and how far it is behind.
type originalNote struct {
	Name, URL, Lang string
	Behind          string // empty: it is not, or that cannot be told
	Diff            string // what the original has changed since
}

// translationRow is a translation of an article.
type translationRow struct {
	Name, URL, Lang string
	Who             person
	Age             string
	Diff            string // what has changed since it was made; empty: nothing
	Away            bool   // it is not here
}

// citation is an address that is cited, or an article that cites.
type citation struct {
	Title line
	URL   string
	Who   person
	Away  bool
}

// userRow is a co-op that used an article.
type userRow struct {
	Who     person
	Day, At string
}

// fillArticleWorld asks for what stands around an article.
func (f *Face) fillArticleWorld(ctx context.Context, page *articlePage, p *coop.Post) error {
	facts, err := f.Store.ArticleFacts(ctx, anybody(), []*coop.Post{p})
	if err != nil {
		return err
	}
	for _, fill := range []func(context.Context, *articlePage, *coop.Post, *coop.ArticleFacts) error{
		f.fillAuthors, f.fillPart, f.fillOriginal, f.fillTranslations, f.fillCitations, f.fillUsers, f.fillRevisions,
	} {
		if err := fill(ctx, page, p, facts[p.ID]); err != nil {
			return err
		}
	}
	page.Thread, err = f.thread(ctx, page.tongue, p)
	return err
}

// fillAuthors names the co-authors, who checked it, and what takes its place.
func (f *Face) fillAuthors(ctx context.Context, page *articlePage, p *coop.Post, _ *coop.ArticleFacts) error {
	a := p.Article
	var iris []coop.IRI
	for _, c := range a.Contributors {
		iris = append(iris, c.IRI)
	}
	if a.CheckedBy != "" {
		iris = append(iris, a.CheckedBy)
	}
	names, err := f.names(ctx, iris)
	if err != nil {
		return err
	}
	for _, c := range a.Contributors {
		page.Others = append(page.Others, contributor{names[c.IRI], c.Confirmed})
	}
	if page.Checked != "" {
		page.CheckedBy = names[a.CheckedBy]
	}
	if address := web(a.SupersededBy); address != "" {
		page.Better = person{Name: address, URL: address}
	}
	return nil
}

// fillPart finds the place of an article in its series, with its neighbours there.
func (f *Face) fillPart(ctx context.Context, page *articlePage, p *coop.Post, _ *coop.ArticleFacts) error {
	named := p.Article.Series
	if named == nil || named.Name == "" {
		return nil
	}
	page.Part = &articlePart{Name: named.Name}
	if n := p.Article.Position; n > 0 {
		page.Part.Place = page.T("library_part", "Number", page.Number(n))
	}
	s, err := f.Store.SeriesByIRI(ctx, coop.IRI(named.URI))
	if err != nil {
		return ignoreMissing(err)
	}
	page.Part.Name, page.Part.URL = s.Title, seriesPath(s)
	posts, err := f.Store.InSeries(ctx, anybody(), s.IRI)
	at := slices.IndexFunc(posts, func(q *coop.Post) bool { return q.ID == p.ID })
	if err != nil || at < 0 {
		return err
	}
	if at > 0 {
		page.Part.Before = f.articleLink(posts[at-1])
	}
	if at+1 < len(posts) {
		page.Part.After = f.articleLink(posts[at+1])
	}
	return nil
}

// articleLink names an article.
func (f *Face) articleLink(p *coop.Post) *libraryLink {
	return &libraryLink{Name: p.Title, URL: f.pathOf(p), Lang: p.Language}
}

// fillOriginal says of a translation what it was made from.
func (f *Face) fillOriginal(ctx context.Context, page *articlePage, p *coop.Post, facts *coop.ArticleFacts) error {
	address := web(p.Article.TranslationOf)
	if address == "" {
		return nil
	}
	page.Original = &originalNote{Name: address, URL: address}
	if facts == nil || facts.Original == 0 {
		return nil
	}
	q, err := f.Store.Post(ctx, anybody(), facts.Original)
	if err != nil {
		return ignoreMissing(err)
	}
	made := p.Article.TranslatedVersion
	*page.Original = originalNote{Name: q.Title, URL: f.pathOf(q), Lang: q.Language, Behind: page.behind(facts.OriginalVersion, made)}
	if coop.StaleBy(facts.OriginalVersion, made) > 0 {
		page.Original.Diff = diffPath(q, made)
	}
	return nil
}

// behind says in words how far a translation is behind.
func (t *tongue) behind(original, made int64) string {
	switch n := coop.StaleBy(original, made); {
	case n < 0:
		return ""
	case n == 0:
		return t.T("library_current")
	default:
		return t.N("library_behind", int(min(n, 1_000_000)))
	}
}

// fillTranslations lists the translations: those that are here with their age, the
// others by their address.
func (f *Face) fillTranslations(ctx context.Context, page *articlePage, p *coop.Post, facts *coop.ArticleFacts) error {
	if facts == nil {
		return nil
	}
	ids := make([]coop.ID, 0, len(facts.Translations))
	for _, t := range facts.Translations {
		ids = append(ids, t.Post)
	}
	here, err := f.Store.PostsByID(ctx, anybody(), ids)
	if err != nil {
		return err
	}
	known := map[coop.IRI]bool{}
	for _, q := range here {
		if known[q.IRI] = true; q.Article != nil {
			page.Versions = append(page.Versions, f.translationRow(page.tongue, p, q))
		}
	}
	for _, iri := range p.Article.Translations {
		if address := web(iri); address != "" && !known[iri] {
			page.Versions = append(page.Versions, translationRow{Name: address, URL: address, Away: true})
		}
	}
	return nil
}

// translationRow shows the translation q of p.
func (f *Face) translationRow(t *tongue, p, q *coop.Post) translationRow {
	made := q.Article.TranslatedVersion
	row := translationRow{Name: t.Language(q.Language), URL: f.pathOf(q), Lang: q.Language, Who: f.person(q.Author), Age: t.behind(p.Article.Version, made)}
	if coop.StaleBy(p.Article.Version, made) > 0 {
		row.Diff = diffPath(p, made)
	}
	return row
}

// fillCitations lists what an article cites, by title where that is here, and who cites
// it.
func (f *Face) fillCitations(ctx context.Context, page *articlePage, p *coop.Post, _ *coop.ArticleFacts) error {
	here, err := f.Store.ArticlesByIRI(ctx, anybody(), p.Article.Citations)
	if err != nil {
		return err
	}
	for _, iri := range p.Article.Citations {
		if q := here[iri]; q != nil {
			page.Cites = append(page.Cites, f.citation(q))
		} else if address := web(iri); address != "" {
			page.Cites = append(page.Cites, citation{Title: line{"", address}, URL: address, Away: true})
		}
	}
	posts, err := f.Store.Posts(ctx, anybody(), storage.PostQuery{Kinds: []coop.PostKind{coop.KindArticle}, Listed: true, Cites: p.IRI}, coop.Page{Limit: citedByShown})
	for _, q := range current(posts, f.Now()) {
		page.CitedBy = append(page.CitedBy, f.citation(q))
	}
	return err
}

// citation names an article that is here.
func (f *Face) citation(p *coop.Post) citation {
	return citation{Title: line{p.Language, p.Title}, URL: f.pathOf(p), Who: f.person(p.Author)}
}

// fillUsers lists the co-ops that used an article.
func (f *Face) fillUsers(ctx context.Context, page *articlePage, p *coop.Post, facts *coop.ArticleFacts) error {
	if facts == nil || facts.UsedBy == 0 {
		return nil
	}
	page.UsedBy = page.N("library_used_by", facts.UsedBy)
	uses, err := f.Store.ArticleUses(ctx, p.ID, usersShown)
	for _, u := range uses {
		page.Users = append(page.Users, userRow{f.person(u.By), page.Date(u.On), u.On})
	}
	return err
}

// fillRevisions lists the versions: the present one with its reason, then the earlier
// ones, each with its page and what changed since.
func (f *Face) fillRevisions(ctx context.Context, page *articlePage, p *coop.Post, _ *coop.ArticleFacts) error {
	revisions, err := f.Store.Revisions(ctx, anybody(), p.ID)
	last := p.Article.Version
	if len(revisions) > 0 {
		present := coop.PresentVersion(p)
		page.Revisions = append(page.Revisions, revision{Version: page.Edition, Day: page.Here(present.At), At: page.Stamp(present.At), Reason: present.Reason})
	}
	for _, r := range revisions {
		if r.Version == last {
			continue // what stood around the text changed, not the text
		}
		last = r.Version
		page.Revisions = append(page.Revisions, revision{
			strconv.FormatInt(r.Version, 10), page.Here(r.At), page.Stamp(r.At), r.Reason, versionPath(p, r.Version), diffPath(p, r.Version),
		})
	}
	return err
}
