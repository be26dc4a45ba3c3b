// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// RequestQuery chooses among requests that are published.
type RequestQuery struct {
	Text   TextQuery      // in title, text and roles; empty: any
	Skill  string         // an address or a name, compared folded
	States []RequestState // none: all
	// Takes are only those that take offers at this time; zero: any.
	Takes  time.Time
	Author ID // zero: anybody
	Host   string
	// Soonest puts first what ends first; else the newest come first.
	Soonest bool
}
