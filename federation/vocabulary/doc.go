// SPDX-License-Identifier: AGPL-3.0-or-later

// Package vocabulary writes the documents that we send.
//
// It owns the words of the wire: which extension term has which meaning, which
// types and FEPs are spoken, in which order members stand. go-fed/activity builds
// the core of each activity, typed; the writer here then adds what go-fed cannot:
// @context, maps, extension terms, arrays that stay arrays, and the original
// bytes of what is embedded. This is the only package that knows go-fed.
//
// The bytes that it makes are stable: the same thing written twice is the same
// bytes. It never writes bto or bcc, and never repeats a member of a stranger's
// document; it knows nothing of keys, queues or the network.
package vocabulary
