// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"minga/coop"
)

// Topics of the store's own queues: adding work wakes them after the commit.
const (
	TopicDeliveries = "deliveries"
	TopicIncoming   = "incoming"
	TopicTasks      = "tasks"
)

// notifyPause gathers wake-ups before they go to other nodes: PostgreSQL lets one
// NOTIFY commit at a time, so there must not be one for each write.
const notifyPause = 50 * time.Millisecond

// reconnectPause is the wait after the connection that listens broke.
const reconnectPause = 5 * time.Second

// wakeups are the listeners of this node, and what is to be told to others.
type wakeups struct {
	mu        sync.Mutex
	listeners map[string]map[chan struct{}]bool
	outgoing  map[string]bool
	more      chan struct{}

	node    string         // of this store among those of one database
	feeds   map[*Feed]bool // of this node
	carries bool           // changes go to other nodes, or wait for who sends them
	changes []coop.Change  // for the other nodes
	writes  atomic.Int64   // transactions of this store that were committed
}

// newWakeups makes those of a store; carries: other nodes may hear of changes.
func newWakeups(carries bool) *wakeups {
	return &wakeups{
		listeners: map[string]map[chan struct{}]bool{}, more: make(chan struct{}, 1),
		node: rand.Text(), feeds: map[*Feed]bool{}, carries: carries,
	}
}

// here wakes the listeners of this node.
func (w *wakeups) here(topic string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.listeners[topic] {
		poke(c)
	}
}

// elsewhere notes a topic for the other nodes, if somebody carries them.
func (w *wakeups) elsewhere(topic string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.outgoing != nil {
		w.outgoing[topic] = true
		poke(w.more)
	}
}

// carry starts or stops noting topics for the other nodes.
func (w *wakeups) carry(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.outgoing = nil
	if on {
		w.outgoing = map[string]bool{}
	}
}

// noted takes the topics that were noted.
func (w *wakeups) noted() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var topics []string
	for t := range w.outgoing {
		topics = append(topics, t)
		delete(w.outgoing, t)
	}
	return topics
}

// all wakes every listener of this node.
func (w *wakeups) all() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, channels := range w.listeners {
		for c := range channels {
			poke(c)
		}
	}
}

// poke leaves at most one wake-up in the channel.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Wake tells everyone on this node and the others who listens to topic (at most
// 60 bytes) that there is work. It is a hint: a wake-up may be lost or come twice.
func (s *Store) Wake(topic string) {
	s.wake.here(topic)
	s.wake.elsewhere(topic)
}

// Listen gives a channel that receives after each wake-up of topic, until ctx
// ends. Wake-ups that come while one waits in the channel are one.
func (s *Store) Listen(ctx context.Context, topic string) <-chan struct{} {
	w, c := s.wake, make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.listeners[topic] == nil {
		w.listeners[topic] = map[chan struct{}]bool{}
	}
	w.listeners[topic][c] = true
	context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.listeners[topic], c)
		if len(w.listeners[topic]) == 0 {
			delete(w.listeners, topic)
		}
	})
	return c
}

// Run does what a store does in the background until ctx ends: on PostgreSQL it
// carries wake-ups between nodes and watches whether the database answers, on SQLite it
// looks whether another process wrote.
// Without it the store works, and what others add is found only by the slow poll. It returns nil when
// ctx ends.
func (s *Store) Run(ctx context.Context) error {
	if db, ok := s.db.(*sqliteDB); ok {
		if err := db.watch(ctx, s.wake); ctx.Err() == nil {
			return err
		}
		return nil
	}
	db, ok := s.db.(*postgresDB)
	if !ok {
		<-ctx.Done()
		return nil
	}
	s.wake.carry(true)
	defer s.wake.carry(false)
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error { return db.tell(ctx, s.wake) })
	both.Go(func() error { return db.hear(ctx, s.wake) })
	both.Go(func() error { return db.watch(ctx) })
	if err := both.Wait(); ctx.Err() == nil {
		return err
	}
	return nil
}

// tell sends what was noted, at most one statement in each pause.
func (db *postgresDB) tell(ctx context.Context, w *wakeups) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-w.more:
		}
		_, err := db.pool.Exec(ctx, `
			SELECT pg_notify('minga', r.value)
			FROM jsonb_array_elements_text($1::jsonb) AS r`, list(append(w.noted(), w.payloads()...)))
		if err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "wake-ups are not carried", "err", err)
		}
		if err := pause(ctx, notifyPause); err != nil {
			return err
		}
	}
}

// hear listens on a connection of its own, and again after it broke.
func (db *postgresDB) hear(ctx context.Context, w *wakeups) error {
	for {
		err := db.listen(ctx, w)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		slog.WarnContext(ctx, "wake-ups are not heard", "err", err)
		if err := pause(ctx, reconnectPause); err != nil {
			return err
		}
	}
}

// listen hands wake-ups on until the connection breaks.
func (db *postgresDB) listen(ctx context.Context, w *wakeups) error {
	conn, err := db.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	own := conn.Hijack() // a LISTEN must not go back into the pool
	defer func() { _ = own.Close(context.WithoutCancel(ctx)) }()
	if _, err := own.Exec(ctx, `LISTEN minga`); err != nil {
		return err
	}
	w.all() // what was said while nobody listened
	w.missed()
	for {
		n, err := own.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		w.heard(n.Payload)
	}
}

// pause waits, or returns the error of ctx.
func pause(ctx context.Context, d time.Duration) error {
	timer, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-timer.Done()
	return ctx.Err()
}
