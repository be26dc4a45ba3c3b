// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// scanPeerList reads a list without its rows.
func scanPeerList(row pgx.CollectableRow) (*coop.PeerList, error) {
	l := &coop.PeerList{}
	var id, created, read, changed int64
	var policy, wrong string
	if err := row.Scan(&id, &l.Name, &l.URL, &policy, &wrong, &l.Failure, &l.Applying, &created, &read, &changed); err != nil {
		return nil, err
	}
	l.ID, l.Policy, l.CreatedAt, l.ReadAt, l.ChangedAt = coop.ID(id), coop.PeerPolicy(policy), atMs(created), atMs(read), atMs(changed)
	return l, json.Unmarshal([]byte(wrong), &l.Wrong)
}

// peerListColumns are those that [scanPeerList] reads.
const peerListColumns = "id, name, url, policy, wrong, failure, applying, created_at, read_at, changed_at"

// PeerLists are all lists of servers, oldest first.
func (r reader) PeerLists(ctx context.Context) ([]*coop.PeerList, error) {
	lists, err := all(ctx, r, scanPeerList, `
		SELECT `+peerListColumns+`
		FROM peer_lists
		ORDER BY id
		LIMIT $1`, coop.MaxPeerLists)
	if err != nil {
		return nil, fmt.Errorf("lists of servers: %w", err)
	}
	return lists, nil
}

// PeerList is one of them, or [coop.ErrNotFound].
func (r reader) PeerList(ctx context.Context, id coop.ID) (*coop.PeerList, error) {
	l, err := first(ctx, r, scanPeerList, `
		SELECT `+peerListColumns+`
		FROM peer_lists
		WHERE id = $1`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("list of servers %s: %w", id, err)
	}
	return l, nil
}

// peerListState is what applying a list would do with its row x, whose server is e: what
// was decided by hand stays, and so does what another list decided, unless this one blocks.
const peerListState = `CASE
			WHEN x.gone THEN 'gone'
			WHEN x.kept THEN 'kept'
			WHEN COALESCE(e.policy, '') = '' THEN 'new'
			WHEN e.policy = x.policy THEN 'done'
			WHEN e.list_id = x.list_id OR e.list_id <> 0 AND x.policy = 'block' THEN 'changed'
			ELSE 'own' END`

// PeerListCounts says how many rows of a list are in each state.
func (r reader) PeerListCounts(ctx context.Context, id coop.ID) (map[coop.PeerListState]int, error) {
	rows, err := r.q.Query(ctx, `
		SELECT k.state, COUNT(*)
		FROM (
			SELECT `+peerListState+` AS state
			FROM peer_list_rows x
			LEFT JOIN peers e ON e.host = x.host
			WHERE x.list_id = $1) k
		GROUP BY k.state`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("rows of list %s: %w", id, err)
	}
	counts := map[coop.PeerListState]int{}
	var state string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error { counts[coop.PeerListState(state)] = n; return nil })
	return counts, err
}

// connected counts what joins accounts here and accounts of the server of x: follows
// either way, and memberships.
const connected = `(
			SELECT COUNT(*)
			FROM accounts w
			JOIN follows f ON f.follower_id = w.id OR f.target_id = w.id
			JOIN accounts l ON l.id = CASE WHEN f.follower_id = w.id THEN f.target_id ELSE f.follower_id END
			WHERE w.server = x.host AND NOT w.local AND l.local) + (
			SELECT COUNT(*)
			FROM accounts w
			JOIN memberships m ON m.member_id = w.id OR m.organization_id = w.id
			JOIN accounts l ON l.id = CASE WHEN m.member_id = w.id THEN m.organization_id ELSE m.member_id END
			WHERE w.server = x.host AND NOT w.local AND l.local AND m.state IN ('asked', 'member', 'suspended'))`

