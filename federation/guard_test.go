// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

// TestAddressTable has every special range of addresses with its neighbours just
// outside. Nothing is dialled.
func TestAddressTable(t *testing.T) {
	for _, tt := range []struct {
		addr string
		good bool
	}{
		{"0.0.0.0", false},
		{"0.0.0.1", false},
		{"0.255.255.255", false},
		{"1.0.0.0", true},
		{"9.255.255.255", true},
		{"10.0.0.0", false},
		{"10.255.255.255", false},
		{"11.0.0.0", true},
		{"100.63.255.255", true},
		{"100.64.0.0", false},
		{"100.127.255.255", false},
		{"100.128.0.0", true},
		{"126.255.255.255", true},
		{"127.0.0.0", false},
		{"127.0.0.1", false},
		{"127.255.255.255", false},
		{"128.0.0.0", true},
		{"169.253.255.255", true},
		{"169.254.0.0", false},
		{"169.254.169.254", false},
		{"169.254.255.255", false},
		{"169.255.0.0", true},
		{"172.15.255.255", true},
		{"172.16.0.0", false},
		{"172.31.255.255", false},
		{"172.32.0.0", true},
		{"191.255.255.255", true},
		{"192.0.0.0", false},
		{"192.0.0.255", false},
		{"192.0.1.0", true},
		{"192.0.1.255", true},
		{"192.0.2.0", false},
		{"192.0.2.255", false},
		{"192.0.3.0", true},
		{"192.88.98.255", true},
		{"192.88.99.0", false},
		{"192.88.99.255", false},
		{"192.88.100.0", true},
		{"192.167.255.255", true},
		{"192.168.0.0", false},
		{"192.168.255.255", false},
		{"192.169.0.0", true},
		{"198.17.255.255", true},
		{"198.18.0.0", false},
		{"198.19.255.255", false},
		{"198.20.0.0", true},
		{"198.51.99.255", true},
		{"198.51.100.0", false},
		{"198.51.100.255", false},
		{"198.51.101.0", true},
		{"203.0.112.255", true},
		{"203.0.113.0", false},
		{"203.0.113.255", false},
		{"203.0.114.0", true},
		{"223.255.255.255", true},
		{"224.0.0.0", false},
		{"239.255.255.255", false},
		{"240.0.0.0", false},
		{"255.255.255.255", false},
		{"8.8.8.8", true},
		{"93.184.216.34", true},

		{"::", false},
		{"::1", false},
		{"::2", false},
		{"::7f00:1", false},
		{"::808:808", false},
		{"100::1", false},
		{"1fff:ffff::1", false},
		{"2000::", true},
		{"3ffe:ffff::1", true},
		{"3fff:0fff:ffff::1", false},
		{"3fff::1", false},
		{"3fff:1000::", true},
		{"4000::", false},
		{"2000:ffff::1", true},
		{"2001::", false},
		{"2001:0:4136:e378::1", false},
		{"2001:1ff:ffff::1", false},
		{"2001:200::", true},
		{"2001:db7:ffff::1", true},
		{"2001:db8::", false},
		{"2001:db8:ffff:ffff::1", false},
		{"2001:db9::", true},
		{"2001:ffff::1", true},
		{"2002::", false},
		{"2002:7f00:1::", false},
		{"2002:808:808::1", false},
		{"2003::1", true},
		{"2606:2800:220:1::1", true},
		{"2606:2800:220:1::1%eth0", false},
		{"fc00::1", false},
		{"fdff::1", false},
		{"fe80::1", false},
		{"fe80::1%eth0", false},
		{"febf::1", false},
		{"fec0::1", false},
		{"ff02::1", false},
		{"ff0e::1", false},
		{"::ffff:127.0.0.1", false},
		{"::ffff:10.0.0.1", false},
		{"::ffff:169.254.169.254", false},
		{"::ffff:0.0.0.0", false},
		{"::ffff:8.8.8.8", true},
		{"64:ff9b::7f00:1", false},
		{"64:ff9b::a00:1", false},
		{"64:ff9b::a9fe:a9fe", false},
		{"64:ff9b::808:808", true},
		{"64:ff9b::1:808:808", false},
		{"64:ff9b:1::808:808", false},
		{"64:ff9a:ffff::808:808", false},
		{"::ffff:0:808:808", false},
		{"5f00::1", false},
		{"fd00:ec2::254", false},
	} {
		addr := netip.MustParseAddr(tt.addr)
		if err := newGuard(false, nil).allow("https", addr, 443); (err == nil) != tt.good {
			t.Errorf("%s: %v, want allowed: %v", tt.addr, err, tt.good)
		}
		if newGuard(false, nil).allow("http", addr, 80) == nil {
			t.Errorf("%s over plain http", tt.addr)
		}
		for _, port := range []uint16{22, 25, 80, 6379, 8080, 8443} {
			if newGuard(false, nil).allow("https", addr, port) == nil {
				t.Errorf("%s at port %d", tt.addr, port)
			}
		}
	}
}

