// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"minga/federation/origin"
)

// configReader turns texts into values and keeps the first complaint.
type configReader struct {
	values map[string]value
	err    error
}

// text is the value of a key, or what stands in when nobody set it.
func (r *configReader) text(key, unset string) string {
	if v, ok := r.values[key]; ok {
		return strings.TrimSpace(v.text)
	}
	return unset
}

// fail keeps the first complaint, with the place the value came from.
func (r *configReader) fail(key, format string, args ...any) {
	if r.err == nil {
		r.err = usage("%s (%s): %s", key, r.values[key].origin, fmt.Sprintf(format, args...))
	}
}

// flag reads a switch.
func (r *configReader) flag(key string, unset bool) bool {
	switch strings.ToLower(r.text(key, "")) {
	case "":
		return unset
	case "1", "on", "true", "yes":
		return true
	case "0", "off", "false", "no":
		return false
	default:
		r.fail(key, "is on or off")
		return unset
	}
}

// number reads a whole number within bounds.
func (r *configReader) number(key string, unset, least, most int) int {
	text := r.text(key, "")
	if text == "" {
		return unset
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		r.fail(key, "is a whole number from %d to %d", least, most)
		return unset
	}
	return n
}

// oneOf reads a word of a closed list.
func (r *configReader) oneOf(key, unset string, words ...string) string {
	text := r.text(key, unset)
	if !slices.Contains(words, text) {
		r.fail(key, "is one of %s", strings.Join(words, ", "))
	}
	return text
}

// nets reads a list of networks; a single address is a network of one.
func (r *configReader) nets(key string) []netip.Prefix {
	var nets []netip.Prefix
	for _, part := range strings.FieldsFunc(r.text(key, ""), func(c rune) bool { return c == ',' || c == ' ' }) {
		if addr, err := netip.ParseAddr(part); err == nil {
			nets = append(nets, netip.PrefixFrom(addr, addr.BitLen()))
		} else if net, err := netip.ParsePrefix(part); err == nil {
			nets = append(nets, net.Masked())
		} else {
			r.fail(key, "%q is no network such as 10.0.0.0/8", part)
		}
	}
	return nets
}

// host reads a host with an optional port and writes it the one way it is compared.
func (r *configReader) host(key, unset string) string {
	host, err := origin.NormalizeHost(r.text(key, unset))
	if err != nil {
		r.fail(key, "%v", err)
	}
	return host
}
