// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

// Page says which part of a list is wanted: newest first, at most Limit items
// with ids below Max and above Since; Min asks for the oldest items above it.
// Zero ids do not bound.
type Page struct {
	Max, Since, Min ID
	Limit           int
}

// Clamp cuts Limit to between 1 and most, with usual for none.
func (p Page) Clamp(usual, most int) Page {
	if p.Limit <= 0 {
		p.Limit = usual
	}
	p.Limit = min(p.Limit, most)
	return p
}
