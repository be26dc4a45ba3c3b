// SPDX-License-Identifier: AGPL-3.0-or-later

// Package origin owns the grammar of the URLs and hosts that minga believes in,
// and the one normaliser that every comparison of hosts goes through.
//
// An origin is scheme, host and port: lower-case, IDNA to ASCII,
// no trailing dot, default port dropped. Two spellings of one place must never
// pass for two places, nor two places for one, so everything a resolver, a
// browser or another library might read differently is refused, not repaired:
// user-info, control characters, backslashes, spaces, percent signs in a host,
// numbers that some resolvers take for an IPv4 address.
//
// The package asks no network and says nothing about whether an address may be
// reached: that is judged when it is dialled, by package federation.
package origin
