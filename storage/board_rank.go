// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"math"
	"slices"
	"strings"

	"minga/coop"
)

// best are the jobs of the page, in order, and where the next page begins. Only as many
// as the page has are kept in order on the way: of many jobs most are looked at once.
func (w *boardWalk) best() ([]foundJob, string) {
	order := w.a.q.Order
	compare, after := jobOrder(order), readCursor(w.page.Cursor)
	last := after.job(order)
	rank := w.ranker()
	best := make([]foundJob, 0, w.page.Limit+1)
	for _, i := range w.found {
		f := rank(&w.b.jobs[i])
		if after.id != 0 && compare(last, f) >= 0 {
			continue
		}
		full := len(best) > w.page.Limit
		if full && compare(f, best[len(best)-1]) > 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, f, compare)
		if full {
			best = best[:len(best)-1]
		}
		best = slices.Insert(best, at, f)
	}
	if len(best) <= w.page.Limit {
		return best, ""
	}
	best = best[:w.page.Limit]
	return best, cursorAfter(best[len(best)-1], order, w.asOf).String()
}

// ranker gives each job what it is ordered by.
func (w *boardWalk) ranker() func(*boardJob) foundJob {
	fresh := map[int64]float64{} // by the day on which it was posted: there are few
	grades, words := []float64(nil), w.titleTerms()
	currency := w.currencies()
	return func(j *boardJob) foundJob {
		f := foundJob{
			id: coop.ID(j.id), posted: j.posted, until: j.until, source: w.b.authors[j.author].source,
			pay: j.pay, currency: currency[j.currency], far: w.a.far(j),
		}
		if order := w.a.q.Order; order != coop.OrderBest && order != "" {
			return f
		}
		freshness, known := fresh[j.posted]
		if !known {
			freshness = coop.Freshness(atMs(j.posted), w.asOf)
			fresh[j.posted] = freshness
		}
		f.text = words.score(j.title)
		facts := coop.RankFacts{Text: f.text, Source: f.source}
		if len(w.a.grades) > 0 {
			grades = w.a.graded(j, grades)
			facts.Skills = grades
		}
		f.score = facts.Sum(freshness, float64(j.complete)/4)
		return f
	}
}

// currencies is the place of each currency in the order by pay.
func (w *boardWalk) currencies() map[uint32]int64 {
	if w.a.q.Order != coop.OrderPay {
		return nil
	}
	jobs, terms := map[string]int{}, map[uint32]string{}
	for _, i := range w.found {
		t := w.b.jobs[i].currency
		terms[t] = w.b.terms.list[t].value
		jobs[terms[t]]++
	}
	named, places := currencyPlaces(jobs, w.a.q.Currency), map[uint32]int64{}
	for t, name := range terms {
		places[t] = named[name]
	}
	return places
}

// titleAsk is the search box as the words of titles are compared: the alternatives, of
// each the terms that must be there, of each the words, of each all that answer it.
type titleAsk [][][]map[uint32]bool

// titleTerms prepares the search box.
func (w *boardWalk) titleTerms() titleAsk {
	var ask titleAsk
	for _, alternative := range w.a.q.Text.Alternatives {
		var terms [][]map[uint32]bool
		for _, t := range alternative.Terms {
			if !t.Not {
				terms = append(terms, w.titleTerm(t))
			}
		}
		ask = append(ask, terms)
	}
	return ask
}

// titleTerm finds the words of titles that answer one term.
func (w *boardWalk) titleTerm(t coop.QueryTerm) []map[uint32]bool {
	list := make([]map[uint32]bool, len(t.Words))
	for i, word := range t.Words {
		list[i] = map[uint32]bool{}
		if n := w.b.terms.known("title", word); n != 0 {
			list[i][n] = true
		}
		if i < len(t.Words)-1 || !t.Prefix {
			continue
		}
		for n, known := range w.b.terms.list {
			if known.facet == "title" && strings.HasPrefix(known.value, word) {
				list[i][uint32(n)] = true //nolint:gosec // there are not so many
			}
		}
	}
	return list
}

// score is [titleScore] of a title.
func (ask titleAsk) score(title []uint32) float64 {
	best := 0.0
	for _, terms := range ask {
		sum := 0.0
		for _, words := range terms {
			sum += 0.5
			if inTitle(title, words) {
				sum += 0.5
			}
		}
		best = max(best, sum/max(float64(len(terms)), 1))
	}
	return best
}

// inTitle looks for words in a row.
func inTitle(title []uint32, words []map[uint32]bool) bool {
	for i := 0; i+len(words) <= len(title); i++ {
		all := true
		for n := range words {
			all = all && words[n][title[i+n]]
		}
		if all {
			return true
		}
	}
	return false
}

// job is the last job of the page before, as far as it is compared.
func (c cursor) job(order coop.JobOrder) foundJob {
	f := foundJob{id: c.id, posted: c.next, until: c.first, score: math.Float64frombits(uint64(c.first))} //nolint:gosec // bits
	if order == coop.OrderPay {
		f.pay, f.currency = c.first, c.next
	}
	if order == coop.OrderDistance {
		f.far = c.first
	}
	return f
}
