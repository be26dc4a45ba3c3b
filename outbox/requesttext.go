// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"html"
	"maps"
	"slices"
	"strings"

	"minga/coop"
	"minga/outbox/text"
)

// RequestText is the text of a request's note by language, as HTML: what other servers
// show.
func (o *Outbox) RequestText(p *coop.Post) map[string]string {
	tags := slices.Sorted(maps.Keys(p.Request.TitleMap))
	if !slices.Contains(tags, p.Language) {
		tags = append(tags, p.Language)
	}
	all := map[string]string{}
	for _, lang := range tags {
		all[lang] = o.requestText(lang, p)
	}
	return all
}

// RequestCard is what decides about a request in one line, in its main language.
func (o *Outbox) RequestCard(p *coop.Post) string {
	return strings.Join(o.words.RequestCard(p.Language, p.Request), " · ")
}

// requestText puts the paragraphs together and leaves out what is least needed until it
// fits: hashtags from the end, then facts from the end, then part of the roles.
func (o *Outbox) requestText(lang string, p *coop.Post) string {
	facts, tags := o.words.RequestFacts(lang, p.Request), p.Hashtags
	for {
		out := o.requestParagraphs(lang, p, facts, tags)
		switch {
		case coop.VisibleLength(out) <= maxNoteText:
			return out
		case len(tags) > 1:
			tags = tags[:len(tags)-1]
		case len(facts) > 2:
			facts = facts[:len(facts)-1]
		case len([]rune(facts[0])) > 60:
			facts[0] = coop.Shorten(facts[0], max(60, len([]rune(facts[0]))-40))
		default:
			return out
		}
	}
}

// requestParagraphs are title, facts, deadline with link, hashtags.
func (o *Outbox) requestParagraphs(lang string, p *coop.Post, facts, tags []string) string {
	out := text.Paragraph(o.words.RequestTitle(lang, p.Request), true) + text.Paragraph(strings.Join(facts, " · ")+".", false)
	out += "<p>" + html.EscapeString(o.words.RequestDeadline(lang, p.Request)) + ` <a href="` + html.EscapeString(p.URL) + `">` + html.EscapeString(text.Bare(p.URL)) + "</a></p>"
	var links []string
	for _, t := range tags {
		links = append(links, text.Hashtag(o.o.Local.Tag(t), t))
	}
	return out + "<p>" + strings.Join(links, " ") + "</p>"
}
