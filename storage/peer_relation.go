// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// PeerRelation is what this instance has with a server: follows either way, and who
// of them is the federation itself.
type PeerRelation struct {
	Followers, Following    int  // accepted follows from there, and of accounts there
	Asked, Asking           int  // follows from there, and of accounts there, that wait for an answer
	FollowsUs, FollowedByUs bool // the federation of this instance is followed from there, or follows there
}

// relationRow is a line of either direction.
type relationRow struct {
	host       string
	state      string
	count      int
	federation int
}

// scanRelation reads one.
func scanRelation(row pgx.CollectableRow) (x relationRow, err error) {
	err = row.Scan(&x.host, &x.state, &x.count, &x.federation)
	return x, err
}

// PeerRelations tells what this instance has with some servers, 200 at most; those
// with which it has nothing are missing.
func (r reader) PeerRelations(ctx context.Context, hosts []string) (map[string]PeerRelation, error) {
	found := map[string]PeerRelation{}
	hosts = hosts[:min(len(hosts), 200)]
	if len(hosts) == 0 {
		return found, nil
	}
	err := r.relations(ctx, hosts, relationsFrom("f.follower_id", "f.target_id"), func(x relationRow) {
		p := found[x.host]
		if x.state == string(coop.FollowAsked) {
			p.Asked = x.count
		} else {
			p.Followers, p.FollowsUs = x.count, x.federation > 0
		}
		found[x.host] = p
	})
	if err == nil {
		err = r.relations(ctx, hosts, relationsFrom("f.target_id", "f.follower_id"), func(x relationRow) {
			p := found[x.host]
			if x.state == string(coop.FollowAsked) {
				p.Asking = x.count
			} else {
				p.Following, p.FollowedByUs = x.count, x.federation > 0
			}
			found[x.host] = p
		})
	}
	if err != nil {
		return nil, fmt.Errorf("relations with servers: %w", err)
	}
	return found, nil
}

// relationsFrom counts follows between this server and others by their states.
func relationsFrom(there, here string) string {
	return `
		SELECT w.server, f.state, COUNT(*), COUNT(CASE WHEN l.kind = 'federation' THEN 1 END)
		FROM accounts w
		JOIN follows f ON ` + there + ` = w.id
		JOIN accounts l ON l.id = ` + here + ` AND l.local`
}

// relations asks one direction of some servers.
func (r reader) relations(ctx context.Context, hosts []string, from string, note func(x relationRow)) error {
	var a args
	rows, err := all(ctx, r, scanRelation, from+`
		WHERE w.server IN `+in(&a, hosts)+` AND NOT w.local
		GROUP BY w.server, f.state`, a...)
	for _, x := range rows {
		note(x)
	}
	return err
}

// waitingHere is the rest of a question about follows that wait for a decision of who
// runs this instance: those of the federation, its boards and its services. A co-op or
// a person decides about their own.
const waitingHere = `
		FROM follows f
		JOIN accounts t ON t.id = f.target_id
		JOIN accounts w ON w.id = f.follower_id
		WHERE f.state = 'asked' AND t.local AND t.kind IN ('federation', 'board', 'instance', 'service')
			AND w.suspended_at = 0 AND w.deleted_at = 0`

// WaitingFollows lists the follows that wait for a decision of who runs this
// instance, the longest waiting first, at most limit, and says how many there are.
func (r reader) WaitingFollows(ctx context.Context, limit int) ([]*coop.Follow, int, error) {
	n, err := r.number(ctx, "SELECT COUNT(*)"+waitingHere)
	if err != nil || n == 0 {
		return nil, 0, err
	}
	rows, err := all(ctx, r, scanFollow, `
		SELECT `+followColumns+waitingHere+`
		ORDER BY f.id
		LIMIT $1`, limit)
	if err != nil {
		return nil, 0, fmt.Errorf("follows that wait: %w", err)
	}
	follows, err := r.withAccounts(ctx, rows)
	return follows, int(n), err
}

// FollowByID finds a follow by its id, with both accounts, or gives [coop.ErrNotFound].
func (r reader) FollowByID(ctx context.Context, id coop.ID) (*coop.Follow, error) {
	f, err := r.oneFollow(ctx, "f.id = $1", int64(id))
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", id, err)
	}
	return f, nil
}
