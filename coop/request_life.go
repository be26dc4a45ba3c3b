// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"slices"
	"time"
)

// RequestState is where a request stands.
type RequestState string

// The states of a request. Drafts and what waits to be read stay here.
const (
	RequestDraft     RequestState = "draft"
	RequestReview    RequestState = "review" // sent by a client, not read by a coordinator yet
	RequestOpen      RequestState = "open"
	RequestForming   RequestState = "forming" // a first offer is accepted
	RequestCovered   RequestState = "covered" // all that is required is covered: there is a team
	RequestProposed  RequestState = "proposed"
	RequestWon       RequestState = "won"
	RequestRunning   RequestState = "running"
	RequestDone      RequestState = "done"
	RequestLost      RequestState = "lost"
	RequestWithdrawn RequestState = "withdrawn"
	RequestExpired   RequestState = "expired" // at its date without a team
)

// RequestStates are the states that cross the wire.
func RequestStates() []RequestState {
	return []RequestState{
		RequestOpen, RequestForming, RequestCovered, RequestProposed, RequestWon, RequestRunning,
		RequestDone, RequestLost, RequestWithdrawn, RequestExpired,
	}
}

// RequestAction is something that its author, an offer or the clock does to a request.
type RequestAction string

// What may be done to a request. Form, Cover and Uncover follow from offers.
const (
	RequestTake     RequestAction = "take" // a coordinator makes a draft of what a client sent
	RequestPublish  RequestAction = "publish"
	RequestForm     RequestAction = "form"
	RequestCover    RequestAction = "cover"
	RequestUncover  RequestAction = "uncover"
	RequestPropose  RequestAction = "propose"
	RequestWin      RequestAction = "win"
	RequestLose     RequestAction = "lose"
	RequestStart    RequestAction = "start"
	RequestFinish   RequestAction = "finish"
	RequestWithdraw RequestAction = "withdraw"
	RequestExpire   RequestAction = "expire"
)

// RequestActions are the actions that a person may do to a published request.
func RequestActions() []RequestAction {
	return []RequestAction{RequestPropose, RequestWin, RequestLose, RequestStart, RequestFinish, RequestWithdraw}
}

// Step is where a request is after an action; [ErrState] when the action is not
// possible, the state itself when it is there already.
func (s RequestState) Step(action RequestAction) (RequestState, error) {
	a, ok := requestArrows()[action]
	if !ok {
		return s, fmt.Errorf("%q is nothing that is done to a request: %w", action, ErrState)
	}
	return a.step("request", s, string(action))
}

// requestArrows is the table of requests.
func requestArrows() map[RequestAction]arrow[RequestState] {
	untilWon := []RequestState{RequestOpen, RequestForming, RequestCovered, RequestProposed, RequestWon}
	return map[RequestAction]arrow[RequestState]{
		RequestTake:     {[]RequestState{RequestReview}, RequestDraft},
		RequestPublish:  {[]RequestState{RequestDraft}, RequestOpen},
		RequestForm:     {[]RequestState{RequestOpen}, RequestForming},
		RequestCover:    {[]RequestState{RequestOpen, RequestForming}, RequestCovered},
		RequestUncover:  {[]RequestState{RequestCovered}, RequestForming},
		RequestPropose:  {[]RequestState{RequestCovered}, RequestProposed},
		RequestWin:      {[]RequestState{RequestProposed}, RequestWon},
		RequestLose:     {[]RequestState{RequestProposed}, RequestLost},
		RequestStart:    {[]RequestState{RequestWon}, RequestRunning},
		RequestFinish:   {[]RequestState{RequestRunning}, RequestDone},
		RequestWithdraw: {untilWon, RequestWithdrawn},
		RequestExpire:   {[]RequestState{RequestOpen, RequestForming}, RequestExpired},
	}
}

// MayBecome tells whether an Update may change a request of another server from one
// state to another: along the arrows, of which we may have missed some, or not at all.
func (s RequestState) MayBecome(to RequestState) bool {
	if !in(RequestStates(), to) {
		return false
	}
	reached := []RequestState{s}
	for i := 0; i < len(reached); i++ {
		for _, a := range requestArrows() {
			if in(a.from, reached[i]) && !in(reached, a.to) {
				reached = append(reached, a.to)
			}
		}
	}
	return slices.Contains(reached, to)
}

