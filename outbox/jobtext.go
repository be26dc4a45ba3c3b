// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"maps"
	"slices"
	"strings"

	"minga/coop"
	"minga/outbox/text"
)

// The hashtags of a job: at most five, the first of them always the same.
const (
	maxTags = 5
	jobsTag = "coopjobs"
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

// jobText is the text of a job in one language.
func (o *Outbox) jobText(lang string, author *coop.Account, p *coop.Post) string {
	return o.sheet(p, sheet{
		title: o.words.Title(lang, p.Job), facts: o.words.Facts(lang, shownName(author), p.Job), deadline: o.words.Deadline(lang, p.Job),
	})
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
