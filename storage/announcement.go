// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// scanAnnouncement reads an announcement.
func scanAnnouncement(row pgx.CollectableRow) (*coop.Announcement, error) {
	var id, starts, ends, published, updated int64
	var texts string
	a := &coop.Announcement{}
	if err := row.Scan(&id, &texts, &starts, &ends, &a.AllDay, &published, &updated, &a.Read); err != nil {
		return nil, err
	}
	a.ID, a.StartsAt, a.EndsAt, a.PublishedAt, a.UpdatedAt = coop.ID(id), atMs(starts), atMs(ends), atMs(published), atMs(updated)
	return a, json.Unmarshal([]byte(texts), &a.Texts)
}

// Announcements are those that hold now, newest first, as an account sees them;
// read ones only if asked for. Account 0 has read none.
func (r reader) Announcements(ctx context.Context, account coop.ID, read bool) ([]*coop.Announcement, error) {
	list, err := all(ctx, r, scanAnnouncement, `
		SELECT k.id, k.texts, k.starts_at, k.ends_at, k.all_day, k.published_at, k.updated_at, k.seen
		FROM (
			SELECT a.id, a.texts, a.starts_at, a.ends_at, a.all_day, a.published_at, a.updated_at, EXISTS (
				SELECT 1 FROM announcement_reads d
				WHERE d.account_id = $1 AND d.announcement_id = a.id) AS seen
			FROM announcements a
			WHERE a.ends_at = 0 OR a.ends_at > $2) k
		WHERE $3 OR NOT k.seen
		ORDER BY k.id DESC
		LIMIT $4`, int64(account), msOf(r.e.now()), read, coop.MaxAnnouncements)
	if err != nil {
		return nil, fmt.Errorf("announcements: %w", err)
	}
	return list, r.fillReactions(ctx, account, list)
}

// fillReactions gives announcements their emojis, the first one first.
func (r reader) fillReactions(ctx context.Context, account coop.ID, list []*coop.Announcement) error {
	byID, ids := map[coop.ID]*coop.Announcement{}, make([]coop.ID, 0, len(list))
	for _, a := range list {
		byID[a.ID] = a
		ids = append(ids, a.ID)
	}
	q := args{int64(account)}
	rows, err := r.q.Query(ctx, `
		SELECT x.announcement_id, x.name, COUNT(*), SUM(CASE WHEN x.account_id = $1 THEN 1 ELSE 0 END)
		FROM announcement_reactions x
		WHERE x.announcement_id IN `+in(&q, numbers(ids))+`
		GROUP BY x.announcement_id, x.name
		ORDER BY MIN(x.at), x.name`, q...)
	if err != nil {
		return fmt.Errorf("reactions to announcements: %w", err)
	}
	var id int64
	var mine int
	var one coop.AnnounceReaction
	_, err = pgx.ForEachRow(rows, []any{&id, &one.Name, &one.Count, &mine}, func() error {
		one.Me = mine > 0
		byID[coop.ID(id)].Reactions = append(byID[coop.ID(id)].Reactions, one)
		return nil
	})
	return err
}

// hasAnnouncement tells by [coop.ErrNotFound] that there is none.
func (r reader) hasAnnouncement(ctx context.Context, id coop.ID) error {
	n, err := r.number(ctx, `SELECT COUNT(*) FROM announcements WHERE id = $1`, int64(id))
	if err == nil && n == 0 {
		err = fmt.Errorf("announcement %s: %w", id, coop.ErrNotFound)
	}
	return err
}

// AddAnnouncement keeps an announcement and fills in ID, PublishedAt and UpdatedAt.
func (tx *Tx) AddAnnouncement(ctx context.Context, a *coop.Announcement) (err error) {
	now := tx.e.now()
	if a.ID, err = tx.NextID(ctx, now); err != nil {
		return err
	}
	a.PublishedAt, a.UpdatedAt = now, now
	words, err := jsonText(a.Texts)
	if err != nil {
		return err
	}
	_, err = tx.insert(ctx, "announcements", []column{
		{"id", int64(a.ID)},
		{"texts", words},
		{"starts_at", msOf(a.StartsAt)},
		{"ends_at", msOf(a.EndsAt)},
		{"all_day", a.AllDay},
		{"published_at", msOf(now)},
		{"updated_at", msOf(now)},
	}, "")
	tx.changed(coop.Change{Kind: coop.ChangeAnnouncement, ID: a.ID})
	return err
}

