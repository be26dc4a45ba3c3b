// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"maps"
	"slices"
	"strings"

	"minga/coop"
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

// requestText is the text of a request in one language.
func (o *Outbox) requestText(lang string, p *coop.Post) string {
	return o.sheet(p, sheet{
		title: o.words.RequestTitle(lang, p.Request), facts: o.words.RequestFacts(lang, p.Request), deadline: o.words.RequestDeadline(lang, p.Request),
	})
}
