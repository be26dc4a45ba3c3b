// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// BoardQuery is what a board is asked beside the lists and numbers of [JobQuery].
type BoardQuery struct {
	ApplyFrom []string // ISO 3166-1 alpha-2: one may apply from there
	Sector    []string // as the job writes it, folded when it is compared
	Verified  bool     // only of co-ops for which a federation near us speaks
	OpenToNew bool     // only those open to pre-co-ops and first projects
	// Overlap is how many hours a day the job's window must share with 09:00–18:00 in
	// Zone; zero: not asked. Without a zone it matches nothing.
	Overlap int
	Zone    string // IANA
	// Windows are looked up by the store, and are no part of the address: the windows
	// that share enough.
	Windows []string
	Ask     bool // ask the network too: nothing that is looked for here changes by it
}

// What asking the network means: so many servers, and of each so many jobs.
const (
	MostAsked    = 20
	MostAnswered = 20
)

// Bounds of the working day that is compared with the window of a job.
const (
	dayBegins = 9
	dayEnds   = 18
)

// board reads what [BoardQuery] holds.
func (r *queryReader) board() {
	r.ApplyFrom = r.list("apply_from", strings.ToUpper, ValidCountry)
	r.Sector = r.list("sector", sameText, isText)
	r.Verified, r.OpenToNew = r.only("verified"), r.only("open_to_new")
	r.Ask = r.only("ask")
	r.overlap()
}

// only reads a switch that keeps what it names, and keeps everything when it is off.
func (r *queryReader) only(name string) bool {
	on := r.yesNo(name)
	return on != nil && *on
}

// overlap reads overlap with its zone: one says nothing without the other.
func (r *queryReader) overlap() {
	r.Zone = r.first("tz")
	if r.Zone != "" && !ValidZone(r.Zone) {
		r.unknown("tz", r.Zone)
		r.Zone = ""
		r.Nothing = true
	}
	value := r.first("overlap")
	if value == "" {
		return
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > dayEnds-dayBegins {
		r.unknown("overlap", value)
		r.Nothing = true
		return
	}
	if r.Overlap = n; r.Zone == "" {
		r.Nothing = true
		r.Problems = append(r.Problems, &InvalidError{Field: "tz", Code: CodeRequired, Problem: "say in which time zone"})
	}
}

// addBoard writes what [queryReader.board] reads.
func (q *JobQuery) addBoard(v url.Values) {
	for _, code := range q.ApplyFrom {
		v.Add("apply_from", code)
	}
	for _, name := range q.Sector {
		v.Add("sector", name)
	}
	for name, on := range map[string]bool{"verified": q.Verified, "open_to_new": q.OpenToNew} {
		if on {
			v.Set(name, "1")
		}
	}
	if q.Zone != "" {
		v.Set("tz", q.Zone)
	}
	if q.Overlap > 0 {
		v.Set("overlap", strconv.Itoa(q.Overlap))
	}
}

// matchBoard tells whether a job has what [BoardQuery] asks.
func (q *JobQuery) matchBoard(j *Job, facts JobFacts, now time.Time) bool {
	return (!q.Verified || facts.Verified) &&
		(!q.OpenToNew || j.OpenToNew != nil && *j.OpenToNew) &&
		oneOrNone(q.ApplyFrom, j.openTo) &&
		oneOrNone(q.Sector, func(v string) bool { return slices.Equal(Words(v), Words(j.Industry)) && j.Industry != "" }) &&
		(q.Overlap == 0 || j.TimeOverlap != nil && q.Shares(j.TimeOverlap.String(), now))
}

// String is the window in one line: zone, from, until.
func (o TimeOverlap) String() string { return o.Zone + " " + o.From + " " + o.Until }

// Shares tells whether a window, as [TimeOverlap.String] writes it, has as many hours
// in common with the day in Zone as are asked.
func (q *BoardQuery) Shares(window string, now time.Time) bool {
	part := strings.Fields(window)
	return len(part) == 3 && TimeOverlap{part[0], part[1], part[2]}.Shared(q.Zone, now) >= time.Duration(q.Overlap)*time.Hour
}

// openTo: a place there, or remote from there, or from anywhere.
func (j *Job) openTo(country string) bool {
	return j.Remote && len(j.ApplicantsFrom) == 0 || j.inCountry(country)
}

// Shared is how much of the window lies between 09:00 and 18:00 in a zone, on the day
// that it is there at a moment: clocks are moved in summer, and not everywhere on the
// same day. It is zero where a zone or a time of the window means nothing.
func (o TimeOverlap) Shared(zone string, at time.Time) time.Duration {
	mine, err := time.LoadLocation(zone)
	theirs, theirErr := time.LoadLocation(o.Zone)
	if err != nil || theirErr != nil || zone == "" || o.Zone == "" || !validClock(o.From) || !validClock(o.Until) {
		return 0
	}
	year, month, day := at.In(mine).Date()
	begin, end := time.Date(year, month, day, dayBegins, 0, 0, 0, mine), time.Date(year, month, day, dayEnds, 0, 0, 0, mine)
	shared := time.Duration(0)
	for _, days := range []int{-2, -1, 0, 1, 2} {
		y, m, d := begin.In(theirs).Date()
		from, until := clockOn(y, m, d+days, o.From, theirs), clockOn(y, m, d+days, o.Until, theirs)
		if o.Until < o.From {
			until = clockOn(y, m, d+days+1, o.Until, theirs)
		}
		shared += max(0, earlier(end, until).Sub(later(begin, from)))
	}
	return shared
}

// clockOn is HH:MM of a day.
func clockOn(year int, month time.Month, day int, clock string, zone *time.Location) time.Time {
	hour, _ := strconv.Atoi(clock[:2])
	minute, _ := strconv.Atoi(clock[3:])
	return time.Date(year, month, day, hour, minute, 0, 0, zone)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
