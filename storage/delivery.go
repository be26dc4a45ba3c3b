// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"time"

	"minga/coop"
)

// Delivery is one activity on its way to one inbox.
type Delivery struct {
	ID         int64    // rises; set by the store
	Inbox      coop.IRI // where it goes; its host names the destination
	DocumentID int64    // the bytes, see [Tx.PutDocument]
	Activity   string   // the type: Create, Update, Delete, Follow, …
	// Object is what the activity is about. Deliveries with the same Object to the
	// same inbox leave in the order of their ids, one at a time; a newer Update of
	// it replaces a waiting one. Activities whose order does not matter to each
	// other (two people's Likes of one post) should name different Objects: for a
	// Like and its Undo that is the Like's own id. Empty: no order.
	Object  coop.IRI
	Signer  coop.ID   // the account whose key signs
	Urgent  bool      // direct posts and answers go before mass deliveries
	OfActor bool      // the Object is an actor: its Update is kept for unavailable hosts too
	DueAt   time.Time // not before; zero: now
	// Attempts counts failures that were this delivery's own. Set by the store.
	Attempts int
}

// Result is what became of one attempt.
type Result int

// The results (federation.md 8).
const (
	// Delivered: any 2xx. The row is removed.
	Delivered Result = iota + 1
	// Final: refused for good. The row moves to the dead, with its error.
	Final
	// Again: this delivery's own failure; it comes again at Outcome.At.
	Again
	// Unsent: not tried, or the host's failure; it waits unchanged for the host.
	Unsent
)

// Outcome is the result of one claimed delivery.
type Outcome struct {
	ID     int64
	Result Result
	At     time.Time // for Again
	Error  string    // for Final and Again; cut at 500 bytes
}

// DeliveryState is a line of the delivery strip: one inbox of one document.
type DeliveryState struct {
	Activity string
	Host     string
	Inbox    coop.IRI
	State    string    // "waiting", "resting" (the host rests), "dead"
	Attempts int       // own failures
	NextAt   time.Time // when it is tried next; zero if dead
	Error    string    // last error of the delivery, else of its host
	At       time.Time // when it was queued, or when it died
}

// DeliverySummary says how far the documents of a post came.
type DeliverySummary struct {
	Queued  int // inboxes in all
	Waiting int
	Dead    int
	Left    []DeliveryState // waiting and dead, at most 1,000, oldest first
}

// AddDeliveries queues deliveries and returns how many were added. Twice the
// same (document, inbox) is one. Unavailable hosts are skipped, but for Delete,
// Undo, Move and Update of an actor. A waiting Update of the same object to the
// same inbox is replaced by a newer one; a Delete cancels waiting Create and
// Update to its inbox if that Create never left, and goes out itself in any
// case. Inboxes known to be gone are skipped.
func (tx *Tx) AddDeliveries(ctx context.Context, deliveries []Delivery) (int, error) {
	return 0, errNotBuilt
}

// DeliveriesOfPost says how far the documents of a post came.
func (r reader) DeliveriesOfPost(ctx context.Context, post coop.ID) (DeliverySummary, error) {
	return DeliverySummary{}, errNotBuilt
}

// DeliveriesOfDocument says how far one document came.
func (r reader) DeliveriesOfDocument(ctx context.Context, document int64) (DeliverySummary, error) {
	return DeliverySummary{}, errNotBuilt
}

// GoneInbox marks an inbox as gone (410, or 404 for 7 days): what waits for it
// dies, and nothing is queued for it until ReviveInbox.
func (tx *Tx) GoneInbox(ctx context.Context, inbox coop.IRI) error { return errNotBuilt }

// MissingInbox notes a 404 and says since when the inbox has given nothing else.
func (tx *Tx) MissingInbox(ctx context.Context, inbox coop.IRI) (since time.Time, err error) {
	return time.Time{}, errNotBuilt
}

// ReviveInbox forgets what GoneInbox and MissingInbox noted.
func (tx *Tx) ReviveInbox(ctx context.Context, inbox coop.IRI) error { return errNotBuilt }

// InboxGone says whether an inbox is marked as gone.
func (r reader) InboxGone(ctx context.Context, inbox coop.IRI) (bool, error) {
	return false, errNotBuilt
}

// DropDeliveries removes what waits for a host, because it was blocked, and
// returns how many deliveries that were.
func (tx *Tx) DropDeliveries(ctx context.Context, host string) (int, error) { return 0, errNotBuilt }

// DropAllDeliveries removes everything that waits: a restored backup must not
// send old rows again by itself.
func (tx *Tx) DropAllDeliveries(ctx context.Context) (int, error) { return 0, errNotBuilt }

// QueueStats are the figures of the outgoing queue.
type QueueStats struct {
	Waiting      int           // deliveries
	Due          int           // of them due now, at hosts that do not rest
	OldestDue    time.Duration // how long the oldest of these has been due
	Dead         int           // given up in the last 30 days
	Destinations int           // hosts with something waiting
	Resting      int           // of them at rest
	Unavailable  int           // hosts given up but for a probe a day
}

// QueueStats counts the outgoing queue.
func (r reader) QueueStats(ctx context.Context) (QueueStats, error) {
	return QueueStats{}, errNotBuilt
}
