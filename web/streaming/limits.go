// SPDX-License-Identifier: AGPL-3.0-or-later

package streaming

import "time"

// Limits bound the streams of one node. Zero values take the default.
type Limits struct {
	PerAccount int           // 8: at once of one account, or of one person in the name of others
	All        int           // 10,000: at once
	Beat       time.Duration // 15 s: after which tokens are looked at again and signs of life are sent
	Write      time.Duration // 10 s: that one frame may take
}

// orDefault fills in what is zero.
func (l Limits) orDefault() Limits {
	if l.PerAccount <= 0 {
		l.PerAccount = 8
	}
	if l.All <= 0 {
		l.All = 10_000
	}
	if l.Beat <= 0 {
		l.Beat = 15 * time.Second
	}
	if l.Write <= 0 {
		l.Write = 10 * time.Second
	}
	return l
}
