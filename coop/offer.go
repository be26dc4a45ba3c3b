// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// OfferState is how far an offer for a slot of a request has come.
type OfferState string

// sent → changed* → accepted | declined | withdrawn | expired; accepted → released.
const (
	OfferSent      OfferState = "sent"
	OfferChanged   OfferState = "changed" // a newer Offer took its place, and waits
	OfferAccepted  OfferState = "accepted"
	OfferDeclined  OfferState = "declined"
	OfferWithdrawn OfferState = "withdrawn" // by who offered, before it was answered
	OfferExpired   OfferState = "expired"   // its own end came first
	OfferReleased  OfferState = "released"  // either side ended the agreement: its hours are open again
)

// OfferStates are all of them, in the order in which they are shown.
func OfferStates() []OfferState {
	return []OfferState{OfferSent, OfferChanged, OfferAccepted, OfferDeclined, OfferWithdrawn, OfferExpired, OfferReleased}
}

// Pending tells whether an answer is awaited.
func (s OfferState) Pending() bool { return s == OfferSent || s == OfferChanged }

// OfferAction is something that one side, or the clock, does to an offer.
type OfferAction string

// What may be done to an offer: Change and Withdraw by who offered, Accept and Decline by
// who requested, Release by either.
const (
	OfferChange   OfferAction = "change"
	OfferAccept   OfferAction = "accept"
	OfferDecline  OfferAction = "decline"
	OfferWithdraw OfferAction = "withdraw"
	OfferExpire   OfferAction = "expire"
	OfferRelease  OfferAction = "release"
)

// Step is where an offer is after an action; [ErrState] when the action is not possible.
func (s OfferState) Step(action OfferAction) (OfferState, error) {
	waits := []OfferState{OfferSent, OfferChanged}
	a, ok := map[OfferAction]arrow[OfferState]{
		OfferChange:   {waits, OfferChanged},
		OfferAccept:   {waits, OfferAccepted},
		OfferDecline:  {waits, OfferDeclined},
		OfferWithdraw: {waits, OfferWithdrawn},
		OfferExpire:   {waits, OfferExpired},
		OfferRelease:  {[]OfferState{OfferAccepted}, OfferReleased},
	}[action]
	if !ok {
		return s, fmt.Errorf("%q is nothing that is done to an offer: %w", action, ErrState)
	}
	return a.step("offer", s, string(action))
}

// Offer is what a co-op offers for a slot of a request, ours or another server's: hours
// of work, and what they cost together (FEP-0837).
type Offer struct {
	ID       ID
	IRI      IRI // of the Offer that holds: the newest, or the one that was accepted
	PostID   ID  // the request; zero: it is gone
	Request  IRI
	Title    string // of the request
	Slot     string // its key in the request
	SlotName string
	OwnerID  ID // who requested
	ByID     ID
	Owner    *Account
	By       *Account // both filled by reads
	State    OfferState
	Hours    int
	Amount   decimal.Decimal // for all hours together; zero: none was said
	Currency string          // ISO 4217; empty with no amount
	From     string          // the day of the beginning (2026-12-01), or empty
	Note     string          // plain text, of who offers
	Reason   string          // plain text, of who declined or released
	Ends     time.Time       // until when it holds; zero: as long as the request asks
	// Replaces is the Offer that this one is sent instead of; empty in what is stored.
	Replaces  IRI
	CreatedAt time.Time
	UpdatedAt time.Time
	DecidedAt time.Time // zero: it waits
}

// Rate is what an hour costs; zero where nothing was said.
func (o *Offer) Rate() decimal.Decimal {
	if o.Hours <= 0 || !soundDecimal(o.Amount) {
		return decimal.Decimal{}
	}
	return o.Amount.DivRound(decimal.NewFromInt(int64(o.Hours)), 2)
}

// Waits tells whether an offer may still be accepted at a time.
func (o *Offer) Waits(now time.Time) bool {
	return o.State.Pending() && (o.Ends.IsZero() || o.Ends.After(now))
}

// AgreementState says whether an agreement holds.
type AgreementState string

// active → released.
const (
	AgreementActive   AgreementState = "active"
	AgreementReleased AgreementState = "released"
)

// Agreement is what an accepted offer became: who requested wrote it and put a proof on
// it (FEP-8b32), so that both sides can show it to anybody.
type Agreement struct {
	ID       ID
	IRI      IRI // at the server of who requested
	OfferID  ID
	PostID   ID // the request; zero: it is gone
	Request  IRI
	Title    string
	Slot     string
	SlotName string
	OwnerID  ID // who requested
	ByID     ID // who works
	Owner    *Account
	By       *Account // both filled by reads
	State    AgreementState
	Hours    int
	Amount   decimal.Decimal
	Currency string
	Body     []byte // the document, byte for byte as it came, with its proof
	MadeAt   time.Time
	// ConfirmedAt is when who works said that the Accept has arrived; zero: not yet.
	ConfirmedAt time.Time
	EndedAt     time.Time // zero: it holds
}

// OfferRecord is one message about an offer, as it was sent: what the annex of a contract
// is made of.
type OfferRecord struct {
	ID      ID
	OfferID ID
	IRI     IRI    // of the activity
	Kind    string // Offer, Accept, Reject, Undo, or Create of a confirmation
	FromID  ID
	From    *Account // filled by reads
	Body    []byte   // byte for byte
	At      time.Time
}

// SlotHours says how much of a slot is taken: the coverage meter. All are hours.
type SlotHours struct {
	Hours    int // that the slot asks for
	Accepted int
	Offered  int // that wait for an answer
}

// Open are the hours that nobody was accepted for.
func (s SlotHours) Open() int { return max(0, s.Hours-s.Accepted) }

// Share are accepted and offered hours in hundredths of what is asked for, together not
// above 100.
func (s SlotHours) Share() (accepted, offered int) {
	if s.Hours <= 0 {
		return 0, 0
	}
	accepted = min(100, s.Accepted*100/s.Hours)
	return accepted, min(100-accepted, s.Offered*100/s.Hours)
}
