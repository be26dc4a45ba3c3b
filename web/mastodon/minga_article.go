// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"

	"minga/coop"
	"minga/web/mastodon/entity"
)

// articleJSON is the part of an article that a status has no place for.
type articleJSON struct {
	Summary           string            `json:"summary"`
	License           entity.Null       `json:"license"`
	Reuse             *reuseJSON        `json:"reuse"` // null: the licence is not stated or not known
	Authors           []contributorJSON `json:"authors"`
	Version           int64             `json:"version"`
	TOC               []headingJSON     `json:"toc"`
	TranslationOf     entity.Null       `json:"translation_of"`
	TranslationOfID   entity.ID         `json:"translation_of_id"` // null: the original is not here
	TranslatedVersion *int64            `json:"translated_version"`
	StaleBy           *int64            `json:"stale_by"` // versions behind the original; null: that cannot be told
	Translations      []translationJSON `json:"translations"`
	Topics            []termJSON        `json:"topics"`
	Series            *termJSON         `json:"series"`
	Position          *int              `json:"position"`
	Citations         []string          `json:"citations"`
	CheckedOn         entity.Null       `json:"checked_on"`
	CheckedBy         entity.Null       `json:"checked_by"`
	UsedByCount       int               `json:"used_by_count"`
	Used              bool              `json:"used"` // by whoever asks
	SupersededBy      entity.Null       `json:"superseded_by"`
	PublishedAt       entity.Time       `json:"published_at"`
	UpdatedAt         entity.Time       `json:"updated_at"`
	Markdown          entity.Null       `json:"markdown"`
	HTML              string            `json:"html"`
}

// contributorJSON is an author; until confirmed, an article only names them.
type contributorJSON struct {
	URI       string      `json:"uri"`
	AccountID entity.ID   `json:"account_id"` // null: not known here
	Name      entity.Null `json:"name"`
	Confirmed bool        `json:"confirmed"`
}

// headingJSON is a heading of the text.
type headingJSON struct {
	Level int    `json:"level"`
	Title string `json:"title"`
}

// translationJSON is a translation as it is named beside its original.
type translationJSON struct {
	ID       entity.ID   `json:"id"` // null: not here
	URI      string      `json:"uri"`
	Language entity.Null `json:"language"`
	Account  entity.ID   `json:"account"` // who translated
	StaleBy  *int64      `json:"stale_by"`
}

// reuseJSON is what a licence lets others do.
type reuseJSON struct {
	URL           string `json:"url"`
	Name          string `json:"name"`
	Translate     bool   `json:"translate"`
	Remix         bool   `json:"remix"`
	Attribution   bool   `json:"attribution"`
	ShareAlike    bool   `json:"share_alike"`
	NonCommercial bool   `json:"non_commercial"`
}

// reuse shows a licence; nil for one that is not known.
func reuse(l coop.Licence) *reuseJSON {
	if l.Name == "" {
		return nil
	}
	return &reuseJSON{l.URL, l.Name, l.Translate, l.Remix, l.Attribution, l.ShareAlike, l.NonCommercial}
}

// newArticleJSON shows an article, without what the store must be asked for.
func newArticleJSON(p *coop.Post) *articleJSON {
	a := p.Article
	out := &articleJSON{
		Summary: p.Summary, License: entity.Null(a.License), Reuse: reuse(coop.LicenceOf(a.License)), Version: a.Version, TOC: []headingJSON{},
		TranslationOf: entity.Null(string(a.TranslationOf)), Translations: []translationJSON{}, Topics: []termJSON{}, Position: countOrNull(a.Position),
		Citations: texts(a.Citations), CheckedOn: entity.Null(a.CheckedOn), CheckedBy: entity.Null(string(a.CheckedBy)), SupersededBy: entity.Null(string(a.SupersededBy)),
		PublishedAt: entity.Time(p.Published), UpdatedAt: entity.Time(p.Updated), Markdown: entity.Null(p.Source), HTML: p.Content,
		Authors: []contributorJSON{},
	}
	if p.Author != nil {
		out.Authors = append(out.Authors, contributorJSON{string(p.Author.IRI), entity.ID(p.Author.ID), entity.Null(shownName(p.Author)), true})
	}
	for _, c := range a.Contributors {
		out.Authors = append(out.Authors, contributorJSON{URI: string(c.IRI), Confirmed: c.Confirmed})
	}
	for _, h := range coop.Headings(p.Content) {
		out.TOC = append(out.TOC, headingJSON(h))
	}
	for _, t := range a.Topics {
		out.Topics = append(out.Topics, termJSON{entity.Null(t.URI), t.Name})
	}
	if a.Series != nil {
		out.Series = &termJSON{entity.Null(a.Series.URI), a.Series.Name}
	}
	if a.TranslatedVersion > 0 {
		out.TranslatedVersion = &a.TranslatedVersion
	}
	return out
}

// fillArticles says what stands around the articles of the page: who used them, their
// translations and originals, who their co-authors are.
func (g *page) fillArticles(ctx context.Context) error {
	facts, err := g.f.Store.ArticleFacts(ctx, g.viewer, g.posts)
	if err != nil || len(facts) == 0 {
		return err
	}
	var named []coop.IRI
	for _, p := range g.posts {
		if m, ok := g.statuses[p.ID].Minga.(*mingaJSON); ok && m.Article != nil && facts[p.ID] != nil {
			m.Article.around(p, facts[p.ID])
			for _, c := range p.Article.Contributors {
				named = append(named, c.IRI)
			}
		}
	}
	if len(named) == 0 {
		return nil
	}
	known, err := g.f.Store.AccountsByIRI(ctx, named)
	if err != nil {
		return err
	}
	for _, p := range g.posts {
		if m, ok := g.statuses[p.ID].Minga.(*mingaJSON); ok && m.Article != nil {
			m.Article.nameAuthors(known)
		}
	}
	return nil
}

// nameAuthors names the co-authors who are known here.
func (a *articleJSON) nameAuthors(known map[coop.IRI]*coop.Account) {
	for i := range a.Authors {
		if who := known[coop.IRI(a.Authors[i].URI)]; who != nil && !who.Gone() {
			a.Authors[i].AccountID, a.Authors[i].Name = entity.ID(who.ID), entity.Null(shownName(who))
		}
	}
}

// around writes what stands around an article. Translations that it names and that are
// not here have no more than their address.
func (a *articleJSON) around(p *coop.Post, f *coop.ArticleFacts) {
	a.UsedByCount, a.Used, a.TranslationOfID = f.UsedBy, f.Used, entity.ID(f.Original)
	a.StaleBy = staleBy(f.OriginalVersion, p.Article.TranslatedVersion)
	here := map[coop.IRI]bool{}
	for _, t := range f.Translations {
		here[t.IRI] = true
		a.Translations = append(a.Translations, translationJSON{entity.ID(t.Post), string(t.IRI), entity.Null(t.Language), entity.ID(t.Author), staleBy(p.Article.Version, t.Version)})
	}
	for _, iri := range p.Article.Translations {
		if !here[iri] {
			a.Translations = append(a.Translations, translationJSON{URI: string(iri)})
		}
	}
}

// staleBy is how far a translation is behind; nil where that cannot be told.
func staleBy(original, translated int64) *int64 {
	n := coop.StaleBy(original, translated)
	if n < 0 {
		return nil
	}
	return &n
}
