// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// peerChange is a decision about a server that a list brings.
type peerChange struct {
	host, policy, reason, public string
	known                        bool // accounts or deliveries of the server are here
}

// BeginPeerList notes who applies a list, so that it is gone on with; "" ends that.
func (tx *Tx) BeginPeerList(ctx context.Context, id coop.ID, who string) error {
	_, err := tx.exec(ctx, `UPDATE peer_lists SET applying = $2 WHERE id = $1`, int64(id), coop.Truncate(cleanText(who), 500))
	return err
}

// ApplyPeerList decides about the next servers as a list says, limit at most, with all
// that follows from it ([Tx.DecidePeer]), and says how many they were; fewer than limit
// are the last. The caller notes it in the audit log, once.
func (tx *Tx) ApplyPeerList(ctx context.Context, id coop.ID, limit int) (int, error) {
	changes, err := all(ctx, tx.reader, scanPeerChange, `
		SELECT k.host, k.policy, k.reason, k.public_reason, `+knownServer+`
		FROM (
			SELECT x.host AS host, CASE WHEN x.gone THEN '' ELSE x.policy END AS policy, x.reason, x.public_reason, `+peerListState+` AS state
			FROM peer_list_rows x
			LEFT JOIN peers e ON e.host = x.host
			WHERE x.list_id = $1) k
		WHERE k.state IN ('new', 'changed', 'gone')
		ORDER BY k.host
		LIMIT $2`, int64(id), limit)
	if err != nil {
		return 0, fmt.Errorf("apply list %s: %w", id, err)
	}
	if err := tx.changePeers(ctx, id, changes); err != nil {
		return 0, fmt.Errorf("apply list %s: %w", id, err)
	}
	_, err = tx.exec(ctx, `
		DELETE FROM peer_list_rows
		WHERE list_id = $1 AND gone AND NOT EXISTS (
			SELECT 1 FROM peers e WHERE e.host = peer_list_rows.host AND e.list_id = $1)`, int64(id))
	return len(changes), err
}

// knownServer is the condition that something of the server k is here that a decision
// concerns.
const knownServer = `(EXISTS (SELECT 1 FROM accounts a WHERE a.server = k.host AND NOT a.local)
			OR EXISTS (SELECT 1 FROM deliveries d WHERE d.host = k.host))`

// scanPeerChange reads one.
func scanPeerChange(row pgx.CollectableRow) (c peerChange, err error) {
	err = row.Scan(&c.host, &c.policy, &c.reason, &c.public, &c.known)
	return c, err
}

// changePeers decides about servers in the name of a list: those of which nothing is
// here all at once, the others one by one with what follows.
func (tx *Tx) changePeers(ctx context.Context, id coop.ID, changes []peerChange) error {
	var lines [][4]string
	for _, c := range changes {
		if !c.known {
			lines = append(lines, [4]string{c.host, c.policy, c.reason, c.public})
			continue
		}
		p := &coop.Peer{Host: c.host, Policy: coop.PeerPolicy(c.policy), Reason: c.reason, PublicReason: c.public, List: id}
		if p.Policy == coop.PolicyNone {
			p.Reason, p.PublicReason, p.List = "", "", 0
		}
		if err := tx.decidePeer(ctx, p); err != nil {
			return err
		}
	}
	for len(lines) > 0 {
		part := lines[:min(len(lines), mostIn)]
		lines = lines[len(part):]
		if _, err := tx.exec(ctx, `
			INSERT INTO peers (host, policy, reason, public_reason, expires_at, software, first_seen, last_received, last_delivered, list_id)
			SELECT r.value ->> 0, r.value ->> 1, CASE WHEN r.value ->> 1 = '' THEN '' ELSE r.value ->> 2 END,
				CASE WHEN r.value ->> 1 = '' THEN '' ELSE r.value ->> 3 END, 0, '', $3::bigint, 0, 0, CASE WHEN r.value ->> 1 = '' THEN 0 ELSE $1::bigint END
			FROM jsonb_array_elements($2::jsonb) AS r
			WHERE TRUE
			ON CONFLICT (host) DO UPDATE SET
				policy = excluded.policy, reason = excluded.reason, public_reason = excluded.public_reason, expires_at = 0, list_id = excluded.list_id`,
			int64(id), list(part), msOf(tx.e.now())); err != nil {
			return err
		}
	}
	return nil
}

// RemovePeerList forgets a list. What it decided is taken back, or stays as if it had been
// decided by hand.
func (tx *Tx) RemovePeerList(ctx context.Context, id coop.ID, takeBack bool) error {
	if takeBack {
		changes, err := all(ctx, tx.reader, scanPeerChange, `
			SELECT k.host, '', '', '', `+knownServer+`
			FROM peers k
			WHERE k.list_id = $1`, int64(id))
		if err == nil {
			err = tx.changePeers(ctx, id, changes)
		}
		if err != nil {
			return fmt.Errorf("take back what list %s decided: %w", id, err)
		}
	} else if _, err := tx.exec(ctx, `UPDATE peers SET list_id = 0 WHERE list_id = $1 AND list_id <> 0`, int64(id)); err != nil {
		return fmt.Errorf("remove list %s: %w", id, err)
	}
	n, err := tx.exec(ctx, `DELETE FROM peer_lists WHERE id = $1`, int64(id))
	if err == nil && n == 0 {
		err = fmt.Errorf("list of servers %s: %w", id, coop.ErrNotFound)
	}
	return err
}
