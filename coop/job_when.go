// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"time"

	"github.com/shopspring/decimal"
)

// jobWhenRules are dates, hours and how much of a person is wanted.
func jobWhenRules() []jobRule {
	return []jobRule{
		{(*Job).checkPosted, nil},
		{(*Job).checkEnd, nil},
		{func(j *Job, c *complaints) { c.date("start", j.Start) }, func(j *Job) { j.Start = "" }},
		{func(j *Job, c *complaints) { checkDuration(c, "duration", j.Duration) }, func(j *Job) { j.Duration = "" }},
		{(*Job).checkEmploymentTypes, nil},
		{(*Job).checkHours, nil},
		{func(j *Job, c *complaints) {
			if j.Openings != 0 {
				c.number("openings", j.Openings, 1, 99)
			}
		}, func(j *Job) { j.Openings = 1 }},
	}
}

// checkPosted: a date, not ahead by more than the zones of the Earth allow.
func (j *Job) checkPosted(c *complaints) {
	posted, ok := ParseDate(j.DatePosted)
	switch {
	case j.DatePosted == "":
		c.add("date_posted", CodeRequired, "this is needed")
	case !ok:
		c.date("date_posted", j.DatePosted)
	case posted.After(c.now.Add(36 * time.Hour)):
		c.add("date_posted", CodeTooLate, "it lies in the future")
	}
}

// checkEnd: after now, until the roof. A job that has ended, and one from
// elsewhere, may lie in the past; the roof cuts those from elsewhere instead.
func (j *Job) checkEnd(c *complaints) {
	const field = "closes_at"
	posted, _ := ParseDate(j.DatePosted)
	switch {
	case j.ValidThrough.IsZero():
		c.add(field, CodeRequired, "this is needed")
	case j.ValidThrough.Before(posted):
		c.add(field, CodeOrder, "it closes before it was posted")
	case c.wire:
	case j.ValidThrough.After(j.Roof()):
		c.add(field, CodeTooLate, "at most %d days after it was posted", maxJobDays)
	case !j.Ended() && !j.ValidThrough.After(c.now):
		c.add(field, CodePast, "this has gone by")
	}
}

// checkEmploymentTypes: at least one; what we do not know counts too.
func (j *Job) checkEmploymentTypes(c *complaints) {
	if len(j.EmploymentType) == 0 && j.Unknown["employmentType"] != "" {
		return
	}
	c.count("employment_type", len(j.EmploymentType), 1, len(EmploymentTypes()))
	for i, word := range j.EmploymentType {
		checkEmployment(c, i, word)
	}
}

// checkEmployment checks one of them.
func checkEmployment(c *complaints, _ int, word string) {
	c.oneOf("employment_type", word, EmploymentTypes())
}

// checkHours: 1–60 a week, the lower end not above the upper.
func (j *Job) checkHours(c *complaints) {
	if soundDecimal(j.HoursFrom) && soundDecimal(j.HoursTo) && j.HoursFrom.IsZero() && j.HoursTo.IsZero() {
		c.add("hours.min", CodeRequired, "hours a week are needed")
		return
	}
	low := checkWeek(c, "hours.min", j.HoursFrom)
	high := checkWeek(c, "hours.max", j.HoursTo)
	if low && high && j.HoursFrom.GreaterThan(j.HoursTo) {
		c.add("hours.max", CodeOrder, "the upper end is below the lower")
	}
}

// checkWeek bounds hours of one week.
func checkWeek(c *complaints, field string, hours decimal.Decimal) bool {
	return c.decimalRange(field, hours, 1, 60)
}

// checkDuration: ISO 8601, longer than nothing; empty is allowed.
func checkDuration(c *complaints, field, s string) (d Duration, ok bool) {
	if s == "" {
		return d, false
	}
	d, err := ParseDuration(s)
	if err != nil || d == (Duration{}) {
		c.add(field, CodeFormat, "a duration such as P6M is needed, not %.20q", s)
		return d, false
	}
	return d, true
}
