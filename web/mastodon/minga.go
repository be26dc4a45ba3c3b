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
	Request        *requestJSON `json:"request,omitempty"`

	Application *applicationJSON `json:"application,omitempty"`
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
	if p.Job == nil && p.Article == nil && p.Decision == nil && p.Request == nil && !own {
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
	f.mingaOf(m, p)
	return m
}

// mingaOf adds what a kind of post says: how it stands, until when, and what it is.
func (f *Face) mingaOf(m *mingaJSON, p *coop.Post) {
	switch d, q, j, a := p.Decision, p.Request, p.Job, p.Article; {
	case d != nil:
		m.Kind, m.Title, m.State, m.ClosesAt = "decision", d.Title, string(d.Stage), entity.Time(p.Ends)
	case q != nil:
		m.State, m.ClosesAt, m.Version = string(q.StateAt(f.Now())), entity.Time(q.RespondBy), max(q.Version, 1)
		m.Title, m.Request = q.Title, f.request(p)
	case j != nil:
		m.State, m.ClosesAt, m.ConfirmedAt = string(j.Status), entity.Time(j.ValidThrough), entity.Time(j.ConfirmedAt)
		m.Title, m.Job, m.Version = j.Title, newJobJSON(j), max(j.Version, 1)
	case a != nil:
		m.State, m.Version, m.ConfirmedAt = string(a.Status), a.Version, entity.Time(a.ConfirmedAt)
		m.Article = newArticleJSON(p) // what the store must be asked for: see [page.fillArticles]
	default:
		m.State = "published" // an ordinary post for readers that clients have no word for
	}
}

// texts are IRIs as plain strings, never null.
func texts(iris []coop.IRI) []string {
	out := make([]string, 0, len(iris))
	for _, iri := range iris {
		out = append(out, string(iri))
	}
	return out
}
