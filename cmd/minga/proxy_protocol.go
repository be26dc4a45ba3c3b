// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/pires/go-proxyproto"
)

// introduction is how long a proxy may take to say for whom a connection is.
const introduction = 5 * time.Second

// openToProxies lets the proxies of a list begin connections with the PROXY protocol (versions 1
// and 2, haproxy.org/download/3.2/doc/proxy-protocol.txt); what they say is then the other
// end. Without a list nothing changes, and such a header is no HTTP.
func openToProxies(proxies []netip.Prefix, patience time.Duration, doors []net.Listener) []net.Listener {
	if len(proxies) == 0 {
		return doors
	}
	list := make([]net.Listener, 0, len(doors))
	for _, l := range doors {
		list = append(list, &proxyproto.Listener{
			Listener: fromProxies{l, proxies}, ReadHeaderTimeout: patience, ValidateHeader: introduced,
			ConnPolicy: func(o proxyproto.ConnPolicyOptions) (proxyproto.Policy, error) {
				return manners(proxies, o.Upstream), nil
			},
		})
	}
	return list
}

// manners say what is asked of a connection. A proxy must introduce each, or what it sends
// could be a visitor's own header. From this machine health checks and commands come too,
// without; where a proxy of this machine is listed, its header counts.
func manners(proxies []netip.Prefix, from net.Addr) proxyproto.Policy {
	addr, listed := listedProxy(proxies, from)
	switch {
	case !listed:
		return proxyproto.SKIP
	case addr.IsLoopback():
		return proxyproto.USE
	}
	return proxyproto.REQUIRE
}

// listedProxy is the address of a connection's other end, and whether it is one of a list.
// What is no address of a network is this machine.
func listedProxy(proxies []netip.Prefix, from net.Addr) (netip.Addr, bool) {
	tcp, ok := from.(*net.TCPAddr)
	if !ok {
		return netip.IPv6Loopback(), false
	}
	addr := tcp.AddrPort().Addr().Unmap().WithZone("")
	return addr, slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// introduced refuses headers that name no address of a visitor. That a proxy speaks for
// itself (LOCAL, UNKNOWN) is fine: then the connection is its own.
func introduced(h *proxyproto.Header) error {
	if h.Command.IsLocal() || h.SourceAddr == nil {
		return nil
	}
	if from, ok := h.SourceAddr.(*net.TCPAddr); !ok || !from.AddrPort().IsValid() {
		return fmt.Errorf("a proxy speaks for %T", h.SourceAddr)
	}
	return nil
}

// fromProxies is a door for the proxies of a list and for this machine; others are shut out
// without a word.
type fromProxies struct {
	net.Listener
	proxies []netip.Prefix
}

// Accept implements [net.Listener].
func (d fromProxies) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err //nolint:wrapcheck // the server tells passing failures by their type
		}
		if addr, listed := listedProxy(d.proxies, conn.RemoteAddr()); listed || addr.IsLoopback() {
			return conn, nil
		}
		_ = conn.Close()
	}
}
