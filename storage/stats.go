// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Stats are true numbers of this instance, for NodeInfo and the front page.
type Stats struct {
	Users          int // people and co-ops of this instance that are not gone
	ActiveMonth    int // of them, who published in the last 30 days
	ActiveHalfYear int // in the last 180 days
	Posts          int // local public and unlisted posts that answer nothing
	Comments       int // local public and unlisted replies
	Coops          int // co-ops of this instance
	OpenJobs       int // listed here, from anywhere, each once
	Articles       int // listed here, from anywhere
	Peers          int // servers that wrote to us, or took what we wrote, in the last 30 days
}

// Stats counts what anybody may see.
func (r reader) Stats(ctx context.Context) (Stats, error) {
	now := r.e.now()
	month, half := msOf(now.AddDate(0, 0, -30)), msOf(now.AddDate(0, 0, -180))
	a := args{month, half, msOf(now)}
	seen := r.visible(&a, coop.Anonymous())
	listed := r.listed(&a)
	user := "w.local AND w.kind IN ('person', 'coop') AND w.suspended_at = 0 AND w.deleted_at = 0"
	active := " AND EXISTS (SELECT 1 FROM posts x WHERE x.author_id = w.id AND NOT x.draft AND x.published_at >= "
	posts := "(SELECT COUNT(*) FROM " + postTables + " WHERE " + seen + " AND "
	s, err := first(ctx, r, scanStats, `
		SELECT
			(SELECT COUNT(*) FROM accounts w WHERE `+user+`),
			(SELECT COUNT(*) FROM accounts w WHERE `+user+active+`$1)),
			(SELECT COUNT(*) FROM accounts w WHERE `+user+active+`$2)),
			`+posts+`p.local AND p.in_reply_to = ''),
			`+posts+`p.local AND p.in_reply_to <> ''),
			(SELECT COUNT(*) FROM accounts w WHERE `+user+` AND w.kind = 'coop'),
			`+posts+listed+` AND j.status = 'open' AND j.duplicate_of = 0 AND j.valid_through > $3),
			`+posts+listed+` AND t.status = 'published'),
			(SELECT COUNT(*) FROM peers e WHERE e.last_received >= $1 OR e.last_delivered >= $1)`, a...)
	if err != nil {
		return Stats{}, fmt.Errorf("statistics: %w", err)
	}
	return s, nil
}

// scanStats reads the one row of Stats.
func scanStats(row pgx.CollectableRow) (s Stats, err error) {
	err = row.Scan(&s.Users, &s.ActiveMonth, &s.ActiveHalfYear, &s.Posts, &s.Comments, &s.Coops, &s.OpenJobs, &s.Articles, &s.Peers)
	return s, err
}

// What strangers can make grow has an end, however many they are.
const (
	keepUndone        = 30 * 24 * time.Hour  // tombstones of what was never a post here
	keepKeys          = 30 * 24 * time.Hour  // private keys of deleted accounts
	keepNotifications = 365 * 24 * time.Hour // what people were told
	keepStrangers     = 90 * 24 * time.Hour  // servers of which nothing was heard or decided
	mostUndone        = 100_000              // the newest of them
	mostCeremonies    = 100_000              // halves of a proof, those that end last
	keepWeeks         = 12                   // weeks of which it is known who was here
	keepCodes         = 24 * time.Hour       // codes that ended, so that a second use is seen
	keepRevoked       = 30 * 24 * time.Hour  // tokens that were revoked
	keepApps          = 30 * 24 * time.Hour  // apps that nobody uses, and tokens of an app alone that it does not use
)

// longGone is the condition that an account of ours was deleted before $1.
const longGone = "a.local AND a.deleted_at <> 0 AND a.deleted_at < $1"

// recordSweep is what is over in one table: rows whose key is among those where holds.
type recordSweep struct {
	table, key, where string
	values            []any
}