// TestDevelopmentOpens: what development and a list of networks open.
func TestDevelopmentOpens(t *testing.T) {
	two := prefixes("127.0.0.1/32", "127.0.0.2/32")
	wide := prefixes("0.0.0.0/0", "::/0")
	for _, tt := range []struct {
		name   string
		dev    bool
		nets   []netip.Prefix
		scheme string
		addr   string
		port   uint16
		good   bool
	}{
		{"development opens loopback at any port over http", true, nil, "http", "127.0.0.1", 3000, true},
		{"and the whole of it", true, nil, "http", "127.9.9.9", 1, true},
		{"and that of IPv6", true, nil, "http", "::1", 8080, true},
		{"and over https", true, nil, "https", "127.0.0.1", 8443, true},
		{"mapped loopback is loopback", true, nil, "http", "::ffff:127.0.0.1", 80, true},
		{"but nothing else that is private", true, nil, "http", "10.0.0.1", 80, false},
		{"nor http to the public", true, nil, "http", "8.8.8.8", 80, false},
		{"nor another port of the public", true, nil, "https", "8.8.8.8", 8443, false},
		{"the public stays reachable", true, nil, "https", "8.8.8.8", 443, true},
		{"a list opens what is on it", true, two, "http", "127.0.0.2", 9999, true},
		{"and replaces the default", true, two, "http", "127.0.0.9", 80, false},
		{"also of IPv6", true, two, "http", "::1", 80, false},
		{"a list without development opens over https", false, two, "https", "127.0.0.1", 8443, true},
		{"never over http", false, two, "http", "127.0.0.1", 80, false},
		{"a wide list opens private networks", false, wide, "https", "10.1.2.3", 443, true},
		{"never link-local", false, wide, "https", "169.254.169.254", 443, false},
		{"never link-local of IPv6", true, wide, "https", "fe80::1", 443, false},
		{"never multicast", true, wide, "https", "224.0.0.1", 443, false},
		{"never multicast of IPv6", true, wide, "https", "ff02::1", 443, false},
		{"never unspecified", true, wide, "http", "0.0.0.0", 80, false},
		{"never unspecified of IPv6", true, wide, "http", "::", 80, false},
		{"never the mapped unspecified", true, wide, "http", "::ffff:0.0.0.0", 80, false},
		{"never the mapped link-local", true, wide, "http", "::ffff:169.254.169.254", 80, false},
		{"never with a zone", true, wide, "http", "::1%lo", 80, false},
	} {
		err := newGuard(tt.dev, tt.nets).allow(tt.scheme, netip.MustParseAddr(tt.addr), tt.port)
		if (err == nil) != tt.good {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// neverInside says with the standard library's words what an allowed address is not.
func neverInside(t interface{ Fatalf(string, ...any) }, a netip.Addr) {
	if newGuard(false, nil).allow("https", a, 443) != nil {
		return
	}
	for _, b := range []netip.Addr{a, inner(a)} {
		if b.IsPrivate() || b.IsLoopback() || b.IsUnspecified() || b.IsLinkLocalUnicast() || b.IsMulticast() || b.Zone() != "" {
			t.Fatalf("%s is allowed", a)
		}
	}
	if i := inner(a); !i.IsGlobalUnicast() {
		t.Fatalf("%s is allowed", a)
	}
}

func TestAddressPredicate(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		four := netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(rt, "four")))
		plain := newGuard(false, nil).allow("https", four, 443) == nil
		mapped := netip.AddrFrom16(four.As16())
		wrapped := netip.MustParseAddr("64:ff9b::").As16()
		copy(wrapped[12:], four.AsSlice())
		for _, same := range []netip.Addr{mapped, netip.AddrFrom16(wrapped)} {
			if (newGuard(false, nil).allow("https", same, 443) == nil) != plain {
				rt.Fatalf("%s and %s are judged apart", four, same)
			}
		}
		neverInside(rt, four)
	})
}

func FuzzAddressPredicate(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1}, "")
	f.Add(netip.MustParseAddr("::ffff:10.0.0.1").AsSlice(), "eth0")
	f.Fuzz(func(t *testing.T, raw []byte, zone string) {
		if a, ok := netip.AddrFromSlice(raw); ok {
			neverInside(t, a.WithZone(zone))
		}
	})
}
