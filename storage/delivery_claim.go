// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// claimRow is a destination that was just leased.
type claimRow struct {
	Host        string
	Fence       int64
	Failures    int
	Streak      int
	Unavailable bool
	Signature   string
	SignatureAt int64
}

// waitingRow is a delivery that may go now.
type waitingRow struct {
	ID         int64
	Host       string
	Inbox      coop.IRI
	DocumentID int64
	Activity   string
	Object     coop.IRI
	SignerID   coop.ID
	Urgent     bool
	DueAt      int64
	ExpiresAt  int64
	Attempts   int
	CreatedAt  int64
	Size       int64
}

// The deliveries that hosts may be sent now: of each (inbox, object) the first
// alone, and that only when it is due. PostgreSQL needs LATERAL to take a few for
// each host by the index; SQLite does the same with IN and has no LATERAL.
const (
	waitingPostgres = `
		SELECT d.id, d.host, d.inbox, d.document_id, d.activity, d.object, d.signer_id, d.urgent,
			d.due_at, d.expires_at, d.attempts, d.created_at, octet_length(o.body) AS size
		FROM jsonb_array_elements_text($1::jsonb) AS h
		CROSS JOIN LATERAL (
			SELECT id, host, inbox, document_id, activity, object, signer_id, urgent, due_at, expires_at, attempts, created_at
			FROM deliveries e
			WHERE e.host = h.value AND e.due_at <= $2
				AND NOT EXISTS (SELECT 1 FROM deliveries f WHERE f.lane = e.lane AND f.lane <> 0 AND f.id < e.id)
			ORDER BY e.urgent DESC, e.id
			LIMIT $3) d
		JOIN documents o ON o.id = d.document_id
		ORDER BY d.host, d.urgent DESC, d.id`
	waitingSQLite = `
		SELECT d.id, d.host, d.inbox, d.document_id, d.activity, d.object, d.signer_id, d.urgent,
			d.due_at, d.expires_at, d.attempts, d.created_at, octet_length(o.body) AS size
		FROM json_each($1) AS h
		CROSS JOIN deliveries d
		JOIN documents o ON o.id = d.document_id
		WHERE d.id IN (
			SELECT e.id
			FROM deliveries e
			WHERE e.host = h.value AND e.due_at <= $2
				AND NOT EXISTS (SELECT 1 FROM deliveries f WHERE f.lane = e.lane AND f.lane <> 0 AND f.id < e.id)
			ORDER BY e.urgent DESC, e.id
			LIMIT $3)
		ORDER BY d.host, d.urgent DESC, d.id`
)

// ClaimDestinations leases up to hosts destinations that are due, the longest
// due first, each with up to 50 deliveries: urgent first, then by id. A
// destination whose lease ran out is given again, with a higher fence. Fewer
// claims than asked for, even none, does not mean that nothing is due at once: a
// destination may have had nothing to send but what has to wait for its turn, or what
// expired. [TopicDeliveries] is woken then.
func (tx *Tx) ClaimDestinations(ctx context.Context, hosts int, lease time.Duration) ([]Claim, error) {
	now, err := tx.clock(ctx)
	if err != nil || hosts <= 0 {
		return nil, err
	}
	leased, err := tx.leaseDestinations(ctx, now, now+lease.Milliseconds(), hosts)
	if err != nil || len(leased) == 0 {
		return nil, err
	}
	waiting, err := tx.waitingAt(ctx, leased, now)
	if err != nil {
		return nil, fmt.Errorf("deliveries of claimed hosts: %w", err)
	}
	var claims []Claim
	pick := picker{now: now, budget: maxClaimBytes, documents: map[int64]bool{}}
	for _, l := range leased {
		c, err := tx.pickClaim(ctx, l, waiting[l.Host], &pick)
		if err != nil {
			return nil, fmt.Errorf("claim %s: %w", l.Host, err)
		}
		if len(c.Deliveries) > 0 {
			c.LeasedUntil = moment(now + lease.Milliseconds() - tx.skew)
			claims = append(claims, c)
		}
	}
	if len(leased) == hosts && len(claims) < hosts {
		// Others may be due behind those that had nothing: a thousand servers of which all
		// expired on one day must not make the rest wait for the next look.
		tx.Wake(TopicDeliveries)
	}
	return claims, tx.handOut(ctx, claims, pick.documents)
}

// leaseDestinations takes the hosts.
func (tx *Tx) leaseDestinations(ctx context.Context, now, until int64, hosts int) ([]claimRow, error) {
	rows, err := tx.q.Query(ctx, `
		WITH next AS MATERIALIZED (
			SELECT host
			FROM destinations
			WHERE due_at <= $1 AND leased_until <= $1
			ORDER BY due_at
			LIMIT $3
			FOR UPDATE SKIP LOCKED)
		UPDATE destinations SET fence = destinations.fence + 1, leased_until = $2, due_at = $2
		FROM next
		WHERE destinations.host = next.host
		RETURNING destinations.host, fence, failures, streak, unavailable, signature, COALESCE(signature_at, 0) AS signature_at`,
		now, until, hosts)
	if err != nil {
		return nil, fmt.Errorf("claim destinations: %w", err)
	}
	leased, err := pgx.CollectRows(rows, pgx.RowToStructByName[claimRow])
	if err != nil {
		return nil, fmt.Errorf("claim destinations: %w", err)
	}
	return leased, nil
}

