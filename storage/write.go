// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"minga/coop"
)

// Tx is one transaction, valid only inside the function given to [Store.Write]
// and only in that goroutine.
type Tx struct {
	reader
	run   transaction // q, for what nobody waits for
	db    backend
	store *Store
	after []func()
	wakes map[string]bool

	changes []coop.Change
	ms      int64 // the time of the database, once asked for
	skew    int64 // that time minus the program's

	target string // what it is about; see [Tx.about]
	noted  bool   // the audit log has who stands behind it
}

// Write runs fn in one transaction and returns after the commit is durable. If
// fn returns an error nothing of it is kept and the error is returned, with its
// kind (coop/errors.go) added where the database names one; if fn panics nothing
// of it is kept and the panic goes on in the caller.
//
// On SQLite writes that wait together share one transaction and one fsync, each
// in its own savepoint. Who acts in somebody's name by ctx ([ActingAs]) is noted in
// the audit log, in the same transaction. On PostgreSQL fn runs again, from the start, after a
// deadlock or serialization failure: it must not change anything outside the
// transaction but through [Tx.AfterCommit]. fn must not call Write, must not
// use the network and must use the Tx alone: what it asks of the Store does not
// see its own changes. After an error of a statement fn must return. When ctx ends
// before fn starts, fn is not run.
func (s *Store) Write(ctx context.Context, fn func(tx *Tx) error) error {
	var tx *Tx
	ctx, end := s.e.since(ctx, "write")
	defer end()
	err := s.db.write(ctx, s.e, func(run transaction) error {
		q := checkedTransaction{checked{run, s.e}, run}
		tx = &Tx{reader: reader{q: q, e: s.e}, run: q, db: s.db, store: s}
		t := tx
		defer func() { t.q, t.run = ended{}, ended{} }()
		if err := fn(t); err != nil {
			return err
		}
		return t.noteAct(ctx)
	})
	if err != nil {
		return kind(err)
	}
	s.wake.writes.Add(1)
	if len(tx.changes) > 0 {
		s.wake.changedHere(tx.changes)
		s.wake.changedElsewhere(tx.changes)
	}
	for topic := range tx.wakes {
		s.Wake(topic)
	}
	for _, f := range tx.after {
		f()
	}
	return nil
}

// AfterCommit runs fn once the transaction is durable, and never otherwise. fn
// must return soon.
func (tx *Tx) AfterCommit(fn func()) { tx.after = append(tx.after, fn) }

// Wake is [Store.Wake] after the commit.
func (tx *Tx) Wake(topic string) {
	if tx.wakes == nil {
		tx.wakes = map[string]bool{}
	}
	tx.wakes[topic] = true
}

// clock is the time on which all nodes agree, one for the whole transaction, in
// Unix milliseconds.
func (tx *Tx) clock(ctx context.Context) (int64, error) {
	if tx.ms != 0 {
		return tx.ms, nil
	}
	ours := tx.e.now().UnixMilli()
	ms, other, err := tx.db.clock(ctx, tx.q, tx.e)
	if err != nil {
		return 0, fmt.Errorf("time of the database: %w", err)
	}
	if !other {
		ms = ours
	}
	tx.setClock(ms, ours)
	return ms, nil
}

// setClock keeps the time of the database, and what the program's clock said then.
func (tx *Tx) setClock(ms, ours int64) { tx.ms, tx.skew = ms, ms-ours }

// at is a moment of the program's clock in the database's time; the zero time is
// the present.
func (tx *Tx) at(ctx context.Context, t time.Time) (int64, error) {
	now, err := tx.clock(ctx)
	if err != nil || t.IsZero() {
		return now, err
	}
	return t.UnixMilli() + tx.skew, nil
}

// errEnded is what a Tx answers after its function returned.
var errEnded = errors.New("the transaction has ended")

// ended is the transaction of a Tx that is over.
type ended struct{}

// Query implements querier.
func (ended) Query(context.Context, string, ...any) (pgx.Rows, error) { return nil, errEnded }

// QueryRow implements querier.
func (ended) QueryRow(context.Context, string, ...any) pgx.Row { return failedRow{errEnded} }

// Exec implements querier.
func (ended) Exec(context.Context, string, ...any) (pgconn.CommandTag, error) {
	return pgconn.CommandTag{}, errEnded
}

// soon implements transaction.
func (ended) soon(context.Context, outcome, string, ...any) error { return errEnded }
