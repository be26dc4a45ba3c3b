// SPDX-License-Identifier: AGPL-3.0-or-later

// Package federation is the wire: the one HTTP client of the program, WebFinger,
// host-meta and NodeInfo. Documents, vocabulary, origins and signatures are its
// sub-packages.
//
// # The fetch gate
//
// Client is the only place in minga where an http.Client, http.Transport or
// net.Dialer is made; a test that parses the source keeps it so. Whatever a stranger
// can make us ask for goes through it, in this order: URL grammar, own host, blocked
// domain, resolve, judge the address that is dialled, TLS, one deadline over the whole
// exchange, content type, size, and for documents: what came is what its id says.
//
// The decision is made on the address at the socket, for each connection and each
// redirect, because a name may mean something else a moment later. The list is of
// good addresses, not of bad ones: most guards that were broken again and again were
// lists of bad ones.
//
// # What is not here
//
// No storage and no memory of failures: who may be asked again and when is decided by
// the inbox's resolver and the outbox's queue, from what Error says.
package federation
