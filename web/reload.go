// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// Reloaded are the settings of the doors that may change while they are open.
type Reloaded struct {
	Proxies   []netip.Prefix // whose forwarding headers count
	RateLimit bool
}

// Reload lets other settings count, from the next request on.
func (d *Doors) Reload(r Reloaded) { d.server.reloaded.Store(&r) }

// proxies are those whose forwarding headers count.
func (s *server) proxies() []netip.Prefix {
	if r := s.reloaded.Load(); r != nil {
		return r.Proxies
	}
	return s.o.Proxies
}

// limiting tells whether requests are counted.
func (s *server) limiting() bool {
	if r := s.reloaded.Load(); r != nil {
		return r.RateLimit
	}
	return s.o.RateLimit
}

// locate writes the address of who asks where all others look for it: behind a proxy that
// is trusted, the right-most one of its header that is no such proxy. What others write
// into these headers counts for nothing.
func (s *server) locate(c *gin.Context) {
	proxies := s.proxies()
	peer := addressOf(c.Request.RemoteAddr)
	c.Set(peerKey, peer.String())
	if !trusted(proxies, peer) {
		return
	}
	for _, name := range []string{"X-Forwarded-For", "X-Real-Ip"} {
		if addr := forwarded(proxies, c.Request.Header, name); addr.IsValid() {
			c.Request.RemoteAddr = netip.AddrPortFrom(addr, 0).String()
			return
		}
	}
}

// forwarded is the address that a header names; none if it is no list of addresses.
func forwarded(proxies []netip.Prefix, h http.Header, name string) netip.Addr {
	list := strings.Split(strings.Join(h.Values(name), ","), ",")
	for i, text := range slices.Backward(list) {
		addr, err := netip.ParseAddr(strings.TrimSpace(text))
		if err != nil {
			return netip.Addr{}
		}
		if addr = addr.Unmap().WithZone(""); i == 0 || !trusted(proxies, addr) {
			return addr
		}
	}
	return netip.Addr{}
}

// trusted tells whether an address is one of a proxy.
func trusted(proxies []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// addressOf is the address of a connection's other end.
func addressOf(remote string) netip.Addr {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("")
}