// Ended tells whether the request is over for good.
func (s RequestState) Ended() bool {
	return in([]RequestState{RequestDone, RequestLost, RequestWithdrawn, RequestExpired}, s)
}

// Decides tells whether who offered has an answer by the state alone: the request was won or
// lost, withdrawn, or its date came without a team.
func (s RequestState) Decides() bool {
	return in([]RequestState{RequestWon, RequestLost, RequestWithdrawn, RequestExpired}, s)
}

// OnWire tells whether other servers may know the state.
func (s RequestState) OnWire() bool { return in(RequestStates(), s) }

// Seeking tells whether the state is one in which co-ops are looked for.
func (s RequestState) Seeking() bool { return s == RequestOpen || s == RequestForming }

// StateAt is the state at a time: a request of another server, or one that our clock
// has not come to, has expired at its date whatever it says.
func (r *Request) StateAt(now time.Time) RequestState {
	if r.Status.Seeking() && !r.RespondBy.After(now) {
		return RequestExpired
	}
	return r.Status
}

// Takes tells whether co-ops may offer now. What is covered takes no offer until one
// of the team is released.
func (r *Request) Takes(now time.Time) bool { return r.StateAt(now).Seeking() }

// TakesOffer tells whether a slot takes an offer of so many hours; the error says in
// words for who offered why not: [ErrNotFound] for a slot that is not there,
// [ErrState] for the rest.
func (r *Request) TakesOffer(key string, hours int, now time.Time) error {
	s := r.Slot(key)
	switch {
	case s == nil:
		return fmt.Errorf("the request has no such role: %w", ErrNotFound)
	case r.Status.Seeking() && !r.RespondBy.After(now):
		return fmt.Errorf("offers were taken until %s: %w", r.RespondBy.UTC().Format("2006-01-02 15:04 MST"), ErrState)
	case !r.Takes(now):
		return fmt.Errorf("the request takes no more offers, it is %s: %w", r.Status, ErrState)
	case s.State() == SlotClosed || s.State() == SlotCovered:
		return fmt.Errorf("the role is %s: %w", s.State(), ErrState)
	case hours < 1 || hours > s.OpenHours():
		return fmt.Errorf("between 1 and %d hours are open, not %d: %w", s.OpenHours(), hours, ErrState)
	}
	return nil
}

// Do takes a step and keeps what goes with it: the time of the end, and that no slot
// takes offers after it. Nothing changes when it returns [ErrState].
func (r *Request) Do(action RequestAction, now time.Time) error {
	next, err := r.Status.Step(action)
	if err != nil {
		return err
	}
	if next == RequestOpen && !r.RespondBy.After(now) {
		return fmt.Errorf("%s a request whose date is over: %w", action, ErrState)
	}
	if next.Ended() && !r.Status.Ended() {
		r.Closed = now.UTC().Truncate(time.Second)
	}
	r.Status = next
	if next.Ended() || in([]RequestState{RequestProposed, RequestWon, RequestRunning}, next) {
		r.closeSlots()
	}
	return nil
}

// closeSlots lets no slot take offers any more.
func (r *Request) closeSlots() {
	for i := range r.Slots {
		r.Slots[i].Closed = true
	}
}

// Covered tells whether every required slot is covered; where none is required, every
// slot.
func (r *Request) Covered() bool {
	some := slices.ContainsFunc(r.Slots, func(s Slot) bool { return s.Required })
	return len(r.Slots) > 0 && !slices.ContainsFunc(r.Slots, func(s Slot) bool { return (s.Required || !some) && s.OpenHours() > 0 })
}

// Settle follows what was accepted or released: open → forming ⇄ covered. It tells
// whether the state has changed. Afterwards, from proposed on, it stays.
func (r *Request) Settle(now time.Time) bool {
	before := r.Status
	_, accepted := r.Hours()
	if accepted > 0 && r.Status == RequestOpen {
		r.Status = RequestForming
	}
	switch {
	case r.Status == RequestForming && r.Covered():
		_ = r.Do(RequestCover, now) // the arrow is there
	case r.Status == RequestCovered && !r.Covered():
		_ = r.Do(RequestUncover, now)
	}
	return r.Status != before
}
