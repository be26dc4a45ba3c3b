// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"net/netip"
	"net/url"
	"strings"
	"time"
	_ "time/tzdata" // the same zones wherever the program runs

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
)

// ValidLanguage tells whether a tag is a known BCP 47 tag as it is written on
// the wire: with hyphens, at most 35 characters, neither `und` nor private alone.
func ValidLanguage(tag string) bool {
	if tag == "" || len(tag) > 35 || strings.ContainsRune(tag, '_') {
		return false
	}
	first, _, _ := strings.Cut(strings.ToLower(tag), "-")
	_, err := language.Parse(tag)
	return err == nil && first != "und" && first != "x"
}

// CleanLanguage writes a BCP 47 tag in its usual case (es-AR); "" for what is none.
func CleanLanguage(tag string) string {
	tag = strings.ReplaceAll(strings.TrimSpace(tag), "_", "-")
	if !ValidLanguage(tag) {
		return ""
	}
	parsed, err := language.Raw.Parse(tag)
	if err != nil {
		return ""
	}
	return parsed.String()
}

// ValidCountry tells whether a code is a present ISO 3166-1 alpha-2 country in
// capitals.
func ValidCountry(code string) bool {
	if len(code) != 2 || code != strings.ToUpper(code) {
		return false
	}
	region, err := language.ParseRegion(code)
	return err == nil && region.IsCountry() && region.Canonicalize().String() == code
}

// Countries are all codes that [ValidCountry] takes, in the order of the alphabet.
func Countries() []string {
	var codes []string
	for first := 'A'; first <= 'Z'; first++ {
		for second := 'A'; second <= 'Z'; second++ {
			if code := string(first) + string(second); ValidCountry(code) {
				codes = append(codes, code)
			}
		}
	}
	return codes
}

// ValidCurrency tells whether a code is an ISO 4217 currency in capitals.
func ValidCurrency(code string) bool {
	if len(code) != 3 || code != strings.ToUpper(code) || code == "XXX" || code == "XTS" {
		return false
	}
	// What ISO added after the table of x/text was made.
	if in([]string{"MRU", "STN", "UYW", "VES", "VED", "SLE", "XCG", "ZWG", "XAD"}, code) {
		return true
	}
	unit, err := currency.ParseISO(code)
	return err == nil && unit.String() == code
}

// ValidZone tells whether a name is a zone of the IANA database.
func ValidZone(name string) bool {
	if name == "" || name == "Local" || len(name) > 64 {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

// ParseDate reads an ISO 8601 calendar date between the years 1900 and 2200, as
// midnight UTC.
func ParseDate(s string) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, s)
	return t, err == nil && t.Year() >= 1900 && t.Year() <= 2200
}

// validClock tells whether s is HH:MM.
func validClock(s string) bool {
	_, err := time.Parse("15:04", s)
	return err == nil && len(s) == 5
}

// maxURL is the longest address in bytes that we take from outside.
const maxURL = 2048

// ValidIRI tells whether an IRI can name something on the network: absolute,
// http or https with a host, no user, no white space, at most 2,048 bytes.
func ValidIRI(i IRI) bool { return validWeb(string(i), "https", "http") }

// ValidLink tells whether s is an https address that people may be sent to.
func ValidLink(s string) bool { return validWeb(s, "https") }

// validWeb parses an address once and looks at all of it.
func validWeb(s string, schemes ...string) bool {
	if s == "" || len(s) > maxURL || strings.ContainsFunc(s, breaksLine) || strings.ContainsAny(s, "<>\"\\^`{|}") {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && in(schemes, u.Scheme) && u.Hostname() != "" && u.User == nil && u.Opaque == ""
}

// ValidMail tells whether s is one plain mail address:
// a dot-atom without % at a host name with a dot, all ASCII, at most 254
// characters; no quoted local part, no address literal, no list.
func ValidMail(s string) bool {
	local, host, ok := strings.Cut(s, "@")
	if !ok || len(s) > 254 || len(local) > 64 {
		return false
	}
	for _, atom := range strings.Split(local, ".") {
		if atom == "" || strings.ContainsFunc(atom, notAtom) {
			return false
		}
	}
	return validHostName(host) && strings.Contains(host, ".")
}

// notAtom tells characters outside RFC 5322's atext; % belongs to it but was
// used to route mail through third hosts.
func notAtom(r rune) bool {
	return !asciiWord(r) && !strings.ContainsRune("!#$&'*+-/=?^_`{|}~", r)
}

// asciiWord tells ASCII letters and digits.
func asciiWord(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// validHostName tells whether s is a host name of letters, digits and hyphens
// (RFC 1123 §2.1) and no IP address.
func validHostName(s string) bool {
	if len(s) > 253 {
		return false
	}
	labels := strings.Split(s, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.ContainsFunc(label, func(r rune) bool { return !asciiWord(r) && r != '-' }) {
			return false
		}
	}
	_, err := netip.ParseAddr(s)
	last := labels[len(labels)-1]
	return err != nil && strings.Trim(last, "0123456789") != ""
}
