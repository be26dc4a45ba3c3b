// SPDX-License-Identifier: AGPL-3.0-or-later

package mail

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
)

// Resolver asks the DNS; *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// SPF is what the DNS of a domain says of an address that sends its mail (RFC 7208 §2.6).
type SPF string

// The results.
const (
	SPFNone     SPF = "none" // the domain says nothing
	SPFNeutral  SPF = "neutral"
	SPFPass     SPF = "pass"
	SPFFail     SPF = "fail"
	SPFSoftFail SPF = "softfail"
	SPFTemp     SPF = "temperror" // the DNS did not answer
	SPFPerm     SPF = "permerror" // the record is wrong, or leads through too many names
)

// Bounds of RFC 7208 §4.6.4: of questions that mechanisms ask, and of addresses each.
const (
	mostTerms   = 10
	mostNames   = 10
	longestText = 2048
)

// judging is one evaluation on its way.
type judging struct {
	r     Resolver
	addr  netip.Addr
	asked int
}

// CheckSPF judges whether an address may send mail of a domain (RFC 7208 §4). Mechanisms
// with macros, exists and ptr never fit here: they hang on who writes to whom.
func CheckSPF(ctx context.Context, r Resolver, domain string, addr netip.Addr) SPF {
	j := &judging{r: r, addr: addr.Unmap()}
	return j.check(ctx, domain)
}

// missing tells that a name has no such record.
func missing(err error) bool {
	var d *net.DNSError
	return errors.As(err, &d) && d.IsNotFound
}

// record is the one record of a domain that begins with a word; two are a mistake.
func record(ctx context.Context, r Resolver, name, begins string) (text string, found int, err error) {
	texts, err := r.LookupTXT(ctx, name)
	if err != nil && !missing(err) {
		return "", 0, err
	}
	for _, one := range texts {
		one = strings.TrimSpace(one)
		rest, ok := cutFold(one, begins)
		if ok && len(one) <= longestText && (rest == "" || strings.ContainsAny(rest[:1], " ;")) {
			text, found = one, found+1
		}
	}
	return text, found, nil
}

// check evaluates the record of a domain (RFC 7208 §4.4-4.7).
func (j *judging) check(ctx context.Context, domain string) SPF {
	text, n, err := record(ctx, j.r, domain, "v=spf1")
	switch {
	case err != nil:
		return SPFTemp
	case n == 0:
		return SPFNone
	case n > 1:
		return SPFPerm
	}
	terms := strings.Fields(text)[1:]
	redirect := ""
	for _, term := range terms {
		if to, ok := cutFold(term, "redirect="); ok {
			redirect = to
			continue
		}
		if name, _, ok := strings.Cut(term, "="); ok && !strings.ContainsAny(name, ":/") {
			continue // a modifier that we do not need
		}
		result, term := qualified(term)
		fits, wrong := j.fits(ctx, strings.ToLower(term), domain)
		if wrong != "" {
			return wrong
		}
		if fits {
			return result
		}
	}
	if redirect == "" {
		return SPFNeutral
	}
	if j.asked++; j.asked > mostTerms || strings.Contains(redirect, "%") {
		return SPFPerm
	}
	if result := j.check(ctx, redirect); result != SPFNone {
		return result
	}
	return SPFPerm
}

// cutFold cuts a beginning off, in any case of its letters.
func cutFold(s, begins string) (string, bool) {
	if len(s) >= len(begins) && strings.EqualFold(s[:len(begins)], begins) {
		return s[len(begins):], true
	}
	return s, false
}

// qualified is what a mechanism means when it fits (RFC 7208 §4.6.2).
func qualified(term string) (SPF, string) {
	switch term[0] {
	case '+':
		return SPFPass, term[1:]
	case '-':
		return SPFFail, term[1:]
	case '~':
		return SPFSoftFail, term[1:]
	case '?':
		return SPFNeutral, term[1:]
	}
	return SPFPass, term
}

