// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"minga/coop"
)

// GoneInbox marks an inbox as gone (410, or 404 for 7 days): what waits for it
// dies, and nothing is queued for it until ReviveInbox. An activity that is being
// sent to it is settled as usual.
func (tx *Tx) GoneInbox(ctx context.Context, inbox coop.IRI) error {
	now, err := tx.clock(ctx)
	if err != nil {
		return err
	}
	_, err = tx.q.Exec(ctx, `
		INSERT INTO gone_inboxes (inbox, host, missing_since, gone_at) VALUES ($1, $2, $3, $3)
		ON CONFLICT (inbox) DO UPDATE SET gone_at = excluded.gone_at`, inbox, inbox.Host(), now)
	var ids []int64
	if err == nil {
		ids, err = tx.waitingFor(ctx, inbox)
	}
	if err == nil {
		err = tx.bury(ctx, ids, "the inbox is gone")
	}
	if err != nil {
		return fmt.Errorf("mark inbox %s as gone: %w", inbox, err)
	}
	return nil
}

// waitingFor lists what waits for an inbox.
func (tx *Tx) waitingFor(ctx context.Context, inbox coop.IRI) ([]int64, error) {
	rows, err := tx.q.Query(ctx, `SELECT id FROM deliveries WHERE host = $1 AND inbox = $2`, inbox.Host(), inbox)
	return collectIDs(rows, err)
}

// MissingInbox notes a 404 and says since when the inbox has given nothing else.
// A delivery to it that goes well forgets it.
func (tx *Tx) MissingInbox(ctx context.Context, inbox coop.IRI) (since time.Time, err error) {
	now, err := tx.clock(ctx)
	if err != nil {
		return time.Time{}, err
	}
	var ms int64
	err = tx.q.QueryRow(ctx, `
		INSERT INTO gone_inboxes (inbox, host, missing_since) VALUES ($1, $2, $3)
		ON CONFLICT (inbox) DO UPDATE SET host = excluded.host
		RETURNING missing_since`, inbox, inbox.Host(), now).Scan(&ms)
	if err != nil {
		return time.Time{}, fmt.Errorf("note missing inbox %s: %w", inbox, err)
	}
	return moment(ms - tx.skew), nil
}

// ReviveInbox forgets what GoneInbox and MissingInbox noted.
func (tx *Tx) ReviveInbox(ctx context.Context, inbox coop.IRI) error {
	_, err := tx.q.Exec(ctx, `DELETE FROM gone_inboxes WHERE inbox = $1`, inbox)
	return err
}

// InboxGone says whether an inbox is marked as gone.
func (r reader) InboxGone(ctx context.Context, inbox coop.IRI) (bool, error) {
	var gone bool
	err := r.q.QueryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM gone_inboxes WHERE inbox = $1 AND gone_at IS NOT NULL)`, inbox).Scan(&gone)
	return gone, err
}
