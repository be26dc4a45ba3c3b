// SPDX-License-Identifier: AGPL-3.0-or-later

// Package outbox owns everything that goes out to other servers: it turns our
// words into documents, says who gets them, and delivers them until they arrive
// or are refused for good.
//
// An act of somebody here (publish, edit, close, follow, join) is one transaction:
// the record, the bytes of the activity, and one delivery for each inbox. So a post
// is never shown here without being sent, nor sent without being shown. The bytes
// are written once; whoever fetches them later gets the same. Public documents
// carry an integrity proof, others never do.
//
// Three things send in somebody's name without being asked: a board announces what
// verified members address to it, the federation announces what its members publish,
// and jobs end by themselves.
//
// The room never reads what comes in, never imports inbox, and never decides what is
// shown here.
package outbox