// RemoveAnnouncement takes one back, or gives [coop.ErrNotFound].
func (tx *Tx) RemoveAnnouncement(ctx context.Context, id coop.ID) error {
	n, err := tx.exec(ctx, `DELETE FROM announcements WHERE id = $1`, int64(id))
	if err == nil && n == 0 {
		err = fmt.Errorf("announcement %s: %w", id, coop.ErrNotFound)
	}
	tx.changed(coop.Change{Kind: coop.ChangeAnnouncementRemoved, ID: id})
	return err
}

// ReadAnnouncement notes that an account has read one; twice is once, an unknown
// one gives [coop.ErrNotFound].
func (tx *Tx) ReadAnnouncement(ctx context.Context, account, id coop.ID) error {
	if err := tx.hasAnnouncement(ctx, id); err != nil {
		return err
	}
	_, err := tx.insert(ctx, "announcement_reads", []column{{"account_id", int64(account)}, {"announcement_id", int64(id)}}, "ON CONFLICT DO NOTHING")
	return err
}

// ReactToAnnouncement puts an account's emoji under an announcement; twice is once.
// An unknown one gives [coop.ErrNotFound], a ninth different emoji a
// [coop.InvalidError].
func (tx *Tx) ReactToAnnouncement(ctx context.Context, account, id coop.ID, name string, at time.Time) error {
	if err := tx.alone(ctx, "announcement "+id.String()); err != nil {
		return err
	}
	if err := tx.hasAnnouncement(ctx, id); err != nil {
		return err
	}
	others, err := tx.number(ctx, `
		SELECT COUNT(DISTINCT x.name)
		FROM announcement_reactions x
		WHERE x.announcement_id = $1 AND x.name <> $2`, int64(id), cleanText(name))
	if err != nil {
		return err
	}
	if others >= coop.MaxEmojisOfAnything {
		return &coop.InvalidError{Field: "name", Code: coop.CodeTooMany, Problem: fmt.Sprintf("there may be %d different ones at most", coop.MaxEmojisOfAnything)}
	}
	_, err = tx.insert(ctx, "announcement_reactions", []column{
		{"announcement_id", int64(id)}, {"name", name}, {"account_id", int64(account)}, {"at", msOf(at)},
	}, "ON CONFLICT DO NOTHING")
	tx.changed(coop.Change{Kind: coop.ChangeAnnouncementEmoji, ID: id, Name: name})
	return err
}

// UnreactToAnnouncement takes an account's emoji back; a missing one is no error,
// an unknown announcement [coop.ErrNotFound].
func (tx *Tx) UnreactToAnnouncement(ctx context.Context, account, id coop.ID, name string) error {
	if err := tx.hasAnnouncement(ctx, id); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `
		DELETE FROM announcement_reactions
		WHERE announcement_id = $1 AND name = $2 AND account_id = $3`, int64(id), cleanText(name), int64(account))
	tx.changed(coop.Change{Kind: coop.ChangeAnnouncementEmoji, ID: id, Name: name})
	return err
}

// Rules are the rules of the instance, in their order.
func (r reader) Rules(ctx context.Context) ([]coop.Rule, error) {
	list, err := all(ctx, r, func(row pgx.CollectableRow) (x coop.Rule, err error) {
		var id int64
		var words, hints string
		if err = row.Scan(&id, &words, &hints); err != nil {
			return x, err
		}
		x.ID = coop.ID(id)
		if err = json.Unmarshal([]byte(words), &x.Texts); err != nil {
			return x, err
		}
		return x, json.Unmarshal([]byte(hints), &x.Hints)
	}, `
		SELECT k.id, k.texts, k.hints
		FROM rules k
		ORDER BY k.id
		LIMIT $1`, coop.MaxRules)
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	return list, nil
}

// AddRule keeps a rule as the last and fills in its ID.
func (tx *Tx) AddRule(ctx context.Context, x *coop.Rule) (err error) {
	if x.ID, err = tx.NextID(ctx, tx.e.now()); err != nil {
		return err
	}
	if x.Hints == nil {
		x.Hints = coop.Texts{}
	}
	words, err := jsonText(x.Texts)
	if err != nil {
		return err
	}
	hints, err := jsonText(x.Hints)
	if err != nil {
		return err
	}
	_, err = tx.insert(ctx, "rules", []column{{"id", int64(x.ID)}, {"texts", words}, {"hints", hints}, {"created_at", msOf(tx.e.now())}}, "")
	return err
}

// RemoveRule takes a rule back, or gives [coop.ErrNotFound].
func (tx *Tx) RemoveRule(ctx context.Context, id coop.ID) error {
	n, err := tx.exec(ctx, `DELETE FROM rules WHERE id = $1`, int64(id))
	if err == nil && n == 0 {
		err = fmt.Errorf("rule %s: %w", id, coop.ErrNotFound)
	}
	return err
}
