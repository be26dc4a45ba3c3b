// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import "testing"

// TestWithLimits: a plan knows the limits that are whole numbers, and the placeholders
// keep their places.
func TestWithLimits(t *testing.T) {
	for _, tt := range []struct {
		name, sql string
		args      []any
		want      string
	}{
		{"none", "SELECT 1 WHERE $1 = 2", []any{1}, "SELECT 1 WHERE $1 = 2"},
		{"at the end", "SELECT id FROM t LIMIT $1", []any{20}, "SELECT id FROM t LIMIT CASE WHEN TRUE THEN 20 ELSE $1::bigint END"},
		{
			"two, within", "SELECT (SELECT a LIMIT $2) LIMIT $11 OFFSET $1",
			[]any{1, int64(3), 0, 0, 0, 0, 0, 0, 0, 0, 7},
			"SELECT (SELECT a LIMIT CASE WHEN TRUE THEN 3 ELSE $2::bigint END) LIMIT CASE WHEN TRUE THEN 7 ELSE $11::bigint END OFFSET $1",
		},
		{"constant", "SELECT id FROM t LIMIT 1", nil, "SELECT id FROM t LIMIT 1"},
		{"no number", "SELECT id FROM t LIMIT $1", []any{"1; DROP TABLE t"}, "SELECT id FROM t LIMIT $1"},
		{"not bound", "SELECT id FROM t LIMIT $2", []any{1}, "SELECT id FROM t LIMIT $2"},
		{"negative", "SELECT id FROM t LIMIT $1", []any{-1}, "SELECT id FROM t LIMIT $1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := withLimits(tt.sql, tt.args); got != tt.want {
				t.Errorf("got %s", got)
			}
		})
	}
}
