// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"time"

	"minga/coop"
)

// PeerQuery says which servers are wanted. Empty fields do not narrow.
type PeerQuery struct {
	Policy  coop.PeerPolicy
	Waiting bool   // only those with follows that wait for a decision
	After   string // the last host of the page before
	Limit   int    // 40 when 0, 200 at most
}

// PeerEvent is what happened with a server.
type PeerEvent string

// What [Tx.TouchPeer] notes.
const (
	PeerReceived  PeerEvent = "received"
	PeerDelivered PeerEvent = "delivered"
)

// Peer finds a server by its host, or gives [coop.ErrNotFound] for one that was
// never heard of.
func (r reader) Peer(ctx context.Context, host string) (*coop.Peer, error) { return nil, errNotBuilt }

// Peers lists the servers that we know by host.
func (r reader) Peers(ctx context.Context, q PeerQuery) ([]*coop.Peer, error) { return nil, errNotBuilt }

// PutPeer stores what was decided about a server; LastReceived and LastDelivered
// only move forward, FirstSeen stays. Waiting is counted, not stored.
func (tx *Tx) PutPeer(ctx context.Context, p *coop.Peer) error { return errNotBuilt }

// TouchPeer notes the time of the last exchange, at most one write a minute and
// server; a server that is not known is made known.
func (tx *Tx) TouchPeer(ctx context.Context, host string, what PeerEvent, at time.Time) error {
	return errNotBuilt
}

// ForgetPeer removes the decision about a server and keeps the server.
func (tx *Tx) ForgetPeer(ctx context.Context, host string) error { return errNotBuilt }
