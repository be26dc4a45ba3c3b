// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"time"

	"minga/coop"
)

// pollCard is what a post asks and what was answered. Pages only show it: people vote
// in their app, or from their own server.
type pollCard struct {
	*tongue
	Answers []answerLine
	Several bool   // more than one may be chosen
	Hidden  bool   // the counts are told at the end
	Count   string // how many voted, or how many votes there are
	Over    bool
	Ends    moment // empty: it stays open
}

// answerLine is one answer. Most is the whole of the bar, Votes its part.
type answerLine struct {
	Title       string
	Votes, Most int
	Told        bool // there is a number to tell
	Count       string
	Share       string // in per cent; empty where nobody voted
}

// poll shows the poll of a post; nil for none.
func (f *Face) poll(t *tongue, p *coop.Post) *pollCard {
	if p.Poll == nil {
		return nil
	}
	q, now := p.Poll, f.Now()
	card := &pollCard{tongue: t, Several: q.Multiple, Hidden: q.Hides(now), Over: q.Over(now), Ends: t.minute(q.Ends)}
	if card.Over && !q.Closed.IsZero() {
		card.Ends = t.minute(q.Closed)
	}
	card.Count = t.N("count_votes", q.Votes())
	if q.Multiple && q.Voters != coop.UnknownVotes {
		card.Count = t.N("count_voters", q.Voters)
	}
	whole := voters(q)
	for _, o := range q.Options {
		line := answerLine{Title: o.Title, Told: o.Votes != coop.UnknownVotes && !card.Hidden}
		if line.Told {
			line.Votes, line.Most, line.Count = o.Votes, max(whole, o.Votes, 1), t.N("count_votes", o.Votes)
		}
		if line.Told && whole > 0 {
			line.Share = t.locale.FmtPercent(float64(o.Votes)*100/float64(line.Most), 0)
		}
		card.Answers = append(card.Answers, line)
	}
	return card
}

// voters is of how many a share is one: of the people where several answers may be
// chosen and their number is known, else of the votes.
func voters(q *coop.Poll) int {
	if q.Multiple && q.Voters > 0 {
		return q.Voters
	}
	return q.Votes()
}

// minute is a moment to the minute in the zone of this instance, which it names.
func (t *tongue) minute(at time.Time) moment {
	if at.IsZero() {
		return moment{}
	}
	here := at.In(t.zone)
	return moment{t.Here(at) + ", " + t.locale.FmtTimeShort(here) + " (UTC" + here.Format("-07:00") + ")", t.Stamp(at)}
}
