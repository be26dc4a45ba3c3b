// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"time"

	"minga/coop"
)

// Incoming is one activity that was authenticated and waits for its effect.
type Incoming struct {
	ID int64 // rises; set by the store
	// DedupeKey is one for one activity: origin of the actor and the activity's id.
	DedupeKey  string
	Actor      coop.IRI // effects of one actor happen in the order of arrival
	Host       string   // of the actor
	Activity   coop.IRI // id of the activity; may be empty
	Type       string
	Object     coop.IRI // what it is about; may be empty
	Recipient  coop.ID  // owner of the personal inbox; 0: the shared inbox
	Signer     coop.IRI // owner of the key that signed the request
	Proof      string   // how the actor was proven: "cavage", "rfc9421", "proof", "forwarded"
	Body       []byte   // as it came
	ReceivedAt time.Time
	// Attempts counts claims, this one included; Fence must come back.
	Attempts int
	Fence    int64
	Error    string // of the last attempt
}

// IncomingStats are the figures of the incoming queue.
type IncomingStats struct {
	Waiting   int
	OldestDue time.Duration // age of the oldest that is due
	Aside     int           // stepped aside, to be tried again
	Dead      int           // set aside with an error
}

// AddIncoming queues an activity, and says whether it is new: an activity whose
// key is waiting, or was done within 30 days, is not queued again.
func (tx *Tx) AddIncoming(ctx context.Context, in Incoming) (bool, error) { return false, errNotBuilt }

// ClaimIncoming leases up to limit activities, the oldest first: of one actor
// only the first, and besides it those that stepped aside and are due again. One
// claimed for the sixth time is set aside as poison instead.
func (tx *Tx) ClaimIncoming(ctx context.Context, limit int, lease time.Duration) ([]Incoming, error) {
	return nil, errNotBuilt
}

// RenewIncoming prolongs a lease, or gives [ErrLeaseLost].
func (tx *Tx) RenewIncoming(ctx context.Context, id, fence int64, lease time.Duration) error {
	return errNotBuilt
}

// FinishIncoming marks an activity as done, in the transaction of its effect: at
// least once in, exactly once in effect. With an old fence it is [ErrLeaseLost],
// and the effect must be rolled back with it.
func (tx *Tx) FinishIncoming(ctx context.Context, id, fence int64) error { return errNotBuilt }

// PostponeIncoming lets an activity step aside until at. Until then it holds
// back only activities of its actor about the same object. After 5 attempts, or
// a day after it came, it is set aside with its error instead.
func (tx *Tx) PostponeIncoming(ctx context.Context, id, fence int64, at time.Time, cause string) error {
	return errNotBuilt
}

// FailIncoming sets an activity aside for good, with its error.
func (tx *Tx) FailIncoming(ctx context.Context, id, fence int64, cause string) error {
	return errNotBuilt
}

// RetryIncoming makes what was set aside wait again, of one host or (empty) of
// all, and says how many.
func (tx *Tx) RetryIncoming(ctx context.Context, host string) (int, error) { return 0, errNotBuilt }

// IncomingStats counts the incoming queue.
func (r reader) IncomingStats(ctx context.Context) (IncomingStats, error) {
	return IncomingStats{}, errNotBuilt
}

// Replay remembers key until the given time and says whether it is fresh. The
// memory is bounded: beyond a million keys the soonest to end go first.
func (tx *Tx) Replay(ctx context.Context, key string, until time.Time) (bool, error) {
	return false, errNotBuilt
}

// Replayed says whether Replay would find the key known.
func (r reader) Replayed(ctx context.Context, key string) (bool, error) { return false, errNotBuilt }
