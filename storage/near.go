// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minga/coop"
)

// NearRequests lists requests, of this instance and of others, that look for co-ops, end
// within a time from now, and of whose end nobody was told here, what ends first first. What
// was published later than that before its end is left out: its end is no news.
func (r reader) NearRequests(ctx context.Context, now time.Time, within time.Duration, limit int) ([]coop.ID, error) {
	ids, err := all(ctx, r, scanID, `
		SELECT q.post_id
		FROM requests q
		JOIN posts p ON p.id = q.post_id
		WHERE q.status IN ('open', 'forming') AND q.respond_by > $1 AND q.respond_by <= $2
			AND q.told_near <> q.respond_by AND p.published_at <= q.respond_by - $3
		ORDER BY q.respond_by, q.post_id
		LIMIT $4`, msOf(now), msOf(now.Add(within)), within.Milliseconds(), min(limit, mostListed))
	if err != nil {
		return nil, fmt.Errorf("requests that end soon: %w", err)
	}
	return ids, nil
}

// NearDecisions lists decisions, of this instance and of others, that take ballots, end
// within a time from now, and of whose end nobody was told here, as [reader.NearRequests].
func (r reader) NearDecisions(ctx context.Context, now time.Time, within time.Duration, limit int) ([]coop.ID, error) {
	ids, err := all(ctx, r, scanID, `
		SELECT d.post_id
		FROM decisions d
		JOIN posts p ON p.id = d.post_id
		WHERE d.stage IN ('open', 'objection') AND d.ends_at > $1 AND d.ends_at <= $2
			AND d.told_near <> d.ends_at AND p.published_at <= d.ends_at - $3
		ORDER BY d.ends_at, d.post_id
		LIMIT $4`, msOf(now), msOf(now.Add(within)), within.Milliseconds(), min(limit, mostListed))
	if err != nil {
		return nil, fmt.Errorf("decisions that end soon: %w", err)
	}
	return ids, nil
}

// ClaimNearRequest takes it upon the caller to tell of the end of a request; false says
// that somebody else has, that it has come, or that no co-ops are looked for any more. Of
// two nodes at once one gets it.
func (tx *Tx) ClaimNearRequest(ctx context.Context, post coop.ID, now time.Time) (bool, error) {
	n, err := tx.exec(ctx, `
		UPDATE requests
		SET told_near = respond_by
		WHERE post_id = $1 AND status IN ('open', 'forming') AND respond_by > $2 AND told_near <> respond_by`, int64(post), msOf(now))
	if err != nil {
		return false, fmt.Errorf("claim the end of request %s: %w", post, err)
	}
	return n > 0, nil
}

// ClaimNearDecision is [Tx.ClaimNearRequest] for a decision.
func (tx *Tx) ClaimNearDecision(ctx context.Context, post coop.ID, now time.Time) (bool, error) {
	n, err := tx.exec(ctx, `
		UPDATE decisions
		SET told_near = ends_at
		WHERE post_id = $1 AND stage IN ('open', 'objection') AND ends_at > $2 AND told_near <> ends_at`, int64(post), msOf(now))
	if err != nil {
		return false, fmt.Errorf("claim the end of decision %s: %w", post, err)
	}
	return n > 0, nil
}

// TellRequestNear tells that the end of a request is near: whoever acts for its author, and
// the co-ops here whose offer waits or who have shown interest, each once.
func (tx *Tx) TellRequestNear(ctx context.Context, p *coop.Post) error {
	offered, err := tx.offerers(ctx, p.ID, coop.OfferSent, coop.OfferChanged)
	if err != nil {
		return err
	}
	interested, err := tx.Interest(ctx, coop.System(), p)
	if err != nil {
		return err
	}
	concerned := append(offered, coop.Concerned{Account: p.AuthorID, Target: true})
	for _, m := range interested {
		if m.Author != nil && m.Author.Kind == coop.Coop {
			concerned = append(concerned, coop.Concerned{Account: m.AuthorID, Target: true})
		}
	}
	return tx.tell(ctx, coop.Event{Kind: coop.EventRequest, From: p.AuthorID, Post: p.ID}, concerned...)
}

// TellDecisionNear tells those of the electors that the end of a decision is near.
func (tx *Tx) TellDecisionNear(ctx context.Context, p *coop.Post, electors []coop.ID) error {
	var concerned []coop.Concerned
	for _, id := range electors {
		concerned = append(concerned, coop.Concerned{Account: id, Target: true})
	}
	return tx.tell(ctx, coop.Event{Kind: coop.EventDecision, From: p.AuthorID, Post: p.ID}, concerned...)
}

// ElectorsWithoutBallot are those of [reader.ElectorsHere] whose ballot is missing, or was
// refused.
func (r reader) ElectorsWithoutBallot(ctx context.Context, post coop.ID) ([]coop.ID, error) {
	electors, err := r.ElectorsHere(ctx, post)
	if err != nil {
		return nil, err
	}
	voted, err := all(ctx, r, scanID, `
		SELECT b.voter_id
		FROM decision_ballots b
		WHERE b.post_id = $1 AND b.refused = ''`, int64(post))
	if err != nil {
		return nil, fmt.Errorf("who has voted in %s: %w", post, err)
	}
	return slices.DeleteFunc(electors, func(id coop.ID) bool { return slices.Contains(voted, id) }), nil
}