// fits tells whether a mechanism fits the address (RFC 7208 §5); wrong ends it all.
func (j *judging) fits(ctx context.Context, term, domain string) (fits bool, wrong SPF) {
	name, rest, _ := strings.Cut(term, ":")
	name, bits, _ := strings.Cut(name, "/")
	switch name {
	case "all":
		return true, ""
	case "ip4", "ip6":
		return j.inNet(rest)
	}
	if j.asked++; j.asked > mostTerms {
		return false, SPFPerm
	}
	target, more, slash := strings.Cut(rest, "/")
	if slash {
		bits = more
	}
	if target == "" {
		target = domain
	}
	if strings.Contains(target, "%") {
		return false, ""
	}
	switch name {
	case "a":
		return j.hasAddress(ctx, target, bits)
	case "mx":
		return j.isMX(ctx, target, bits)
	case "include":
		switch result := j.check(ctx, target); result {
		case SPFPass:
			return true, ""
		case SPFTemp, SPFPerm:
			return false, result
		case SPFNone:
			return false, SPFPerm
		}
		return false, ""
	case "exists", "ptr":
		return false, ""
	}
	return false, SPFPerm
}

// inNet tells whether the address lies in a network that is written as one.
func (j *judging) inNet(text string) (bool, SPF) {
	if !strings.Contains(text, "/") {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return false, SPFPerm
		}
		return addr.Unmap() == j.addr, ""
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return false, SPFPerm
	}
	return prefix.Masked().Contains(j.addr), ""
}

// hasAddress tells whether a name has the address, or one in the same network of so many
// bits: "24", "24//64" or "/64".
func (j *judging) hasAddress(ctx context.Context, name, bits string) (bool, SPF) {
	addrs, err := j.r.LookupNetIP(ctx, "ip", name)
	if err != nil && !missing(err) {
		return false, SPFTemp
	}
	four, six, _ := strings.Cut(bits, "/")
	six = strings.TrimPrefix(six, "/")
	for _, a := range addrs {
		if a = a.Unmap(); a.Is4() != j.addr.Is4() {
			continue
		}
		length := four
		if a.Is6() {
			length = six
		}
		if length == "" && a == j.addr {
			return true, ""
		}
		if length == "" {
			continue
		}
		if prefix, err := netip.ParsePrefix(a.String() + "/" + length); err != nil {
			return false, SPFPerm
		} else if prefix.Masked().Contains(j.addr) {
			return true, ""
		}
	}
	return false, ""
}

// isMX tells whether one of the hosts that take the mail of a name has the address.
func (j *judging) isMX(ctx context.Context, name, bits string) (bool, SPF) {
	hosts, err := j.r.LookupMX(ctx, name)
	if err != nil && !missing(err) {
		return false, SPFTemp
	}
	for n, host := range hosts {
		if n == mostNames {
			return false, SPFPerm
		}
		if fits, wrong := j.hasAddress(ctx, host.Host, bits); fits || wrong != "" {
			return fits, wrong
		}
	}
	return false, ""
}

// DMARC is what a domain asks others to do with mail that is not proved to be its own:
// none, quarantine or reject; empty: it says nothing. Where it says nothing itself, the
// domains above it are asked (RFC 7489 §6.6.3).
func DMARC(ctx context.Context, r Resolver, domain string) (string, error) {
	for strings.Contains(domain, ".") {
		text, n, err := record(ctx, r, "_dmarc."+domain, "v=DMARC1")
		if err != nil {
			return "", err
		}
		if n == 1 {
			return tagOf(text, "p"), nil
		}
		_, domain, _ = strings.Cut(domain, ".")
	}
	return "", nil
}

// tagOf is the value of a tag in a list such as v=DMARC1; p=none.
func tagOf(text, tag string) string {
	for part := range strings.SplitSeq(text, ";") {
		if name, value, _ := strings.Cut(part, "="); strings.EqualFold(strings.TrimSpace(name), tag) {
			return strings.ToLower(strings.TrimSpace(value))
		}
	}
	return ""
}

// usualSelectors are the names under which common mail servers and providers publish
// their keys.
var usualSelectors = []string{"default", "mail", "dkim", "s1", "s2", "k1", "k2", "selector1", "selector2", "google", "fm1", "protonmail", "mxvault", "zoho", "main", "minga"}

// DKIM is one of the usual selectors under which a domain publishes a key (RFC 6376
// §3.6.2); empty: none of them. Only who signs knows which selector counts.
func DKIM(ctx context.Context, r Resolver, domain string) (string, error) {
	for _, selector := range usualSelectors {
		texts, err := r.LookupTXT(ctx, selector+"._domainkey."+domain)
		if err != nil && !missing(err) {
			return "", err
		}
		for _, text := range texts {
			if tagOf(text, "p") != "" {
				return selector, nil
			}
		}
	}
	return "", nil
}
