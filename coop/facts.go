// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"math"
)

// Bounds of what a co-op says of itself.
const (
	maxActivities  = 30
	maxTongues     = 30
	mostOfCoop     = 10_000_000 // members or workers
	maxPlaceLength = 200

	maxContracts      = 10
	maxContractLength = 60
)

// checkFacts complains about what a co-op says of itself; nil says nothing. Fields as
// the API names them.
func checkFacts(c *complaints, f *CoopFacts) {
	if f == nil {
		return
	}
	c.iri("coop_type", f.Type)
	c.iri("membership_base", f.MembershipBase)
	c.count("activity", len(f.Activity), 0, maxActivities)
	for i, activity := range f.Activity {
		if !ValidIRI(activity) {
			c.add(fmt.Sprintf("activity[%d]", i), CodeFormat, "%.80q is no http or https address", string(activity))
		}
	}
	c.date("founded", f.Founded)
	c.number("members", f.Members, -1, mostOfCoop)
	c.number("workers", f.Workers, -1, mostOfCoop)
	c.count("languages", len(f.Languages), 0, maxTongues)
	for i, tag := range f.Languages {
		if !ValidLanguage(tag) {
			c.add(fmt.Sprintf("languages[%d]", i), CodeUnknown, "%.40q is no BCP 47 language", tag)
		}
	}
	checkWhere(c, f.Place)
	checkTerms(c, f)
}

// checkTerms complains about what work costs and how it begins.
func checkTerms(c *complaints, f *CoopFacts) {
	if f.DayRate != nil {
		checkRate(c, f.DayRate)
	}
	if f.LeadTime != "" {
		if _, err := ParseDuration(f.LeadTime); err != nil {
			c.add("lead_time", CodeFormat, "%.40q is no ISO 8601 duration", f.LeadTime)
		}
	}
	c.count("contract_types", len(f.Contracts), 0, maxContracts)
	for i, kind := range f.Contracts {
		c.text(fmt.Sprintf("contract_types[%d]", i), kind, 1, maxContractLength)
	}
}

// checkRate complains about what a day of work costs.
func checkRate(c *complaints, r *DayRate) {
	c.currency("day_rate.currency", r.Currency)
	c.amount("day_rate.min", r.Min)
	if c.amount("day_rate.max", r.Max); soundDecimal(r.Min) && soundDecimal(r.Max) && !r.Max.IsZero() && r.Max.LessThan(r.Min) {
		c.add("day_rate.max", CodeOrder, "the highest rate is below the lowest")
	}
}

// ValidateDayRate complains about what a day of work costs: [Invalid].
func ValidateDayRate(r *DayRate) error {
	c := &complaints{}
	checkRate(c, r)
	if soundDecimal(r.Min) && !r.Min.IsPositive() {
		c.add("day_rate.min", CodeRange, "a rate is above zero")
	}
	return c.list.Or()
}

// checkWhere complains about the place of a co-op; nil is none.
func checkWhere(c *complaints, p *Place) {
	if p == nil {
		return
	}
	for _, part := range []struct{ name, text string }{
		{"name", p.Name}, {"locality", p.Locality}, {"region", p.Region}, {"street", p.Street}, {"post_code", p.PostCode},
	} {
		c.text("place."+part.name, part.text, 0, maxPlaceLength)
	}
	if p.Country != "" && !ValidCountry(p.Country) {
		c.add("place.country", CodeUnknown, "%.40q is no ISO 3166-1 country", p.Country)
	}
	if (p.Latitude == nil) != (p.Longitude == nil) {
		c.add("place.latitude", CodeRequired, "a point has a latitude and a longitude")
	}
	checkDegrees(c, "place.latitude", p.Latitude, 90)
	checkDegrees(c, "place.longitude", p.Longitude, 180)
}

// checkDegrees complains about an angle beyond what there is; nil is none.
func checkDegrees(c *complaints, field string, degrees *float64, most float64) {
	if degrees != nil && (math.IsNaN(*degrees) || math.Abs(*degrees) > most) {
		c.add(field, CodeRange, "between -%g and %g", most, most)
	}
}

// HasPoint tells whether the place is a point on the map.
func (p *Place) HasPoint() bool { return p != nil && p.Latitude != nil && p.Longitude != nil }
