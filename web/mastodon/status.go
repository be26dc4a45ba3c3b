// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"cmp"
	"html"
	"net/url"
	"strings"

	"minga/coop"
	"minga/outbox/text"
	"minga/web/mastodon/entity"
)

// status turns a post into its entity, without what the store must be asked for; see
// [Face.statuses].
func (f *Face) status(p *coop.Post) *entity.Status {
	out := &entity.Status{
		ID: entity.ID(p.ID), URI: string(p.IRI), URL: p.URL, CreatedAt: entity.Time(p.Published), EditedAt: entity.Time(p.Updated),
		Content: withQuote(p), Visibility: visibility(p.Visibility), Sensitive: p.Sensitive, SpoilerText: p.Summary, Language: entity.Null(p.Language),
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
	if p.Local && p.App != nil {
		out.Application = &entity.StatusApp{Name: p.App.Name, Website: entity.Null(p.App.Website)}
	}
	if p.Kind == coop.KindArticle {
		out.SpoilerText, out.Content = "", f.articleText(p) // an article's summary is no warning
	}
	out.MediaAttachments = f.attachments(p.ID, p.Attachments)
	for _, tag := range p.Hashtags {
		out.Tags = append(out.Tags, entity.StatusTag{Name: strings.ToLower(tag), URL: f.tagURL(tag)})
	}
	return out
}

// withQuote is the text of a post, before it a link to what it quotes where the text
// has none: clients know the class by which they hide it once they show the quote.
func withQuote(p *coop.Post) string {
	address := html.EscapeString(string(p.Quote))
	if p.Quote == "" || strings.Contains(p.Content, "quote-inline") || strings.Contains(p.Content, address) {
		return p.Content
	}
	return `<p class="quote-inline">RE: <a href="` + address + `" rel="nofollow noopener" target="_blank">` + address + `</a></p>` + p.Content
}

// articleText is an article where it is not shown whole: title, summary, link and
// hashtags.
func (f *Face) articleText(p *coop.Post) string {
	out := text.Paragraph(p.Title, true)
	if p.Summary != "" {
		out += text.Paragraph(p.Summary, false)
	}
	out += "<p>" + text.Link(cmp.Or(p.URL, string(p.IRI))) + "</p>"
	var tags []string
	for _, tag := range p.Hashtags {
		tags = append(tags, text.Hashtag(f.tagURL(tag), tag))
	}
	if len(tags) > 0 {
		out += "<p>" + strings.Join(tags, " ") + "</p>"
	}
	return out
}

// tagURL is the page of a hashtag, as texts of ours link to it: clients compare both.
func (f *Face) tagURL(tag string) string {
	return f.base() + "/tags/" + url.PathEscape(strings.ToLower(tag))
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

// usualVisibility is that of an account's posts where nothing is said.
func usualVisibility(a *coop.Account) string {
	return visibility(cmp.Or(a.Posting.Visibility, coop.VisiblePublic))
}
