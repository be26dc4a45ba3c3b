// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"minga/coop"
)

// barred is the condition on post_paths that who brought the post may not bring that kind
// of posts, or one of its topics, to the public lists here.
const barred = `EXISTS (
				SELECT 1
				FROM bring_bars b
				JOIN posts p ON p.id = post_paths.post_id
				WHERE b.account_id = post_paths.via AND (
					b.what = 'kind:' || CASE WHEN p.kind IN ('job', 'article', 'request') THEN p.kind ELSE 'other' END
					OR EXISTS (SELECT 1 FROM article_facets f WHERE f.post_id = p.id AND f.facet = 'topic' AND 'topic:' || f.value = b.what)
					OR EXISTS (SELECT 1 FROM post_hashtags h WHERE h.post_id = p.id AND 'topic:' || h.tag = b.what)))`

// barredEnd is the end of a way that is barred: it stands again when the bar falls, while
// one that its owner took back does not.
const barredEnd = 1

// bar ends the ways through an account that it may not bring.
func (tx *Tx) bar(ctx context.Context, via coop.ID) error {
	_, err := tx.exec(ctx, `
		UPDATE post_paths
		SET ended_at = $2
		WHERE via = $1 AND ended_at = 0 AND `+barred, int64(via), barredEnd)
	if err != nil {
		return fmt.Errorf("bars of account %s: %w", via, err)
	}
	return nil
}

// Brings is what an account may bring to the public lists here.
func (r reader) Brings(ctx context.Context, account coop.ID) (coop.Brings, error) {
	whats, err := all(ctx, r, scanText, `
		SELECT what
		FROM bring_bars
		WHERE account_id = $1
		ORDER BY what`, int64(account))
	if err != nil {
		return coop.Brings{}, fmt.Errorf("bars of account %s: %w", account, err)
	}
	b := coop.Brings{}
	for _, what := range whats {
		if topic, ok := strings.CutPrefix(what, "topic:"); ok {
			b.NotTopics = append(b.NotTopics, topic)
		} else {
			b.NotKinds = append(b.NotKinds, strings.TrimPrefix(what, "kind:"))
		}
	}
	return b, nil
}

// SetBrings says what an account may bring from now on. What it brought before goes out of
// the public lists or comes back at once; what others brought too stays.
func (tx *Tx) SetBrings(ctx context.Context, account coop.ID, b coop.Brings) error {
	if err := b.Validate(); err != nil {
		return err
	}
	if err := tx.alone(ctx, "bars of "+account.String()); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `DELETE FROM bring_bars WHERE account_id = $1`, int64(account)); err != nil {
		return fmt.Errorf("bars of account %s: %w", account, err)
	}
	var whats []string
	for _, kind := range b.NotKinds {
		whats = append(whats, "kind:"+kind)
	}
	for _, topic := range b.NotTopics {
		whats = append(whats, "topic:"+foldWords(topic))
	}
	slices.Sort(whats)
	for _, what := range slices.Compact(whats) {
		if _, err := tx.insert(ctx, "bring_bars", []column{{"account_id", int64(account)}, {"what", coop.Truncate(what, 600)}}, "ON CONFLICT DO NOTHING"); err != nil {
			return fmt.Errorf("bars of account %s: %w", account, err)
		}
	}
	if _, err := tx.exec(ctx, `
		UPDATE post_paths
		SET ended_at = 0
		WHERE via = $1 AND ended_at = $2 AND NOT `+barred, int64(account), barredEnd); err != nil {
		return fmt.Errorf("bars of account %s: %w", account, err)
	}
	if err := tx.bar(ctx, account); err != nil {
		return err
	}
	return tx.judgeReach(ctx, broughtOnce, int64(account))
}

// BringersOf are the accounts of a server that federations and boards here follow, at
// most 20: what they bring comes to the public lists.
func (r reader) BringersOf(ctx context.Context, host string) ([]*coop.Account, error) {
	ids, err := all(ctx, r, scanID, `
		SELECT a.id
		FROM accounts a
		WHERE a.server = $1 AND NOT a.local AND EXISTS (
			SELECT 1
			FROM follows f
			JOIN accounts l ON l.id = f.follower_id
			WHERE f.target_id = a.id AND f.state = 'accepted' AND l.local AND l.kind IN ('federation', 'board'))
		ORDER BY a.id
		LIMIT 20`, peerHost(host))
	if err != nil {
		return nil, fmt.Errorf("who of %s brings posts: %w", host, err)
	}
	return r.accountsInOrder(ctx, ids)
}
