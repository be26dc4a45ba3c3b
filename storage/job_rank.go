// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"cmp"
	"slices"
	"time"

	"minga/coop"
)

// currencyPlaces says which currency comes first in the order by pay: the one that was
// asked for, then those in which more of the jobs are paid, and last what is not
// stated.
func currencyPlaces(jobs map[string]int, asked string) map[string]int64 {
	list := make([]string, 0, len(jobs))
	for currency := range jobs {
		list = append(list, currency)
	}
	slices.SortFunc(list, func(x, y string) int {
		return cmp.Or(before(x != "", y != ""), before(x == asked, y == asked), cmp.Compare(jobs[y], jobs[x]), cmp.Compare(x, y))
	})
	places := make(map[string]int64, len(list))
	for n, currency := range list {
		places[currency] = int64(n)
	}
	return places
}

// rank gives the job its score at a moment.
func (f *foundJob) rank(q coop.JobQuery, asOf time.Time) {
	job := &coop.Job{DatePosted: atMs(f.posted).Format(time.DateOnly)}
	facts := coop.RankFacts{Source: f.source, Text: titleScore(q.Text, f.title)}
	if len(q.Skill) > 0 {
		facts.Skills = []float64{float64(f.skills) / float64(100*len(q.Skill))}
	}
	f.score = job.Score(facts, asOf) + float64(f.complete)/4
}

// titleScore is [coop.TextQuery.Score] of a job that is known to match: 1 for each
// term that the title has and ½ for the others, of the best alternative that can
// be told from the title.
func titleScore(q coop.TextQuery, title string) float64 {
	best := 0.0
	for _, alternative := range q.Alternatives {
		sum, asked := 0.0, 0.0
		for _, t := range alternative.Terms {
			if t.Not {
				continue
			}
			asked++
			sum += 0.5
			if (coop.TextQuery{Alternatives: []coop.Alternative{{Terms: []coop.QueryTerm{t}}}}).Match(title) {
				sum += 0.5
			}
		}
		best = max(best, sum/max(asked, 1))
	}
	return best
}

// jobOrder compares jobs: the one that comes first is less. Ties go to the newer
// date, then to the higher id.
func jobOrder(order coop.JobOrder) func(x, y foundJob) int {
	newest := func(x, y foundJob) int {
		return cmp.Or(cmp.Compare(y.posted, x.posted), cmp.Compare(y.id, x.id))
	}
	switch order {
	case coop.OrderNewest:
		return newest
	case coop.OrderClosing:
		return func(x, y foundJob) int { return cmp.Or(cmp.Compare(x.until, y.until), cmp.Compare(y.id, x.id)) }
	case coop.OrderDistance:
		return func(x, y foundJob) int { return cmp.Or(cmp.Compare(x.far, y.far), newest(x, y)) }
	case coop.OrderPay:
		return func(x, y foundJob) int {
			return cmp.Or(cmp.Compare(x.currency, y.currency), cmp.Compare(y.pay, x.pay), cmp.Compare(y.id, x.id))
		}
	default:
		return func(x, y foundJob) int { return cmp.Or(cmp.Compare(y.score, x.score), newest(x, y)) }
	}
}
