// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"slices"
	"strings"
	"time"

	"minga/coop"
)

// Every list of a query is a bit. A job has the bits of the lists of which it has a
// value; one that has all bits that were asked is found, and one that lacks a single
// bit is what the facet of that bit counts: what choosing another value would give.

// boardBits is a set of lists.
type boardBits uint16

// The lists that are no facet of their own come after those of [coop.JobFacets].
const (
	bitApplyFrom boardBits = 1 << (15 - iota)
	bitWindow
	bitPlace
)

// bitOf is the bit of a facet.
func bitOf(facet string) boardBits {
	return 1 << slices.Index(coop.JobFacets(), facet)
}

// boardAsk is a query as the board in memory compares it.
type boardAsk struct {
	q       *coop.JobQuery
	now     int64
	asked   boardBits
	byTerm  []boardBits // which lists a term answers; nil: none was asked
	byWho   []boardBits // which lists an author answers
	out     []bool      // authors whose jobs are not shown
	grades  map[uint32][]skillGrade
	closing int64
	since   int64
	payMin  int64
	from    int64 // hours
	to      int64
	pays    uint32 // the currency
	chord   int64  // how far is near, as [coop.Chord]; 0: no place is known
	x, y, z int64

	remote, hours, skill, lang, country, sector, engagement, track, coop, federation, source boardBits
}

// skillGrade says how well a term answers one of the skills asked for.
type skillGrade struct {
	asked int
	grade float64
}

// ask prepares a query. blocked are authors who are not shown to who asks.
func (b *board) ask(q *coop.JobQuery, domain string, blocked map[int64]bool, now time.Time) *boardAsk {
	a := &boardAsk{
		q: q, now: msOf(now), grades: map[uint32][]skillGrade{},
		remote: bitOf("remote"), hours: bitOf("hours"), skill: bitOf("skill"), lang: bitOf("lang"), country: bitOf("country"), sector: bitOf("sector"),
		engagement: bitOf("engagement"), track: bitOf("track"), coop: bitOf("coop"), federation: bitOf("federation"), source: bitOf("source"),
	}
	a.numbers(b, now)
	a.lists(b, now)
	a.authors(b, domain, blocked)
	return a
}

// numbers prepares what is compared as numbers.
func (a *boardAsk) numbers(b *board, now time.Time) {
	q := a.q
	if q.Closing > 0 {
		a.closing = msOf(now.AddDate(0, 0, q.Closing))
	}
	if q.New > 0 {
		a.since = msOf(now.UTC().Truncate(24*time.Hour).AddDate(0, 0, -q.New))
	}
	if q.PayMin != nil {
		a.payMin, a.pays = hundredths(*q.PayMin), b.terms.known("currency", q.Currency)
	}
	if q.HoursMin != nil {
		a.from = hundredths(*q.HoursMin)
	}
	if q.HoursMax != nil {
		a.to = hundredths(*q.HoursMax)
	}
	if q.HoursMin != nil || q.HoursMax != nil {
		a.asked |= a.hours
	}
	if q.Remote != nil {
		a.asked |= a.remote
	}
}

// lists prepares the lists that are answered by terms.
func (a *boardAsk) lists(b *board, now time.Time) {
	q := a.q
	want := func(bit boardBits, facet string, values []string) {
		a.asked |= bit
		for _, value := range values {
			if n := b.terms.known(facet, value); n != 0 {
				a.terms(b)[n] |= bit
			}
		}
	}
	for _, list := range []struct {
		bit    boardBits
		facet  string
		values []string
	}{
		{a.engagement, "engagement", q.Engagement},
		{a.track, "track", q.Track},
		{a.country, "country", q.Country},
		{a.lang, "lang", each(q.Lang, strings.ToLower)},
		{a.sector, "sector", each(q.Sector, foldWords)},
		{bitApplyFrom, "country", q.ApplyFrom},
	} {
		if len(list.values) > 0 {
			want(list.bit, list.facet, list.values)
		}
	}
	if q.Overlap > 0 {
		a.asked |= bitWindow
		for n, t := range b.terms.list {
			if t.facet == "window" && q.Shares(t.value, now) {
				a.terms(b)[n] |= bitWindow
			}
		}
	}
	a.place(b)
	a.skills(b)
}

// place prepares what it takes to be near a place: as [nearPlace].
func (a *boardAsk) place(b *board) {
	near := a.q.Near
	if a.q.Place == "" {
		return
	}
	a.asked |= bitPlace
	want := func(facet string, values ...string) {
		for _, value := range values {
			if n := b.terms.known(facet, value); n != 0 {
				a.terms(b)[n] |= bitPlace
			}
		}
	}
	if near == nil || !near.Known {
		want("place", coop.ParseTownName(a.q.Place).Name)
		return
	}
	want("from", anywhere, near.Country)
	if near.Whole {
		want("country", near.Country)
		return
	}
	a.chord = coop.Chord(float64(a.q.Radius))
	a.x, a.y, a.z = near.Cube()
}

