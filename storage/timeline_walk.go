// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"minga/coop"
)

// walk is a page that is read step by step, and how it is written in SQL: downwards
// from the newest, or upwards for a page above Min.
type walk struct {
	page  coop.Page
	limit int // of one step
}

// up tells pages that are read oldest first.
func (w walk) up() bool { return w.page.Min > 0 }

// beyond is the walk after an id, after so many rounds before this one. Most pages need
// little more than the first found; for readers who want next to nothing of what there
// is, the steps double.
func (w walk) beyond(last coop.ID, rounds int) walk {
	if w.up() {
		w.page.Min = last
	} else {
		w.page.Max = last
	}
	if rounds > 0 {
		w.limit = min(2*w.limit, feedChunk)
	}
	return w
}

// bounds is the condition that a column of ids is within the page.
func (w walk) bounds(a *args, column string) string {
	var where []string
	for _, b := range []struct {
		sign string
		id   coop.ID
	}{{" < ", w.page.Max}, {" > ", max(w.page.Since, w.page.Min)}} {
		if b.id > 0 {
			where = append(where, column+b.sign+a.add(int64(b.id)))
		}
	}
	if len(where) == 0 {
		return column + " > 0"
	}
	return strings.Join(where, " AND ")
}

// order is the direction of the walk.
func (w walk) order() string {
	if w.up() {
		return "ASC"
	}
	return "DESC"
}

// sort puts lines in the order of the walk.
func (w walk) sort(lines []line) {
	slices.SortFunc(lines, func(a, b line) int {
		if w.up() {
			return cmp.Compare(a.id, b.id)
		}
		return cmp.Compare(b.id, a.id)
	})
}

// extreme is the function that finds the next id of the walk.
func (w walk) extreme() string {
	if w.up() {
		return "MIN"
	}
	return "MAX"
}

// none is what stands after all ids on the walk.
func (w walk) none() string { return w.lastOfAll().String() }

// lastOfAll is an id that no other stands after on the walk.
func (w walk) lastOfAll() coop.ID {
	if w.up() {
		return math.MaxInt64
	}
	return 0
}

// after and notYet are how an id further on the walk compares, and one before it; end is where the walk
// ends, zero for nowhere.
func (w walk) after() string {
	if w.up() {
		return ">"
	}
	return "<"
}

func (w walk) notYet() string {
	if w.up() {
		return "<"
	}
	return ">"
}

func (w walk) end() coop.ID {
	if w.up() {
		return w.page.Max
	}
	return w.page.Since
}