// waitingAt lists what may be sent to each host.
func (tx *Tx) waitingAt(ctx context.Context, leased []claimRow, now int64) (map[string][]waitingRow, error) {
	hosts := make([]string, len(leased))
	for i, l := range leased {
		hosts[i] = l.Host
	}
	text := waitingPostgres
	if tx.e.engine == SQLite {
		text = waitingSQLite
	}
	rows, err := tx.q.Query(ctx, text, list(hosts), now, maxClaimed)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[waitingRow])
	byHost := map[string][]waitingRow{}
	for _, d := range all {
		byHost[d.Host] = append(byHost[d.Host], d)
	}
	return byHost, err
}

// picker keeps the documents of a claim within its budget.
type picker struct {
	now, budget int64
	documents   map[int64]bool
}

// fits says whether a delivery still has room; the first of a host always has.
func (p *picker) fits(d waitingRow, first bool) bool {
	if p.documents[d.DocumentID] {
		return true
	}
	if !first && p.budget < d.Size {
		return false
	}
	p.documents[d.DocumentID] = true
	p.budget -= d.Size
	return true
}

// pickClaim chooses what one host is sent. What has expired dies here: every host
// with something waiting is claimed at least once a day. A host with nothing to
// send is given back at once.
func (tx *Tx) pickClaim(ctx context.Context, l claimRow, waiting []waitingRow, p *picker) (Claim, error) {
	c := Claim{
		Host: l.Host, Fence: l.Fence, Probe: l.Failures > 0, Failures: l.Failures, Streak: l.Streak,
		Unavailable: l.Unavailable, Signature: tx.memory(l.Signature, l.SignatureAt, p.now),
	}
	var expired []int64
	for _, d := range waiting {
		switch {
		case d.ExpiresAt <= p.now:
			expired = append(expired, d.ID)
		case c.Probe && len(c.Deliveries) > 0, !p.fits(d, len(c.Deliveries) == 0):
		default:
			c.Deliveries = append(c.Deliveries, d.claimed(tx.skew))
		}
	}
	if err := tx.bury(ctx, expired, "not delivered in time"); err != nil {
		return c, err
	}
	if len(c.Deliveries) > 0 {
		return c, nil
	}
	return c, tx.release(ctx, l.Host, len(expired) > 0)
}

// claimed is the row in the caller's terms.
func (d waitingRow) claimed(skew int64) ClaimedDelivery {
	return ClaimedDelivery{
		Delivery: Delivery{
			ID: d.ID, Inbox: d.Inbox, DocumentID: d.DocumentID, Activity: d.Activity, Object: d.Object,
			Signer: d.SignerID, Urgent: d.Urgent, DueAt: moment(d.DueAt - skew), Attempts: d.Attempts,
		},
		CreatedAt: moment(d.CreatedAt - skew),
	}
}

// release gives back a host that has nothing to send: due again when something
// is. What is due already and waits for an earlier one does not count, or the host
// would be claimed without end.
func (tx *Tx) release(ctx context.Context, host string, more bool) error {
	_, err := tx.q.Exec(ctx, `
		UPDATE destinations SET leased_until = 0, due_at = (
			SELECT CASE
				WHEN COUNT(*) = 0 THEN NULL
				WHEN $3 THEN $2::bigint
				ELSE COALESCE(MIN(CASE WHEN d.due_at > $2 THEN d.due_at END), $2 + 60000)
				END
			FROM deliveries d
			WHERE d.host = $1)
		WHERE host = $1`, host, tx.ms, more)
	return err
}

// handOut notes that the deliveries left, and puts the bytes in.
func (tx *Tx) handOut(ctx context.Context, claims []Claim, documents map[int64]bool) error {
	var marks [][2]int64
	for _, c := range claims {
		for _, d := range c.Deliveries {
			marks = append(marks, [2]int64{d.ID, c.Fence})
		}
	}
	if len(marks) == 0 {
		return nil
	}
	_, err := tx.q.Exec(ctx, `
		UPDATE deliveries SET fence = CAST(r.value ->> 1 AS bigint)
		FROM jsonb_array_elements($1::jsonb) AS r
		WHERE deliveries.id = CAST(r.value ->> 0 AS bigint)`, list(marks))
	if err != nil {
		return fmt.Errorf("hand out deliveries: %w", err)
	}
	return tx.fillBodies(ctx, claims, documents)
}

// fillBodies reads each document once; deliveries of the same one share its bytes.
func (tx *Tx) fillBodies(ctx context.Context, claims []Claim, documents map[int64]bool) error {
	var ids []int64
	for id := range documents {
		ids = append(ids, id)
	}
	rows, err := tx.q.Query(ctx, `
		SELECT id, iri, body
		FROM documents
		WHERE id IN (SELECT CAST(r.value AS bigint) FROM jsonb_array_elements_text($1::jsonb) AS r)`, list(ids))
	if err != nil {
		return fmt.Errorf("documents of claimed hosts: %w", err)
	}
	byID := map[int64]Document{}
	var d Document
	_, err = pgx.ForEachRow(rows, []any{&d.ID, &d.IRI, &d.Body}, func() error {
		byID[d.ID] = d
		d.Body = nil
		return nil
	})
	for _, c := range claims {
		for i := range c.Deliveries {
			found := byID[c.Deliveries[i].DocumentID]
			c.Deliveries[i].IRI, c.Deliveries[i].Body = found.IRI, found.Body
		}
	}
	return err
}
