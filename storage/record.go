// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// args collects the values of one statement in the order of their placeholders.
type args []any

// add gives the placeholder of a value.
func (a *args) add(v any) string {
	*a = append(*a, v)
	return "$" + strconv.Itoa(len(*a))
}

// in gives the placeholders of several values between brackets; of none it gives
// a list that nothing is in. The last value is repeated up to a power of two, so
// that there are few texts to prepare.
func in[T any](a *args, values []T) string {
	if len(values) == 0 {
		return "(NULL)"
	}
	size := 1
	for size < len(values) {
		size *= 2
	}
	marks := make([]string, size)
	for i := range marks {
		marks[i] = a.add(values[min(i, len(values)-1)])
	}
	return "(" + strings.Join(marks, ", ") + ")"
}

// column is one value of a row that is written.
type column struct {
	name  string
	value any
}

// cleaned is the value as it may lie in both engines: text is valid UTF-8 without
// NUL, which PostgreSQL refuses.
func (c column) cleaned() any {
	if s, ok := c.value.(string); ok {
		return cleanText(s)
	}
	return c.value
}

// cleanText takes out what no database text may hold.
func cleanText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}

// insert writes one row and returns how many rows that made: 0 when the row was
// there and tail says ON CONFLICT … DO NOTHING.
func (tx *Tx) insert(ctx context.Context, table string, row []column, tail string) (int64, error) {
	var a args
	tag, err := tx.q.Exec(ctx, inserting(&a, table, row)+tail, a...)
	if err != nil {
		return 0, fmt.Errorf("insert into %s: %w", table, err)
	}
	return tag.RowsAffected(), nil
}

// inserted writes a row and gives the id that the database chose; zero says that it was
// there.
func (tx *Tx) inserted(ctx context.Context, table string, row []column) (coop.ID, error) {
	var a args
	id, err := tx.number(ctx, inserting(&a, table, row)+"ON CONFLICT DO NOTHING RETURNING id", a...)
	if err != nil {
		return 0, fmt.Errorf("insert into %s: %w", table, err)
	}
	return coop.ID(id), nil
}

// inserting is the statement that writes a row, without its end.
func inserting(a *args, table string, row []column) string {
	names, marks := make([]string, len(row)), make([]string, len(row))
	for i, c := range row {
		names[i], marks[i] = c.name, a.add(c.cleaned())
	}
	return "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(marks, ", ") + ") "
}

// insertingAll is the statement that writes several rows of the same columns.
func insertingAll(a *args, table string, rows [][]column) string {
	marks := make([]string, len(rows)-1)
	text := inserting(a, table, rows[0])
	for n, row := range rows[1:] {
		values := make([]string, len(row))
		for i, c := range row {
			values[i] = a.add(c.cleaned())
		}
		marks[n] = ", (" + strings.Join(values, ", ") + ")"
	}
	return text + strings.Join(marks, "")
}

// update changes the row of table whose key column has the value given.
func (tx *Tx) update(ctx context.Context, table string, row []column, key string, is any) error {
	sets, a := make([]string, len(row)), args{}
	for i, c := range row {
		sets[i] = c.name + " = " + a.add(c.cleaned())
	}
	if _, err := tx.q.Exec(ctx, "UPDATE "+table+" SET "+strings.Join(sets, ", ")+" WHERE "+key+" = "+a.add(is), a...); err != nil {
		return fmt.Errorf("update %s: %w", table, err)
	}
	return nil
}

// exec runs one statement and returns how many rows it changed.
func (tx *Tx) exec(ctx context.Context, sql string, values ...any) (int64, error) {
	tag, err := tx.q.Exec(ctx, sql, values...)
	if err != nil {
		return 0, err
	}
	return tag.RowsAffected(), nil
}

// soon is exec for what nobody waits for: it runs before the next statement of the
// transaction that somebody waits for, whose answer its error is then.
func (tx *Tx) soon(ctx context.Context, sql string, values ...any) error {
	return tx.run.soon(ctx, outcome{}, sql, values...)
}

