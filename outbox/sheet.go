// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"html"
	"strings"

	"minga/coop"
	"minga/outbox/text"
)

// The size of a sheet, in visible characters.
const (
	maxNoteText = 499 // servers cut at 500
	leastFact   = 60  // a name that is cut keeps this much
	cutOfFact   = 40
)

// sheet is what a note says of a job or a request: its title, what decides in few words,
// and until when. The address and the hashtags of the post follow.
type sheet struct {
	title    string
	facts    []string
	deadline string
}

// sheet puts the paragraphs of a note together as HTML and leaves out what is least needed
// until it fits: hashtags from the end, then facts from the end, then part of the longest
// names. What still does not fit is left whole.
func (o *Outbox) sheet(p *coop.Post, s sheet) string {
	tags := p.Hashtags
	for {
		out := o.paragraphs(p.URL, s, tags)
		switch {
		case coop.VisibleLength(out) <= maxNoteText:
			return out
		case len(tags) > 1:
			tags = tags[:len(tags)-1]
		case len(s.facts) > 2:
			s.facts = s.facts[:len(s.facts)-1]
		case len([]rune(s.facts[0])) > leastFact:
			s.facts[0] = coop.Shorten(s.facts[0], max(leastFact, len([]rune(s.facts[0]))-cutOfFact))
		default:
			return out
		}
	}
}

// paragraphs are title, facts, deadline with the address, hashtags.
func (o *Outbox) paragraphs(url string, s sheet, tags []string) string {
	out := text.Paragraph(s.title, true) + text.Paragraph(strings.Join(s.facts, " · ")+".", false)
	out += "<p>" + html.EscapeString(s.deadline) + ` <a href="` + html.EscapeString(url) + `">` + html.EscapeString(text.Bare(url)) + "</a></p>"
	var links []string
	for _, t := range tags {
		links = append(links, text.Hashtag(o.o.Local.Tag(t), t))
	}
	return out + "<p>" + strings.Join(links, " ") + "</p>"
}
