// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// farDoor is a door whose visitors seem to come from another machine.
type farDoor struct {
	net.Listener
	from string
}

func (e farDoor) Accept() (net.Conn, error) {
	conn, err := e.Listener.Accept()
	return farConn{conn, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(e.from))}, err
}

type farConn struct {
	net.Conn
	from net.Addr
}

func (s farConn) RemoteAddr() net.Addr { return s.from }

// TestProxyProtocol sends bytes as proxies and others would: who is listed speaks for others,
// who is not is shut out, and what is broken ends the connection.
func TestProxyProtocol(t *testing.T) {
	const (
		proxy, stranger, here = "192.0.2.1:4711", "198.51.100.9:4711", "127.0.0.1:4711"
		ask                   = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
		second                = "\r\n\r\n\x00\r\nQUIT\n"
		inet                  = "\xcb\x00\x71\x07\xc0\x00\x02\x01\x30\x39\x01\xbb" // 203.0.113.7:12345 to 192.0.2.1:443
	)
	listed, machine := netip.MustParsePrefix("192.0.2.0/28"), netip.MustParsePrefix("127.0.0.0/8")
	for _, tt := range []struct {
		name, from, sent, want string // want: the address that counts; empty: closed without an answer
		proxies                []netip.Prefix
	}{
		{"version 1", proxy, "PROXY TCP4 203.0.113.7 192.0.2.1 12345 443\r\n" + ask, "203.0.113.7:12345", nil},
		{"version 1, IPv6", proxy, "PROXY TCP6 2001:db8::7 2001:db8::1 12345 443\r\n" + ask, "[2001:db8::7]:12345", nil},
		{"version 2", proxy, second + "\x21\x11\x00\x0c" + inet + ask, "203.0.113.7:12345", nil},
		{"version 2 with more than we read", proxy, second + "\x21\x11\x00\x10" + inet + "\x04\x00\x01x" + ask, "203.0.113.7:12345", nil},
		{"a proxy's own question", proxy, second + "\x20\x00\x00\x00" + ask, proxy, nil},
		{"a proxy that does not know", proxy, "PROXY UNKNOWN\r\n" + ask, proxy, nil},
		{"a proxy that says nothing", proxy, ask, "", nil},
		{"a proxy that is silent", proxy, "", "", nil},
		{"a proxy that begins and stops", proxy, "PROXY TCP4 203.0", "", nil},
		{"no addresses", proxy, "PROXY TCP4 a b 1 2\r\n" + ask, "", nil},
		{"addresses of another family", proxy, "PROXY TCP4 2001:db8::7 2001:db8::1 12345 443\r\n" + ask, "", nil},
		{"a port that is none", proxy, "PROXY TCP4 203.0.113.7 192.0.2.1 99999 443\r\n" + ask, "", nil},
		{"a line without an end", proxy, "PROXY TCP4 " + strings.Repeat("1", 4096), "", nil},
		{"a path of a socket", proxy, second + "\x21\x31\x00\xd8" + strings.Repeat("a", 216) + ask, "", nil},
		{"UDP", proxy, second + "\x21\x12\x00\x0c" + inet + ask, "", nil},
		{"a third version", proxy, second + "\x31\x11\x00\x0c" + inet + ask, "", nil},
		{"cut short", proxy, second + "\x21\x11\x00\x04" + inet + ask, "", nil},
		{"a visitor's header behind the proxy's", proxy, "PROXY TCP4 203.0.113.7 192.0.2.1 12345 443\r\nPROXY TCP4 10.0.0.1 192.0.2.1 1 2\r\n" + ask, "400", nil},
		{"a stranger who says it too", stranger, "PROXY TCP4 203.0.113.7 192.0.2.1 12345 443\r\n" + ask, "", nil},
		{"a stranger", stranger, ask, "", nil},
		{"this machine", here, ask, here, nil},
		{"this machine, which is not listed", here, "PROXY TCP4 203.0.113.7 192.0.2.1 12345 443\r\n" + ask, "400", nil},
		{"a proxy on this machine", here, "PROXY TCP4 203.0.113.7 192.0.2.1 12345 443\r\n" + ask, "203.0.113.7:12345", []netip.Prefix{machine}},
		{"a health check beside it", here, ask, here, []netip.Prefix{machine}},
		{"a POST beside it", here, "POST" + ask[3:], here, []netip.Prefix{machine}},
		{"no list", stranger, "PROXY TCP4 203.0.113.7 192.0.2.1 12345 443\r\n" + ask, "400", []netip.Prefix{}},
		{"no list and nothing said", stranger, ask, stranger, []netip.Prefix{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			proxies := tt.proxies
			if proxies == nil {
				proxies = []netip.Prefix{listed}
			}
			if got := saysWho(t, proxies, tt.from, tt.sent); got != tt.want {
				t.Errorf("counts as %q, want %q", got, tt.want)
			}
		})
	}
}

// saysWho sends bytes to an entrance and gives the address that its handler saw, or the
// status of a refusal; empty where the connection ends without a word.
func saysWho(t *testing.T, proxies []netip.Prefix, from, sent string) string {
	t.Helper()
	house := newEntrance(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.RemoteAddr) }), plainly)
	l := aSocket(t)
	serve := house.through(openToProxies(proxies, 200*time.Millisecond, []net.Listener{farDoor{l, from}})[0])
	ended := make(chan error, 1)
	go func() { ended <- serve() }()
	defer func() {
		if err := house.close(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	conn, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(conn, sent) // who is shut out may not even take it
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		if late, ok := err.(net.Error); ok && late.Timeout() {
			t.Error("the connection stays open")
		}
		return ""
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Sprint(answer.StatusCode)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Error(err)
	}
	return string(body)
}
