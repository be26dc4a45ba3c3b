// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import "context"

// Write runs fn in one transaction and returns after the commit is durable. If
// fn returns an error nothing of it is kept and the error is returned as it is;
// if fn panics nothing of it is kept and the panic goes on in the caller.
//
// On SQLite writes that wait together share one transaction and one fsync, each
// in its own savepoint. On PostgreSQL fn runs again, from the start, after a
// deadlock or serialization failure: it must not change anything outside the
// transaction but through [Tx.AfterCommit]. fn must not call Write, must not
// use the network and must use the Tx alone: what it asks of the Store does not
// see its own changes. When ctx ends before fn starts, fn is not run.
func (s *Store) Write(ctx context.Context, fn func(tx *Tx) error) error { return errNotBuilt }

// AfterCommit runs fn once the transaction is durable, and never otherwise. fn
// must return soon.
func (tx *Tx) AfterCommit(fn func()) {}

// Wake is [Store.Wake] after the commit.
func (tx *Tx) Wake(topic string) {}
