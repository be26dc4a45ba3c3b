// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
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

// The results.
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

// What the queue keeps to.
const (
	maxClaimed     = 50                  // deliveries of one host in a claim
	maxClaimBytes  = 16 << 20            // of all documents in a claim, beyond one for each host
	deliveryLife   = 7 * 24 * time.Hour  // then a delivery is given up
	lastingLife    = 30 * 24 * time.Hour // Delete, Undo, Move, Update of an actor
	badDays        = 7                   // of failure make a host unavailable
	unavailableFor = 24 * time.Hour      // between the probes of an unavailable host
	memoryLife     = 30 * 24 * time.Hour // of signatures, dead deliveries, done activities
	maxStrip       = 1000                // lines of a delivery strip
	maxError       = 500                 // bytes of an error that is kept
)

// lasting says whether a delivery is queued for unavailable hosts too, and kept
// for 30 days: who comes back must not show what was taken back.
func (d Delivery) lasting() bool {
	switch d.Activity {
	case "Delete", "Undo", "Move":
		return true
	}
	return d.Activity == "Update" && d.OfActor
}