// far is the square of the straight way from the place of the query to the nearest of
// a job; [farAway] where nobody knows.
func (a *boardAsk) far(j *boardJob) int64 {
	least := int64(farAway)
	if a.chord == 0 {
		return least
	}
	for _, p := range j.points {
		x, y, z := int64(p[0])-a.x, int64(p[1])-a.y, int64(p[2])-a.z
		least = min(least, x*x+y*y+z*z)
	}
	return least
}

// terms is byTerm, made when it is needed first.
func (a *boardAsk) terms(b *board) []boardBits {
	if a.byTerm == nil {
		a.byTerm = make([]boardBits, len(b.terms.list))
	}
	return a.byTerm
}

// skills prepares the skills, each with what answers it and how well.
func (a *boardAsk) skills(b *board) {
	if len(a.q.Skill) == 0 {
		return
	}
	a.asked |= a.skill
	for i, asked := range a.q.Skill {
		grade := func(facet string, values []string, grade float64, answers boardBits) {
			for _, value := range unique(values) {
				if n := b.terms.known(facet, value); n != 0 {
					a.terms(b)[n] |= answers
					a.grades[n] = append(a.grades[n], skillGrade{i, grade})
				}
			}
		}
		grade("skill", skillValues(*a.q, asked), coop.SkillExact, a.skill)
		grade("skill_up", skillValues(*a.q, asked), coop.SkillNarrower, a.skill)
		grade("skill", a.q.Terms[asked].Broader, coop.SkillBroader, 0)
	}
}

// authors prepares what is asked of who published the job.
func (a *boardAsk) authors(b *board, domain string, blocked map[int64]bool) {
	q := a.q
	for bit, asked := range map[boardBits]bool{a.coop: len(q.Coop) > 0, a.federation: len(q.Federation) > 0, a.source: len(q.Source) > 0} {
		if asked {
			a.asked |= bit
		}
	}
	a.byWho, a.out = make([]boardBits, len(b.authors)), make([]bool, len(b.authors))
	for i := range b.authors {
		who := &b.authors[i]
		a.out[i] = who.gone || who.hidden && (who.hiddenUntil == 0 || who.hiddenUntil > a.now) || blocked[who.id] ||
			q.Verified && !who.verified || !q.Text.Empty() && !who.local && !who.indexable
		if slices.Contains(q.Source, string(who.source)) {
			a.byWho[i] |= a.source
		}
		if oneHandle(q.Coop, who.handle, who.host, who.local, domain, true) {
			a.byWho[i] |= a.coop
		}
		if slices.ContainsFunc(who.federations, func(m boardMember) bool { return oneHandle(q.Federation, m.handle, m.host, m.local, domain, false) }) {
			a.byWho[i] |= a.federation
		}
	}
}

// oneHandle tells whether an account has one of the handles, as [handleIn] does.
func oneHandle(asked []string, handle, host string, local bool, domain string, here bool) bool {
	return slices.ContainsFunc(asked, func(s string) bool {
		name, at, whole := strings.Cut(s, "@")
		switch {
		case name != handle:
			return false
		case whole && at == domain:
			return local
		case whole:
			return host == at
		}
		return local || !here
	})
}

// lacks says which of the lists asked for a job does not answer. ok is false where it
// does not answer something else, and otherCurrency tells that this is what it is paid in.
func (a *boardAsk) lacks(j *boardJob) (lacking boardBits, ok, otherCurrency bool) {
	q := a.q
	if a.closing > 0 && j.until > a.closing || a.since > 0 && (j.posted <= 0 || j.posted < a.since) || q.OpenToNew && !j.openToNew {
		return 0, false, false
	}
	has := a.byWho[j.author]
	if q.Remote != nil && j.remote == *q.Remote {
		has |= a.remote
	}
	if j.to > 0 && (q.HoursMin == nil || j.to >= a.from) && (q.HoursMax == nil || j.from <= a.to) {
		has |= a.hours
	}
	if j.anywhere {
		has |= bitApplyFrom
	}
	if a.byTerm != nil {
		has |= a.byTerm[j.engagement] | a.byTerm[j.track]
		for _, t := range j.facets {
			has |= a.byTerm[t]
		}
	}
	if a.chord > 0 && has&bitPlace == 0 && a.far(j) <= a.chord*a.chord {
		has |= bitPlace
	}
	lacking = a.asked &^ has
	if lacking&(bitApplyFrom|bitWindow|bitPlace) != 0 {
		return 0, false, false
	}
	if q.PayMin != nil && (j.currency == 0 || j.currency != a.pays || j.pay < a.payMin) {
		return lacking, false, j.currency != 0 && j.currency != a.pays
	}
	return lacking, true, false
}

// graded is how well a job answers each skill that was asked for, in grades.
func (a *boardAsk) graded(j *boardJob, grades []float64) []float64 {
	grades = append(grades[:0], make([]float64, len(a.q.Skill))...)
	for _, t := range j.facets {
		for _, g := range a.grades[t] {
			grades[g.asked] = max(grades[g.asked], g.grade)
		}
	}
	return grades
}
