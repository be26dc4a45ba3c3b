// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Week is what happened here in seven days.
type Week struct {
	Begins time.Time // midnight of a Monday, UTC
	// Posts of accounts of this instance, accounts of it that were here, and accounts of
	// people that were made.
	Posts, Visitors, NewPeople int
}

// weekMs is a week in milliseconds. The first one of Unix time began on a Thursday:
// weeks are counted from the Monday before it.
const (
	weekMs = 7 * 24 * 60 * 60 * 1000
	monday = 3 * 24 * 60 * 60 * 1000
)

// weekOf is the number of the week in which something was.
func weekOf(t time.Time) int64 { return (msOf(t) + monday) / weekMs }

// weekStart is the first moment of a week.
func weekStart(week int64) time.Time { return time.UnixMilli(week*weekMs - monday).UTC() }

// weekCount is a number of one kind in one week.
type weekCount struct {
	kind, week int64
	n          int
}

// Weeks counts what happened here in the last weeks, this one first. Drafts and direct
// posts are not counted.
func (r reader) Weeks(ctx context.Context, n int) ([]Week, error) {
	now := weekOf(r.e.now())
	begins := coop.NewID(weekStart(now-int64(n)+1), 0)
	rows, err := all(ctx, r, func(row pgx.CollectableRow) (c weekCount, err error) {
		err = row.Scan(&c.kind, &c.week, &c.n)
		return c, err
	}, `
		SELECT 1, (p.id / $3 + $4) / $5, COUNT(*)
		FROM posts p
		WHERE p.local AND p.id >= $1 AND NOT p.draft AND p.visibility IN ('public', 'unlisted', 'followers')
		GROUP BY 2
		UNION ALL
		SELECT 2, w.week, COUNT(*)
		FROM active_weeks w
		WHERE w.week > $2
		GROUP BY 2
		UNION ALL
		SELECT 3, (a.id / $3 + $4) / $5, COUNT(*)
		FROM accounts a
		WHERE a.local AND a.kind = 'person' AND a.id >= $1
		GROUP BY 2`, int64(begins), now-int64(n), int64(1)<<16, int64(monday), int64(weekMs))
	if err != nil {
		return nil, fmt.Errorf("activity: %w", err)
	}
	weeks := make([]Week, n)
	for i := range weeks {
		weeks[i].Begins = weekStart(now - int64(i))
	}
	for _, c := range rows {
		if i := int(now - c.week); i >= 0 && i < n {
			*[]*int{&weeks[i].Posts, &weeks[i].Visitors, &weeks[i].NewPeople}[c.kind-1] = c.n
		}
	}
	return weeks, nil
}

// WasHere notes that an account of this instance was here this week; twice is once.
func (tx *Tx) WasHere(ctx context.Context, account coop.ID, at time.Time) error {
	_, err := tx.insert(ctx, "active_weeks", []column{{"week", weekOf(at)}, {"account_id", int64(account)}}, "ON CONFLICT DO NOTHING")
	return err
}
