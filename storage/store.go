// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"minga/coop"
)

// Engine names a kind of database.
type Engine string

// The two engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Options say which database to open and with what.
type Options struct {
	// URL is sqlite:///absolute/path, sqlite://relative/path or postgres://….
	URL string
	// Now is the clock of the program. It must not be nil.
	Now func() time.Time
	// SecretKeys seal what must not lie readable in the database, 32 bytes each:
	// the first seals unless the database names another, all open. None means that nothing can be sealed or opened.
	SecretKeys [][]byte
	// Reread gives the secret keys as they are now, the newest first; it is asked when
	// something names a key that is not known, such as after a rotation by another
	// process. Nil: the keys stay.
	Reread func() ([][]byte, error)
	// Connections bounds the readers of SQLite or the pool of PostgreSQL; 0 takes
	// a default that fits a small machine.
	Connections int
	// Observe hears how long each statement took, under what it does (select, insert,
	// update, delete, other), and each whole transaction with its commit (write). It
	// must return at once. What PostgreSQL runs along with a later statement is told as
	// nothing, and its time with that one's. Nil: nobody does.
	Observe func(query string, took time.Duration)
	// KeepEnded says whether what came through a follow stays in public lists after the
	// follow ended (setting ended_follow). Asked each time that one ends; it must return at
	// once. Nil: it leaves them.
	KeepEnded func() bool
	// Rehearsal makes a rehearsal of what was never promoted (setting rehearsal); see
	// [reader.Rehearsing].
	Rehearsal bool
}

// querier is the shape of pgx: *pgxpool.Pool and pgx.Tx satisfy it as they are,
// SQLite through the adapter in sqlite_rows.go.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// backend is what an engine does its own way besides answering SQL.
type backend interface {
	querier() querier
	// write runs fn in a transaction; see [Store.Write].
	write(ctx context.Context, e *env, fn func(t transaction) error) error
	// clock is the database's own time, if it has another than the program.
	clock(ctx context.Context, q querier, e *env) (ms int64, other bool, err error)
	// lock holds key until the end of the transaction, from its next statement on.
	lock(ctx context.Context, t transaction, key string) error
	// presentID is the next rising id; see [Tx.NextID].
	presentID(ctx context.Context, q querier, ms int64) (coop.ID, error)
	// pastSlot counts the ids of a millisecond of the past, this one included.
	pastSlot(ctx context.Context, q querier, ms int64) (used int64, err error)
	// handle and migrationLock serve [Store.Migrate].
	handle() (*sql.DB, error)
	migrationLock(ctx context.Context) (release func(), err error)
	ping(ctx context.Context) error
	close() error
}

// reader holds every question. Store and Tx both embed it: a question asked of
// a Tx sees the changes that the Tx has made so far.
type reader struct {
	q querier
	e *env
}

// env is what a question needs besides a connection.
type env struct {
	engine Engine
	now    func() time.Time
	box    *box
	// observe is [Options.Observe]; may be nil.
	observe func(query string, took time.Duration)
	// keepEnded is [Options.KeepEnded]; may be nil.
	keepEnded func() bool
	rehearsal *rehearsal
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	reader
	db    backend
	wake  *wakeups
	board *board
}

// Open opens the database and checks that it answers. It makes a missing SQLite
// file (mode 0600; the folder must exist) and does not migrate. A schema newer
// than the program gives [ErrNewerSchema], a URL of another kind an error that
// says which URLs are understood.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Now == nil {
		return nil, errors.New("open store: no clock was handed in")
	}
	keys, err := newBox(o.SecretKeys, o.Reread)
	if err != nil {
		return nil, err
	}
	engine, db, err := openBackend(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	e := &env{engine: engine, now: o.Now, box: keys, observe: o.Observe, keepEnded: o.KeepEnded, rehearsal: &rehearsal{configured: o.Rehearsal}}
	s := &Store{
		reader: reader{q: checked{db.querier(), e}, e: e},
		db:     db, wake: newWakeups(engine == Postgres), board: &board{},
	}
	if _, err := s.MigrationDue(ctx); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return s, nil
}

// openBackend chooses the engine by the scheme of the URL.
func openBackend(ctx context.Context, o Options) (Engine, backend, error) {
	switch scheme, _, _ := strings.Cut(o.URL, "://"); scheme {
	case "sqlite":
		path, err := sqlitePath(o.URL)
		if err != nil {
			return "", nil, err
		}
		readers := o.Connections
		if readers <= 0 {
			readers = max(4, runtime.GOMAXPROCS(0)*2)
		}
		db, err := openSQLite(ctx, path, readers)
		return SQLite, db, err
	case "postgres", "postgresql":
		connections := o.Connections
		if connections <= 0 {
			connections = max(10, runtime.GOMAXPROCS(0)*4)
		}
		db, err := openPostgres(ctx, o.URL, connections)
		return Postgres, db, err
	}
	return "", nil, fmt.Errorf("database URL %q: want sqlite:///path/of/the/file or postgres://user@host/name", withoutPassword(o.URL))
}

// withoutPassword is a URL that may be shown.
func withoutPassword(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "…"
	}
	return u.Redacted()
}

// Close ends all connections. Writes under way are answered first.
func (s *Store) Close() error { return s.db.close() }

// Ping asks the database for the simplest answer, within the deadline of ctx.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.db.ping(ctx); err != nil {
		return fmt.Errorf("database: %w: %w", coop.ErrUnavailable, err)
	}
	return nil
}

// Engine says which kind of database this is.
func (r reader) Engine() Engine { return r.e.engine }

// DatabaseNow is the time on which all nodes agree: the clock of the PostgreSQL
// server, or the clock handed in on SQLite.
func (r reader) DatabaseNow(ctx context.Context) (time.Time, error) {
	ms, err := r.nowMillis(ctx)
	return moment(ms), err
}

// nowMillis is DatabaseNow in Unix milliseconds.
func (r reader) nowMillis(ctx context.Context) (int64, error) {
	if r.e.engine == SQLite {
		return r.e.now().UnixMilli(), nil
	}
	var ms int64
	err := r.q.QueryRow(ctx, `SELECT minga_now()`).Scan(&ms)
	return ms, err
}
