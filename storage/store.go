// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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
	// the first seals, all open. None means that nothing can be sealed or opened.
	SecretKeys [][]byte
	// Connections bounds the readers of SQLite or the pool of PostgreSQL; 0 takes
	// a default that fits a small machine.
	Connections int
}

// querier is the shape of pgx: *pgxpool.Pool and pgx.Tx satisfy it as they are,
// SQLite through the adapter in sqlite.go.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
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
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	reader
}

// Tx is one transaction, valid only inside the function given to [Store.Write]
// and only in that goroutine.
type Tx struct {
	reader
}

// errNotBuilt marks what has a signature and no body yet.
var errNotBuilt = errors.New("not built yet")

// Open opens the database and checks that it answers. It makes a missing SQLite
// file (mode 0600; the folder must exist) and does not migrate. A schema newer
// than the program gives [ErrNewerSchema], a URL of another kind an error that
// says which URLs are understood.
func Open(ctx context.Context, o Options) (*Store, error) { return nil, errNotBuilt }

// Close ends all connections. Writes under way are answered first.
func (s *Store) Close() error { return errNotBuilt }

// Ping asks the database for the simplest answer, within the deadline of ctx.
func (s *Store) Ping(ctx context.Context) error { return errNotBuilt }

// Engine says which kind of database this is.
func (r reader) Engine() Engine { return r.e.engine }

// DatabaseNow is the time on which all nodes agree: the clock of the PostgreSQL
// server, or the clock handed in on SQLite.
func (r reader) DatabaseNow(ctx context.Context) (time.Time, error) {
	return time.Time{}, errNotBuilt
}

// Check looks for damage: the file itself, foreign keys, rows that point
// nowhere. It returns one sentence per finding; none means that all is well.
func (s *Store) Check(ctx context.Context) ([]string, error) { return nil, errNotBuilt }

// Run does what a store does in the background until ctx ends: on PostgreSQL it
// carries wake-ups between nodes, on SQLite it only waits. Without it the store
// works, and other nodes are woken only by their slow poll.
func (s *Store) Run(ctx context.Context) error { return errNotBuilt }

// Wake tells everyone on this node and the others who listens to topic that
// there is work. It is a hint: a wake-up may be lost or come twice.
func (s *Store) Wake(topic string) {}

// Listen gives a channel that receives after each wake-up of topic, until ctx
// ends. Wake-ups that come while one waits in the channel are one.
func (s *Store) Listen(ctx context.Context, topic string) <-chan struct{} { return nil }

// Topics of the store's own queues: adding work wakes them after the commit.
const (
	TopicDeliveries = "deliveries"
	TopicIncoming   = "incoming"
	TopicTasks      = "tasks"
)
