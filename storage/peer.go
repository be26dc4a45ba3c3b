// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// PeerQuery says which servers are wanted. Empty fields do not narrow.
type PeerQuery struct {
	Policy  coop.PeerPolicy
	Waiting bool   // only those with follows that wait for a decision
	Text    string // what stands somewhere in the host
	// Undecided: only those of whom nothing was decided.
	Undecided bool
	After     string // the last host of the page before
	Limit     int    // 40 when 0, 200 at most
}

// PeerEvent is what happened with a server.
type PeerEvent string

// What [Tx.TouchPeer] notes.
const (
	PeerReceived  PeerEvent = "received"
	PeerDelivered PeerEvent = "delivered"
)

// waitingFollows counts the follows of a server that wait for a decision here.
const waitingFollows = `(
		SELECT COUNT(*)
		FROM follows f
		JOIN accounts w ON w.id = f.follower_id
		JOIN accounts t ON t.id = f.target_id
		WHERE w.server = e.host AND NOT w.local AND t.local AND f.state = 'asked')`

// peerColumns are those that [scanPeer] reads, of the table named e.
const peerColumns = `e.host, e.policy, e.reason, e.public_reason, e.expires_at, e.software, e.first_seen,
	e.last_received, e.last_delivered, e.list_id, ` + waitingFollows

// scanPeer reads a row of [peerColumns].
func scanPeer(row pgx.CollectableRow) (*coop.Peer, error) {
	p := &coop.Peer{}
	var policy string
	var expires, seen, received, delivered, list int64
	err := row.Scan(&p.Host, &policy, &p.Reason, &p.PublicReason, &expires, &p.Software, &seen, &received, &delivered, &list, &p.Waiting)
	p.Policy, p.ExpiresAt, p.FirstSeen = coop.PeerPolicy(policy), atMs(expires), atMs(seen)
	p.LastReceived, p.LastDelivered, p.List = atMs(received), atMs(delivered), coop.ID(list)
	return p, err
}

// Peer finds a server by its host, or gives [coop.ErrNotFound] for one that was
// never heard of.
func (r reader) Peer(ctx context.Context, host string) (*coop.Peer, error) {
	p, err := first(ctx, r, scanPeer, `
		SELECT `+peerColumns+`
		FROM peers e
		WHERE e.host = $1`, peerHost(host))
	if err != nil {
		return nil, fmt.Errorf("peer %s: %w", host, err)
	}
	return p, nil
}

// PeerDecision finds what was decided about a server, host, policy and its end
// alone, or gives [coop.ErrNotFound]. Every request of a server asks it, while
// [reader.Peer] counts the follows of all its accounts.
func (r reader) PeerDecision(ctx context.Context, host string) (*coop.Peer, error) {
	p, err := first(ctx, r, func(row pgx.CollectableRow) (*coop.Peer, error) {
		p := &coop.Peer{}
		var policy string
		var expires int64
		err := row.Scan(&p.Host, &policy, &expires)
		p.Policy, p.ExpiresAt = coop.PeerPolicy(policy), atMs(expires)
		return p, err
	}, `
		SELECT host, policy, expires_at
		FROM peers
		WHERE host = $1`, peerHost(host))
	if err != nil {
		return nil, fmt.Errorf("decision about peer %s: %w", host, err)
	}
	return p, nil
}

// peerHost is a host as it is compared.
func peerHost(host string) string { return strings.ToLower(cleanText(host)) }

// Peers lists the servers that we know by host.
func (r reader) Peers(ctx context.Context, q PeerQuery) ([]*coop.Peer, error) {
	if q.Limit <= 0 {
		q.Limit = 40
	}
	a := args{peerHost(q.After), string(q.Policy)}
	waiting := "TRUE"
	if q.Waiting {
		waiting = waitingFollows + " > 0"
	}
	text := "TRUE"
	if q.Text != "" {
		text = "e.host LIKE " + a.add("%"+plainLike.Replace(peerHost(q.Text))+"%") + ` ESCAPE '\'`
	}
	if q.Undecided {
		text += " AND e.policy = ''"
	}
	list, err := all(ctx, r, scanPeer, `
		SELECT `+peerColumns+`
		FROM peers e
		WHERE e.host > $1 AND ($2 = '' OR e.policy = $2) AND `+text+` AND `+waiting+`
		ORDER BY e.host
		LIMIT `+a.add(min(q.Limit, 200)), a...)
	if err != nil {
		return nil, fmt.Errorf("peers: %w", err)
	}
	return list, nil
}

// plainLike takes from a text what LIKE would read as something else.
var plainLike = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// PutPeer stores what was decided about a server; LastReceived and LastDelivered
// only move forward, FirstSeen stays. Waiting is counted, not stored.
func (tx *Tx) PutPeer(ctx context.Context, p *coop.Peer) error {
	if peerHost(p.Host) == "" {
		return &coop.InvalidError{Field: "host", Problem: "name a server"}
	}
	if p.FirstSeen.IsZero() {
		p.FirstSeen = tx.e.now()
	}
	_, err := tx.insert(ctx, "peers", []column{
		{"host", peerHost(p.Host)},
		{"policy", string(p.Policy)},
		{"reason", coop.Truncate(p.Reason, 5000)},
		{"public_reason", coop.Truncate(p.PublicReason, 1000)},
		{"expires_at", msOf(p.ExpiresAt)},
		{"software", coop.Truncate(p.Software, 200)},
		{"first_seen", msOf(p.FirstSeen)},
		{"last_received", msOf(p.LastReceived)},
		{"last_delivered", msOf(p.LastDelivered)},
		{"list_id", int64(p.List)},
	}, `ON CONFLICT (host) DO UPDATE SET
		policy = excluded.policy, reason = excluded.reason, public_reason = excluded.public_reason,
		expires_at = excluded.expires_at, software = excluded.software, list_id = excluded.list_id,
		last_received = CASE WHEN excluded.last_received > peers.last_received THEN excluded.last_received ELSE peers.last_received END,
		last_delivered = CASE WHEN excluded.last_delivered > peers.last_delivered THEN excluded.last_delivered ELSE peers.last_delivered END`)
	if err != nil {
		return fmt.Errorf("peer %s: %w", p.Host, err)
	}
	return nil
}

