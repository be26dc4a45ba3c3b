// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// Values writes the query back in its usual form: what was not asked is not
// there, lists are sorted, each value stands alone. Reading it gives the same
// query; Encode of it is a stable address.
func (q *JobQuery) Values() url.Values {
	v := url.Values{}
	for _, list := range []struct {
		name   string
		values []string
	}{
		{"engagement", q.Engagement},
		{"track", q.Track},
		{"source", q.Source},
		{"country", q.Country},
		{"lang", q.Lang},
		{"skill", q.Skill},
		{"coop", q.Coop},
		{"federation", q.Federation},
	} {
		for _, value := range list.values {
			v.Add(list.name, value)
		}
	}
	q.addNumbers(v)
	q.addWords(v)
	q.addPlace(v)
	q.addBoard(v)
	for _, value := range q.Unknown {
		if !in(v[value.Name], value.Value) {
			v.Add(value.Name, value.Value)
		}
	}
	return v
}

// addNumbers writes numbers.
func (q *JobQuery) addNumbers(v url.Values) {
	for _, n := range []struct {
		name  string
		value *decimal.Decimal
	}{{"hours_min", q.HoursMin}, {"hours_max", q.HoursMax}, {"pay_min", q.PayMin}} {
		if n.value != nil {
			v.Set(n.name, n.value.String())
		}
	}
	if q.New > 0 {
		v.Set("new", strconv.Itoa(q.New))
	}
	if q.Closing > 0 {
		v.Set("closing", strconv.Itoa(q.Closing))
	}
}

// addWords writes what counts once.
func (q *JobQuery) addWords(v url.Values) {
	if q.Q != "" {
		v.Set("q", q.Q)
	}
	if q.Remote != nil {
		v.Set("remote", map[bool]string{true: "1", false: "0"}[*q.Remote])
	}
	if q.Archive {
		v.Set("state", "archive")
	}
	if q.Order != "" && q.Order != OrderBest {
		v.Set("order", string(q.Order))
	}
	if (q.PayMin != nil || q.Order == OrderPay) && q.Currency != "" {
		v.Set("currency", q.Currency)
	}
}

// Key is the same for queries that ask the same: as Values, but the search box
// and names of skills and sectors are folded, and the order, which finds nothing else,
// is left out.
func (q *JobQuery) Key() string {
	v := q.Values()
	v.Del("order")
	for _, name := range []string{"skill", "sector"} {
		if len(v[name]) > 0 {
			v[name] = foldedOnce(v[name])
		}
	}
	if q.Place != "" {
		v.Set("place", ParseTownName(q.Place).String())
	}
	if q.PayMin == nil {
		v.Del("currency")
	}
	if q.Overlap == 0 {
		v.Del("tz")
	}
	if v.Del("q"); !q.Text.Empty() {
		v.Set("q", q.Text.canonical())
	} else if len(q.Problems) > 0 {
		v.Set("q", q.Q)
	}
	return v.Encode()
}

// foldedOnce are names without what makes no other name of them, and addresses as they
// are, in one order, each once.
func foldedOnce(list []string) []string {
	folded := make([]string, len(list))
	for i, s := range list {
		if folded[i] = strings.Join(Words(s), " "); strings.Contains(s, "://") || folded[i] == "" {
			folded[i] = s
		}
	}
	return eachOnce(folded)
}

// canonical is String with alternatives and terms in one order, each once.
func (q TextQuery) canonical() string {
	alternatives := make([]string, 0, len(q.Alternatives))
	for _, a := range q.Alternatives {
		terms := make([]string, 0, len(a.Terms))
		for _, t := range a.Terms {
			terms = append(terms, t.String())
		}
		alternatives = append(alternatives, strings.Join(eachOnce(terms), " "))
	}
	return strings.Join(eachOnce(alternatives), ", ")
}

// eachOnce sorts a list and takes out what is there twice.
func eachOnce(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
