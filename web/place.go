// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"
)

// place is the one of a request. It is for working out an answer, and for nothing else:
// who waits for the bytes of its client gives it back meanwhile, and who hands the answer
// over needs it no more. So neither a slow upload nor a slow reader nor a stream keeps
// anybody out.
type place struct {
	of    *places
	guest guest
	ctx   context.Context //nolint:containedctx // it lives as long as its request

	mu   sync.Mutex
	held bool
	over bool // given back for good
}

// newPlace is one that was just taken.
func newPlace(ctx context.Context, of *places, a guest) *place {
	return &place{of: of, guest: a, ctx: ctx, held: true}
}

// end gives the place back for good; again does nothing.
func (p *place) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	p.pause()
}

// pause gives the place back as far as it is held.
func (p *place) pause() {
	if p.held {
		p.held = false
		p.of.free(p.guest)
	}
}

// without does what waits for the client, and takes a place again after it.
func (p *place) without(wait func()) error {
	p.mu.Lock()
	p.pause()
	p.mu.Unlock()
	wait()
	p.mu.Lock()
	over := p.over
	p.mu.Unlock()
	if over {
		return nil
	}
	if !p.of.take(p.ctx, p.guest, rankBack) {
		return errCrowded(p.of)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = true
	if p.over { // while we waited
		p.pause()
	}
	return nil
}

// placeBody is the body of a request that has a place.
type placeBody struct {
	io.ReadCloser
	place *place
}

// Read implements io.Reader.
func (b *placeBody) Read(into []byte) (n int, err error) {
	if busy := b.place.without(func() { n, err = b.ReadCloser.Read(into) }); busy != nil {
		return n, busy
	}
	return n, err
}

// placeWriter is the answer to a request that has a place: the place ends when the answer
// begins.
type placeWriter struct {
	gin.ResponseWriter
	place *place
}

// Write implements io.Writer.
func (w *placeWriter) Write(b []byte) (int, error) {
	w.place.end()
	return w.ResponseWriter.Write(b)
}

// WriteString implements io.StringWriter.
func (w *placeWriter) WriteString(s string) (int, error) {
	w.place.end()
	return w.ResponseWriter.WriteString(s)
}

// Flush implements http.Flusher: a stream begins.
func (w *placeWriter) Flush() {
	w.place.end()
	w.ResponseWriter.Flush()
}

// Hijack implements http.Hijacker: likewise.
func (w *placeWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.place.end()
	return w.ResponseWriter.Hijack()
}

// Unwrap is for http.ResponseController, which sets the patience of a connection.
func (w *placeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