// mostPeers bounds the servers of which nothing was decided: a stranger can make
// more names than there are servers.
const mostPeers = 50_000

// Exchanged is an activity that went one way or the other: its type and its id, which may
// be empty.
type Exchanged struct {
	Type string
	ID   coop.IRI
}

// TouchPeer notes the time of the last exchange and what it was, at most one write a minute
// and server; a server that is not known is made known.
func (tx *Tx) TouchPeer(ctx context.Context, host string, what PeerEvent, at time.Time, said Exchanged) error {
	return tx.TouchPeers(ctx, what, at, map[string]Exchanged{host: said})
}

// TouchPeers is [Tx.TouchPeer] for many servers.
func (tx *Tx) TouchPeers(ctx context.Context, what PeerEvent, at time.Time, said map[string]Exchanged) error {
	side := "received"
	if what == PeerDelivered {
		side = "delivered"
	}
	rows := exchangedRows(said)
	if len(rows) == 0 {
		return nil
	}
	known, stale, err := tx.knownPeers(ctx, "last_"+side, rows, msOf(at.Add(-time.Minute)))
	if err == nil && len(known) < len(rows) {
		_, err = tx.exec(ctx, `
			INSERT INTO peers (host, policy, reason, public_reason, expires_at, software, first_seen, last_received, last_delivered)
			SELECT r.value ->> 0, '', '', '', 0, '', $2::bigint, 0, 0
			FROM jsonb_array_elements($1::jsonb) AS r
			WHERE TRUE
			ON CONFLICT DO NOTHING`, list(rows), msOf(at))
	}
	rows = slices.DeleteFunc(rows, func(r [3]string) bool { return known[r[0]] && !stale[r[0]] })
	if err != nil || len(rows) == 0 {
		return err
	}
	_, err = tx.exec(ctx, `
		UPDATE peers
		SET last_`+side+` = $2::bigint, `+side+`_type = r.value ->> 1, `+side+`_id = r.value ->> 2
		FROM jsonb_array_elements($1::jsonb) AS r
		WHERE peers.host = r.value ->> 0 AND last_`+side+` < $2`, list(rows), msOf(at))
	return err
}

// exchangedRows are host, type and id of each, in the order in which their rows are held.
func exchangedRows(said map[string]Exchanged) [][3]string {
	var rows [][3]string
	for name, one := range said {
		host, id := peerHost(name), cleanText(string(one.ID))
		if len(id) > MaxIRI {
			id = ""
		}
		if host != "" {
			rows = append(rows, [3]string{host, coop.Truncate(cleanText(one.Type), 300), id})
		}
	}
	slices.SortFunc(rows, func(a, b [3]string) int { return strings.Compare(a[0], b[0]) })
	return rows
}

// knownPeers says which servers are known, and of which the last exchange was longer ago.
func (tx *Tx) knownPeers(ctx context.Context, column string, rows [][3]string, since int64) (known, stale map[string]bool, err error) {
	known, stale = map[string]bool{}, map[string]bool{}
	found, err := tx.q.Query(ctx, `
		SELECT p.host, CASE WHEN p.`+column+` <= $2 THEN 1 ELSE 0 END
		FROM jsonb_array_elements($1::jsonb) AS r
		JOIN peers p ON p.host = r.value ->> 0`, list(rows), since)
	if err != nil {
		return nil, nil, err
	}
	var host string
	var old int
	_, err = pgx.ForEachRow(found, []any{&host, &old}, func() error {
		known[host], stale[host] = true, old == 1
		return nil
	})
	return known, stale, err
}

// LastExchanged is what a server sent us last and took from us last, as [Tx.TouchPeer]
// noted it.
func (r reader) LastExchanged(ctx context.Context, host string) (received, delivered Exchanged, err error) {
	pair, err := first(ctx, r, func(row pgx.CollectableRow) (x [2]Exchanged, err error) {
		var in, out string
		err = row.Scan(&x[0].Type, &in, &x[1].Type, &out)
		x[0].ID, x[1].ID = coop.IRI(in), coop.IRI(out)
		return x, err
	}, `
		SELECT received_type, received_id, delivered_type, delivered_id
		FROM peers
		WHERE host = $1`, peerHost(host))
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return received, delivered, fmt.Errorf("what peer %s exchanged: %w", host, err)
	}
	return pair[0], pair[1], nil
}

// ForgetPeer removes the decision about a server and keeps the server.
func (tx *Tx) ForgetPeer(ctx context.Context, host string) error {
	_, err := tx.exec(ctx, `
		UPDATE peers
		SET policy = '', reason = '', public_reason = '', expires_at = 0, list_id = 0
		WHERE host = $1`, peerHost(host))
	return err
}

// SoftwareOf notes what a server's NodeInfo says it runs; shown, never decided on.
func (tx *Tx) SoftwareOf(ctx context.Context, host, software string) error {
	_, err := tx.exec(ctx, `UPDATE peers SET software = $1 WHERE host = $2`, coop.Truncate(cleanText(software), 200), peerHost(host))
	return err
}