// PeerListRows are the rows of a list in a state after a host, in the order of the hosts.
func (r reader) PeerListRows(ctx context.Context, id coop.ID, state coop.PeerListState, after string, limit int) ([]coop.PeerListRow, error) {
	rows, err := all(ctx, r, func(row pgx.CollectableRow) (x coop.PeerListRow, err error) {
		var policy, now, is string
		err = row.Scan(&x.Host, &policy, &x.Reason, &x.PublicReason, &now, &is, &x.Related)
		x.Policy, x.Now, x.State = coop.PeerPolicy(policy), coop.PeerPolicy(now), coop.PeerListState(is)
		return x, err
	}, `
		SELECT x.host, x.policy, x.reason, x.public_reason, COALESCE(e.policy, ''), `+peerListState+`, `+connected+`
		FROM peer_list_rows x
		LEFT JOIN peers e ON e.host = x.host
		WHERE x.list_id = $1 AND x.host > $2 AND `+peerListState+` = $3
		ORDER BY x.host
		LIMIT $4`, int64(id), peerHost(after), string(state), limit)
	if err != nil {
		return nil, fmt.Errorf("rows of list %s: %w", id, err)
	}
	return rows, nil
}

// AddPeerList keeps a list without rows and fills in ID, CreatedAt and ReadAt; more than
// [coop.MaxPeerLists] give [coop.ErrConflict].
func (tx *Tx) AddPeerList(ctx context.Context, l *coop.PeerList) (err error) {
	if err := tx.alone(ctx, "lists of servers"); err != nil {
		return err
	}
	n, err := tx.number(ctx, `SELECT COUNT(*) FROM peer_lists`)
	if err != nil {
		return err
	}
	if n >= coop.MaxPeerLists {
		return fmt.Errorf("%d lists of servers: %w", n, coop.ErrConflict)
	}
	if l.ID, err = tx.NextID(ctx, tx.e.now()); err != nil {
		return err
	}
	l.CreatedAt = tx.e.now()
	_, err = tx.insert(ctx, "peer_lists", []column{
		{"id", int64(l.ID)},
		{"name", coop.Truncate(l.Name, coop.MaxPeerListName)},
		{"url", l.URL},
		{"policy", string(l.Policy)},
		{"wrong", "[]"},
		{"failure", ""},
		{"applying", ""},
		{"created_at", msOf(l.CreatedAt)},
		{"read_at", int64(0)},
		{"changed_at", int64(0)},
	}, "")
	return err
}

// FillPeerList puts what a list says now in the place of what it said: rows (Host,
// Policy, Reason and PublicReason count) and the lines that were not understood. Nothing
// is decided by that. A server with which somebody here is connected is left out unless
// the list allows it, and so is, still, what was left out by hand.
func (tx *Tx) FillPeerList(ctx context.Context, l *coop.PeerList, rows []coop.PeerListRow, wrong []string) error {
	if _, err := tx.exec(ctx, `UPDATE peer_list_rows SET gone = TRUE WHERE list_id = $1`, int64(l.ID)); err != nil {
		return fmt.Errorf("fill list %s: %w", l.ID, err)
	}
	changed := int64(0)
	for len(rows) > 0 {
		part := rows[:min(len(rows), mostIn)]
		rows = rows[len(part):]
		n, err := tx.fillRows(ctx, l.ID, part)
		if err != nil {
			return fmt.Errorf("fill list %s: %w", l.ID, err)
		}
		changed += n
	}
	// What left the list matters only where the list decided.
	if _, err := tx.exec(ctx, `
		DELETE FROM peer_list_rows
		WHERE list_id = $1 AND gone AND NOT EXISTS (
			SELECT 1 FROM peers e WHERE e.host = peer_list_rows.host AND e.list_id = $1)`, int64(l.ID)); err != nil {
		return fmt.Errorf("fill list %s: %w", l.ID, err)
	}
	gone, err := tx.number(ctx, `SELECT COUNT(*) FROM peer_list_rows WHERE list_id = $1 AND gone`, int64(l.ID))
	if err != nil {
		return err
	}
	l.ReadAt, l.Wrong, l.Failure = tx.e.now(), wrong, ""
	if changed+gone > 0 {
		l.ChangedAt = l.ReadAt
	}
	lines, err := jsonText(wrong)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `
		UPDATE peer_lists
		SET wrong = $2, failure = '', read_at = $3, changed_at = $4
		WHERE id = $1`, int64(l.ID), lines, msOf(l.ReadAt), msOf(l.ChangedAt))
	return err
}

