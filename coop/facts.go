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
