// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Half of what a page cost PostgreSQL was planning it, again for each request: left
// alone it compares the plan for these values with one for any, finds a difference
// that is none, and goes on planning. So the connections ask for plans that serve any
// values, made once. All that such a plan must know of a value is how few rows a LIMIT
// leaves: else it is made for a tenth of the table.

// limited sees to it that plans know their limits.
type limited struct{ q querier }

// Query implements querier.
func (l limited) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return l.q.Query(ctx, withLimits(sql, args), args...)
}

// QueryRow implements querier.
func (l limited) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return l.q.QueryRow(ctx, withLimits(sql, args), args...)
}

// Exec implements querier.
func (l limited) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return l.q.Exec(ctx, withLimits(sql, args), args...)
}

// limitedTransaction is limited for a transaction.
type limitedTransaction struct {
	limited
	t transaction
}

// soon implements transaction.
func (l limitedTransaction) soon(ctx context.Context, then outcome, sql string, args ...any) error {
	return l.t.soon(ctx, then, withLimits(sql, args), args...)
}

// limitMark is how a statement bounds its rows by a value.
const limitMark = "LIMIT $"

// withLimits writes whole numbers that are bound to a LIMIT into the text. The
// placeholder stays, where nothing ever reads it, so that the others keep their
// numbers. There are few limits, and so few texts.
func withLimits(sql string, args []any) string {
	if !strings.Contains(sql, limitMark) {
		return sql
	}
	parts := strings.Split(sql, limitMark)
	var out strings.Builder
	out.WriteString(parts[0])
	for _, part := range parts[1:] {
		rest := strings.TrimLeft(part, "0123456789")
		number := strings.TrimSuffix(part, rest)
		if limit, ok := boundLimit(number, args); ok {
			part = strings.Join([]string{"LIMIT CASE WHEN TRUE THEN ", strconv.Itoa(limit), " ELSE $", number, "::bigint END", rest}, "")
		} else {
			part = limitMark + part
		}
		out.WriteString(part)
	}
	return out.String()
}

// boundLimit is the number that is bound to a placeholder.
func boundLimit(placeholder string, args []any) (int, bool) {
	n, err := strconv.Atoi(placeholder)
	if err != nil || n < 1 || n > len(args) {
		return 0, false
	}
	switch limit := args[n-1].(type) {
	case int:
		return limit, limit >= 0
	case int64:
		return int(limit), limit >= 0
	}
	return 0, false
}
