// SPDX-License-Identifier: AGPL-3.0-or-later

package origin

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// NormalizeHost brings a host, with or without a port, to its one spelling: lower
// case, IDNA to ASCII, no trailing dot. Ports 80 and 443 are kept, because without
// a scheme nobody knows which is the default; Parse drops the default. An IPv6
// address stands in brackets. NormalizeHost is idempotent. Every error is an ErrURL.
func NormalizeHost(s string) (string, error) { return normalizeAuthority(s, "") }

// normalizeAuthority does the work for a host[:port] of a URL with this scheme.
func normalizeAuthority(s, scheme string) (string, error) {
	host, port, err := splitPort(s)
	if err != nil {
		return "", err
	}
	if host, err = normalizeName(host); err != nil {
		return "", err
	}
	if port == "" || scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		return host, nil
	}
	return host + ":" + port, nil
}

// splitPort separates the port, which it checks, from the host.
func splitPort(s string) (host, port string, err error) {
	if len(s) > MaxURL {
		return "", "", refuse("host too long")
	}
	end := strings.LastIndexByte(s, ':')
	if end < strings.LastIndexByte(s, ']') {
		end = -1
	}
	if end < 0 {
		return s, "", nil
	}
	host, port = s[:end], s[end+1:]
	if port == "" {
		return host, "", nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
		return "", "", refuse("port")
	}
	return host, port, nil
}

// normalizeName does the work for a host without its port.
func normalizeName(s string) (string, error) {
	if strings.HasPrefix(s, "[") {
		return normalizeIPv6(s)
	}
	ascii, err := toASCII(strings.TrimSuffix(s, "."))
	if err != nil {
		return "", err
	}
	if len(ascii) > MaxHost || !validLabels(ascii) {
		return "", refuse("host name")
	}
	return ascii, checkNumber(ascii, s)
}

// normalizeIPv6 reads "[2001:db8::1]". A zone would name an interface of this
// machine and is never right in a URL from outside.
func normalizeIPv6(s string) (string, error) {
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	if err != nil || !strings.HasSuffix(s, "]") || !a.Is6() || a.Zone() != "" {
		return "", refuse("IPv6 address")
	}
	return "[" + a.String() + "]", nil
}

// toASCII lowers the case; names that are not plain ASCII, or say they were not,
// go through IDNA's look-up rules (UTS 46, RFC 5891 §5).
func toASCII(s string) (string, error) {
	if len(s) > 4*MaxHost {
		return "", refuse("host name too long")
	}
	lower := strings.ToLower(s)
	if isASCII(s) && !strings.HasPrefix(lower, "xn--") && !strings.Contains(lower, ".xn--") {
		return lower, nil
	}
	ascii, err := idna.Lookup.ToASCII(s)
	if err != nil || !utf8.ValidString(s) {
		return "", refuse("internationalised host name")
	}
	// The library lets a few names through that it would not take back.
	if again, err := idna.Lookup.ToASCII(ascii); err != nil || again != ascii {
		return "", refuse("internationalised host name")
	}
	return strings.TrimSuffix(ascii, "."), nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// validLabels wants labels of letters, digits and inner hyphens (RFC 1123 §2.1),
// of 1 to 63 bytes.
func validLabels(host string) bool {
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}

// checkNumber refuses hosts that end in a number and are not a dotted quad in its
// plain spelling: resolvers read 0177.1, 127.1 and 2130706433 as addresses, and
// full-width digits become such only after mapping.
func checkNumber(ascii, written string) error {
	last := ascii[strings.LastIndexByte(ascii, '.')+1:]
	if strings.Trim(last, "0123456789") != "" && !isHex(last) {
		return nil
	}
	a, err := netip.ParseAddr(ascii)
	if err != nil || !a.Is4() || ascii != strings.TrimSuffix(written, ".") {
		return refuse("number that is not a plain IPv4 address")
	}
	return nil
}

// isHex says whether a label is such as "0x7f", which inet_aton takes.
func isHex(label string) bool {
	digits, ok := strings.CutPrefix(label, "0x")
	return ok && strings.Trim(digits, "0123456789abcdef") == ""
}

// Authority is the normalised host[:port] that a Host header names under this scheme
// ("https" or "http"): as NormalizeHost, with the scheme's default port dropped.
func Authority(scheme, host string) (string, error) { return normalizeAuthority(host, scheme) }
