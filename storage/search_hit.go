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

// TouchedJob is a job that came, changed or went since questions were compared with it.
type TouchedJob struct {
	Post  coop.ID
	Quiet bool // it came by a backfill or an import
	turn  int64
}

// TouchedJobs lists jobs that are to be compared with all questions.
func (r reader) TouchedJobs(ctx context.Context, limit int) ([]TouchedJob, error) {
	list, err := all(ctx, r, func(row pgx.CollectableRow) (t TouchedJob, err error) {
		var post int64
		err = row.Scan(&post, &t.Quiet, &t.turn)
		t.Post = coop.ID(post)
		return t, err
	}, `
		SELECT post_id, quiet, turn
		FROM search_touched
		ORDER BY post_id
		LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("jobs that changed: %w", err)
	}
	return list, nil
}

// FinishTouched forgets that jobs were touched, but for those that were touched again.
func (tx *Tx) FinishTouched(ctx context.Context, list []TouchedJob) error {
	for _, t := range list {
		if _, err := tx.exec(ctx, `DELETE FROM search_touched WHERE post_id = $1 AND turn = $2`, int64(t.Post), t.turn); err != nil {
			return fmt.Errorf("job %s was looked at: %w", t.Post, err)
		}
	}
	return nil
}

// touchFound lets the jobs that questions found be compared again at once: of an author
// that is suspended or deleted, or of a server that is blocked. where is a condition on
// the post p and its author a, with the value $1.
func (tx *Tx) touchFound(ctx context.Context, where string, value any) error {
	n, err := tx.exec(ctx, `
		INSERT INTO search_touched (post_id)
		SELECT DISTINCT h.post_id
		FROM search_hits h
		JOIN posts p ON p.id = h.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE h.state <> '' AND h.state <> 'ended' AND `+where+`
		ON CONFLICT (post_id) DO UPDATE SET turn = search_touched.turn + 1, quiet = FALSE`, value)
	if err != nil {
		return fmt.Errorf("jobs that searches found: %w", err)
	}
	if n > 0 {
		tx.Wake(TopicSearches)
	}
	return nil
}

// quietlyTouched notes that a job came by a way by which nobody is told of it.
func (tx *Tx) quietlyTouched(ctx context.Context, p *coop.Post, by Arrival) error {
	if p.Job == nil {
		return nil
	}
	tx.Wake(TopicSearches)
	if !by.Quiet {
		return nil
	}
	_, err := tx.exec(ctx, `UPDATE search_touched SET quiet = TRUE WHERE post_id = $1`, int64(p.ID))
	return err
}

// TopicSearches wakes who compares jobs with questions.
const TopicSearches = "searches"

// Answer is a job that answers a question.
type Answer struct {
	IRI   coop.IRI
	Shown bool // not another copy of it
}

// JobsThatAnswer tells which of some jobs answer a question now, for everybody. One
// behind whose other copy it is hidden answers where that one does.
func (r reader) JobsThatAnswer(ctx context.Context, asked coop.JobQuery, domain string, jobs []coop.ID) (map[coop.ID]Answer, error) {
	found := map[coop.ID]Answer{}
	if asked.Nothing || len(jobs) == 0 {
		return found, nil
	}
	asked, err := r.lookUpAll(ctx, asked)
	if err != nil {
		return nil, err
	}
	var a args
	where := r.matchingJobs(&a, coop.Anonymous(), asked, domain)
	ids := in(&a, numbers(jobs))
	list, err := all(ctx, r, func(row pgx.CollectableRow) (h SearchHit, err error) {
		var post int64
		var iri string
		err = row.Scan(&post, &iri, &h.Quiet)
		h.Post, h.PostIRI = coop.ID(post), coop.IRI(iri)
		return h, err
	}, `
		SELECT c.post_id, o.iri, c.duplicate_of <> 0
		FROM jobs c
		JOIN posts o ON o.id = c.post_id
		JOIN jobs j ON j.post_id = CASE WHEN c.duplicate_of = 0 THEN c.post_id ELSE c.duplicate_of END
		JOIN posts p ON p.id = j.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE c.post_id IN `+ids+` AND c.status = 'open' AND `+where, a...)
	if err != nil {
		return nil, fmt.Errorf("jobs that answer: %w", err)
	}
	for _, h := range list {
		found[h.Post] = Answer{h.PostIRI, !h.Quiet}
	}
	return found, nil
}

// lookUpAll finds what the words of a question mean here and now.
func (r reader) lookUpAll(ctx context.Context, q coop.JobQuery) (coop.JobQuery, error) {
	q, err := r.lookUp(ctx, q)
	if err == nil {
		q, err = r.lookUpWindows(ctx, q)
	}
	return q, err
}

// NewAnswers lists jobs that answer a question now and that it has not found, oldest
// first.
func (r reader) NewAnswers(ctx context.Context, q coop.SearchQuery, domain string, limit int) ([]coop.ID, error) {
	asked := q.Asked()
	if asked.Nothing {
		return nil, nil
	}
	asked, err := r.lookUpAll(ctx, asked)
	if err != nil {
		return nil, err
	}
	var a args
	where := r.matchingJobs(&a, coop.Anonymous(), asked, domain)
	return all(ctx, r, scanID, `
		SELECT p.id
		FROM jobs j
		JOIN posts p ON p.id = j.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE `+where+` AND NOT EXISTS (
				SELECT 1 FROM search_hits h WHERE h.post_id = p.id AND h.query_id = `+a.add(int64(q.ID))+`)
		ORDER BY p.id
		LIMIT `+a.add(limit), a...)
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
