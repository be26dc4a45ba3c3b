// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Bookmark keeps a post for an account, which nobody else hears of; twice is once.
// Whether the account may see the post is the caller's question.
func (tx *Tx) Bookmark(ctx context.Context, account, post coop.ID) error {
	now := tx.e.now()
	id, err := tx.NextID(ctx, now)
	if err == nil {
		_, err = tx.insert(ctx, "bookmarks", []column{
			{"id", int64(id)}, {"account_id", int64(account)}, {"post_id", int64(post)}, {"at", msOf(now)},
		}, "ON CONFLICT DO NOTHING")
	}
	if err != nil {
		return fmt.Errorf("bookmark post %s: %w", post, err)
	}
	p, err := tx.Post(ctx, coop.System(), post)
	if err != nil {
		return fmt.Errorf("bookmark post %s: %w", post, err)
	}
	return tx.keepFindable(ctx, p)
}

// Unbookmark ends [Tx.Bookmark]; a missing one is no error.
func (tx *Tx) Unbookmark(ctx context.Context, account, post coop.ID) error {
	_, err := tx.exec(ctx, `DELETE FROM bookmarks WHERE account_id = $1 AND post_id = $2`, int64(account), int64(post))
	return err
}

// MuteThread keeps an account from being told of a thread; twice is once.
func (tx *Tx) MuteThread(ctx context.Context, account coop.ID, thread coop.IRI) error {
	_, err := tx.insert(ctx, "thread_mutes", []column{
		{"account_id", int64(account)}, {"thread", string(thread)}, {"at", msOf(tx.e.now())},
	}, "ON CONFLICT DO NOTHING")
	if err != nil {
		return fmt.Errorf("mute thread %s: %w", thread, err)
	}
	return nil
}

// UnmuteThread ends [Tx.MuteThread]; a missing one is no error.
func (tx *Tx) UnmuteThread(ctx context.Context, account coop.ID, thread coop.IRI) error {
	_, err := tx.exec(ctx, `DELETE FROM thread_mutes WHERE account_id = $1 AND thread = $2`, int64(account), cleanText(string(thread)))
	return err
}

// PinSome is [Tx.Pin] where an account may feature so many posts, and tells whether it
// is new. One more gives a *coop.InvalidError.
func (tx *Tx) PinSome(ctx context.Context, account, post coop.ID, most int) (added bool, err error) {
	if err := tx.alone(ctx, "pins of "+account.String()); err != nil {
		return false, err
	}
	pinned, err := all(ctx, tx.reader, pgx.RowTo[int64], `SELECT post_id FROM pins WHERE account_id = $1`, int64(account))
	if err != nil {
		return false, fmt.Errorf("pins of %s: %w", account, err)
	}
	for _, id := range pinned {
		if coop.ID(id) == post {
			return false, nil
		}
	}
	if len(pinned) >= most {
		return false, &coop.InvalidError{Field: "id", Code: coop.CodeTooMany, Problem: fmt.Sprintf("at most %d posts may be pinned", most)}
	}
	return true, tx.Pin(ctx, account, post, tx.e.now())
}

// UnpinOne is [Tx.Unpin] that tells whether it was there.
func (tx *Tx) UnpinOne(ctx context.Context, account, post coop.ID) (removed bool, err error) {
	n, err := tx.exec(ctx, `DELETE FROM pins WHERE account_id = $1 AND post_id = $2`, int64(account), int64(post))
	return n > 0, err
}