// recordSweeps are what [Tx.SweepRecords] does; ago is the time so long before now.
func recordSweeps(now time.Time, ago func(time.Duration) int64) []recordSweep {
	return []recordSweep{
		{"tombstones", "iri", "NOT local AND post_id = 0 AND at < $1", []any{ago(keepUndone)}},
		{"tombstones", "iri", "iri IN (SELECT iri FROM tombstones WHERE NOT local AND post_id = 0 ORDER BY at DESC, iri LIMIT 1000000 OFFSET $1)", []any{mostUndone}},
		{"account_keys", "account_id", "account_id IN (SELECT id FROM accounts WHERE deleted_at <> 0 AND deleted_at < $1)", []any{ago(keepKeys)}},
		{"secrets", "name", "name IN (SELECT k.kind || a.id FROM (SELECT 'outbox:last:' AS kind UNION ALL SELECT 'outbox:rotation:') k CROSS JOIN accounts a WHERE " + longGone + ")", []any{ago(keepKeys)}},
		{"documents", "id", "owner_id IN (SELECT a.id FROM accounts a WHERE " + longGone + ") AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.document_id = documents.id) AND NOT EXISTS (SELECT 1 FROM departures x WHERE x.document_id = documents.id)", []any{ago(keepKeys)}},
		{"departures", "account_id", "done_at <> 0 AND ends_at <= $1", []any{msOf(now)}},
		{"secrets", "name", "name LIKE 'departure/%' AND $1::bigint > 0 AND NOT EXISTS (SELECT 1 FROM departures x WHERE 'departure/' || x.account_id = secrets.name)", []any{1}},
		{"notifications", "id", "created_at < $1", []any{ago(keepNotifications)}},
		{"peers", "host", "policy = '' AND last_received < $1 AND last_delivered < $1 AND first_seen < $1", []any{ago(keepStrangers)}},
		{"peers", "host", "policy = '' AND host IN (SELECT host FROM peers WHERE policy = '' ORDER BY last_received DESC, host LIMIT 1000000 OFFSET $1)", []any{mostPeers}},
		{"audit_origins", "number", "at < $1", []any{ago(keepOrigins)}},
		{"secrets", "name", "name LIKE 'origins:%' AND updated_at < $1", []any{ago(keepDayKey)}},
		{"sessions", "id", "seen_at < $1", []any{ago(coop.SessionIdle)}},
		{"active_weeks", "week", "week < $1", []any{weekOf(now) - keepWeeks}},
		{"codes", "id", "ends_at < $1", []any{ago(keepCodes)}},
		{"ceremonies", "hash", "ends_at <= $1", []any{msOf(now)}},
		{"ceremonies", "hash", "hash IN (SELECT hash FROM ceremonies ORDER BY ends_at DESC, hash LIMIT 1000000 OFFSET $1)", []any{mostCeremonies}},
		{"tokens", "id", "revoked_at <> 0 AND revoked_at < $1", []any{ago(keepRevoked)}},
		{"tokens", "id", "account_id IS NULL AND created_at < $1 AND last_used < $1", []any{ago(keepApps)}},
		{"apps", "id", "used_at < $1 AND NOT EXISTS (SELECT 1 FROM tokens k WHERE k.app_id = apps.id) AND NOT EXISTS (SELECT 1 FROM codes c WHERE c.app_id = apps.id)", []any{ago(keepApps)}},
		{"remote_keys", "key_id", "key_id IN (SELECT key_id FROM remote_keys ORDER BY fetched_at DESC, key_id LIMIT 1000000 OFFSET $1)", []any{mostRemoteKeys}},
	}
}

// SweepRecords forgets what has had its time: at most limit rows of each kind, and
// returns how many they were. It is called again and again, by a task.
func (tx *Tx) SweepRecords(ctx context.Context, limit int) (int, error) {
	now := tx.e.now()
	ago := func(d time.Duration) int64 { return msOf(now.Add(-d)) }
	total, err := tx.hashOrigins(ctx, limit)
	if err != nil {
		return total, err
	}
	for _, s := range recordSweeps(now, ago) {
		n, err := tx.exec(ctx, "DELETE FROM "+s.table+" WHERE "+s.key+" IN (SELECT "+s.key+" FROM "+s.table+" WHERE "+s.where+" LIMIT $2)", append(s.values, limit)...)
		if err != nil {
			return total, fmt.Errorf("sweep %s: %w", s.table, err)
		}
		total += int(n)
	}
	return total, nil
}
