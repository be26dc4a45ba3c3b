// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// statementTimeout ends a statement that runs away.
const statementTimeout = "30000" // ms

// commitTimeout bounds the wait for a commit.
const commitTimeout = 30 * time.Second

// maxRuns bounds how often a transaction is run until it is not in another's way.
const maxRuns = 10

// postgresDB is a pool, and a connection beside it.
type postgresDB struct {
	pool    *pgxpool.Pool
	numbers *pgxpool.Pool // one connection, for ids of the past; see pastSlot
	vigil   *vigil
}

// openPostgres makes the pool. A page read by an index is as near as the next page of
// the table, on the disks of today and in memory: else a page of a timeline is joined
// with the whole table of accounts. Statements are prepared and cached on each
// connection, and planned once (see postgres_plan.go); none is worth a compilation.
// The simple protocol, which pastes values into the text, is refused.
func openPostgres(ctx context.Context, raw string, connections int) (*postgresDB, error) {
	config, err := pgxpool.ParseConfig(raw)
	if err != nil {
		return nil, fmt.Errorf("database URL: %w", err) // pgx leaves the password out
	}
	switch config.ConnConfig.DefaultQueryExecMode {
	case pgx.QueryExecModeSimpleProtocol, pgx.QueryExecModeExec:
		return nil, errors.New("database URL: this default_query_exec_mode is not allowed")
	}
	config.MaxConns = int32(min(connections, 1000))
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	config.ConnConfig.RuntimeParams["statement_timeout"] = statementTimeout
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	config.ConnConfig.RuntimeParams["random_page_cost"] = "1.1"
	config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	config.ConnConfig.RuntimeParams["jit"] = "off"
	config.ConnConfig.RuntimeParams["application_name"] = "minga"
	setIfFree(config.ConnConfig.RuntimeParams, abandoned)
	watch := &vigil{plain: config.ConnConfig.DialFunc, open: map[*watched]bool{}}
	config.ConnConfig.DialFunc = watch.dial
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	numbers, err := openNumbers(ctx, config)
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &postgresDB{pool: pool, numbers: numbers, vigil: watch}, nil
}

// openNumbers makes the connection beside the pool, which is opened when it is first
// needed. Only a node of an older version holds its rows for longer than a moment, and may
// wait for who asks here: so that asks again, from the start, with all its locks let go.
func openNumbers(ctx context.Context, of *pgxpool.Config) (*pgxpool.Pool, error) {
	config := of.Copy()
	config.MinConns, config.MinIdleConns, config.MaxConns = 0, 0, 1
	config.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
	config.ConnConfig.RuntimeParams["lock_timeout"] = "1000"
	return pgxpool.NewWithConfig(ctx, config)
}

// abandoned is how soon PostgreSQL takes back what a node holds that stands still or was
// cut off: else the locks of its transaction would stop the others. Milliseconds, and
// seconds for the network. A URL may say otherwise.
var abandoned = map[string]string{
	"idle_in_transaction_session_timeout": "10000",
	"tcp_keepalives_idle":                 "15",
	"tcp_keepalives_interval":             "5",
	"tcp_keepalives_count":                "3",
	"tcp_user_timeout":                    "30000",
}

// setIfFree adds what is not there.
func setIfFree(params, more map[string]string) {
	for name, value := range more {
		if _, ok := params[name]; !ok {
			params[name] = value
		}
	}
}

// querier implements backend.
func (db *postgresDB) querier() querier { return limited{db.pool} }

// ping implements backend.
func (db *postgresDB) ping(ctx context.Context) error { return db.pool.Ping(ctx) }

// close implements backend: it waits until every connection is given back.
func (db *postgresDB) close() error {
	db.numbers.Close()
	db.pool.Close()
	return nil
}

// write implements backend. A row that others point to may have gone between being
// read and being pointed to: the next run does not find it, and says so.
func (db *postgresDB) write(ctx context.Context, _ *env, fn func(t transaction) error) error {
	var err error
	for range maxRuns {
		if err = db.once(ctx, fn); err == nil || !again(err) && violation(err) != "foreign" {
			return err
		}
	}
	return err
}

// once runs the transaction one time.
func (db *postgresDB) once(ctx context.Context, fn func(t transaction) error) error {
	conn, err := db.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer conn.Release()
	x := newExchange(conn.Conn())
	// After a commit this does nothing; after a panic it gives back what was held.
	defer func() { x.rollback(context.WithoutCancel(ctx)) }()
	if err := fn(limitedTransaction{limited{x}, x}); err != nil {
		return err
	}
	// A caller that goes away must not leave open whether it was kept.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	if err := x.commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// clock implements backend.
func (db *postgresDB) clock(ctx context.Context, q querier, _ *env) (int64, bool, error) {
	var ms int64
	err := q.QueryRow(ctx, `SELECT minga_now()`).Scan(&ms)
	return ms, true, err
}

// lock implements backend: until the end of the transaction nobody else holds key.
func (db *postgresDB) lock(ctx context.Context, t transaction, key string) error {
	return t.soon(ctx, outcome{}, `SELECT pg_advisory_xact_lock(hashtextextended($1, 7310))`, key)
}

// handle implements backend: for migrations, without a time limit.
func (db *postgresDB) handle() (*sql.DB, error) {
	config := db.pool.Config().ConnConfig.Copy()
	config.RuntimeParams["statement_timeout"] = "0"
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "0"
	return stdlib.OpenDB(*config), nil
}

// migrationLock implements backend: of several nodes that start at once one
// migrates, the others wait.
func (db *postgresDB) migrationLock(ctx context.Context) (func(), error) {
	config := db.pool.Config().ConnConfig.Copy()
	config.RuntimeParams["statement_timeout"] = "0"
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "0"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	release := func() { _ = conn.Close(context.WithoutCancel(ctx)) }
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(7310)`); err != nil {
		release()
		return nil, err
	}
	return release, nil
}
