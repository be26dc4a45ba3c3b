// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"minga/coop"
)

// sqliteWords turns the few words of PostgreSQL that our texts use and SQLite
// does not have. PostgreSQL is the reference: a text is written for it. Lists go
// in as one JSON parameter: jsonb_array_elements($1::jsonb) AS r gives r.value,
// and r.value ->> 0 a member of it as text.
//
// A bare LIMIT $1 becomes a sum, and what something is equal to gets a plus, which
// changes no value: SQLite plans by the values of bare ones, since a partial index
// might serve this very value, and so prepares the text anew each time that it runs.
//
// GREATEST and LEAST with a NULL differ (PostgreSQL leaves it out, SQLite answers
// NULL): never hand them one.
var sqliteWords = strings.NewReplacer(
	"jsonb_array_elements_text(", "json_each(",
	"jsonb_array_elements(", "json_each(",
	"::jsonb", "",
	"::bigint", "",
	"GREATEST(", "max(",
	"LEAST(", "min(",
	"FOR UPDATE SKIP LOCKED", "",
	"FOR UPDATE", "",
	"FOR NO KEY UPDATE", "",
	"FOR SHARE", "",
	"LIMIT $", "LIMIT 0 + ?",
	" = $", " = +?",
	"$1", "?1", "$2", "?2", "$3", "?3", "$4", "?4", "$5", "?5",
	"$6", "?6", "$7", "?7", "$8", "?8", "$9", "?9",
)

// toSQLite is the text as SQLite understands it. ?1 binds by number as $1 does;
// $1 itself would be a name there, bound in the order of its appearance.
func toSQLite(sql string) string { return sqliteWords.Replace(sql) }

// list is the JSON of a list parameter. Only strings, numbers and lists of them
// are handed in, so it cannot fail. No list is an empty one: null is nothing that
// PostgreSQL could take apart.
func list(v any) string {
	b, err := json.Marshal(v)
	if err != nil || string(b) == "null" {
		return "[]"
	}
	return string(b)
}

// checked refuses text that PostgreSQL would not take (NUL, broken UTF-8) before
// it reaches either engine: the answer is the same on both, and not a 500.
type checked struct {
	q querier
	e *env
}

// Query implements querier.
func (c checked) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := checkText(args); err != nil {
		return nil, err
	}
	return c.e.query(ctx, c.q, sql, args)
}

// QueryRow implements querier.
func (c checked) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if err := checkText(args); err != nil {
		return failedRow{err}
	}
	return c.e.queryRow(ctx, c.q, sql, args)
}

// Exec implements querier.
func (c checked) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if err := checkText(args); err != nil {
		return pgconn.CommandTag{}, err
	}
	return c.e.exec(ctx, c.q, sql, args)
}

// checkedTransaction is checked for a transaction.
type checkedTransaction struct {
	checked
	t transaction
}

// soon implements transaction. Its time is in that of the statement it goes out with.
func (c checkedTransaction) soon(ctx context.Context, then outcome, sql string, args ...any) error {
	if err := checkText(args); err != nil {
		return err
	}
	if end := c.e.watching(ctx, sql); end != nil {
		defer end()
	}
	return c.t.soon(ctx, then, sql, args...)
}

// failedRow is a row that could not be asked for.
type failedRow struct{ err error }

// Scan gives the error.
func (f failedRow) Scan(...any) error { return f.err }

// checkText looks at every text argument, and refuses times: they are bound as
// Unix milliseconds.
func checkText(args []any) error {
	for _, a := range args {
		switch v := a.(type) {
		case string:
			if !goodText(v) {
				return badText()
			}
		case coop.IRI:
			if !goodText(string(v)) {
				return badText()
			}
		case *string:
			if v != nil && !goodText(*v) {
				return badText()
			}
		case time.Time:
			return errors.New("a time was bound; bind Unix milliseconds")
		}
	}
	return nil
}

func goodText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

func badText() error {
	return &coop.InvalidError{Field: "text", Code: "invalid", Problem: "holds a NUL or is not UTF-8"}
}

// Codes of the engines' errors.
const (
	pgUnique, pgForeign, pgCheck, pgNotNull   = "23505", "23503", "23514", "23502"
	pgSerialization, pgDeadlock, pgLockWait   = "40001", "40P01", "55P03"
	liteUnique, litePrimaryKey, liteRowID     = 2067, 1555, 2579
	liteForeign, liteCheck, liteNotNull       = 787, 275, 1299
	liteBusy, liteNoMem, liteInterrupt        = 5, 7, 9
	liteIO, liteCorrupt, liteFull, liteNotADB = 10, 11, 13, 26
)

// violation says which rule of the schema an error broke: "unique", "foreign",
// "check", or nothing.
func violation(err error) string {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		switch p.Code {
		case pgUnique:
			return "unique"
		case pgForeign:
			return "foreign"
		case pgCheck, pgNotNull:
			return "check"
		}
	}
	var l *sqlite.Error
	if errors.As(err, &l) {
		switch l.Code() {
		case liteUnique, litePrimaryKey, liteRowID:
			return "unique"
		case liteForeign:
			return "foreign"
		case liteCheck, liteNotNull:
			return "check"
		}
	}
	return ""
}

// kind adds to a database error the kind by which callers tell it apart.
func kind(err error) error {
	switch violation(err) {
	case "unique":
		return fmt.Errorf("%w: %w", coop.ErrConflict, err)
	case "check":
		return fmt.Errorf("%w: %w", &coop.InvalidError{Field: "record", Code: "limit", Problem: "over a limit of the database"}, err)
	}
	switch {
	case isFull(err):
		return fmt.Errorf("%w: %w", coop.ErrFull, err)
	case isAway(err):
		return fmt.Errorf("%w: %w", coop.ErrUnavailable, err)
	}
	return err
}

// Kind adds to the error of a question what [Store.Write] adds to those of changes:
// [coop.ErrUnavailable] where the database cannot answer at the moment, [coop.ErrFull]
// where its disk has no room.
func Kind(err error) error { return kind(err) }

// breaksTransaction says whether SQLite may have rolled back the whole
// transaction by itself with this error.
func breaksTransaction(err error) bool {
	var l *sqlite.Error
	if !errors.As(err, &l) {
		return false
	}
	switch l.Code() & 0xff {
	case liteBusy, liteNoMem, liteInterrupt, liteIO, liteCorrupt, liteFull, liteNotADB:
		return true
	}
	return false
}

// again says whether PostgreSQL asks for the transaction to be run once more.
func again(err error) bool {
	var p *pgconn.PgError
	return errors.As(err, &p) && (p.Code == pgSerialization || p.Code == pgDeadlock || p.Code == pgLockWait)
}

// notFound turns the driver's word for no row into ours.
func notFound(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return coop.ErrNotFound
	}
	return err
}

// moment is a kept time; 0 is the zero time.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// cut shortens text to at most n bytes without breaking a letter, and takes out
// what no database takes.
func cut(s string, n int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
