// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Observed is the same open database, with asked told of the text of each question
// before it is asked: to count them, or to find a slow one. Transactions are not
// told of.
func (s *Store) Observed(asked func(sql string)) *Store {
	other := *s
	other.q = observed{s.q, asked}
	return &other
}

// observed is a querier whose questions are told of.
type observed struct {
	querier
	asked func(sql string)
}

// Query implements querier.
func (o observed) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	o.asked(sql)
	return o.querier.Query(ctx, sql, args...)
}

// QueryRow implements querier.
func (o observed) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	o.asked(sql)
	return o.querier.QueryRow(ctx, sql, args...)
}
