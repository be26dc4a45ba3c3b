// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// HitState is what became of something that a question found.
type HitState string

// The states of hits; empty: nothing is announced.
const (
	HitWaiting   HitState = "waiting"   // to be announced
	HitAnnounced HitState = "announced" // followers were told
	HitListed    HitState = "listed"    // in the outbox alone: it was there before the actor
	HitEnding    HitState = "ending"    // to be taken back
	HitEnded     HitState = "ended"     // taken back
)

// SearchHit is a job that a question found.
type SearchHit struct {
	Query, Post coop.ID
	PostIRI     coop.IRI
	At          time.Time
	Quiet       bool // nobody is told
	State       HitState
	Announce    coop.IRI // empty: none
	AnnouncedAt time.Time
}

// hitColumns are those that [scanHit] reads, of search_hits h.
const hitColumns = "h.query_id, h.post_id, h.post_iri, h.at, h.quiet, h.state, h.announce_iri, h.announced_at"

// scanHit reads a row of [hitColumns].
func scanHit(row pgx.CollectableRow) (h SearchHit, err error) {
	var query, post, at, announced int64
	var iri, state, announce string
	err = row.Scan(&query, &post, &iri, &at, &h.Quiet, &state, &announce, &announced)
	h.Query, h.Post, h.PostIRI, h.At = coop.ID(query), coop.ID(post), coop.IRI(iri), atMs(at)
	h.State, h.Announce, h.AnnouncedAt = HitState(state), coop.IRI(announce), atMs(announced)
	return h, err
}

// AddHit notes that a question found a job, and says whether that is news: it had not
// found it before, nor another copy of it, and quiet is false.
func (tx *Tx) AddHit(ctx context.Context, h SearchHit) (news bool, err error) {
	copies, err := tx.number(ctx, `
		SELECT COUNT(*)
		FROM search_hits h
		JOIN jobs c ON c.post_id = h.post_id
		JOIN jobs j ON j.post_id = $2
		WHERE h.query_id = $1 AND h.post_id <> $2
			AND (c.duplicate_of = j.post_id OR c.identifier_key <> '' AND c.identifier_key = j.identifier_key)`, int64(h.Query), int64(h.Post))
	if err != nil {
		return false, fmt.Errorf("copies of %s: %w", h.Post, err)
	}
	if h.Quiet = h.Quiet || copies > 0; h.Quiet {
		h.State = ""
	}
	n, err := tx.insert(ctx, "search_hits", []column{
		{"query_id", int64(h.Query)},
		{"post_id", int64(h.Post)},
		{"post_iri", string(h.PostIRI)},
		{"at", msOf(h.At)},
		{"quiet", h.Quiet},
		{"state", string(h.State)},
	}, "ON CONFLICT DO NOTHING")
	if err != nil || n == 0 || h.Quiet {
		return false, err
	}
	return true, tx.update(ctx, "search_queries", []column{{"hit_at", msOf(h.At)}}, "id", int64(h.Query))
}

// SetHit keeps what became of a hit.
func (tx *Tx) SetHit(ctx context.Context, h SearchHit) error {
	_, err := tx.exec(ctx, `
		UPDATE search_hits
		SET state = $1, announce_iri = $2, announced_at = $3
		WHERE query_id = $4 AND post_id = $5`, string(h.State), string(h.Announce), msOf(h.AnnouncedAt), int64(h.Query), int64(h.Post))
	if err != nil {
		return fmt.Errorf("hit %s of %s: %w", h.Post, h.Query, err)
	}
	return nil
}

// EndHit notes that an announcement is taken back, and says whether it was still to be:
// of several nodes one does it.
func (tx *Tx) EndHit(ctx context.Context, h SearchHit) (bool, error) {
	n, err := tx.exec(ctx, `
		UPDATE search_hits
		SET state = 'ended'
		WHERE query_id = $1 AND post_id = $2 AND state = 'ending'`, int64(h.Query), int64(h.Post))
	if err != nil {
		return false, fmt.Errorf("hit %s of %s: %w", h.Post, h.Query, err)
	}
	return n > 0, nil
}

// HitsIn lists what a question found that is in one of some states, the first found
// first. Query 0 means all questions.
func (r reader) HitsIn(ctx context.Context, query coop.ID, limit int, states ...HitState) ([]SearchHit, error) {
	var a args
	where := "h.state IN " + in(&a, texts(states)) + " AND h.state <> '' AND h.state <> 'ended'" // as the index
	if query != 0 {
		where += " AND h.query_id = " + a.add(int64(query))
	}
	list, err := all(ctx, r, scanHit, `
		SELECT `+hitColumns+`
		FROM search_hits h
		WHERE `+where+`
		ORDER BY h.at, h.post_id
		LIMIT `+a.add(limit), a...)
	if err != nil {
		return nil, fmt.Errorf("hits: %w", err)
	}
	return list, nil
}

// HitsOf lists which questions have found some jobs.
func (r reader) HitsOf(ctx context.Context, jobs []coop.ID) ([]SearchHit, error) {
	if len(jobs) == 0 {
		return nil, nil
	}
	var a args
	return all(ctx, r, scanHit, `
		SELECT `+hitColumns+`
		FROM search_hits h
		WHERE h.post_id IN `+in(&a, numbers(jobs))+`
		ORDER BY h.query_id, h.post_id`, a...)
}

// QueriesThatWait lists the questions that have something to announce.
func (r reader) QueriesThatWait(ctx context.Context, limit int) ([]coop.SearchQuery, error) {
	return all(ctx, r, scanQuery, `
		SELECT `+queryColumns+`
		FROM search_queries q
		WHERE q.id IN (SELECT h.query_id FROM search_hits h WHERE h.state = 'waiting')
		ORDER BY q.id
		LIMIT $1`, limit)
}

// NewestHits lists what the outbox of a question shows: what is announced or listed,
// newest first.
func (r reader) NewestHits(ctx context.Context, query coop.ID, limit int) ([]SearchHit, error) {
	return all(ctx, r, scanHit, `
		SELECT `+hitColumns+`
		FROM search_hits h
		WHERE h.query_id = $1 AND h.state IN ('announced', 'listed')
		ORDER BY h.at DESC, h.post_id DESC
		LIMIT $2`, int64(query), limit)
}

// HitsBetween lists the jobs that a question found as news from one moment on and before
// another, newest first.
func (r reader) HitsBetween(ctx context.Context, query coop.ID, after, until time.Time, limit int) ([]coop.ID, error) {
	return all(ctx, r, scanID, `
		SELECT h.post_id
		FROM search_hits h
		WHERE h.query_id = $1 AND NOT h.quiet AND h.at >= $2 AND h.at < $3
		ORDER BY h.at DESC, h.post_id DESC
		LIMIT $4`, int64(query), msOf(after), msOf(until), limit)
}

// AnnouncedSince counts what a question announced after a moment.
func (r reader) AnnouncedSince(ctx context.Context, query coop.ID, since time.Time) (int, error) {
	n, err := r.number(ctx, `SELECT COUNT(*) FROM search_hits WHERE query_id = $1 AND announced_at <> 0 AND announced_at > $2`, int64(query), msOf(since))
	return int(n), err
}

// TellMatch tells an account that a search of its found a job.
func (tx *Tx) TellMatch(ctx context.Context, account coop.ID, p *coop.Post) error {
	return tx.tell(ctx, coop.Event{Kind: coop.EventMatched, From: p.AuthorID, Post: p.ID}, coop.Concerned{Account: account, Target: true})
}
