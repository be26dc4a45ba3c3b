// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"math"
	"slices"
	"strings"
	"time"
)

// JobFacts is what a job cannot know about itself and a query asks.
type JobFacts struct {
	Coop        string   // handle of its co-op, in small letters, name@host
	Federations []string // handles of the federations whose verified member the co-op is
	Source      JobSource
	Points      []Point  // where its places are, as far as that is known
	Skills      []string // addresses of its skills and of all that is broader
	// Verified is that it is a verified member of a federation that this instance is or
	// follows.
	Verified bool
}

// Match tells whether a job answers the query now. The store's SQL must agree
// with it.
func (q *JobQuery) Match(j *Job, facts JobFacts, now time.Time) bool {
	return !q.Nothing &&
		q.matchState(j, now) && (q.Place == "" || q.nearOne(j, facts.Points)) && q.matchLists(j, facts) && q.matchNumbers(j) && q.matchDays(j, now) &&
		q.matchBoard(j, facts, now) &&
		(q.Remote == nil || *q.Remote == j.Remote) &&
		(q.Text.Empty() || q.Text.Match(j.SearchText()))
}

// matchState: jobs that one may apply for; with the archive those that ended too.
func (q *JobQuery) matchState(j *Job, now time.Time) bool {
	return j.Applicable(now) || q.Archive && (j.Ended() || j.Expired(now))
}

// matchLists: of each list that was asked one value.
func (q *JobQuery) matchLists(j *Job, facts JobFacts) bool {
	return oneOrNone(q.Engagement, func(v string) bool { return v == j.Engagement }) &&
		oneOrNone(q.Track, func(v string) bool { return v == j.MembershipTrack }) &&
		oneOrNone(q.Source, func(v string) bool { return v == string(facts.Source) }) &&
		oneOrNone(q.Country, j.inCountry) &&
		oneOrNone(q.Lang, j.inLanguage) &&
		oneOrNone(q.Skill, func(v string) bool { return q.needsOne(j, v, facts.Skills) }) &&
		oneOrNone(q.Coop, func(v string) bool { return sameHandle(v, facts.Coop, facts.Source) }) &&
		oneOrNone(q.Federation, func(v string) bool {
			return slices.ContainsFunc(facts.Federations, func(f string) bool { return f == v || !strings.Contains(v, "@") && nameOf(f) == v })
		})
}

// oneOrNone: nothing asked, or one value that holds.
func oneOrNone(asked []string, holds func(string) bool) bool {
	return len(asked) == 0 || slices.ContainsFunc(asked, holds)
}

// inCountry: a place there, or remote from there by name.
func (j *Job) inCountry(code string) bool {
	return j.Remote && in(j.ApplicantsFrom, code) ||
		slices.ContainsFunc(j.Places, func(p Place) bool { return p.Country == code })
}

// inLanguage: a language of the work, whatever its region where none is asked.
func (j *Job) inLanguage(tag string) bool {
	return slices.ContainsFunc(j.Languages, func(l LanguageNeed) bool {
		return strings.EqualFold(l.Tag, tag) || len(l.Tag) > len(tag) && strings.EqualFold(l.Tag[:len(tag)+1], tag+"-")
	})
}

// needs: a skill, by its address or its name.
func (j *Job) needs(skill string) bool {
	return slices.ContainsFunc(j.Skills, func(s Skill) bool {
		return s.URI != "" && s.URI == skill || slices.Equal(Words(s.Name), Words(skill)) && len(Words(skill)) > 0
	})
}

// sameHandle: a name without a host is a co-op of this instance.
func sameHandle(asked, handle string, source JobSource) bool {
	return asked == handle || !strings.Contains(asked, "@") && source == SourceOwn && nameOf(handle) == asked
}

// nameOf is a handle without its host.
func nameOf(handle string) string {
	name, _, _ := strings.Cut(handle, "@")
	return name
}

// matchNumbers: hours that overlap, and pay whose upper end reaches what is asked.
func (q *JobQuery) matchNumbers(j *Job) bool {
	stated := j.HoursTo.IsPositive()
	if q.HoursMin != nil && (!stated || j.HoursTo.LessThan(*q.HoursMin)) ||
		q.HoursMax != nil && (!stated || j.HoursFrom.GreaterThan(*q.HoursMax)) {
		return false
	}
	if q.PayMin == nil {
		return true
	}
	_, most, ok := j.PayPerYear()
	return ok && j.Pay.Currency == q.Currency && !most.LessThan(*q.PayMin)
}

// matchDays: posted lately, or closing soon.
func (q *JobQuery) matchDays(j *Job, now time.Time) bool {
	if q.Closing > 0 && j.ValidThrough.After(now.AddDate(0, 0, q.Closing)) {
		return false
	}
	if q.New == 0 {
		return true
	}
	posted, ok := ParseDate(j.DatePosted)
	return ok && !posted.Before(now.UTC().Truncate(24*time.Hour).AddDate(0, 0, -q.New))
}

// How well a job has one skill that was asked for.
const (
	SkillExact    = 1.0
	SkillNarrower = 0.8
	SkillBroader  = 0.5
	SkillMissing  = 0.0
)

// RankFacts is what the score of a job rests on beside the job.
type RankFacts struct {
	Text   float64   // [TextQuery.Score]
	Skills []float64 // one of the grades above for each skill that was asked
	Source JobSource
}

// Score ranks a job, higher first: text, skills, freshness, nearness and
// completeness, each at most 1; no clicks, no likes. Ties
// go to the newer DatePosted, then to the higher id.
func (j *Job) Score(f RankFacts, now time.Time) float64 {
	posted, _ := ParseDate(j.DatePosted)
	return f.Sum(Freshness(posted, now), j.completeness())
}

// Sum is the score of a job whose freshness and completeness are known.
func (f RankFacts) Sum(freshness, completeness float64) float64 {
	return f.Text + mean(f.Skills) + freshness + f.Source.nearness() + completeness
}

// mean is zero of nothing.
func mean(grades []float64) float64 {
	sum := 0.0
	for _, g := range grades {
		sum += g
	}
	return sum / float64(max(1, len(grades)))
}

// Freshness is 1 for what is posted today and halves every 14 days; 0 without a date.
func Freshness(posted, now time.Time) float64 {
	if posted.IsZero() {
		return 0
	}
	age := max(0, now.Sub(posted).Hours()/24)
	return math.Pow(0.5, age/14)
}

// nearness: own before followed before the rest.
func (s JobSource) nearness() float64 {
	switch s {
	case SourceOwn:
		return 1
	case SourceFollowed:
		return 0.7
	}
	return 0.5
}

// completeness: a quarter each for pay, hours, track and steps.
func (j *Job) completeness() float64 {
	sum := 0.0
	for _, stated := range []bool{j.Pay != nil, j.HoursTo.IsPositive(), j.MembershipTrack != "", len(j.HiringSteps) > 0} {
		if stated {
			sum += 0.25
		}
	}
	return sum
}
