// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// FederationMode is how an instance treats servers that it was not told about.
type FederationMode string

// The modes.
const (
	ModeOpen      FederationMode = "open"
	ModeAsk       FederationMode = "ask"
	ModeAllowlist FederationMode = "allowlist"
	ModeClosed    FederationMode = "closed"
)

// PeerPolicy is what was decided about one server.
type PeerPolicy string

// Decisions. PolicyNone is no decision.
const (
	PolicyNone  PeerPolicy = ""
	PolicyAllow PeerPolicy = "allow"
	PolicyLimit PeerPolicy = "limit" // hidden from public lists, media off, follows ask
	PolicyBlock PeerPolicy = "block"
)

// Peer is a server that we know.
type Peer struct {
	Host          string // normalised, with a port that is not the default
	Policy        PeerPolicy
	Reason        string // for admins
	PublicReason  string // may be shown
	ExpiresAt     time.Time
	Software      string // as its NodeInfo says; shown, never decided on
	FirstSeen     time.Time
	LastReceived  time.Time
	LastDelivered time.Time
	Waiting       int // follows that wait for a decision
	List          ID  // the list that decided; 0: somebody here
}

// Verdict is what the mode and a peer's policy say about a server.
type Verdict string

// What may be done with what a server sends.
const (
	Admit  Verdict = "admit"
	Hold   Verdict = "hold"   // ask: a Follow waits, the rest is dropped
	Refuse Verdict = "refuse" // 403
)

// Decide is the rule for one server. An expired policy counts as none; peer may
// be nil for a server that was never heard of.
func Decide(mode FederationMode, peer *Peer, now time.Time) Verdict {
	policy := PolicyNone
	if peer != nil && (peer.ExpiresAt.IsZero() || now.Before(peer.ExpiresAt)) {
		policy = peer.Policy
	}
	switch {
	case policy == PolicyBlock, mode == ModeClosed:
		return Refuse
	case policy == PolicyAllow, policy == PolicyLimit && mode != ModeAllowlist:
		return Admit
	case mode == ModeAllowlist:
		return Refuse
	case mode == ModeAsk:
		return Hold
	default:
		return Admit
	}
}
