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

// The text of a job's note: under 500 visible characters, at
// most five hashtags, the first of them always the same.
const (
	maxNoteText = 499
	maxTags     = 5
	jobsTag     = "coopjobs"
)

// JobText is the text of a job's note by language, as HTML: what other servers show.
func (o *Outbox) JobText(author *coop.Account, p *coop.Post) map[string]string {
	all := map[string]string{}
	for _, lang := range jobLanguages(p) {
		all[lang] = o.jobText(lang, author, p)
	}
	return all
}

// JobCard is what decides about a job in one line, in its main language: place, hours,
// pay and until when, or what became of it.
func (o *Outbox) JobCard(p *coop.Post) string {
	return strings.Join(o.words.Card(p.Language, p.Job), " · ")
}

// jobLanguages are the languages in which a job has a title: the main one and the
// others.
func jobLanguages(p *coop.Post) []string {
	tags := slices.Sorted(maps.Keys(p.Job.TitleMap))
	if !slices.Contains(tags, p.Language) {
		tags = append(tags, p.Language)
	}
	return tags
}

// jobText puts the paragraphs together and leaves out what is least needed until
// it fits: hashtags from the end, then facts from the end, then the long names.
func (o *Outbox) jobText(lang string, author *coop.Account, p *coop.Post) string {
	facts, tags := o.words.Facts(lang, shownName(author), p.Job), p.Hashtags
	write := func() string { return o.jobParagraphs(lang, p, facts, tags) }
	for out := write(); ; out = write() {
		switch {
		case coop.VisibleLength(out) <= maxNoteText:
			return out
		case len(tags) > 1:
			tags = tags[:len(tags)-1]
		case len(facts) > 2:
			facts = facts[:len(facts)-1]
		case len([]rune(facts[0])) > 60:
			facts[0] = coop.Shorten(facts[0], 60)
		default:
			return out
		}
	}
}

func (o *Outbox) jobParagraphs(lang string, p *coop.Post, facts, tags []string) string {
	out := text.Paragraph(o.words.Title(lang, p.Job), true) + text.Paragraph(strings.Join(facts, " · ")+".", false)
	out += "<p>" + html.EscapeString(o.words.Deadline(lang, p.Job)) + ` <a href="` + html.EscapeString(p.URL) + `">` + html.EscapeString(text.Bare(p.URL)) + "</a></p>"
	var links []string
	for _, t := range tags {
		links = append(links, text.Hashtag(o.o.Local.Tag(t), t))
	}
	return out + "<p>" + strings.Join(links, " ") + "</p>"
}

// jobTags are the hashtags of a job: ours first, then the author's, five at most.
func jobTags(given []string) []string {
	tags := []string{jobsTag}
	for _, t := range given {
		t = strings.Trim(strings.TrimPrefix(t, "#"), " ")
		known := slices.ContainsFunc(tags, func(s string) bool { return strings.EqualFold(s, t) })
		if len(tags) < maxTags && !known && validTag(t) {
			tags = append(tags, t)
		}
	}
	return tags
}

// validTag tells whether a word can be a hashtag of ours.
func validTag(t string) bool {
	w := text.Typed{Tag: func(s string) string { return s }}.Write("#" + t)
	return len(w.Hashtags) == 1 && w.Hashtags[0] == t
}
