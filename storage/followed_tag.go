// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// mostFollowedTags is how many hashtags one account may follow.
const mostFollowedTags = 1000

// FollowTag makes an account read a hashtag at home, in any case; twice is once. It
// returns the tag as it is kept. What is no hashtag, and one too many, gives a
// [coop.InvalidError].
func (tx *Tx) FollowTag(ctx context.Context, account coop.ID, name string) (string, error) {
	tag := foldTag(name)
	if tag == "" {
		return "", &coop.InvalidError{Field: "name", Code: coop.CodeFormat, Problem: "a hashtag has letters or digits"}
	}
	if err := tx.alone(ctx, "followed tags of "+account.String()); err != nil {
		return "", err
	}
	n, err := tx.CountFollowedTags(ctx, account)
	if err != nil {
		return "", err
	}
	if n >= mostFollowedTags {
		return "", &coop.InvalidError{Field: "name", Code: coop.CodeTooMany, Problem: fmt.Sprintf("at most %d hashtags", mostFollowedTags)}
	}
	now := tx.e.now()
	id, err := tx.NextID(ctx, now)
	if err != nil {
		return "", err
	}
	if _, err := tx.insert(ctx, "followed_tags", []column{
		{"id", int64(id)}, {"account_id", int64(account)}, {"tag", tag}, {"at", msOf(now)},
	}, "ON CONFLICT DO NOTHING"); err != nil {
		return "", fmt.Errorf("follow of #%s by %s: %w", tag, account, err)
	}
	return tag, nil
}

// UnfollowTag ends it; a missing one is no error and returns false.
func (tx *Tx) UnfollowTag(ctx context.Context, account coop.ID, name string) (removed bool, err error) {
	n, err := tx.exec(ctx, `DELETE FROM followed_tags WHERE account_id = $1 AND tag = $2`, int64(account), foldTag(name))
	return n > 0, err
}

// FollowedTags lists the hashtags that an account reads at home, newest first.
func (r reader) FollowedTags(ctx context.Context, account coop.ID, page coop.Page) ([]coop.FollowedTag, error) {
	a := args{int64(account)}
	p := a.page("t.id", page)
	list, err := all(ctx, r, func(row pgx.CollectableRow) (t coop.FollowedTag, err error) {
		var id int64
		err = row.Scan(&id, &t.Tag)
		t.ID = coop.ID(id)
		return t, err
	}, `
		SELECT t.id, t.tag
		FROM followed_tags t
		WHERE t.account_id = $1 AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("followed tags of %s: %w", account, err)
	}
	return newestFirst(p, list), nil
}

// CountFollowedTags counts them.
func (r reader) CountFollowedTags(ctx context.Context, account coop.ID) (int, error) {
	n, err := r.number(ctx, `SELECT COUNT(*) FROM followed_tags WHERE account_id = $1`, int64(account))
	return int(n), err
}

// FollowsTags says which of some hashtags, in any case, an account follows, by the
// names given.
func (r reader) FollowsTags(ctx context.Context, account coop.ID, names []string) (map[string]bool, error) {
	a := args{int64(account)}
	folded := make([]string, len(names))
	for i, name := range names {
		folded[i] = foldTag(name)
	}
	asked := unique(folded)
	tags, err := all(ctx, r, pgx.RowTo[string], `
		SELECT t.tag
		FROM followed_tags t
		WHERE t.account_id = $1 AND t.tag IN `+in(&a, asked[:min(len(asked), mostIn)]), a...)
	if err != nil {
		return nil, fmt.Errorf("followed tags of %s: %w", account, err)
	}
	found := make(map[string]bool, len(tags))
	for i, name := range names {
		if slices.Contains(tags, folded[i]) {
			found[name] = true
		}
	}
	return found, nil
}
