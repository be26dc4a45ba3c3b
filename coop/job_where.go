// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"math"
)

// Bounds of where a job is.
const (
	maxApplicantsFrom = 60
	maxPlaces         = 5
)

// jobWhereRules are where the work is done and from where one may apply.
func jobWhereRules() []jobRule {
	return []jobRule{
		{(*Job).checkLocation, nil},
		{(*Job).checkPlaces, func(j *Job) { j.Places = nil }},
		{(*Job).checkOfficeDays, func(j *Job) { j.OfficeDays = 0 }},
		{(*Job).checkOverlap, func(j *Job) { j.TimeOverlap = nil }},
	}
}

// checkLocation: a place, or remote with the countries or "anywhere" said.
func (j *Job) checkLocation(c *complaints) {
	if !j.Remote && len(j.Places) == 0 {
		c.add("place", CodeRequired, "a place is needed, or the work is remote")
	}
	const field = "place.applicants_from"
	if j.Remote && !j.Anywhere && len(j.ApplicantsFrom) == 0 {
		c.add(field, CodeRequired, "remote work says from which countries, or anywhere")
	}
	if !j.Remote && (j.Anywhere || len(j.ApplicantsFrom) > 0) && !c.wire {
		c.add(field, CodeNotAllowed, "only remote work names countries")
	}
	if j.Anywhere && len(j.ApplicantsFrom) > 0 {
		c.add(field, CodeNotAllowed, "either anywhere or countries")
	}
	c.count(field, len(j.ApplicantsFrom), 0, maxApplicantsFrom)
	for i, code := range j.ApplicantsFrom {
		checkApplicants(c, i, code)
	}
}

// checkApplicants checks place.applicants_from[i].
func checkApplicants(c *complaints, i int, code string) {
	if !ValidCountry(code) {
		c.add(fmt.Sprintf("place.applicants_from[%d]", i), CodeUnknown, "%.20q is no ISO 3166-1 country", code)
	}
}

// checkPlaces: at most five.
func (j *Job) checkPlaces(c *complaints) {
	c.count("places", len(j.Places), 0, maxPlaces)
	for i, place := range j.Places {
		checkPlace(c, i, place)
	}
}

// checkPlace checks one place: the first is "place", as the API groups it, the
// others are places[i].
func checkPlace(c *complaints, i int, p Place) {
	field := "place"
	if i > 0 {
		field = fmt.Sprintf("places[%d]", i)
	}
	if p.Name == "" && p.Locality == "" && p.Region == "" && p.Country == "" {
		c.add(field+".name", CodeRequired, "a place has a name or an address")
	}
	for _, part := range []struct{ name, value string }{
		{"name", p.Name}, {"locality", p.Locality}, {"region", p.Region}, {"street", p.Street}, {"post_code", p.PostCode},
	} {
		c.text(field+"."+part.name, part.value, 0, 200)
	}
	if p.Country != "" && !ValidCountry(p.Country) {
		c.add(field+".country", CodeUnknown, "%.20q is no ISO 3166-1 country", p.Country)
	}
	if !onEarth(p.Latitude, 90) || !onEarth(p.Longitude, 180) || (p.Latitude == nil) != (p.Longitude == nil) {
		c.add(field+".point", CodeRange, "latitude and longitude go together, in degrees")
	}
}

// onEarth tells whether degrees are none or within their bound.
func onEarth(degrees *float64, most float64) bool {
	return degrees == nil || math.Abs(*degrees) <= most // false for NaN
}

// checkOfficeDays: 1–5 a week, of hybrid work alone, which has a place too.
func (j *Job) checkOfficeDays(c *complaints) {
	const field = "place.office_days"
	if j.OfficeDays == 0 {
		return
	}
	c.number(field, j.OfficeDays, 1, 5)
	if !j.Remote {
		c.add(field, CodeNotAllowed, "only hybrid work has office days")
	}
	if len(j.Places) == 0 {
		c.add("place", CodeRequired, "hybrid work has a place")
	}
}

// checkOverlap: a zone and two times of the day; it may cross midnight.
func (j *Job) checkOverlap(c *complaints) {
	o := j.TimeOverlap
	if o == nil {
		return
	}
	if !ValidZone(o.Zone) {
		c.add("time_overlap.tz", CodeUnknown, "%.64q is no IANA time zone", o.Zone)
	}
	if !validClock(o.From) {
		c.add("time_overlap.from", CodeFormat, "a time such as 09:00 is needed")
	}
	if !validClock(o.Until) || o.Until == o.From {
		c.add("time_overlap.until", CodeFormat, "a time such as 17:00 is needed, other than the first")
	}
}
