// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"time"

	"minga/coop"
)

// ErrLeaseLost is returned for a late result: the lease ran out and the work was
// given to somebody else, or is done.
var ErrLeaseLost = errors.New("the lease is lost")

// Claim is a destination leased to one worker, with what it may send now.
type Claim struct {
	Host        string
	Fence       int64 // must come back with the results
	LeasedUntil time.Time
	// Probe: the host failed last time. One delivery is here; the others follow
	// only if it gets an answer.
	Probe       bool
	Failures    int // failures of the host in a row
	Streak      int // own failures of deliveries in a row, without a success between
	Unavailable bool
	Signature   SignatureMemory
	Deliveries  []ClaimedDelivery // at most one for each (inbox, object); any order, also at once
}

// ClaimedDelivery is a delivery with its bytes.
type ClaimedDelivery struct {
	Delivery
	IRI       coop.IRI // of the document
	Body      []byte
	CreatedAt time.Time // when it was queued
}

// SignatureMemory is what we learnt about the signatures that a host takes
// (federation.md 4.2). It is forgotten 30 days after LearntAt.
type SignatureMemory struct {
	Form     string // empty: nothing known; else a word of the outbox, such as "rfc9421"
	LearntAt time.Time
}

// Settlement is the end of a claim.
type Settlement struct {
	Host     string
	Fence    int64
	Outcomes []Outcome
	// Failed: the host itself failed (no HTTP answer, 429, 503, or ten own
	// failures in a row). It rests until Until, then gets a probe.
	Failed bool
	Until  time.Time
	Error  string // of the host, cut at 500 bytes
}

// ClaimDestinations leases up to hosts destinations that are due, the longest
// due first, each with up to 50 deliveries: urgent first, then by id. A
// destination whose lease ran out is given again, with a higher fence.
func (tx *Tx) ClaimDestinations(ctx context.Context, hosts int, lease time.Duration) ([]Claim, error) {
	return nil, errNotBuilt
}

// RenewDestination prolongs a lease, or gives [ErrLeaseLost].
func (tx *Tx) RenewDestination(ctx context.Context, host string, fence int64, lease time.Duration) (time.Time, error) {
	return time.Time{}, errNotBuilt
}

// SettleDestination writes the results of a claim and ends the lease. With an
// old fence nothing is written and the error is [ErrLeaseLost]. A success ends
// rest and bad record; failures on 7 distinct days without one make the host
// unavailable.
func (tx *Tx) SettleDestination(ctx context.Context, s Settlement) error { return errNotBuilt }

// ReviveDestination ends rest, bad record and unavailability: the host wrote to
// us, or an admin asked for it. It is cheap when there is nothing to end.
func (tx *Tx) ReviveDestination(ctx context.Context, host string) error { return errNotBuilt }

// RetryHost revives a host, makes all that waits for it due, and says how many
// deliveries that are.
func (tx *Tx) RetryHost(ctx context.Context, host string) (int, error) { return 0, errNotBuilt }

// LearnSignature remembers which signatures a host takes.
func (tx *Tx) LearnSignature(ctx context.Context, host, form string) error { return errNotBuilt }

// Signature is what is remembered of a host; nothing is no error.
func (r reader) Signature(ctx context.Context, host string) (SignatureMemory, error) {
	return SignatureMemory{}, errNotBuilt
}

// Destination is a host as an admin sees it.
type Destination struct {
	Host           string
	State          string // "ready", "resting", "unavailable"
	Waiting        int
	DueAt          time.Time // next claim; zero if nothing waits
	LeasedUntil    time.Time
	Failures       int
	FirstFailureAt time.Time
	LastSuccessAt  time.Time
	Error          string
	Signature      SignatureMemory
}

// Destinations lists hosts with something waiting or a bad record, the worst
// first, at most limit.
func (r reader) Destinations(ctx context.Context, limit int) ([]Destination, error) {
	return nil, errNotBuilt
}

// Destination looks at one host, or gives [coop.ErrNotFound].
func (r reader) Destination(ctx context.Context, host string) (*Destination, error) {
	return nil, errNotBuilt
}

// SweepQueues removes what is over: expired deliveries (they die), dead ones of
// 30 days, destinations with neither deliveries nor a record, signature memories
// of 30 days, done incoming rows after their retention, old replays. It does at
// most limit rows of each kind and says how many it removed; call it again
// until that is 0.
func (tx *Tx) SweepQueues(ctx context.Context, limit int) (int, error) { return 0, errNotBuilt }
