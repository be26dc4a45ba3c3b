// SPDX-License-Identifier: AGPL-3.0-or-later

// Package admin is the face towards who runs the instance: the first run, what waits
// for a decision, other servers, reports, queues and the log.
//
// Its pages are drawn by web/pages in the frame of all pages; here are what stands on
// them and what their forms do. Whatever changes something goes through the same
// function of storage or outbox as the command line, which notes it in the audit log
// in its own transaction. Nothing here is shown to who is not of the staff: the gate
// says that there is no such page.
package admin
