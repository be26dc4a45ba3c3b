// SPDX-License-Identifier: AGPL-3.0-or-later

// Package document reads the documents of other servers.
//
// It owns two things. [Check] is the shape check: one pass over the bytes that
// builds nothing and refuses what is too deep, too many, twice or not JSON.
// [Read] is the tolerant reader: an index over the original bytes, from which
// every member is taken only when it is asked for, in all the shapes in which
// other software writes it.
//
// It never fetches, never expands JSON-LD, never changes a byte and never
// decides whom to believe: whose word a document is stands in the signature and
// in the rules of origin. A document that was read is still hostile; what comes
// out of here is bounded and well-formed, not true.
package document
