// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"minga/coop"
)

// Group commit, in prose. SQLite has one writer, and a durable commit costs an
// fsync. So the writers that wait share one: each waits for its turn, does its
// work in its own goroutine on the one connection (so that a panic is its own),
// and hands the turn to the next. Whoever finds nobody waiting, or the group full,
// commits for all; only then does each of them answer. While the commit waits for
// the disk the next group gathers. The first of a group needs no savepoint, since
// there is nothing to keep when it fails; the others have one each.

// maxGroup and maxGroupAge bound a group, so that the first in it does not wait
// for ever.
const (
	maxGroup    = 256
	maxGroupAge = 20 * time.Millisecond
)

// group is the writers that share a commit. done is closed after it, err set.
type group struct {
	began time.Time
	size  int // members whose work is in the transaction
	done  chan struct{}
	err   error
}

// turns hands the connection from writer to writer, in the order of arrival.
type turns struct {
	mu      sync.Mutex
	busy    bool
	closed  bool
	waiting []chan struct{}
	open    *group        // only the holder of the turn touches it
	idle    chan struct{} // closed when shut and nobody is left
}

// take waits for the turn. When ctx ends first it returns its error; a turn that
// was handed over at that moment is passed on by leave, as after work.
func (t *turns) take(ctx context.Context) (skip error, err error) {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return nil, fmt.Errorf("the store is closed: %w", coop.ErrUnavailable)
	}
	if !t.busy {
		t.busy = true
		t.mu.Unlock()
		return ctx.Err(), nil
	}
	mine := make(chan struct{})
	t.waiting = append(t.waiting, mine)
	t.mu.Unlock()
	select {
	case <-mine:
		return ctx.Err(), nil
	case <-ctx.Done():
	}
	if t.withdraw(mine) {
		return nil, ctx.Err()
	}
	return ctx.Err(), nil // handed over meanwhile: the duty to pass it on is ours
}

// withdraw leaves the line, if still in it.
func (t *turns) withdraw(mine chan struct{}) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, c := range t.waiting {
		if c == mine {
			t.waiting = append(t.waiting[:i], t.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// anyone says whether somebody waits.
func (t *turns) anyone() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.waiting) > 0
}

// lookAround is how often the last of a group lets others run before it commits:
// those that are about to write join it, and a writer that is alone waits for nobody.
const lookAround = 8

// gathers is anyone, after a look around.
func (t *turns) gathers() bool {
	for range lookAround {
		if t.anyone() {
			return true
		}
		runtime.Gosched()
	}
	return t.anyone()
}

// pass hands the turn to the next in line.
func (t *turns) pass() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) > 0 {
		next := t.waiting[0]
		t.waiting = t.waiting[1:]
		close(next)
		return
	}
	t.busy = false
	if t.closed && t.idle != nil {
		close(t.idle)
		t.idle = nil
	}
}

// shut lets nobody new in and waits until the line is empty.
func (t *turns) shut() {
	t.mu.Lock()
	t.closed = true
	if !t.busy {
		t.mu.Unlock()
		return
	}
	if t.idle == nil {
		t.idle = make(chan struct{})
	}
	idle := t.idle
	t.mu.Unlock()
	<-idle
}

// write implements backend.
func (db *sqliteDB) write(ctx context.Context, e *env, fn func(t transaction) error) error {
	skip, err := db.turns.take(ctx)
	if err != nil {
		return err
	}
	g, err := db.work(ctx, e, skip, fn)
	if err != nil || g == nil {
		return err
	}
	<-g.done
	return g.err
}

// work does one member's part while it holds the turn, and passes the turn on
// however fn ends. It returns the group whose commit to wait for.
func (db *sqliteDB) work(ctx context.Context, e *env, skip error, fn func(t transaction) error) (g *group, err error) {
	kept := false
	defer func() { // also when fn panics or ends its goroutine
		if !kept {
			db.undo()
		}
		db.leave(e)
	}()
	if skip != nil {
		kept = true
		return nil, skip
	}
	if err := db.begin(e); err != nil {
		kept = true
		return nil, err
	}
	if err := fn(db.write1); err != nil {
		return nil, err
	}
	if err := db.keep(); err != nil {
		return nil, err
	}
	kept = true
	return db.turns.open, nil
}

// begin opens the transaction for the first of a group, a savepoint for others.
func (db *sqliteDB) begin(e *env) error {
	if db.turns.open != nil {
		_, err := db.write1.Exec(context.Background(), "SAVEPOINT member")
		if err != nil {
			db.abandon(err)
		}
		return err
	}
	db.write1.broken = nil
	if _, err := db.write1.Exec(context.Background(), "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	db.turns.open = &group{began: e.now(), done: make(chan struct{})}
	return nil
}

// keep adds the member's work to the group.
func (db *sqliteDB) keep() error {
	if db.write1.broken != nil {
		return fmt.Errorf("the transaction is lost: %w", db.write1.broken)
	}
	if db.turns.open.size > 0 {
		if _, err := db.write1.Exec(context.Background(), "RELEASE member"); err != nil {
			db.write1.broken = err
			return err
		}
	}
	db.turns.open.size++
	return nil
}

// undo takes the member's work back: to its savepoint, or all of it if it is the
// first. If even that fails the group is lost, and each of it is told so.
func (db *sqliteDB) undo() {
	g := db.turns.open
	if g == nil {
		return
	}
	if db.write1.broken == nil && g.size > 0 {
		_, err := db.write1.Exec(context.Background(), "ROLLBACK TO member")
		if err == nil {
			_, err = db.write1.Exec(context.Background(), "RELEASE member")
		}
		if err == nil {
			return
		}
		db.write1.broken = err
	}
	db.abandon(db.write1.broken)
}

// abandon rolls the transaction back and tells the group why.
func (db *sqliteDB) abandon(cause error) {
	g := db.turns.open
	db.turns.open = nil
	db.write1.broken = nil
	// After an automatic rollback there is no transaction left: that error is no news.
	_, _ = db.write1.Exec(context.Background(), "ROLLBACK")
	db.write1.broken = nil
	g.err = cause
	close(g.done)
}

// leave commits if nobody waits or the group is full, then passes the turn on.
func (db *sqliteDB) leave(e *env) {
	g := db.turns.open
	if g != nil && (g.size >= maxGroup || e.now().Sub(g.began) >= maxGroupAge || e.now().Before(g.began) || !db.turns.gathers()) {
		db.commit(g)
	}
	db.turns.pass()
}

// commit makes the group durable and lets its members answer.
func (db *sqliteDB) commit(g *group) {
	err := db.ids.save(db.write1)
	if err == nil {
		_, err = db.write1.Exec(context.Background(), "COMMIT")
	}
	if err != nil {
		db.abandon(fmt.Errorf("commit: %w", err))
		return
	}
	db.turns.open = nil
	close(g.done)
}
