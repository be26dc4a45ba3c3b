// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Patience of an entrance that closes.
const (
	// silence is how long a connection may stay without a first byte before it counts as
	// nobody: a browser opens some in advance.
	silence = time.Second
	// lookAgain is the time between two looks at who is still inside.
	lookAgain = 5 * time.Millisecond
)

// entrance is a server with its doors, and knows who is inside. The server of the standard
// library gives no answer to a request that it reads after its Shutdown began, so an
// entrance closes in another order: first the doors, then it waits for who came through
// them, and the server ends last.
type entrance struct {
	server *http.Server
	secure bool // whether the server speaks TLS

	mu     sync.Mutex
	doors  []net.Listener
	open   sync.WaitGroup
	inside map[net.Conn]time.Time // since when; the far future for who is being answered
}

// answering stands for the time of who is being answered: they are waited for, however long.
var answering = time.Unix(1<<40, 0)

// newEntrance makes an entrance that speaks TLS where prepare sets it up.
func newEntrance(h http.Handler, prepare func(*http.Server)) *entrance {
	e := &entrance{server: newServer(h), inside: map[net.Conn]time.Time{}}
	e.server.ConnState = e.note
	prepare(e.server)
	e.secure = e.server.TLSConfig != nil // asked now: a server that serves has one of its own
	return e
}

// plainly leaves a server without TLS.
func plainly(*http.Server) {}

// through begins to serve one door; what it returns serves until the entrance closes.
func (e *entrance) through(l net.Listener) (serve func() error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.doors = append(e.doors, l)
	e.open.Add(1)
	return func() error {
		defer e.open.Done()
		return e.serve(l)
	}
}

// serve serves one door; that it was closed is no failure.
func (e *entrance) serve(l net.Listener) error {
	var err error
	if e.secure {
		err = e.server.ServeTLS(l, "", "")
	} else {
		err = e.server.Serve(l)
	}
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return fmt.Errorf("serve on %s: %w", l.Addr(), err)
}

// close lets nobody in, waits until who is inside has an answer, or until ctx ends, and
// closes what is left.
func (e *entrance) close(ctx context.Context) error {
	e.closeDoors()
	e.open.Wait() // from here on nobody comes in
	for e.waiting() && pause(ctx, lookAgain) {
	}
	if e.server.Shutdown(ctx) != nil { // somebody is slow
		return e.server.Close()
	}
	return nil
}

// end closes everything at once; an entrance that was never made has nothing to close.
func (e *entrance) end() error {
	if e == nil {
		return nil
	}
	e.closeDoors()
	return e.server.Close()
}

// closeDoors closes the doors. What that may fail with is known to who serves them.
func (e *entrance) closeDoors() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, l := range e.doors {
		_ = l.Close()
	}
}

// note follows one connection through its states.
func (e *entrance) note(c net.Conn, state http.ConnState) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch state {
	case http.StateNew:
		e.inside[c] = time.Now()
	case http.StateActive:
		e.inside[c] = answering
	default: // idle, closed, or taken over by a stream that has an end of its own
		delete(e.inside, c)
	}
}

// waiting tells whether somebody inside waits for an answer.
func (e *entrance) waiting() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, came := range e.inside {
		if time.Since(came) < silence {
			return true
		}
	}
	return false
}
