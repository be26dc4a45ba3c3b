// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// KnownPost is what a comparison asks of a post that we keep.
type KnownPost struct {
	ID    coop.ID
	IRI   coop.IRI
	Local bool
	At    time.Time // of its newest state: when it was changed, else published
}

// KnownPosts finds which of the ids are posts here, hidden or not, for the program; at
// most 1,000.
func (r reader) KnownPosts(ctx context.Context, iris []coop.IRI) (map[coop.IRI]KnownPost, error) {
	found := map[coop.IRI]KnownPost{}
	for part := range slices.Chunk(unique(iris), mostIn) {
		var a args
		list, err := all(ctx, r, scanKnownPost, `
			SELECT p.id, p.iri, p.local, p.changed_at
			FROM posts p
			WHERE p.iri IN `+in(&a, texts(part)), a...)
		if err != nil {
			return nil, fmt.Errorf("known posts: %w", err)
		}
		for _, k := range list {
			found[k.IRI] = k
		}
	}
	return found, nil
}

// scanKnownPost reads one.
func scanKnownPost(row pgx.CollectableRow) (k KnownPost, err error) {
	var id, at int64
	var iri string
	err = row.Scan(&id, &iri, &k.Local, &at)
	k.ID, k.IRI, k.At = coop.ID(id), coop.IRI(iri), atMs(at)
	return k, err
}

// MarkCompared notes that a comparison with an account saw posts, and that they reached us
// by it.
func (tx *Tx) MarkCompared(ctx context.Context, account coop.ID, posts []coop.ID, at time.Time) error {
	for _, post := range unique(posts) {
		if _, err := tx.insert(ctx, "comparison_posts", []column{
			{"account_id", int64(account)}, {"post_id", int64(post)}, {"at", msOf(at)},
		}, "ON CONFLICT (account_id, post_id) DO UPDATE SET at = excluded.at"); err != nil {
			return fmt.Errorf("compared with account %s: %w", account, err)
		}
	}
	return nil
}

// WithoutPath are those of the posts that did not reach us through an account yet.
func (r reader) WithoutPath(ctx context.Context, via coop.ID, posts []coop.ID) ([]coop.ID, error) {
	if len(posts) == 0 {
		return nil, nil
	}
	a := args{int64(via)}
	known, err := all(ctx, r, scanID, `
		SELECT DISTINCT w.post_id
		FROM post_paths w
		WHERE w.via = $1 AND w.post_id IN `+in(&a, numbers(posts)), a...)
	if err != nil {
		return nil, fmt.Errorf("posts through account %s: %w", via, err)
	}
	return slices.DeleteFunc(unique(posts), func(id coop.ID) bool { return slices.Contains(known, id) }), nil
}

// Uncompared lists open posts of some kinds by accounts of the server of an account, or
// brought by it, which a comparison that began at since did not see: the longest unseen
// first, at most limit. Of other kinds than jobs, articles and requests only the
// account's own of the last 30 days count.
func (r reader) Uncompared(ctx context.Context, account *coop.Account, kinds []coop.PostKind, since time.Time, limit int) ([]KnownPost, error) {
	if len(kinds) == 0 {
		return nil, nil
	}
	now := r.e.now()
	a := args{int64(account.ID), account.IRI.Host(), msOf(since), msOf(now), msOf(now.AddDate(0, 0, -30))}
	list, err := all(ctx, r, scanKnownPost, `
		SELECT p.id, p.iri, p.local, p.changed_at
		FROM (
			SELECT x.id FROM accounts o JOIN posts x ON x.author_id = o.id WHERE o.server = $2
			UNION
			SELECT w.post_id FROM post_paths w WHERE w.via = $1 AND w.ended_at = 0
		) h
		JOIN posts p ON p.id = h.id
		LEFT JOIN jobs j ON j.post_id = p.id
		LEFT JOIN articles t ON t.post_id = p.id
		LEFT JOIN requests q ON q.post_id = p.id
		LEFT JOIN comparison_posts c ON c.account_id = $1 AND c.post_id = p.id
		WHERE NOT p.local AND p.reached AND NOT p.draft AND p.visibility IN ('public', 'unlisted') AND COALESCE(c.at, 0) < $3
			AND p.kind IN `+in(&a, texts(kinds))+`
			AND (j.post_id IS NULL OR j.status IN ('open', 'paused') AND j.valid_through > $4)
			AND (t.post_id IS NULL OR t.status = 'published')
			AND (q.post_id IS NULL OR q.status NOT IN ('done', 'lost', 'withdrawn', 'expired'))
			AND (p.kind IN ('job', 'article', 'request') OR p.author_id = $1 AND p.published_at >= $5)
		ORDER BY COALESCE(c.at, 0), p.id
		LIMIT `+a.add(limit), a...)
	if err != nil {
		return nil, fmt.Errorf("posts that account %s does not list: %w", account.ID, err)
	}
	return list, nil
}
