// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Request is a client's need, shared with the network to find a team of co-ops. It is
// the payload of a [Post] of [KindRequest]. What stays local, such as who the client
// is, is a [RequestFile].
type Request struct {
	Title          string            `json:"title"` // plain text, in the main language
	TitleMap       map[string]string `json:"title_map,omitempty"`
	Description    string            `json:"description,omitempty"` // HTML, in the main language
	DescriptionMap map[string]string `json:"description_map,omitempty"`
	Markdown       map[string]string `json:"markdown,omitempty"` // what was typed here, by language

	Status    RequestState `json:"status"`
	Closed    time.Time    `json:"closed,omitzero"` // when it ended
	RespondBy time.Time    `json:"respond_by"`      // until when co-ops offer; UTC, at most 90 days ahead

	Need         Term               `json:"need,omitzero"` // what the whole is: a service or skill
	Budget       *Budget            `json:"budget,omitempty"`
	Transparency []TransparencyRule `json:"transparency,omitempty"` // in the order of [TransparencyRules]
	Slots        []Slot             `json:"slots"`

	// Version counts the states of a request of ours, the first being 1: who sends
	// another than the last edits something else. Zero where nobody counted.
	Version int64 `json:"version,omitempty"`
}

// Budget is a range of money for the whole of a request.
type Budget struct {
	Currency string          `json:"currency"` // ISO 4217
	Min      decimal.Decimal `json:"min"`
	Max      decimal.Decimal `json:"max"`
}

// Rate is what an hour of a slot pays.
type Rate struct {
	Currency string          `json:"currency"` // ISO 4217
	Value    decimal.Decimal `json:"value"`
}

// TransparencyRule is a promise of the requester to the team, which the program keeps.
type TransparencyRule string

// The rules. They may be tightened after the first offer, never loosened.
const (
	ContractVisible TransparencyRule = "contract-visible-to-team" // no "won" before the contract is in the room
	NoMargin        TransparencyRule = "no-margin-on-others-work" // no line pays a co-op for hours of another
	SplitPublished  TransparencyRule = "split-published"          // the split is complete and public
)

// TransparencyRules are all rules, in the order in which they are shown.
func TransparencyRules() []TransparencyRule {
	return []TransparencyRule{ContractVisible, NoMargin, SplitPublished}
}

// Promises tells whether the request holds a rule.
func (r *Request) Promises(rule TransparencyRule) bool { return slices.Contains(r.Transparency, rule) }

// Slot is one role of a request. Each is a FEP-0837 proposal of its own.
type Slot struct {
	Key      string `json:"key"`  // in the address of the slot: a-z, 0-9 and -, unique in the request
	Name     string `json:"name"` // plain text
	Skill    Term   `json:"skill"`
	Hours    int    `json:"hours"`              // 1 to 10,000; of another server, as many as we know of
	Rate     *Rate  `json:"rate,omitempty"`     // nil: offers say it
	Required bool   `json:"required"`           // the team is complete only with it
	Accepted int    `json:"accepted,omitempty"` // hours of accepted offers, never above Hours
	Closed   bool   `json:"closed,omitempty"`   // takes no more offers, whatever is open

	// IRI and Primary are the ids of the proposal and of what it asks for, where another
	// server gave them; see [Post.SlotIRI]. Said is its state as it came, for
	// [Request.KeepHours] alone.
	IRI     IRI       `json:"iri,omitempty"`
	Primary IRI       `json:"primary,omitempty"`
	Said    SlotState `json:"-"`
}

// SlotIRI is the id of the proposal that a slot of a request is, and of what it asks for,
// which offers satisfy (FEP-0837). Both are empty for a slot that is not there.
func (p *Post) SlotIRI(key string) (proposal, primary IRI) {
	if p.Request == nil || p.Request.Slot(key) == nil {
		return "", ""
	}
	s := p.Request.Slot(key)
	if s.IRI != "" {
		return s.IRI, s.Primary
	}
	proposal = p.IRI + IRI("/slots/"+key)
	return proposal, proposal + "#primary"
}

// KeepHours gives the slots of a request of another server, which says what is open
// alone, the hours that were open when we knew it first: the rest is accepted.
func (r *Request) KeepHours(before *Request) {
	for i := range r.Slots {
		s := &r.Slots[i]
		was := before.Slot(s.Key)
		if was == nil || s.Said == SlotOpen || s.Said == "" || s.Accepted != 0 {
			continue
		}
		if open := s.Hours; was.Hours > open {
			s.Hours, s.Accepted = was.Hours, was.Hours-open
		}
	}
}

// MayChangeTo tells whether an Update from the origin may replace the request: its state
// must follow the arrows.
func (r *Request) MayChangeTo(next *Request) bool { return r.Status.MayBecome(next.Status) }

// SlotState says how far a slot is covered.
type SlotState string

// The states of a slot.
const (
	SlotOpen    SlotState = "open"
	SlotPartly  SlotState = "partly"
	SlotCovered SlotState = "covered"
	SlotClosed  SlotState = "closed"
)

// SlotStates are all states of a slot.
func SlotStates() []SlotState { return []SlotState{SlotOpen, SlotPartly, SlotCovered, SlotClosed} }

// OpenHours are the hours that nobody covers yet.
func (s Slot) OpenHours() int { return max(0, s.Hours-s.Accepted) }

// State is how far the slot is covered.
func (s Slot) State() SlotState {
	switch {
	case s.Closed:
		return SlotClosed
	case s.OpenHours() == 0:
		return SlotCovered
	case s.Accepted > 0:
		return SlotPartly
	}
	return SlotOpen
}

// Slot finds a slot by its key; nil where there is none.
func (r *Request) Slot(key string) *Slot {
	for i := range r.Slots {
		if r.Slots[i].Key == key {
			return &r.Slots[i]
		}
	}
	return nil
}

// Hours are those that the slots ask for and those that are accepted, together.
func (r *Request) Hours() (wanted, accepted int) {
	for _, s := range r.Slots {
		wanted, accepted = wanted+s.Hours, accepted+s.Accepted
	}
	return wanted, accepted
}

// Clone is a copy that shares nothing with the request.
func (r *Request) Clone() *Request {
	c := *r
	for _, texts := range []*map[string]string{&c.TitleMap, &c.DescriptionMap, &c.Markdown} {
		*texts = maps.Clone(*texts)
	}
	c.Budget, c.Transparency, c.Slots = copyOf(r.Budget), slices.Clone(r.Transparency), slices.Clone(r.Slots)
	for i := range c.Slots {
		c.Slots[i].Rate = copyOf(c.Slots[i].Rate)
	}
	return &c
}
