// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// AddPath notes one more way by which a post reached us; the first time of each
// way stays. A way that had ended stands again.
func (tx *Tx) AddPath(ctx context.Context, post coop.ID, p coop.Path) error {
	if err := tx.notePath(ctx, post, p); err != nil {
		return err
	}
	return tx.judgeReach(ctx, "p.id = $1", int64(post))
}

// notePath writes the row of a way.
func (tx *Tx) notePath(ctx context.Context, post coop.ID, p coop.Path) error {
	if p.At.IsZero() {
		p.At = tx.e.now()
	}
	if err := tx.soon(ctx, `
		INSERT INTO post_paths (post_id, via, how, at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (post_id, via, how) DO UPDATE SET ended_at = 0`,
		int64(post), int64(p.Via), coop.Truncate(cleanText(p.How), 40), msOf(p.At)); err != nil {
		return fmt.Errorf("path to post %s: %w", post, err)
	}
	if err := tx.soon(ctx, `
		UPDATE post_paths
		SET ended_at = $3
		WHERE post_id = $1 AND via = $2 AND ended_at = 0 AND `+barred, int64(post), int64(p.Via), barredEnd); err != nil {
		return fmt.Errorf("path to post %s: %w", post, err)
	}
	return nil
}

// RemovePath takes a way back: Undo(Announce) by a board. A post of another server
// without any way left is hidden from public lists.
func (tx *Tx) RemovePath(ctx context.Context, post, via coop.ID, how string) error {
	if _, err := tx.exec(ctx, `
		UPDATE post_paths
		SET ended_at = $1
		WHERE post_id = $2 AND via = $3 AND how = $4 AND ended_at IN (0, 1)`,
		msOf(tx.e.now()), int64(post), int64(via), how); err != nil {
		return fmt.Errorf("path to post %s: %w", post, err)
	}
	return tx.judgeReach(ctx, "p.id = $1", int64(post))
}

// HidePathsOf ends all ways through an account: the follow of it ended or it was
// blocked. Copies that came only by it leave public lists; what also came by
// another way stays. [Tx.ShowPathsOf] takes it back.
func (tx *Tx) HidePathsOf(ctx context.Context, via coop.ID, at time.Time) error {
	if _, err := tx.exec(ctx, `
		UPDATE post_paths
		SET ended_at = $1
		WHERE via = $2 AND ended_at IN (0, 1)`, msOf(at), int64(via)); err != nil {
		return fmt.Errorf("paths through account %s: %w", via, err)
	}
	return tx.judgeReach(ctx, broughtOnce, int64(via))
}

// ShowPathsOf is the end of [Tx.HidePathsOf]: followed again.
func (tx *Tx) ShowPathsOf(ctx context.Context, via coop.ID) error {
	n, err := tx.exec(ctx, `UPDATE post_paths SET ended_at = 0 WHERE via = $1 AND ended_at <> 0`, int64(via))
	if err != nil {
		return fmt.Errorf("paths through account %s: %w", via, err)
	}
	if n == 0 {
		return nil
	}
	if err := tx.bar(ctx, via); err != nil {
		return err
	}
	return tx.judgeReach(ctx, broughtOnce, int64(via))
}

// broughtOnce is the condition that an account ever brought the post p.
const broughtOnce = "p.id IN (SELECT w.post_id FROM post_paths w WHERE w.via = $1)"

// judgeReach keeps posts.reached true: a local post, or one to which some way still
// stands. Jobs that appear or disappear by it change which copy is shown.
func (tx *Tx) judgeReach(ctx context.Context, where string, value any) error {
	turned, err := all(ctx, tx.reader, scanID, `
		SELECT p.id
		FROM posts p
		WHERE `+where+` AND p.reached <> (p.local OR EXISTS (
			SELECT 1 FROM post_paths x WHERE x.post_id = p.id AND x.ended_at = 0))`, value)
	if err != nil {
		return fmt.Errorf("reach of posts: %w", err)
	}
	for _, id := range turned {
		if _, err := tx.exec(ctx, `UPDATE posts SET reached = NOT reached WHERE id = $1`, int64(id)); err != nil {
			return fmt.Errorf("reach of post %s: %w", id, err)
		}
		if err := tx.electAround(ctx, `SELECT identifier_key, apply_key FROM jobs WHERE post_id = $1`, int64(id)); err != nil {
			return err
		}
	}
	return nil
}

// mostHolders bounds the servers that are told of changes of one post; beyond it the
// oldest holder is forgotten.
const mostHolders = 5000

// AddHolder notes that a server holds a post: it boosted, liked, answered or
// fetched it with a signature. Inbox is where it wants to hear of changes, its
// shared inbox where it has one.
func (tx *Tx) AddHolder(ctx context.Context, post coop.ID, host string, inbox coop.IRI) error {
	if host == "" || inbox == "" {
		return nil
	}
	if _, err := tx.exec(ctx, `
		INSERT INTO post_holders (post_id, host, inbox, at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (post_id, host) DO UPDATE SET inbox = excluded.inbox, at = excluded.at`,
		int64(post), cleanText(host), cleanText(string(inbox)), msOf(tx.e.now())); err != nil {
		return fmt.Errorf("holder of post %s: %w", post, err)
	}
	n, err := tx.number(ctx, `SELECT COUNT(*) FROM post_holders WHERE post_id = $1`, int64(post))
	if err != nil || n <= mostHolders {
		return err
	}
	_, err = tx.exec(ctx, `
		DELETE FROM post_holders
		WHERE post_id = $1 AND host = (SELECT host FROM post_holders WHERE post_id = $1 ORDER BY at, host LIMIT 1)`, int64(post))
	return err
}

// holds notes that the server of a remote account holds a post.
func (tx *Tx) holds(ctx context.Context, post coop.ID, by *coop.Account) error {
	if by == nil || by.Local {
		return nil
	}
	inbox := by.SharedInbox
	if inbox == "" {
		inbox = by.Inbox
	}
	return tx.AddHolder(ctx, post, by.IRI.Host(), inbox)
}

// Holders lists where to tell changes of a post, the newest holder first, at most
// limit (5,000). Blocked servers are left out.
func (r reader) Holders(ctx context.Context, post coop.ID, limit int) ([]Inbox, error) {
	var a args
	where := "h.post_id = " + a.add(int64(post)) + " AND NOT " + r.refused(&a, "h.host")
	return all(ctx, r, func(row pgx.CollectableRow) (Inbox, error) {
		var host, inbox string
		err := row.Scan(&host, &inbox)
		return Inbox{Inbox: coop.IRI(inbox), SharedInbox: coop.IRI(inbox), Host: host}, err
	}, `
		SELECT h.host, h.inbox
		FROM post_holders h
		WHERE `+where+`
		ORDER BY h.at DESC, h.host
		LIMIT `+a.add(min(limit, mostHolders)), a...)
}
