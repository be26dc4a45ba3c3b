// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	connectTime = 5 * time.Second // resolving and connecting; the handshake has its own
	tlsTime     = 5 * time.Second
	maxAddrs    = 4 // of one name that are tried
)

// dialer connects for one scheme. It resolves, judges and dials the judged address
// itself, so that no second resolution can put another in its place.
type dialer struct {
	scheme   string
	guard    guard
	resolver Resolver
}

// dial connects to host:port. What may not be reached is an *Error of KindAddress, and
// nothing was sent.
func (d dialer) dial(ctx context.Context, _, hostport string) (net.Conn, error) {
	host, portText, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, &Error{Kind: KindURL, Err: err}
	}
	d.guard.trusts = slices.Contains(d.guard.trusted, hostport) // d is a copy
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, &Error{Kind: KindURL, Err: err}
	}
	addrs, err := d.addresses(ctx, host)
	if err != nil {
		return nil, &Error{Kind: KindDNS, Err: err}
	}
	addrs, err = d.judged(addrs, uint16(port))
	if err != nil {
		return nil, &Error{Kind: KindAddress, Err: err}
	}
	return d.first(ctx, addrs, uint16(port))
}

// addresses resolves a host. Names under .localhost are loopback by definition
// (RFC 6761 §6.3) and not every resolver knows them.
func (d dialer) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, nil
	}
	addrs, err := d.resolver.LookupNetIP(ctx, "ip", host)
	if err == nil && len(addrs) == 0 {
		err = errors.New("no address")
	}
	return addrs, err
}

// judged keeps the addresses that may be dialled, IPv4 first: a broken IPv6 costs the
// whole time of connecting, a broken IPv4 is rare.
func (d dialer) judged(addrs []netip.Addr, port uint16) ([]netip.Addr, error) {
	var four, six []netip.Addr
	var refusal error
	for _, a := range addrs {
		a = a.Unmap()
		if err := d.guard.allow(d.scheme, a, port); err != nil {
			refusal = err
		} else if a.Is4() {
			four = append(four, a)
		} else {
			six = append(six, a)
		}
	}
	good := append(four, six...)
	if len(good) == 0 {
		return nil, refusal
	}
	return good[:min(len(good), maxAddrs)], nil
}

// first connects to the first address that answers, giving each its share of the time.
func (d dialer) first(ctx context.Context, addrs []netip.Addr, port uint16) (conn net.Conn, err error) {
	socket := net.Dialer{ControlContext: d.control, KeepAlive: 30 * time.Second}
	share := connectTime / time.Duration(len(addrs))
	for _, a := range addrs {
		one, cancel := context.WithTimeout(ctx, share)
		conn, err = socket.DialContext(one, "tcp", netip.AddrPortFrom(a, port).String())
		cancel()
		if err == nil {
			return conn, nil
		}
	}
	return nil, connectError(err)
}

func connectError(err error) error {
	var known *Error
	var timeout net.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &timeout) && timeout.Timeout():
		return &Error{Kind: KindTimeout, Err: err}
	}
	return &Error{Kind: KindConnect, Err: err}
}

// control is called with the socket's own address just before it connects: the last
// word, whatever came to pass above.
func (d dialer) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return &Error{Kind: KindAddress, Err: err}
	}
	if err := d.guard.allow(d.scheme, ap.Addr(), ap.Port()); err != nil {
		return &Error{Kind: KindAddress, Err: err}
	}
	return nil
}

// dialTLS connects and shakes hands; certificates are always checked.
func (d dialer) dialTLS(config *tls.Config) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, hostport string) (net.Conn, error) {
		raw, err := d.dial(ctx, network, hostport)
		if err != nil {
			return nil, err
		}
		host, _, err := net.SplitHostPort(hostport)
		if err != nil {
			return nil, errors.Join(&Error{Kind: KindURL, Err: err}, raw.Close())
		}
		own := config.Clone()
		own.ServerName = host
		conn := tls.Client(raw, own)
		ctx, cancel := context.WithTimeout(ctx, tlsTime)
		defer cancel()
		if err := conn.HandshakeContext(ctx); err != nil {
			_ = raw.Close() // the handshake's error is the one that matters
			return nil, tlsError(err)
		}
		return conn, nil
	}
}

func tlsError(err error) error {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return &Error{Kind: KindTimeout, Err: err}
	}
	return &Error{Kind: KindTLS, Err: err}
}
