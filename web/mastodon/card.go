// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"strings"

	"minga/coop"
	"minga/web/mastodon/entity"
)

// card is what clients show beneath a job, a request or an article: the link to its page with
// the facts that decide. Other posts have none: nobody's page is fetched for a picture.
func (f *Face) card(p *coop.Post) *entity.Card {
	if p.Job == nil && p.Article == nil && p.Request == nil {
		return nil
	}
	out := &entity.Card{URL: p.URL, Title: p.Title, Type: "link", Language: entity.Null(p.Language), PublishedAt: entity.Time(p.Published)}
	if out.URL == "" {
		out.URL = string(p.IRI)
	}
	out.EmbedURL, out.ProviderURL, out.AuthorURL = out.URL, f.base(), out.URL
	if a := p.Author; a != nil {
		out.AuthorName, out.AuthorURL = shownName(a), accountURL(a)
		out.Authors = entity.List[entity.CardAuthor]{{Name: out.AuthorName, URL: out.AuthorURL}}
		out.ProviderName = providerOf(p)
	}
	switch {
	case p.Request != nil:
		out.Title, out.Description = p.Request.Title, f.Outbox.RequestCard(p)
	case p.Job != nil:
		out.Title, out.Description = p.Job.Title+" · "+out.AuthorName, f.Outbox.JobCard(p)
	default:
		out.Description = p.Summary
	}
	return out
}

// providerOf is the federation by which a post came here, else the author's server.
func providerOf(p *coop.Post) string {
	for _, path := range p.ReachedThrough {
		if via := path.Account; via != nil && via.Kind == coop.Federation {
			return shownName(via)
		}
	}
	if host := p.Author.Host; host != "" {
		return host
	}
	return p.IRI.Host()
}

// shownName is what people call an account.
func shownName(a *coop.Account) string {
	if name := strings.TrimSpace(a.DisplayName); name != "" {
		return name
	}
	return a.Name
}
