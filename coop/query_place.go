// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"net/url"
	"strconv"
)

// Distances in km of a query for a place.
const (
	usualRadius = 50
	maxRadius   = 2000
)

// place reads place and radius. A radius that is no number matches nothing; without
// a place it says nothing.
func (r *queryReader) place() {
	r.Place = r.first("place")
	value := r.first("radius")
	if r.Place == "" {
		return
	}
	r.Radius = usualRadius
	if value == "" {
		return
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		r.unknown("radius", value)
		r.Nothing = true
		return
	}
	r.Radius = min(n, maxRadius)
}

// addPlace writes place, and radius where it is not the usual one.
func (q *JobQuery) addPlace(v url.Values) {
	if q.Place == "" {
		return
	}
	v.Set("place", q.Place)
	if q.Radius != usualRadius && q.Radius > 0 {
		v.Set("radius", strconv.Itoa(q.Radius))
	}
}
