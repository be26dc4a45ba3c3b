// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"html"
	"strings"

	"minga/coop"
	"minga/web/mastodon/entity"
)

// status turns a post into its entity, without what the store must be asked for; see
// [Face.statuses].
func (f *Face) status(p *coop.Post) *entity.Status {
	out := &entity.Status{
		ID: entity.ID(p.ID), URI: string(p.IRI), URL: p.URL, CreatedAt: entity.Time(p.Published), EditedAt: entity.Time(p.Updated),
		Content: p.Content, Visibility: visibility(p.Visibility), Sensitive: p.Sensitive, SpoilerText: p.Summary, Language: entity.Null(p.Language),
		RepliesCount: p.Replies, ReblogsCount: p.Boosts, FavouritesCount: p.Likes, Card: f.card(p),
		Emojis: f.emojis(p.Emojis, p.Content, p.Summary),
	}
	if out.URL == "" {
		out.URL = string(p.IRI)
	}
	if m := f.minga(p); m != nil {
		out.Minga = m
	}
	if p.Author != nil {
		out.Account = f.account(p.Author)
	}
	if p.Kind == coop.KindArticle {
		out.SpoilerText, out.Content = "", articleText(p) // an article's summary is no warning
	}
	out.MediaAttachments = f.attachments(p.ID, p.Attachments)
	for _, tag := range p.Hashtags {
		out.Tags = append(out.Tags, entity.StatusTag{Name: strings.ToLower(tag), URL: f.base() + "/tags/" + strings.ToLower(tag)})
	}
	return out
}

// articleText is an article where it is not shown whole: title, summary and link.
func articleText(p *coop.Post) string {
	text := "<p><strong>" + html.EscapeString(p.Title) + "</strong></p>"
	if p.Summary != "" {
		text += "<p>" + html.EscapeString(p.Summary) + "</p>"
	}
	address := p.URL
	if address == "" {
		address = string(p.IRI)
	}
	return text + `<p><a href="` + html.EscapeString(address) + `" rel="nofollow noopener" target="_blank">` + html.EscapeString(address) + `</a></p>`
}

// visibility is the nearest of Mastodon's four words; the true one stands in
// minga.audience.
func visibility(v coop.Visibility) string {
	switch v {
	case coop.VisiblePublic, coop.VisibleUnlisted, coop.VisibleDirect:
		return string(v)
	default:
		return "private"
	}
}

// orNull is a text, or null for none.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
