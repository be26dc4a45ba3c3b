// SPDX-License-Identifier: AGPL-3.0-or-later

// Package push tells apps of notifications while they are closed: by Web Push, through
// the push service that each app named (RFC 8030).
//
// A push service is somebody else's, often a large company's. It learns where a message
// goes, when, how long it is and from which server; what is in it, it cannot read: each
// message is encrypted for the app alone (RFC 8291, or its fourth draft for older apps),
// and signed with the one key of this instance, so that nobody else can send to the app
// (RFC 8292, or its first draft).
//
// A task is left in the transaction that stores the notification, for each subscription
// that is to be told ([storage.TaskPush]). What was queued is judged anew when it is
// sent: a token that was withdrawn, a post that was deleted, a notification that was
// dismissed is not told any more.
//
// # What becomes of an attempt
//
// Any 2xx is the end. 404 and 410 mean that the subscription is no more; it is
// forgotten. An endpoint that may not be asked, because its address is private, its
// port another or its host blocked, is forgotten too. 413 means that the message is too
// long: it goes again at once, shorter, then without the words of the post. 429 puts the
// messages of that subscription off for as long as Retry-After says, a day at most; 503,
// and no answer at all, those of the whole host. 408, 425 and 5xx are tried again. Any
// other answer is a refusal: the message is lost, a redirect too, which is never
// followed.
//
// The pause before the n-th repetition is n⁴ + 15 s, six hours at most. Two days after
// the notification a message is given up: who comes back later reads the app itself. A
// subscription of which nothing was taken for seven days of trying, or twenty messages
// in a row were refused, is forgotten. Apps subscribe again when they are opened.
//
// A message whose answer was lost, because the program was killed between the two, is
// sent again, with the same notification_id. Nothing else is told twice.
package push
