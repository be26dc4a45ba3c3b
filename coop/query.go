// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// JobOrder is in which order jobs are listed.
type JobOrder string

// The orders; OrderBest is the default.
const (
	OrderBest    JobOrder = "best"
	OrderNewest  JobOrder = "newest"
	OrderClosing JobOrder = "closing"
	// OrderPay puts the highest pay a year first. Nothing is converted: the currency
	// asked for comes first, else the one in which most of the jobs found are paid,
	// then the others, and what does not state its pay last.
	OrderPay JobOrder = "pay"
	// OrderDistance puts what is nearest to the place that was asked for first, and last
	// what is done from afar. Without a place it is [OrderBest].
	OrderDistance JobOrder = "distance"
)

// JobSource is how near a job is to this instance.
type JobSource string

// The sources: a co-op of this instance; a server that the federation or a board
// here follows; anything else.
const (
	SourceOwn      JobSource = "own"
	SourceFollowed JobSource = "followed"
	SourceWider    JobSource = "wider"
)

// JobQuery is a question to a job board: one query string, to be shared, stored
// and followed. The values of one list are alternatives;
// the fields must hold together. Values that we do not know stay in their list,
// where they match no job.
type JobQuery struct {
	Q          string // the search box as it was typed, tidied
	Text       TextQuery
	Engagement []string
	Track      []string
	Source     []string
	Country    []string // ISO 3166-1 alpha-2
	Lang       []string // languages of the work, BCP 47
	Skill      []string // an address, or a name
	Coop       []string // handles, in small letters, without a leading @
	Federation []string // handles; their verified members are meant
	Remote     *bool
	Archive    bool // with those that ended
	Order      JobOrder
	HoursMin   *decimal.Decimal // a week
	HoursMax   *decimal.Decimal
	PayMin     *decimal.Decimal // a year, in Currency
	Currency   string           // ISO 4217; only with PayMin, or to order by pay
	New        int              // posted in the last so many days; zero: not asked
	Closing    int              // ends in the next so many days; zero: not asked
	Place      string           // a town as it was typed; jobs near it, or remote for who lives there
	Radius     int              // km; only with Place

	// Near and Terms are looked up by the store, and are no part of the address: the
	// place, nil where none was asked, and what each of Skill stands for.
	Near  *Near
	Terms map[string]SkillTerms
	BoardQuery

	// Unknown are the values that are on no list of ours, or no numbers: each is
	// shown with a way to take it out. One that is no list value makes Nothing true.
	Unknown []QueryValue
	// Nothing is true when no job can match.
	Nothing bool
	// Problems are messages for the person who asked: fields q and currency.
	Problems Invalid
}

// QueryValue is one value of a query string.
type QueryValue struct{ Name, Value string }

// Bounds of the lists of a query.
const (
	maxQueryValues = 32
	maxQueryValue  = 200
	maxQueryDays   = 365
)

// ParseJobQuery reads a query string: values repeat, as name[]= too, or are lists
// with commas. Empty values and unknown parameters are ignored. It never fails.
func ParseJobQuery(values url.Values) JobQuery {
	r := queryReader{values: values}
	r.text()
	r.Engagement = r.list("engagement", strings.ToLower, oneOfList(Engagements()))
	r.Track = r.list("track", strings.ToLower, oneOfList(MembershipTracks()))
	r.Source = r.list("source", strings.ToLower, oneOfList([]string{"own", "followed", "wider"}))
	r.Country = r.list("country", strings.ToUpper, ValidCountry)
	r.Lang = r.list("lang", usualLanguage, ValidLanguage)
	r.Skill = r.list("skill", sameText, isText)
	r.Coop = r.list("coop", bareHandle, isHandle)
	r.Federation = r.list("federation", bareHandle, isHandle)
	r.Remote = r.yesNo("remote")
	r.Archive = r.word("state", "open", "archive") == "archive"
	r.Order = JobOrder(r.order())
	r.HoursMin, r.HoursMax = r.number("hours_min"), r.number("hours_max")
	r.pay()
	r.board()
	r.New, r.Closing = r.days("new"), r.days("closing")
	r.place()
	if r.Order == OrderDistance && r.Place == "" {
		r.Order = OrderBest
	}
	return r.JobQuery
}

// queryReader collects a query from its string.
type queryReader struct {
	JobQuery
	values url.Values
}

// all are the values of a parameter that are not empty, cut to what may be asked.
func (r *queryReader) all(name string) []string {
	var found []string
	for _, value := range slices.Concat(r.values[name], r.values[name+"[]"]) {
		if value = CleanLine(Truncate(value, 4*maxQueryValue), 4*maxQueryValue); value != "" && len(found) < maxQueryValues {
			found = append(found, value)
		}
	}
	return found
}

