// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minga/coop"
)

// ending names, of a table x of posts that end, those of it that have not ended yet, and
// when they do; for who tells that the end is near and for who ends them.
type ending struct{ table, notEnded, endsAt string }

// requestsEnd are the requests that look for co-ops.
func requestsEnd() ending {
	return ending{table: "requests", notEnded: "x.status IN ('open', 'forming')", endsAt: "respond_by"}
}

// decisionsEnd are the decisions that take ballots.
func decisionsEnd() ending {
	return ending{table: "decisions", notEnded: "x.stage IN ('open', 'objection')", endsAt: "ends_at"}
}

// endSoon lists those that end within a time from now and of whose end nobody was told here.
func (r reader) endSoon(ctx context.Context, e ending, now time.Time, within time.Duration, limit int) ([]coop.ID, error) {
	return all(ctx, r, scanID, `
		SELECT x.post_id
		FROM `+e.table+` x
		JOIN posts p ON p.id = x.post_id
		WHERE `+e.notEnded+` AND x.`+e.endsAt+` > $1 AND x.`+e.endsAt+` <= $2
			AND x.told_near <> x.`+e.endsAt+` AND p.published_at <= x.`+e.endsAt+` - $3
		ORDER BY x.`+e.endsAt+`, x.post_id
		LIMIT $4`, msOf(now), msOf(now.Add(within)), within.Milliseconds(), min(limit, mostListed))
}

// past lists those of this instance whose end has come.
func (r reader) past(ctx context.Context, e ending, now time.Time, limit int) ([]coop.ID, error) {
	return all(ctx, r, scanID, `
		SELECT x.post_id
		FROM `+e.table+` x
		JOIN posts p ON p.id = x.post_id
		WHERE `+e.notEnded+` AND x.`+e.endsAt+` <= $1 AND p.local
		ORDER BY x.`+e.endsAt+`, x.post_id
		LIMIT $2`, msOf(now), min(limit, mostListed))
}

// claimNear notes that the end of one is told of; false: it was, or is not to be.
func (tx *Tx) claimNear(ctx context.Context, e ending, post coop.ID, now time.Time) (bool, error) {
	n, err := tx.exec(ctx, `
		UPDATE `+e.table+` AS x
		SET told_near = `+e.endsAt+`
		WHERE x.post_id = $1 AND `+e.notEnded+` AND x.`+e.endsAt+` > $2 AND x.told_near <> x.`+e.endsAt, int64(post), msOf(now))
	return n > 0, err
}

// NearRequests lists requests, of this instance and of others, that look for co-ops, end
// within a time from now, and of whose end nobody was told here, what ends first first. What
// was published later than that before its end is left out: its end is no news.
func (r reader) NearRequests(ctx context.Context, now time.Time, within time.Duration, limit int) ([]coop.ID, error) {
	ids, err := r.endSoon(ctx, requestsEnd(), now, within, limit)
	if err != nil {
		return nil, fmt.Errorf("requests that end soon: %w", err)
	}
	return ids, nil
}

// NearDecisions lists decisions, of this instance and of others, that take ballots, end
// within a time from now, and of whose end nobody was told here, as [reader.NearRequests].
func (r reader) NearDecisions(ctx context.Context, now time.Time, within time.Duration, limit int) ([]coop.ID, error) {
	ids, err := r.endSoon(ctx, decisionsEnd(), now, within, limit)
	if err != nil {
		return nil, fmt.Errorf("decisions that end soon: %w", err)
	}
	return ids, nil
}

// ClaimNearRequest takes it upon the caller to tell of the end of a request; false says
// that somebody else has, that it has come, or that no co-ops are looked for any more. Of
// two nodes at once one gets it.
func (tx *Tx) ClaimNearRequest(ctx context.Context, post coop.ID, now time.Time) (bool, error) {
	mine, err := tx.claimNear(ctx, requestsEnd(), post, now)
	if err != nil {
		return false, fmt.Errorf("claim the end of request %s: %w", post, err)
	}
	return mine, nil
}

// ClaimNearDecision is [Tx.ClaimNearRequest] for a decision.
func (tx *Tx) ClaimNearDecision(ctx context.Context, post coop.ID, now time.Time) (bool, error) {
	mine, err := tx.claimNear(ctx, decisionsEnd(), post, now)
	if err != nil {
		return false, fmt.Errorf("claim the end of decision %s: %w", post, err)
	}
	return mine, nil
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