// insertSoon is insert for what nobody waits for.
func (tx *Tx) insertSoon(ctx context.Context, table string, row []column, tail string) error {
	var a args
	if err := tx.soon(ctx, inserting(&a, table, row)+tail, a...); err != nil {
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	return nil
}

// all reads every row of a question with scan.
func all[T any](ctx context.Context, r reader, scan pgx.RowToFunc[T], sql string, values ...any) ([]T, error) {
	rows, err := r.q.Query(ctx, sql, values...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}

// first reads the first row of a question, or gives coop.ErrNotFound.
func first[T any](ctx context.Context, r reader, scan pgx.RowToFunc[T], sql string, values ...any) (T, error) {
	found, err := all(ctx, r, scan, sql, values...)
	if err != nil || len(found) == 0 {
		var none T
		if err == nil {
			err = coop.ErrNotFound
		}
		return none, err
	}
	return found[0], nil
}

// number reads one whole number, such as a count; no row is 0.
func (r reader) number(ctx context.Context, sql string, values ...any) (int64, error) {
	found, err := all(ctx, r, scanNumber, sql, values...)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0], nil
}

// scanInto reads a row into something new: targets says where its columns go, and what
// completes it.
func scanInto[T any](row pgx.CollectableRow, targets func(*T) (to []any, finish func())) (*T, error) {
	found := new(T)
	to, finish := targets(found)
	if err := row.Scan(to...); err != nil {
		return nil, err
	}
	finish()
	return found, nil
}

// scanNumber reads a row of one whole number.
func scanNumber(row pgx.CollectableRow) (n int64, err error) {
	err = row.Scan(&n)
	return n, err
}

// scanID reads a row of one id.
func scanID(row pgx.CollectableRow) (coop.ID, error) {
	n, err := scanNumber(row)
	return coop.ID(n), err
}

// paging is a [coop.Page] as SQL about one column of ids.
type paging struct {
	where, order string
	upwards      bool // read oldest first, so turn round
}

// page bounds and orders a list by a column of ids, newest first.
func (a *args) page(column string, p coop.Page) paging {
	where := "TRUE"
	if p.Max > 0 {
		where += " AND " + column + " < " + a.add(int64(p.Max))
	}
	if p.Since > 0 {
		where += " AND " + column + " > " + a.add(int64(p.Since))
	}
	if p.Min > 0 {
		where += " AND " + column + " > " + a.add(int64(p.Min))
	}
	p = p.Clamp(20, mostListed)
	if p.Min > 0 {
		return paging{where, "ORDER BY " + column + " ASC LIMIT " + a.add(p.Limit), true}
	}
	return paging{where, "ORDER BY " + column + " DESC LIMIT " + a.add(p.Limit), false}
}

// mostListed is the most rows of one page; the doors ask for 40 or 80 at most, the
// program itself may take more.
const mostListed = 1000

// newestFirst turns what was read oldest first.
func newestFirst[T any](p paging, list []T) []T {
	if p.upwards {
		slices.Reverse(list)
	}
	return list
}

// msOf is a time as the database keeps it: Unix milliseconds, 0 for the zero time.
func msOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// atMs is the time that [msOf] wrote.
func atMs(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// jsonText is a value as a text column keeps it.
func jsonText(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// unique keeps the first of each value that is not zero.
func unique[T comparable](values []T) []T {
	var zero T
	seen, kept := map[T]bool{zero: true}, make([]T, 0, len(values))
	for _, v := range values {
		if !seen[v] {
			seen[v] = true
			kept = append(kept, v)
		}
	}
	return kept
}

// alone makes transactions that name the same thing wait for each other, until the
// end of this one: what one looks for and does not find, another must not be adding
// at the same moment. It is alone from its next statement that is waited for. The one
// writer of SQLite is alone in any case.
func (tx *Tx) alone(ctx context.Context, names ...string) error {
	if tx.e.engine == SQLite {
		return nil
	}
	names = unique(names)
	slices.Sort(names) // two that want the same things want them in the same order
	for _, name := range names {
		if err := tx.soon(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, cleanText(name)); err != nil {
			return fmt.Errorf("wait for %s: %w", name, err)
		}
	}
	return nil
}

// mostIn is how many values one IN list takes; longer ones are asked in parts.
const mostIn = 500