// first is the first value of a parameter that counts once.
func (r *queryReader) first(name string) string {
	if found := r.all(name); len(found) > 0 {
		return CleanLine(found[0], maxQueryValue)
	}
	return ""
}

// unknown keeps a value that means nothing to us.
func (r *queryReader) unknown(name, value string) {
	r.Unknown = append(r.Unknown, QueryValue{Name: name, Value: value})
}

// text reads the search box.
func (r *queryReader) text() {
	r.Q = CleanLine(Truncate(r.values.Get("q"), 2*maxQueryLength), 2*maxQueryLength)
	query, err := ParseTextQuery(r.Q)
	r.Text = query
	if problem := (*InvalidError)(nil); errors.As(err, &problem) {
		r.Problems = append(r.Problems, problem)
		r.Nothing = query.Empty()
	}
}

// list reads a list, sorted and each value once; what known does not know is
// kept and noted.
func (r *queryReader) list(name string, usual func(string) string, known func(string) bool) []string {
	var list []string
	for _, values := range r.all(name) {
		for _, value := range strings.Split(values, ",") {
			value = CleanLine(usual(CleanLine(value, maxQueryValue)), maxQueryValue)
			if value == "" || in(list, value) || len(list) == maxQueryValues {
				continue
			}
			list = append(list, value)
			if !known(value) {
				r.unknown(name, value)
			}
		}
	}
	slices.Sort(list)
	return list
}

// word reads one of a few words; any other matches nothing.
func (r *queryReader) word(name string, words ...string) string {
	value := r.first(name)
	if value != "" && !in(words, strings.ToLower(value)) {
		r.unknown(name, value)
		r.Nothing = true
	}
	return strings.ToLower(value)
}

// order reads the order: a word that we do not know is no filter.
func (r *queryReader) order() string {
	value := r.first("order")
	if lower := strings.ToLower(value); in([]string{"best", "newest", "closing", "pay", "distance"}, lower) {
		return lower
	}
	if value != "" {
		r.unknown("order", value)
	}
	return string(OrderBest)
}

// yesNo reads a switch; nil when it is not there.
func (r *queryReader) yesNo(name string) *bool {
	switch value := r.word(name, "1", "true", "yes", "on", "0", "false", "no", "off"); value {
	case "1", "true", "yes", "on":
		return new(true)
	case "0", "false", "no", "off":
		return new(false)
	}
	return nil
}

// plainNumber is how numbers are written in a query.
var plainNumber = regexp.MustCompile(`^[0-9]{1,12}([.][0-9]{1,2})?$`)

// number reads a number of zero or more; anything else matches nothing.
func (r *queryReader) number(name string) *decimal.Decimal {
	value := r.first(name)
	if value == "" {
		return nil
	}
	n, err := decimal.NewFromString(value)
	if !plainNumber.MatchString(value) || err != nil {
		r.unknown(name, value)
		r.Nothing = true
		return nil
	}
	return &n
}

// days reads a number of days from 1 to a year; more is a year.
func (r *queryReader) days(name string) int {
	value := r.first(name)
	if value == "" {
		return 0
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		r.unknown(name, value)
		r.Nothing = true
		return 0
	}
	return min(n, maxQueryDays)
}

// pay reads pay_min with its currency: there is no comparing without one, since
// nothing is converted here.
func (r *queryReader) pay() {
	if r.PayMin = r.number("pay_min"); r.PayMin == nil && r.Order != OrderPay {
		return
	}
	r.Currency = CleanLine(strings.ToUpper(r.first("currency")), maxQueryValue)
	if r.Currency == "" && r.PayMin == nil {
		return
	}
	if r.Currency == "" {
		r.Problems = append(r.Problems, &InvalidError{Field: "currency", Code: CodeRequired, Problem: "say in which currency"})
		r.Nothing = true
	} else if !ValidCurrency(r.Currency) {
		r.unknown("currency", r.Currency)
		r.Nothing = true
	}
}

// oneOfList makes a rule of a list.
func oneOfList(list []string) func(string) bool {
	return func(value string) bool { return in(list, value) }
}

// usualLanguage writes a language as it is usually written, or as it came.
func usualLanguage(s string) string {
	if clean := CleanLanguage(s); clean != "" {
		return clean
	}
	return s
}

// sameText leaves a text as it is.
func sameText(s string) string { return s }

// isText takes any text.
func isText(string) bool { return true }

// bareHandle writes a handle without its leading sign, in small letters.
func bareHandle(s string) string { return strings.ToLower(strings.TrimLeft(s, "@ ")) }

// isHandle takes name and name@host.
func isHandle(s string) bool {
	if !strings.Contains(s, "@") {
		s += "@host"
	}
	_, err := ParseHandle(s)
	return err == nil
}
