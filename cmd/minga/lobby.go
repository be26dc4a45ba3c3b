// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"minga/web"
)

// The lobby is who answers while the database is brought up to date: 503 to everything,
// instead of a port that takes connections and says nothing. The instance takes the same
// listeners over afterwards, so that whoever connects in between waits a moment and is
// served.

// lobby answers on listeners that it does not own.
type lobby struct {
	house *entrance
	held  []*heldListener
	loops errgroup.Group
}

// openLobby begins to answer, once on each connection.
func openLobby(listeners []net.Listener, secure func(*http.Server)) *lobby {
	l := &lobby{house: newEntrance(web.Closed(), secure)}
	l.house.server.SetKeepAlivesEnabled(false)
	for _, one := range listeners {
		held := &heldListener{Listener: one}
		l.held = append(l.held, held)
		l.loops.Go(l.house.through(held))
	}
	return l
}

// close answers who was let in and gives the listeners back.
func (l *lobby) close() error {
	patience, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := errors.Join(l.house.close(patience), l.loops.Wait())
	for _, held := range l.held {
		err = errors.Join(err, held.release())
	}
	return err
}

// heldListener stays open when who serves it closes it.
type heldListener struct{ net.Listener }

// Accept waits for a connection; net.ErrClosed when the wait was ended.
func (h *heldListener) Accept() (net.Conn, error) {
	c, err := h.Listener.Accept()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, net.ErrClosed
	}
	return c, err
}

// deadlined is a listener whose wait can be ended.
type deadlined interface{ SetDeadline(t time.Time) error }

// past is a deadline that is over.
var past = time.Unix(1, 0)

// Close ends the wait for a connection and leaves the listener open.
func (h *heldListener) Close() error {
	if l, ok := h.Listener.(deadlined); ok {
		return l.SetDeadline(past)
	}
	return h.Listener.Close()
}

// release lets the listener wait again.
func (h *heldListener) release() error {
	if l, ok := h.Listener.(deadlined); ok {
		return l.SetDeadline(time.Time{})
	}
	return nil
}
