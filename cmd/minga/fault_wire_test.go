// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// wire is a TCP proxy that fails as networks do. What is set counts for connections
// that are open and for new ones.
type wire struct {
	target string
	listen net.Listener
	loops  sync.WaitGroup

	mu     sync.Mutex
	way    wireWay
	delay  time.Duration // before each piece, in each direction
	rate   int           // bytes a second in each direction; 0: as fast as it goes
	limit  int           // bytes of a connection after which nothing passes; 0: no limit
	open   map[net.Conn]bool
	change chan struct{} // closed at each change
	ended  bool
}

// wireWay is what a wire does with what it is given.
type wireWay int

const (
	wirePasses   wireWay = iota
	wireRefuses          // cuts what is open and every new connection
	wireSwallows         // keeps all open, and nothing arrives on either side
)

// newWire begins to listen on loopback and passes everything on to target (host:port).
func newWire(t *testing.T, target string) *wire {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{target: target, listen: l, open: map[net.Conn]bool{}, change: make(chan struct{})}
	w.loops.Go(w.accept)
	t.Cleanup(w.close)
	return w
}

func (w *wire) address() string { return w.listen.Addr().String() }

// set changes how the wire behaves.
func (w *wire) set(change func(w *wire)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w)
	close(w.change)
	w.change = make(chan struct{})
	if w.way == wireRefuses {
		w.cutAll()
	}
}

// turn is set for the way alone.
func (w *wire) turn(way wireWay) { w.set(func(w *wire) { w.way = way }) }

// cut breaks what is open, once; new connections pass.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cutAll()
}

// cutAll is cut under the lock.
func (w *wire) cutAll() {
	for conn := range w.open {
		reset(conn)
	}
}

// reset closes a connection without a good-bye.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func (w *wire) close() {
	w.set(func(w *wire) { w.ended = true; w.cutAll() })
	_ = w.listen.Close()
	w.loops.Wait()
}

// accept takes connections until the end.
func (w *wire) accept() {
	for {
		near, err := w.listen.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		w.loops.Go(func() { w.serve(near) })
	}
}

// keep remembers a connection; false: it must not be.
func (w *wire) keep(conns ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended || w.way == wireRefuses {
		return false
	}
	for _, conn := range conns {
		w.open[conn] = true
	}
	return true
}

// serve joins a connection with one to the target until either ends.
func (w *wire) serve(near net.Conn) {
	far, err := (&net.Dialer{Timeout: 10 * time.Second}).Dial("tcp", w.target)
	if err != nil {
		reset(near)
		return
	}
	if !w.keep(near, far) {
		reset(near)
		reset(far)
		return
	}
	var both sync.WaitGroup
	both.Go(func() { w.pump(far, near); reset(far); reset(near) })
	both.Go(func() { w.pump(near, far); _ = near.Close(); reset(far) })
	both.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, near)
	delete(w.open, far)
}

// pump carries bytes one way until an end is closed.
func (w *wire) pump(to io.Writer, from io.Reader) {
	buffer, carried := make([]byte, 32<<10), 0
	for {
		n, err := from.Read(buffer)
		if err != nil || !w.hold(&carried, n) {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// hold keeps a piece back as long as the wire says; false: the end has come.
func (w *wire) hold(carried *int, n int) bool {
	for *carried += n; ; {
		w.mu.Lock()
		wait, change := w.delay, w.change
		if w.rate > 0 {
			wait += time.Duration(n) * time.Second / time.Duration(w.rate)
		}
		stuck, ended := w.way == wireSwallows || w.limit > 0 && *carried > w.limit, w.ended
		w.mu.Unlock()
		if ended {
			return false
		}
		if !stuck {
			time.Sleep(wait)
			return true
		}
		<-change
	}
}

// TestWire: the proxy of the fault tests does what it says, or they would prove nothing.
func TestWire(t *testing.T) {
	echo, err := net.Listen("tcp4", "127.0.0.1:0") //nolint:noctx // ends with the test
	if err != nil {
		t.Fatal(err)
	}
	var loops sync.WaitGroup
	loops.Go(func() {
		for {
			conn, err := echo.Accept()
			if err != nil {
				return
			}
			loops.Go(func() { _, _ = io.Copy(conn, conn); _ = conn.Close() })
		}
	})
	w := newWire(t, echo.Addr().String())
	t.Cleanup(func() { _ = echo.Close(); w.close(); loops.Wait() })
	ask := func(conn net.Conn, patience time.Duration) error {
		_ = conn.SetDeadline(time.Now().Add(patience))
		if _, err := conn.Write(make([]byte, 1000)); err != nil {
			return err
		}
		_, err := io.ReadFull(conn, make([]byte, 1000))
		return err
	}
	dial := func() net.Conn {
		conn, err := net.Dial("tcp4", w.address()) //nolint:noctx // ends with the test
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	conn := dial()
	if err := ask(conn, time.Minute); err != nil {
		t.Fatalf("passing: %v", err)
	}
	begun := time.Now()
	w.set(func(w *wire) { w.delay, w.rate = 20*time.Millisecond, 20_000 })
	if err := ask(conn, time.Minute); err != nil || time.Since(begun) < 140*time.Millisecond {
		t.Errorf("two pieces of 1,000 bytes at 20,000 a second, 20 ms late: %v after %v", err, time.Since(begun))
	}
	w.set(func(w *wire) { w.delay, w.rate, w.limit = 0, 0, 2500 })
	if err := ask(conn, 200*time.Millisecond); !errors.Is(err, errTimeout(err)) {
		t.Errorf("past the limit something came: %v", err)
	}
	w.set(func(w *wire) { w.limit, w.way = 0, wireSwallows })
	other := dial()
	if err := ask(other, 200*time.Millisecond); !errors.Is(err, errTimeout(err)) {
		t.Errorf("swallowed and yet there: %v", err)
	}
	w.turn(wirePasses)
	_ = other.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.ReadFull(other, make([]byte, 1000)); err != nil {
		t.Errorf("what was held back is lost: %v", err)
	}
	w.turn(wireRefuses)
	if err := ask(other, time.Minute); err == nil {
		t.Error("an open connection was not cut")
	}
	if late, err := net.Dial("tcp4", w.address()); err == nil { //nolint:noctx // ends with the test; cut so soon, it may not even open
		if err := ask(late, time.Minute); err == nil {
			t.Error("a new connection was not refused")
		}
		_ = late.Close()
	}
	w.turn(wirePasses)
	if err := ask(dial(), time.Minute); err != nil {
		t.Errorf("passing again: %v", err)
	}
}

// errTimeout is err itself if it says that time ran out.
func errTimeout(err error) error {
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return err
	}
	return errors.New("another error")
}
