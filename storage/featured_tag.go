// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// scanFeaturedTag reads a [coop.FeaturedTag].
func scanFeaturedTag(row pgx.CollectableRow) (t coop.FeaturedTag, err error) {
	var id, last int64
	err = row.Scan(&id, &t.Tag, &t.Name, &t.Posts, &last)
	t.ID, t.Last = coop.ID(id), atMs(last)
	return t, err
}

// FeaturedTags lists the hashtags that an account shows on its profile, newest first,
// with what anybody may see of their use.
func (r reader) FeaturedTags(ctx context.Context, account coop.ID) ([]coop.FeaturedTag, error) {
	a := args{int64(account), coop.MaxFeaturedTags}
	seen := r.visible(&a, coop.Anonymous())
	list, err := all(ctx, r, scanFeaturedTag, `
		SELECT t.id, t.tag, t.name, COALESCE(u.posts, 0), COALESCE(u.newest, 0)
		FROM featured_tags t
		LEFT JOIN (
			SELECT h.tag, COUNT(*) AS posts, MAX(p.published_at) AS newest
			FROM posts p
			JOIN accounts a ON a.id = p.author_id
			JOIN post_hashtags h ON h.post_id = p.id
			WHERE p.author_id = $1 AND h.tag IN (SELECT f.tag FROM featured_tags f WHERE f.account_id = $1) AND NOT p.draft AND `+seen+`
			GROUP BY h.tag) u ON u.tag = t.tag
		WHERE t.account_id = $1
		ORDER BY t.id DESC
		LIMIT $2`, a...)
	if err != nil {
		return nil, fmt.Errorf("featured tags of %s: %w", account, err)
	}
	return list, nil
}

// FeaturedTag finds one of the account by its id, or gives [coop.ErrNotFound].
func (r reader) FeaturedTag(ctx context.Context, account, id coop.ID) (coop.FeaturedTag, error) {
	t, err := first(ctx, r, scanFeaturedTag, `
		SELECT t.id, t.tag, t.name, 0, 0
		FROM featured_tags t
		WHERE t.account_id = $1 AND t.id = $2`, int64(account), int64(id))
	if err != nil {
		return t, fmt.Errorf("featured tag %s: %w", id, err)
	}
	return t, nil
}

// FeaturesTags says which of some hashtags, in any case, an account shows, by the names
// given.
func (r reader) FeaturesTags(ctx context.Context, account coop.ID, names []string) (map[string]bool, error) {
	tags, err := all(ctx, r, pgx.RowTo[string], `SELECT t.tag FROM featured_tags t WHERE t.account_id = $1`, int64(account))
	if err != nil {
		return nil, fmt.Errorf("featured tags of %s: %w", account, err)
	}
	shown, found := map[string]bool{}, map[string]bool{}
	for _, tag := range tags {
		shown[tag] = true
	}
	for _, name := range names {
		if shown[foldTag(name)] {
			found[name] = true
		}
	}
	return found, nil
}

// UsedTags lists the hashtags that an account used most among its newest posts that
// anybody may see, without those that it shows already.
func (r reader) UsedTags(ctx context.Context, account coop.ID, limit int) ([]string, error) {
	a := args{int64(account), mostCounted, limit}
	seen := r.visible(&a, coop.Anonymous())
	tags, err := all(ctx, r, pgx.RowTo[string], `
		SELECT h.tag
		FROM (
			SELECT p.id
			FROM posts p
			JOIN accounts a ON a.id = p.author_id
			WHERE p.author_id = $1 AND NOT p.draft AND `+seen+`
			ORDER BY p.id DESC
			LIMIT $2) newest
		JOIN post_hashtags h ON h.post_id = newest.id
		WHERE NOT EXISTS (SELECT 1 FROM featured_tags t WHERE t.account_id = $1 AND t.tag = h.tag)
		GROUP BY h.tag
		ORDER BY COUNT(*) DESC, h.tag
		LIMIT $3`, a...)
	if err != nil {
		return nil, fmt.Errorf("hashtags of %s: %w", account, err)
	}
	return tags, nil
}

// FeatureTag makes an account show a hashtag, in any case; twice is once and says
// false. What is no hashtag, and one too many, give a [coop.InvalidError].
func (tx *Tx) FeatureTag(ctx context.Context, account coop.ID, name string) (t coop.FeaturedTag, added bool, err error) {
	name = strings.TrimPrefix(strings.TrimSpace(name), "#")
	tag := foldTag(name)
	if tag == "" || len(name) > 500 || strings.ContainsFunc(name, notInTag) {
		return t, false, &coop.InvalidError{Field: "name", Code: coop.CodeFormat, Problem: "a hashtag has letters or digits"}
	}
	if err := tx.alone(ctx, "featured tags of "+account.String()); err != nil {
		return t, false, err
	}
	known, err := all(ctx, tx.reader, scanFeaturedTag, `SELECT t.id, t.tag, t.name, 0, 0 FROM featured_tags t WHERE t.account_id = $1`, int64(account))
	if err != nil {
		return t, false, fmt.Errorf("featured tags of %s: %w", account, err)
	}
	for _, one := range known {
		if one.Tag == tag {
			return one, false, nil
		}
	}
	if len(known) >= coop.MaxFeaturedTags {
		return t, false, &coop.InvalidError{Field: "name", Code: coop.CodeTooMany, Problem: fmt.Sprintf("at most %d hashtags", coop.MaxFeaturedTags)}
	}
	now := tx.e.now()
	id, err := tx.NextID(ctx, now)
	if err != nil {
		return t, false, err
	}
	n, err := tx.insert(ctx, "featured_tags", []column{
		{"id", int64(id)}, {"account_id", int64(account)}, {"tag", tag}, {"name", name}, {"at", msOf(now)},
	}, "ON CONFLICT DO NOTHING")
	return coop.FeaturedTag{ID: id, Tag: tag, Name: name}, n > 0, err
}

// notInTag tells what a hashtag cannot hold.
func notInTag(r rune) bool { return strings.ContainsRune(" \t\r\n#/?&<>\"'", r) || r < ' ' }

// UnfeatureTag ends it, by any way to write the hashtag; a missing one is no error and
// says false.
func (tx *Tx) UnfeatureTag(ctx context.Context, account coop.ID, name string) (removed bool, err error) {
	n, err := tx.exec(ctx, `DELETE FROM featured_tags WHERE account_id = $1 AND tag = $2`, int64(account), foldTag(name))
	if err != nil {
		return false, fmt.Errorf("featured tag of %s: %w", account, err)
	}
	return n > 0, nil
}
