// SPDX-License-Identifier: AGPL-3.0-or-later

// Package storage keeps everything that minga keeps, in SQLite or in PostgreSQL.
//
// A [Store] asks, a [Tx] changes, and a Tx is to be had only inside
// [Store.Write]: a change outside a transaction does not compile. Every question
// works inside a transaction too. One SQL text with $1 placeholders serves both
// engines; what differs stands in dialect.go.
//
// Keys and times are 64-bit integers in both databases (times are Unix
// milliseconds), so that neither a time zone nor a driver can bend them; the Go
// side speaks [time.Time] and [coop.ID].
//
// The records (accounts, posts, jobs, follows, memberships and so on) are one file
// each. What an event means is written by one method, such as [Tx.AddPost], in one
// transaction, whoever caused it. Every question about posts takes a [coop.Viewer];
// the condition who may see what stands in visibility.go and nowhere else.
//
// It owns migrations, the outgoing queue (deliveries leased by destination), the
// incoming queue (leased, in order per actor) and the tasks. It never opens a
// connection to another server, never reads the environment, never asks the
// machine for the time, and imports no room but coop.
package storage
