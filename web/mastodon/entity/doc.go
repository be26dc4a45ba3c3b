// SPDX-License-Identifier: AGPL-3.0-or-later

// Package entity holds the shapes of the client API and nothing else: what a client
// reads, field for field. Its types make the usual mistakes impossible: a list is
// never null, a time has three decimals, an id is a string of digits.
package entity
