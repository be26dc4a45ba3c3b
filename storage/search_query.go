// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// queryColumns are those that [scanQuery] reads, of search_queries q.
const queryColumns = "q.id, q.query, COALESCE(q.account_id, 0), q.created_at, q.looked_at, q.alone_at"

// scanQuery reads a row of [queryColumns].
func scanQuery(row pgx.CollectableRow) (coop.SearchQuery, error) {
	var q coop.SearchQuery
	var id, account, created, looked, alone int64
	err := row.Scan(&id, &q.Query, &account, &created, &looked, &alone)
	q.ID, q.Account, q.CreatedAt, q.LookedAt, q.AloneAt = coop.ID(id), coop.ID(account), atMs(created), atMs(looked), atMs(alone)
	return q, err
}

// SearchQueries lists all questions behind an id, in the order of their ids.
func (r reader) SearchQueries(ctx context.Context, after coop.ID, limit int) ([]coop.SearchQuery, error) {
	list, err := all(ctx, r, scanQuery, `
		SELECT `+queryColumns+`
		FROM search_queries q
		WHERE q.id > $1
		ORDER BY q.id
		LIMIT $2`, int64(after), limit)
	if err != nil {
		return nil, fmt.Errorf("questions: %w", err)
	}
	return list, nil
}

// SearchActors lists questions that have an actor, newest first.
func (r reader) SearchActors(ctx context.Context, limit int) ([]coop.SearchQuery, error) {
	list, err := all(ctx, r, scanQuery, `
		SELECT `+queryColumns+`
		FROM search_queries q
		WHERE q.account_id IS NOT NULL
		ORDER BY q.id DESC
		LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("searches that are followed: %w", err)
	}
	return list, nil
}

// SearchQueryOf finds the question that asks the same, or gives [coop.ErrNotFound]. A
// skill's name and its address ask the same.
func (r reader) SearchQueryOf(ctx context.Context, asked coop.JobQuery) (coop.SearchQuery, error) {
	key, err := r.questionKey(ctx, asked)
	if err != nil {
		return coop.SearchQuery{}, fmt.Errorf("question: %w", err)
	}
	// As it was typed: kept before the list of skills had a word for it.
	keys := args{queryHash(key), queryHash(asked.Key())}
	q, err := first(ctx, r, scanQuery, `
		SELECT `+queryColumns+`
		FROM search_queries q
		WHERE q.query_hash IN ($1, $2)
		ORDER BY CASE WHEN q.account_id IS NULL THEN 1 ELSE 0 END, q.id
		LIMIT 1`, keys...)
	if err != nil {
		return q, fmt.Errorf("question: %w", err)
	}
	return q, nil
}

// questionKey is [coop.JobQuery.Key] with the addresses of skills in the place of names
// that stand for one skill alone.
func (r reader) questionKey(ctx context.Context, asked coop.JobQuery) (string, error) {
	asked.Skill = slices.Clone(asked.Skill)
	for i, name := range asked.Skill {
		if strings.Contains(name, "://") {
			continue
		}
		found, err := r.meanings(ctx, name, "")
		if err != nil {
			return "", err
		}
		if len(found) == 1 {
			asked.Skill[i] = found[0]
		}
	}
	return asked.Key(), nil
}

// SearchQuery finds a question by its id, or gives [coop.ErrNotFound].
func (r reader) SearchQuery(ctx context.Context, id coop.ID) (coop.SearchQuery, error) {
	q, err := first(ctx, r, scanQuery, `SELECT `+queryColumns+` FROM search_queries q WHERE q.id = $1`, int64(id))
	if err != nil {
		return q, fmt.Errorf("question %s: %w", id, err)
	}
	return q, nil
}

// SearchByActor finds the question that an account answers, or gives [coop.ErrNotFound].
func (r reader) SearchByActor(ctx context.Context, account coop.ID) (coop.SearchQuery, error) {
	q, err := first(ctx, r, scanQuery, `SELECT `+queryColumns+` FROM search_queries q WHERE q.account_id = $1`, int64(account))
	if err != nil {
		return q, fmt.Errorf("question of account %s: %w", account, err)
	}
	return q, nil
}

// EnsureSearchQuery keeps a question, or finds it. Of a new one all jobs that answer it
// now are noted as found before, so that only later ones are news. Domain is that of our
// handles.
func (tx *Tx) EnsureSearchQuery(ctx context.Context, asked coop.JobQuery, domain string) (coop.SearchQuery, error) {
	key, err := tx.questionKey(ctx, asked)
	if err != nil {
		return coop.SearchQuery{}, fmt.Errorf("question: %w", err)
	}
	if err := tx.alone(ctx, "search "+key); err != nil {
		return coop.SearchQuery{}, err
	}
	known, err := tx.SearchQueryOf(ctx, asked)
	if err == nil || !errors.Is(err, coop.ErrNotFound) {
		return known, err
	}
	now := tx.e.now()
	id, err := tx.NextID(ctx, now)
	if err != nil {
		return known, err
	}
	if _, err := tx.insert(ctx, "search_queries", []column{
		{"id", int64(id)}, {"query_hash", queryHash(key)}, {"query", key}, {"created_at", msOf(now)}, {"looked_at", msOf(now)},
	}, ""); err != nil {
		return known, err
	}
	return coop.SearchQuery{ID: id, Query: key, CreatedAt: now, LookedAt: now}, tx.noteFound(ctx, id, asked, domain)
}

// noteFound notes all that a question finds now as found before.
func (tx *Tx) noteFound(ctx context.Context, id coop.ID, asked coop.JobQuery, domain string) error {
	if asked.Nothing {
		return nil
	}
	asked, err := tx.lookUpAll(ctx, asked)
	if err != nil {
		return err
	}
	a := args{int64(id), msOf(tx.e.now())}
	where := tx.matchingJobs(&a, coop.Anonymous(), asked, domain)
	_, err = tx.exec(ctx, `
		INSERT INTO search_hits (query_id, post_id, post_iri, at, quiet, state)
		SELECT CAST($1 AS BIGINT), p.id, p.iri, CAST($2 AS BIGINT), TRUE, ''
		FROM jobs j
		JOIN posts p ON p.id = j.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE `+where+`
		ON CONFLICT DO NOTHING`, a...)
	if err != nil {
		return fmt.Errorf("what was there before: %w", err)
	}
	return nil
}

// SetSearchActor lets an account answer a question.
func (tx *Tx) SetSearchActor(ctx context.Context, query, account coop.ID, at time.Time) error {
	return tx.update(ctx, "search_queries", []column{{"account_id", int64(account)}, {"alone_at", msOf(at)}}, "id", int64(query))
}

// LookedAt notes that all jobs were compared with a question.
func (tx *Tx) LookedAt(ctx context.Context, query coop.ID, at time.Time) error {
	return tx.update(ctx, "search_queries", []column{{"looked_at", msOf(at)}}, "id", int64(query))
}

// CountAlone notes since when the actors of questions have no followers, or that they
// have some again.
func (tx *Tx) CountAlone(ctx context.Context, at time.Time) error {
	const follower = `EXISTS (SELECT 1 FROM follows f WHERE f.target_id = search_queries.account_id AND f.state = 'accepted')`
	if _, err := tx.exec(ctx, `
		UPDATE search_queries
		SET alone_at = 0
		WHERE account_id IS NOT NULL AND alone_at <> 0 AND `+follower); err != nil {
		return fmt.Errorf("followers of searches: %w", err)
	}
	_, err := tx.exec(ctx, `
		UPDATE search_queries
		SET alone_at = $1
		WHERE account_id IS NOT NULL AND alone_at = 0 AND NOT `+follower, msOf(at))
	if err != nil {
		return fmt.Errorf("followers of searches: %w", err)
	}
	return nil
}

// QueriesToLook lists questions with which all jobs were not compared since a moment,
// the longest first.
func (r reader) QueriesToLook(ctx context.Context, before time.Time, limit int) ([]coop.SearchQuery, error) {
	return all(ctx, r, scanQuery, `
		SELECT `+queryColumns+`
		FROM search_queries q
		WHERE q.looked_at < $1
		ORDER BY q.looked_at, q.id
		LIMIT $2`, msOf(before), limit)
}

// AloneSince lists questions whose actors have had no followers since before a moment.
func (r reader) AloneSince(ctx context.Context, before time.Time, limit int) ([]coop.SearchQuery, error) {
	return all(ctx, r, scanQuery, `
		SELECT `+queryColumns+`
		FROM search_queries q
		WHERE q.account_id IS NOT NULL AND q.alone_at <> 0 AND q.alone_at < $1
		ORDER BY q.alone_at
		LIMIT $2`, msOf(before), limit)
}
