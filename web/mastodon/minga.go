// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"minga/coop"
	"minga/web/mastodon/entity"
)

// mingaJSON is what a status carries for clients that know minga; null for
// ordinary posts.
type mingaJSON struct {
	Kind           string       `json:"kind"`
	Title          string       `json:"title"`
	State          string       `json:"state"`
	Language       entity.Null  `json:"language"`
	URL            string       `json:"url"`
	ClosesAt       entity.Time  `json:"closes_at"`
	ConfirmedAt    entity.Time  `json:"confirmed_at"`
	Version        int64        `json:"version"`
	Audience       string       `json:"audience"`
	Coop           *coopJSON    `json:"coop"`
	ReachedThrough []pathJSON   `json:"reached_through"`
	Job            *jobJSON     `json:"job,omitempty"`
	Article        *articleJSON `json:"article,omitempty"`
}

// coopJSON names who published.
type coopJSON struct {
	AccountID string `json:"account_id"`
	Name      string `json:"name"`
	Evidence  string `json:"evidence"`
}

// pathJSON is one way by which it reached this instance.
type pathJSON struct {
	AccountID string `json:"account_id"`
	Acct      string `json:"acct"`
	How       string `json:"how"`
}

// minga is the member of that name; nil for an ordinary post that has one of
// Mastodon's four audiences.
func (f *Face) minga(p *coop.Post) *mingaJSON {
	own := p.Visibility == coop.VisibleMembers || p.Visibility == coop.VisibleLocal
	if p.Job == nil && p.Article == nil && !own {
		return nil
	}
	m := &mingaJSON{
		Kind: string(p.Kind), Title: p.Title, Language: entity.Null(p.Language), URL: p.URL, Version: 1, Audience: string(p.Visibility), ReachedThrough: []pathJSON{},
	}
	if m.URL == "" {
		m.URL = string(p.IRI)
	}
	if a := p.Author; a != nil {
		m.Coop = &coopJSON{AccountID: a.ID.String(), Name: a.DisplayName, Evidence: "claimed"}
	}
	for _, path := range p.ReachedThrough {
		if via := path.Account; via != nil {
			m.ReachedThrough = append(m.ReachedThrough, pathJSON{via.ID.String(), via.Handle(f.AccountDomain).String(), path.How})
		}
	}
	if p.Job == nil && p.Article == nil {
		m.State = "published" // an ordinary post for readers that clients have no word for
		return m
	}
	if p.Job != nil {
		m.State, m.ClosesAt, m.ConfirmedAt = string(p.Job.Status), entity.Time(p.Job.ValidThrough), entity.Time(p.Job.ConfirmedAt)
		m.Title, m.Job, m.Version = p.Job.Title, newJobJSON(p.Job), max(p.Job.Version, 1)
	} else {
		m.State, m.Version, m.ConfirmedAt = string(p.Article.Status), p.Article.Version, entity.Time(p.Article.ConfirmedAt)
		m.Article = newArticleJSON(p)
	}
	return m
}

// articleJSON is the part of an article that a status has no place for.
type articleJSON struct {
	Summary           string            `json:"summary"`
	License           entity.Null       `json:"license"`
	Authors           []contributorJSON `json:"authors"`
	Version           int64             `json:"version"`
	TranslationOf     entity.Null       `json:"translation_of"`
	TranslatedVersion int64             `json:"translated_version,omitempty"`
	Translations      []string          `json:"translations"`
	Topics            []termJSON        `json:"topics"`
	Series            *termJSON         `json:"series"`
	Position          *int              `json:"position"`
	Citations         []string          `json:"citations"`
	CheckedOn         entity.Null       `json:"checked_on"`
	SupersededBy      entity.Null       `json:"superseded_by"`
	PublishedAt       entity.Time       `json:"published_at"`
	UpdatedAt         entity.Time       `json:"updated_at"`
	Markdown          entity.Null       `json:"markdown"`
	HTML              string            `json:"html"`
}

// contributorJSON is an author; until confirmed, an article only names them.
type contributorJSON struct {
	URI       string `json:"uri"`
	Confirmed bool   `json:"confirmed"`
}

// newArticleJSON shows an article.
func newArticleJSON(p *coop.Post) *articleJSON {
	a := p.Article
	out := &articleJSON{
		Summary: p.Summary, License: entity.Null(a.License), Version: a.Version, TranslationOf: entity.Null(string(a.TranslationOf)), TranslatedVersion: a.TranslatedVersion,
		Translations: texts(a.Translations), Topics: []termJSON{}, Position: countOrNull(a.Position), Citations: texts(a.Citations), CheckedOn: entity.Null(a.CheckedOn),
		SupersededBy: entity.Null(string(a.SupersededBy)), PublishedAt: entity.Time(p.Published), UpdatedAt: entity.Time(p.Updated), Markdown: entity.Null(p.Source), HTML: p.Content,
		Authors: []contributorJSON{},
	}
	if p.Author != nil {
		out.Authors = append(out.Authors, contributorJSON{string(p.Author.IRI), true})
	}
	for _, c := range a.Contributors {
		out.Authors = append(out.Authors, contributorJSON{string(c.IRI), c.Confirmed})
	}
	for _, t := range a.Topics {
		out.Topics = append(out.Topics, termJSON{entity.Null(t.URI), t.Name})
	}
	if a.Series != nil {
		out.Series = &termJSON{entity.Null(a.Series.URI), a.Series.Name}
	}
	return out
}

// texts are IRIs as plain strings, never null.
func texts(iris []coop.IRI) []string {
	out := make([]string, 0, len(iris))
	for _, iri := range iris {
		out = append(out, string(iri))
	}
	return out
}
