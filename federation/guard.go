// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"fmt"
	"net/netip"
)

// guard decides which addresses may be dialled. It is asked with the
// address at the socket, never with a name.
type guard struct {
	dev     bool
	opened  []netip.Prefix // private addresses that the operator opened
	trusted []string       // host:port that may lie anywhere
	trusts  bool           // for what is dialled now
}

// newGuard: development alone opens loopback, and a list
// takes its place.
func newGuard(dev bool, nets []netip.Prefix) guard {
	if dev && len(nets) == 0 {
		nets = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	return guard{dev: dev, opened: nets}
}

// special4 are the parts of IPv4 that the special-purpose registry takes away from
// global unicast (RFC 6890).
var special4 = prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
	"172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4")

// special6 are the parts of 2000::/3 that are not global unicast, or that carry an
// IPv4 address which some router takes out again (6to4, Teredo).
var special6 = prefixes("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")

var (
	global6 = netip.MustParsePrefix("2000::/3")
	nat64   = netip.MustParsePrefix("64:ff9b::/96")
)

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

func contains(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// inner is the IPv4 address inside a mapped or NAT64 address, and any other address
// unchanged. Machines with IPv6 only reach the IPv4 world through NAT64.
func inner(a netip.Addr) netip.Addr {
	a = a.Unmap()
	if a.Is6() && nat64.Contains(a.WithZone("")) {
		b := a.As16()
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return a
}

// allow says whether an address may be dialled for a scheme at a port. Opened
// addresses may be reached at any port, over plain http only in development; all
// others only if they are public, over https at 443.
func (g guard) allow(scheme string, addr netip.Addr, port uint16) error {
	if !addr.IsValid() || addr.Zone() != "" {
		return fmt.Errorf("address %s has a zone", addr)
	}
	a := inner(addr)
	switch {
	case a.IsUnspecified() || a.IsMulticast() || a.IsLinkLocalUnicast():
		return fmt.Errorf("address %s is never opened", addr)
	case g.trusts:
		return nil
	case contains(g.opened, a):
		if scheme != "https" && !g.dev {
			return fmt.Errorf("address %s is not asked without TLS", addr)
		}
		return nil
	case !public(a):
		return fmt.Errorf("address %s is not public", addr)
	case scheme != "https" || port != 443:
		return fmt.Errorf("port %d of %s with %s", port, addr, scheme)
	}
	return nil
}

// public says whether an address is global unicast.
func public(a netip.Addr) bool {
	if a.Is4() {
		return !contains(special4, a)
	}
	return global6.Contains(a) && !contains(special6, a)
}
