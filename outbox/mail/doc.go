// SPDX-License-Identifier: AGPL-3.0-or-later

// Package mail writes the few mails that minga sends, in five languages, and hands
// them to the submission server that the admin named (RFC 6409).
//
// Mails are text without pictures and without links to anybody else. What comes from
// outside stands in them in one line, without control characters; an address or a
// subject that could end a header line is refused (RFC 5322 §2.2).
//
// The package keeps nothing and tries nothing twice: the queue is outbox's.
package mail
