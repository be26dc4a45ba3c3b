// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// ServerState says how far a post came at one server.
type ServerState struct {
	Host     string    `json:"host"`
	State    string    `json:"state"`    // "delivered", "waiting", "resting" (the server rests), "dead"
	Activity string    `json:"activity"` // what it was told, or is to be told
	At       time.Time `json:"at"`       // when it took it, died or was queued
	NextAt   time.Time `json:"next_at,omitzero"`
	Attempts int       `json:"attempts,omitempty"`
	Error    string    `json:"error,omitempty"`
}

// The states of [ServerState].
const (
	ServerDelivered = "delivered"
	ServerWaiting   = "waiting"
	ServerResting   = "resting"
	ServerDead      = "dead"
)

// ServersOfPost lists the servers that a post was sent to in the last 30 days, those first
// that have not got it, and says how far it came in all; 1,000 of either at most.
func (r reader) ServersOfPost(ctx context.Context, post coop.ID) ([]ServerState, DeliverySummary, error) {
	sum, err := r.DeliveriesOfPost(ctx, post)
	if err != nil {
		return nil, sum, err
	}
	took, err := all(ctx, r, scanReceipt, `
		SELECT host, activity, at
		FROM receipts
		WHERE post_id = $1
		ORDER BY at DESC, host
		LIMIT $2`, int64(post), maxStrip)
	if err != nil {
		return nil, sum, fmt.Errorf("receipts of post %s: %w", post, err)
	}
	return mergeServers(took, sum.Left), sum, nil
}

// scanReceipt reads a line of what arrived.
func scanReceipt(row pgx.CollectableRow) (s ServerState, err error) {
	var at int64
	err = row.Scan(&s.Host, &s.Activity, &at)
	s.State, s.At = ServerDelivered, atMs(at)
	return s, err
}

// mergeServers makes one line of all that went to a server: what waits counts before what
// arrived, and what was given up only where nothing arrived later.
func mergeServers(took []ServerState, left []DeliveryState) []ServerState {
	lines := map[string]ServerState{}
	for _, s := range took {
		lines[s.Host] = s
	}
	for _, d := range left {
		was, known := lines[d.Host]
		s := ServerState{d.Host, d.State, d.Activity, d.At, d.NextAt, d.Attempts, d.Error}
		if known && (was.rank() < s.rank() || s.State == ServerDead && was.At.After(s.At)) {
			continue
		}
		lines[d.Host] = s
	}
	merged := make([]ServerState, 0, len(lines))
	for _, s := range lines {
		merged = append(merged, s)
	}
	slices.SortFunc(merged, func(a, b ServerState) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.Host, b.Host))
	})
	return merged
}

// rank puts what needs a look first.
func (s ServerState) rank() int {
	return slices.Index([]string{ServerWaiting, ServerResting, ServerDead, ServerDelivered}, s.State)
}
