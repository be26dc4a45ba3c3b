// SPDX-License-Identifier: AGPL-3.0-or-later

// Package inbox owns everything that comes in from other servers, pushed or
// fetched: the one gate that a request must pass, the worker that gives an
// activity its effect, the resolver that finds or fetches actors and posts, and
// the reader that turns their documents into our words.
//
// The story of an activity has two halves. [Inbox.Receive] believes nobody: it
// goes through its checks in their order, stores nothing
// and fetches nothing before its step, and ends with one transaction that holds
// the bytes and the job; after it the answer is 202 and nothing can be lost.
// [Inbox.Step] then authorises (owner, origin, role), fetches what it needs, and
// gives the activity its effect in one transaction, keyed by a dedupe key: at
// least once in, exactly once in effect.
//
// A pushed, a fetched, an announced and a forwarded document take the same
// authorisation; none has a shortcut. What is told to people here is written by
// the store in the same transaction; what is sent to other servers is the
// outbox's, which this room never imports: the little that it may set in motion
// there is the interface answerer.
package inbox
