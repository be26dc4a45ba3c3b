// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"minga/coop"
)

// A cursor is the place after the last item of a page: what the list is ordered by,
// and for a ranked list the moment at which it was ranked, so that the scores of
// the next page are those of the first. To others it means nothing; one that was
// tampered with is another place in the same list, or the first page.

// cursor is a place in a list.
type cursor struct {
	at    int64 // when it was ranked, Unix milliseconds
	first int64 // the first thing that it is ordered by
	next  int64 // the second
	id    coop.ID
}

// String is the cursor as it is handed out.
func (c cursor) String() string {
	parts := make([]string, 4)
	for i, n := range []int64{c.at, c.first, c.next, int64(c.id)} {
		parts[i] = strconv.FormatInt(n, 36)
	}
	return strings.Join(parts, ".")
}

// readCursor reads a cursor; anything else is the zero cursor.
func readCursor(s string) cursor {
	parts := strings.Split(s, ".")
	if len(parts) != 4 || len(s) > 64 {
		return cursor{}
	}
	var n [4]int64
	for i, part := range parts {
		var err error
		if n[i], err = strconv.ParseInt(part, 36, 64); err != nil {
			return cursor{}
		}
	}
	return cursor{n[0], n[1], n[2], coop.ID(n[3])}
}

// asOf is the moment at which a list is ranked: that of the first page, as long as
// that was within a day. It is whole milliseconds, which is what a cursor keeps:
// scores of any finer moment would not be those of the next page.
func (c cursor) asOf(now time.Time) time.Time {
	now = now.Truncate(time.Millisecond)
	at := atMs(c.at)
	if at.After(now) || now.Sub(at) > 24*time.Hour {
		return now
	}
	return at
}

// cutJobs cuts the page out of an ordered list and says where the next begins.
func cutJobs(found []foundJob, order coop.JobOrder, page JobPage, asOf time.Time) ([]foundJob, string) {
	c := readCursor(page.Cursor)
	if c.id != 0 {
		last := c.job(order)
		compare := jobOrder(order)
		after := slices.IndexFunc(found, func(f foundJob) bool { return compare(last, f) < 0 })
		if after < 0 {
			return nil, ""
		}
		found = found[after:]
	}
	if len(found) <= page.Limit {
		return found, ""
	}
	found = found[:page.Limit]
	return found, cursorAfter(found[len(found)-1], order, asOf).String()
}

// cursorAfter is the place after a job.
func cursorAfter(f foundJob, order coop.JobOrder, asOf time.Time) cursor {
	c := cursor{at: msOf(asOf), first: f.until, next: f.posted, id: f.id}
	switch order {
	case coop.OrderClosing, coop.OrderNewest:
	case coop.OrderPay:
		c.first, c.next = f.pay, f.currency
	case coop.OrderDistance:
		c.first = f.far
	default:
		c.first = int64(math.Float64bits(f.score))
	}
	return c
}
