// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"minga/coop"
)

// Incoming is one activity that was authenticated and waits for its effect.
type Incoming struct {
	ID int64 // rises; set by the store
	// DedupeKey is one for one activity: origin of the actor and the activity's id.
	DedupeKey string
	Actor     coop.IRI // effects of one actor happen in the order of arrival
	Host      string   // of the actor
	Activity  coop.IRI // id of the activity; may be empty
	Type      string
	// Object is what it is about; may be empty. One that steps aside holds back
	// what has the same Object: for an Undo that is the undone activity's id, and
	// what it may undo should name itself.
	Object     coop.IRI
	Recipient  coop.ID  // owner of the personal inbox; 0: the shared inbox
	Signer     coop.IRI // owner of the key that signed the request
	Proof      string   // how the actor was proven: "cavage", "rfc9421", "proof", "forwarded"
	Body       []byte   // as it came
	ReceivedAt time.Time
	// Attempts counts claims, this one included; Fence must come back.
	Attempts int
	Fence    int64
	Error    string // of the last attempt
}

// IncomingStats are the figures of the incoming queue.
type IncomingStats struct {
	Waiting   int
	OldestDue time.Duration // age of the oldest that was not yet tried
	Aside     int           // stepped aside, to be tried again
	Dead      int           // set aside with an error
}

// incomingRow is the row of an activity as a claim gives it.
type incomingRow struct {
	ID          int64
	DedupeKey   string
	Actor       coop.IRI
	Host        string
	Activity    coop.IRI
	Type        string
	Object      coop.IRI
	RecipientID coop.ID
	Signer      coop.IRI
	Proof       string
	Body        []byte
	ReceivedAt  int64
	Attempts    int
	Fence       int64
	Error       string
}

// incoming is the row in the caller's terms.
func (r incomingRow) incoming(skew int64) Incoming {
	return Incoming{
		ID: r.ID, DedupeKey: r.DedupeKey, Actor: r.Actor, Host: r.Host, Activity: r.Activity, Type: r.Type,
		Object: r.Object, Recipient: r.RecipientID, Signer: r.Signer, Proof: r.Proof, Body: r.Body,
		ReceivedAt: moment(r.ReceivedAt - skew), Attempts: r.Attempts, Fence: r.Fence, Error: r.Error,
	}
}

// The queue in prose. Of the activities of one actor only the first is ready; when
// it is done the next becomes ready, so a claim never has to look past those that
// wait for their turn. An activity that cannot be done yet steps aside: the next
// becomes ready at once, and what concerns the same object steps aside too, not
// ready, until the one before it is done. All that changes this order holds the
// actor's lock until its transaction ends.

// AddIncoming queues an activity, and says whether it is new: an activity whose
// key is waiting, was set aside, or was done within 30 days, is not queued again.
// A body over [MaxDocument] or a name over [MaxIRI] gives [coop.ErrTooLarge].
func (tx *Tx) AddIncoming(ctx context.Context, in Incoming) (bool, error) {
	if len(in.Body) > MaxDocument || max(len(in.Actor), len(in.Activity), len(in.Object), len(in.Signer)) > MaxIRI {
		return false, fmt.Errorf("add incoming: %w", coop.ErrTooLarge)
	}
	added, err := tx.addIncoming(ctx, in)
	if err != nil {
		return false, fmt.Errorf("add incoming %s: %w", in.Activity, err)
	}
	if added {
		tx.Wake(TopicIncoming)
	}
	return added, nil
}

// addIncoming writes the row behind those of its actor.
func (tx *Tx) addIncoming(ctx context.Context, in Incoming) (bool, error) {
	now, err := tx.clock(ctx)
	if err != nil {
		return false, err
	}
	if err := tx.db.lock(ctx, tx.run, in.Actor.String()); err != nil {
		return false, err
	}
	if in.Body == nil {
		in.Body = []byte{}
	}
	tag, err := tx.q.Exec(ctx, `
		INSERT INTO incoming (
			dedupe_key, actor, host, activity, type, object, recipient_id, signer, proof, body, received_at,
			due_at, leased_until, fence, attempts, tries, state, error, aside, ready)
		SELECT $1, $2, $3, $4, $5, $6, $7::bigint, $8, $9, $10, $11::bigint, $11::bigint, 0, 0, 0, 0, 'waiting', '', held,
			NOT held AND NOT EXISTS (SELECT 1 FROM incoming f WHERE f.actor = $2 AND f.state = 'waiting' AND NOT f.aside)
		FROM (
			SELECT $6 <> '' AND EXISTS (
				SELECT 1 FROM incoming e WHERE e.actor = $2 AND e.state = 'waiting' AND e.aside AND e.object = $6) AS held) h
		WHERE TRUE
		ON CONFLICT (dedupe_key) DO NOTHING`,
		shortKey(in.DedupeKey), in.Actor, cut(in.Host, 300), in.Activity, cut(in.Type, 300), in.Object,
		orNull(in.Recipient), in.Signer, cut(in.Proof, 100), in.Body, now)
	return tag.RowsAffected() > 0, err
}

// IncomingStats counts the incoming queue.
func (r reader) IncomingStats(ctx context.Context) (IncomingStats, error) {
	var s IncomingStats
	now, err := r.nowMillis(ctx)
	if err != nil {
		return s, err
	}
	var oldest int64
	err = r.q.QueryRow(ctx, `
		SELECT COUNT(*), COALESCE(MIN(CASE WHEN tries = 0 THEN received_at END), $1), COUNT(CASE WHEN aside THEN 1 END),
			(SELECT COUNT(*) FROM incoming d WHERE d.state = 'dead')
		FROM incoming
		WHERE state = 'waiting'`, now).Scan(&s.Waiting, &oldest, &s.Aside, &s.Dead)
	if err != nil {
		return s, fmt.Errorf("incoming stats: %w", err)
	}
	s.OldestDue = time.Duration(now-oldest) * time.Millisecond
	return s, nil
}
