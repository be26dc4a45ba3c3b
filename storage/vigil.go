// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A PostgreSQL that was stopped says so, or its connections break. One that hangs, or
// that lies behind a network which swallows everything, says nothing at all: each
// request would wait until somebody loses patience, and hold a connection meanwhile.
// So one connection of its own asks all the time. When no answer comes twice in a row
// the others are cut: who waits on them is told at once, and nobody gets a new one
// until an answer comes.

const (
	vigilPause    = 300 * time.Millisecond // between two questions
	vigilPatience = 700 * time.Millisecond // for an answer
	vigilMisses   = 2                      // answers that do not come: one may be this process's own sleep
)

// errAway is what a connection is refused with while the database does not answer.
var errAway = errors.New("the database does not answer")

// vigil watches over the connections of one pool.
type vigil struct {
	plain pgconn.DialFunc
	mu    sync.Mutex
	away  bool
	open  map[*watched]bool
}

// watched is a connection that can be cut.
type watched struct {
	net.Conn
	vigil *vigil
}

// Close implements net.Conn.
func (w *watched) Close() error {
	w.vigil.mu.Lock()
	delete(w.vigil.open, w)
	w.vigil.mu.Unlock()
	return w.Conn.Close()
}

// dial makes a connection, unless the database is known to be away.
func (v *vigil) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if v.isAway() {
		return nil, errAway
	}
	conn, err := v.plain(ctx, network, address)
	if err != nil {
		return nil, err
	}
	w := &watched{conn, v}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.open[w] = true
	return w, nil
}

func (v *vigil) isAway() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.away
}

// note keeps whether the database answers, and cuts what is open when it ceases to.
func (v *vigil) note(ctx context.Context, answers bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case !answers && !v.away:
		slog.WarnContext(ctx, "the database does not answer: its connections are cut", "connections", len(v.open))
		for w := range v.open {
			_ = w.Conn.Close()
		}
	case answers && v.away:
		slog.WarnContext(ctx, "the database answers again")
	}
	v.away = !answers
}

// watch asks until ctx ends; in its end the connections are anybody's again.
func (db *postgresDB) watch(ctx context.Context) error {
	config := db.pool.Config().ConnConfig.Copy()
	config.DialFunc, config.ConnectTimeout = db.vigil.plain, vigilPatience
	asks := &prober{config: config}
	defer asks.hangUp()
	defer db.vigil.note(context.WithoutCancel(ctx), true)
	for misses := 0; ; {
		err := asks.ask(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if misses++; err == nil || !isSilent(err) {
			misses = 0
		}
		if err == nil || misses >= vigilMisses {
			db.vigil.note(ctx, err == nil)
		}
		if err := pause(ctx, vigilPause); err != nil {
			return err
		}
	}
}

// isSilent tells no answer from one that was not wanted: who is refused knows it at
// once, and needs nobody to cut it off.
func isSilent(err error) bool {
	var network net.Error
	return errors.Is(err, context.DeadlineExceeded) || pgconn.Timeout(err) || errors.As(err, &network) && network.Timeout()
}

// prober is the connection that asks.
type prober struct {
	config *pgx.ConnConfig
	conn   *pgx.Conn
}

// ask wants an answer, on a new connection if there is none.
func (p *prober) ask(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, vigilPatience)
	defer cancel()
	if p.conn == nil {
		if p.conn, err = pgx.ConnectConfig(ctx, p.config); err != nil {
			p.conn = nil
			return err
		}
	}
	if err = p.conn.Ping(ctx); err != nil {
		p.hangUp()
	}
	return err
}

// hangUp ends the connection without waiting for a word.
func (p *prober) hangUp() {
	if p.conn == nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = p.conn.Close(ctx)
	p.conn = nil
}
