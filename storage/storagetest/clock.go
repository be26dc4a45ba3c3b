// SPDX-License-Identifier: AGPL-3.0-or-later

package storagetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Clock stands still until the test moves it. Under [EachAt] the database of a
// PostgreSQL goes by it too.
type Clock struct {
	mu   sync.Mutex
	t    time.Time
	conn *pgx.Conn
	test testing.TB
}

// NewClock starts at noon of a day in 2030, UTC.
func NewClock() *Clock { return &Clock{t: time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)} }

// Now is the time of the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

// Advance moves the clock, backwards too.
func (c *Clock) Advance(d time.Duration) { c.Set(c.Now().Add(d)) }

// Set puts the clock to a time.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
	c.tell()
}

// tell hands the time to the database.
func (c *Clock) tell() {
	if c.conn == nil {
		return
	}
	if _, err := c.conn.Exec(context.Background(), `UPDATE test_clock SET ms = $1`, c.t.UnixMilli()); err != nil {
		c.test.Errorf("clock: %v", err)
	}
}

// PostgresURLAt is [PostgresURL] of a database that is migrated and goes by the
// clock, for programs that open it themselves.
func PostgresURLAt(t testing.TB, clock *Clock) string {
	t.Helper()
	raw := MigratedURL(t)
	clock.rule(t, raw)
	return raw
}

// PostgresURLOf is [PostgresURL] of a database that a dump fills (statements of SQL, as
// pg_dump --inserts writes them) and that goes by the clock.
func PostgresURLOf(t testing.TB, clock *Clock, dump string) string {
	t.Helper()
	raw := PostgresURL(t)
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, raw)
	if err == nil {
		_, err = conn.PgConn().Exec(ctx, dump).ReadAll()
		err = errors.Join(err, conn.Close(ctx))
	}
	if err != nil {
		t.Fatalf("dump: %v", err)
	}
	clock.rule(t, raw)
	return raw
}

// rule replaces the clock of a migrated database.
func (c *Clock) rule(t testing.TB, raw string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, raw)
	if err != nil {
		t.Fatalf("clock: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close(ctx) })
	for _, statement := range []string{
		`CREATE TABLE test_clock (ms bigint NOT NULL)`,
		`INSERT INTO test_clock VALUES (0)`,
		`CREATE OR REPLACE FUNCTION minga_now() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT ms FROM test_clock $$`,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			t.Fatalf("clock: %v", err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn, c.test = conn, t
	c.tell()
}