// fillRows writes some rows, and says how many of them are new or say something else.
func (tx *Tx) fillRows(ctx context.Context, id coop.ID, rows []coop.PeerListRow) (changed int64, err error) {
	lines := make([][4]string, len(rows))
	for i, x := range rows {
		lines[i] = [4]string{peerHost(x.Host), string(x.Policy), cleanText(coop.Truncate(x.Reason, 5000)), cleanText(coop.Truncate(x.PublicReason, 1000))}
	}
	text := list(lines)
	known, err := tx.number(ctx, `
		SELECT COUNT(*)
		FROM jsonb_array_elements($2::jsonb) AS r
		JOIN peer_list_rows x ON x.list_id = $1 AND x.host = r.value ->> 0 AND x.policy = r.value ->> 1`, int64(id), text)
	if err != nil {
		return 0, err
	}
	_, err = tx.exec(ctx, `
		INSERT INTO peer_list_rows (list_id, host, policy, reason, public_reason, kept, gone)
		SELECT x.list_id, x.host, x.policy, x.reason, x.public_reason, x.policy <> 'allow' AND `+connected+` > 0, FALSE
		FROM (
			SELECT $1::bigint AS list_id, r.value ->> 0 AS host, r.value ->> 1 AS policy, r.value ->> 2 AS reason, r.value ->> 3 AS public_reason
			FROM jsonb_array_elements($2::jsonb) AS r) x
		WHERE TRUE
		ON CONFLICT (list_id, host) DO UPDATE SET
			policy = excluded.policy, reason = excluded.reason, public_reason = excluded.public_reason, gone = FALSE`, int64(id), text)
	return int64(len(rows)) - known, err
}

// FailPeerList notes that a list could not be read; what it said stays.
func (tx *Tx) FailPeerList(ctx context.Context, id coop.ID, failure string) error {
	_, err := tx.exec(ctx, `UPDATE peer_lists SET failure = $2, read_at = $3 WHERE id = $1`, int64(id), coop.Truncate(cleanText(failure), 1000), msOf(tx.e.now()))
	return err
}

// KeepPeerListRow leaves a server out when the list is applied, or no longer does.
func (tx *Tx) KeepPeerListRow(ctx context.Context, id coop.ID, host string, kept bool) error {
	_, err := tx.exec(ctx, `UPDATE peer_list_rows SET kept = $3 WHERE list_id = $1 AND host = $2`, int64(id), peerHost(host), kept)
	return err
}

// PeersDecided are all servers about which something was decided and still holds, by
// host, at most [coop.MaxPeerListRows].
func (r reader) PeersDecided(ctx context.Context, policy coop.PeerPolicy) ([]*coop.Peer, error) {
	peers, err := all(ctx, r, func(row pgx.CollectableRow) (*coop.Peer, error) {
		p := &coop.Peer{Policy: policy}
		var list int64
		err := row.Scan(&p.Host, &p.Reason, &p.PublicReason, &list)
		p.List = coop.ID(list)
		return p, err
	}, `
		SELECT host, reason, public_reason, list_id
		FROM peers
		WHERE policy = $1 AND (expires_at = 0 OR expires_at > $2)
		ORDER BY host
		LIMIT $3`, string(policy), msOf(r.e.now()), coop.MaxPeerListRows)
	if err != nil {
		return nil, fmt.Errorf("decided servers: %w", err)
	}
	return peers, nil
}
