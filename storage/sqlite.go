// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// litePragmas are set on every connection. FULL: what was answered is on the
// disk. The WAL is cut back to 64 MiB after a large transaction.
const litePragmas = "?_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=synchronous(FULL)" +
	"&_pragma=temp_store(MEMORY)&_pragma=journal_size_limit(67108864)"

// writerPragmas are those of the writing connection: room for the pages that every
// post touches, and fewer checkpoints, which write the same pages again; the WAL
// stays under 16 MiB between them.
const writerPragmas = "&_pragma=journal_mode(WAL)&_pragma=cache_size(-8000)&_pragma=wal_autocheckpoint(4000)"

// sqliteDB is one writing connection and a pool of reading ones.
type sqliteDB struct {
	dsn     string
	readers *sql.DB
	writer  *sql.DB
	conn    *sql.Conn // the one connection of writer
	write1  *liteConn // conn as a querier
	turns   turns
	ids     idClock
}

// openSQLite opens path, makes the file if it is missing (mode 0600; SQLite gives
// its WAL the same), and sets WAL, which stays in the file.
func openSQLite(ctx context.Context, path string, readers int) (*sqliteDB, error) {
	if err := makeFile(path); err != nil {
		return nil, err
	}
	db := &sqliteDB{dsn: "file:" + (&url.URL{Path: path}).EscapedPath() + litePragmas}
	var err error
	if db.writer, err = sql.Open("sqlite", db.dsn+writerPragmas); err != nil {
		return nil, err
	}
	db.writer.SetMaxOpenConns(1)
	if db.conn, err = db.writer.Conn(ctx); err != nil {
		return nil, errors.Join(err, db.writer.Close())
	}
	db.write1 = newLiteConn(db.conn)
	if db.readers, err = sql.Open("sqlite", db.dsn+"&_pragma=query_only(1)"); err != nil {
		return nil, errors.Join(err, db.conn.Close(), db.writer.Close())
	}
	db.readers.SetMaxOpenConns(readers)
	db.readers.SetMaxIdleConns(readers)
	return db, nil
}

// makeFile makes an empty file that only its owner may read.
func makeFile(path string) error {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("folder of the database: %w", err)
	}
	defer func() { _ = root.Close() }()
	f, err := root.OpenFile(filepath.Base(path), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("file of the database: %w", err)
	}
	return f.Close()
}

// sqlitePath reads sqlite:///absolute and sqlite://relative.
func sqlitePath(raw string) (string, error) {
	path, _, _ := strings.Cut(strings.TrimPrefix(raw, "sqlite://"), "?")
	path, err := url.PathUnescape(path)
	if err != nil || path == "" || path == "/" || strings.HasPrefix(path, ":") || !goodText(path) {
		return "", fmt.Errorf("database URL %q: want sqlite:///path/of/the/file", raw)
	}
	return path, nil
}

// newLiteReaders is the pool of readers as a querier.
func (db *sqliteDB) querier() querier {
	return &litePool{db: db.readers, stmts: newStatements(db.readers.PrepareContext)}
}

// ping implements backend.
func (db *sqliteDB) ping(ctx context.Context) error { return db.readers.PingContext(ctx) }

// close implements backend: it waits for the writes that are under way.
func (db *sqliteDB) close() error {
	db.turns.shut()
	db.write1.forget()
	return errors.Join(db.readers.Close(), db.conn.Close(), db.writer.Close())
}

// clock implements backend: on one machine the program's clock is the database's.
func (db *sqliteDB) clock(context.Context, querier, *env) (int64, bool, error) { return 0, false, nil }

// lock implements backend: there is only one writer.
func (db *sqliteDB) lock(context.Context, transaction, string) error { return nil }

// handle implements backend.
func (db *sqliteDB) handle() (*sql.DB, error) {
	// A step waits for another process's step to end instead of failing.
	h, err := sql.Open("sqlite", db.dsn+"&_pragma=journal_mode(WAL)&_txlock=immediate&_pragma=busy_timeout(600000)")
	if err == nil {
		h.SetMaxOpenConns(1)
	}
	return h, err
}

// migrationLock implements backend: SQLite itself lets one writer in.
func (db *sqliteDB) migrationLock(context.Context) (func(), error) { return func() {}, nil }

var _ pgx.Rows = (*liteRows)(nil)
