// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"path"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// mostMedia bounds the files of one post.
const mostMedia = 16

// AttachMedia gives a post its files: exactly those, in that order. What was in the
// post and is not named any more is let go. A file that is not there, is another
// account's, is in another post or is named twice gives a *coop.InvalidError, and
// then the transaction must fail. The post need not be stored yet.
func (tx *Tx) AttachMedia(ctx context.Context, owner coop.ID, ids []coop.ID, post coop.ID) ([]coop.Attachment, error) {
	if len(ids) > mostMedia {
		return nil, &coop.InvalidError{Field: "media_ids", Code: coop.CodeTooMany, Problem: fmt.Sprintf("at most %d files", mostMedia)}
	}
	if err := tx.alone(ctx, "media of "+owner.String()); err != nil {
		return nil, err
	}
	list, err := tx.freeMedia(ctx, owner, ids, post)
	if err != nil {
		return nil, err
	}
	if err := tx.releaseMedia(ctx, post); err != nil {
		return nil, err
	}
	attachments := make([]coop.Attachment, 0, len(list))
	for _, m := range list {
		err := tx.update(ctx, "media", []column{{"post_id", int64(post)}, {"gone_at", 0}}, "id", int64(m.ID))
		if err != nil {
			return nil, err
		}
		attachments = append(attachments, m.Attachment())
	}
	return attachments, nil
}

// HoldMedia keeps files for a post that will be published at a time, and a day
// longer. Errors are those of [Tx.AttachMedia].
func (tx *Tx) HoldMedia(ctx context.Context, owner coop.ID, ids []coop.ID, until time.Time) ([]coop.Attachment, error) {
	if len(ids) > mostMedia {
		return nil, &coop.InvalidError{Field: "media_ids", Code: coop.CodeTooMany, Problem: fmt.Sprintf("at most %d files", mostMedia)}
	}
	list, err := tx.freeMedia(ctx, owner, ids, 0)
	if err != nil {
		return nil, err
	}
	attachments := make([]coop.Attachment, 0, len(list))
	for _, m := range list {
		err := tx.update(ctx, "media", []column{{"keep_until", msOf(until.Add(looseLife))}, {"gone_at", 0}}, "id", int64(m.ID))
		if err != nil {
			return nil, err
		}
		attachments = append(attachments, m.Attachment())
	}
	return attachments, nil
}

// releaseMedia lets the files of a post go: they are not served any more, and leave
// the disk within a day.
func (tx *Tx) releaseMedia(ctx context.Context, post coop.ID) error {
	now := tx.e.now()
	_, err := tx.exec(ctx, `
		UPDATE media
		SET post_id = 0, gone_at = $1, keep_until = $2
		WHERE post_id = $3 AND post_id <> 0`, msOf(now), msOf(now.Add(goneLife)), int64(post))
	return err
}

// releaseMediaOf lets all files of an account go at once.
func (tx *Tx) releaseMediaOf(ctx context.Context, account coop.ID) error {
	now := msOf(tx.e.now())
	_, err := tx.exec(ctx, `
		UPDATE media
		SET post_id = 0, gone_at = $1, keep_until = $1
		WHERE owner_id = $2`, now, int64(account))
	return err
}

// newPicture is how long a picture may be uploaded before its profile is saved.
const newPicture = 10 * time.Minute

// settlePictures keeps the avatar and the header that a profile names for good and
// lets those before go.
func (tx *Tx) settlePictures(ctx context.Context, a *coop.Account) error {
	if !a.Local {
		return nil
	}
	icon, image := path.Base(a.Icon.URL), path.Base(a.Image.URL)
	if _, err := tx.exec(ctx, `
		UPDATE media
		SET keep_until = $1, gone_at = 0
		WHERE owner_id = $2 AND class IN ('avatar', 'header') AND name IN ($3, $4)`,
		forever, int64(a.ID), cleanText(icon), cleanText(image)); err != nil {
		return err
	}
	now := tx.e.now()
	_, err := tx.exec(ctx, `
		UPDATE media
		SET keep_until = $1, gone_at = $1
		WHERE owner_id = $2 AND class IN ('avatar', 'header') AND name NOT IN ($3, $4)
			AND gone_at = 0 AND (created_at < $5 OR keep_until = $6)`,
		msOf(now), int64(a.ID), cleanText(icon), cleanText(image), msOf(now.Add(-newPicture)), forever)
	return err
}

// SweepMedia removes the rows of files whose time is over at a moment (abandoned
// uploads, files of deleted posts, old avatars), limit at most, and returns the
// names of the files that the caller now removes.
func (tx *Tx) SweepMedia(ctx context.Context, over time.Time, limit int) ([]string, error) {
	type row struct {
		id            int64
		name, preview string
	}
	due, err := all(ctx, tx.reader, func(r pgx.CollectableRow) (x row, err error) {
		err = r.Scan(&x.id, &x.name, &x.preview)
		return x, err
	}, `
		SELECT id, name, preview
		FROM media
		WHERE post_id = 0 AND keep_until <= $1
		ORDER BY keep_until
		LIMIT $2
		FOR UPDATE SKIP LOCKED`, msOf(over), limit)
	if err != nil {
		return nil, fmt.Errorf("sweep media: %w", err)
	}
	var names []string
	for _, x := range due {
		if _, err := tx.exec(ctx, `DELETE FROM media WHERE id = $1`, x.id); err != nil {
			return nil, fmt.Errorf("sweep media: %w", err)
		}
		names = append(names, x.name)
		if x.preview != "" {
			names = append(names, x.preview)
		}
	}
	return names, nil
}

// MediaUse is how much is kept of one kind.
type MediaUse struct {
	Origin  string // "here", or the host that it came from
	Account string // name of the local account; empty for what is of other servers
	Kind    string // image, video, audio, document; of other servers the form
	Files   int64
	Bytes   int64
}

// MediaUsage lists what is kept, the most first.
func (r reader) MediaUsage(ctx context.Context) ([]MediaUse, error) {
	list, err := all(ctx, r, func(row pgx.CollectableRow) (u MediaUse, err error) {
		err = row.Scan(&u.Origin, &u.Account, &u.Kind, &u.Files, &u.Bytes)
		return u, err
	}, `
		SELECT 'here' AS origin, a.name AS account, m.kind AS kind, COUNT(*) AS files,
			CAST(SUM(m.bytes + m.preview_bytes) AS bigint) AS bytes
		FROM media m
		JOIN accounts a ON a.id = m.owner_id
		GROUP BY a.name, m.kind
		UNION ALL
		SELECT host, '', form, COUNT(*), CAST(SUM(bytes) AS bigint)
		FROM media_cache
		GROUP BY host, form
		ORDER BY bytes DESC, origin, account, kind`)
	if err != nil {
		return nil, fmt.Errorf("usage of media: %w", err)
	}
	return list, nil
}

// KnownMedia tells which names of files some row refers to.
func (r reader) KnownMedia(ctx context.Context, names []string) (map[string]bool, error) {
	known := make(map[string]bool, len(names))
	for len(names) > 0 {
		part := names[:min(len(names), mostIn)]
		names = names[len(part):]
		found, err := all(ctx, r, pgx.RowTo[string], `
			SELECT r.value FROM jsonb_array_elements_text($1::jsonb) AS r
			WHERE EXISTS (SELECT 1 FROM media m WHERE m.name = r.value)
				OR EXISTS (SELECT 1 FROM media m WHERE m.preview = r.value AND m.preview <> '')
				OR EXISTS (SELECT 1 FROM media_cache c WHERE c.name = r.value)
				OR EXISTS (SELECT 1 FROM application_files f WHERE f.name = r.value AND f.application_id IS NOT NULL)
				OR EXISTS (SELECT 1 FROM exports x WHERE x.name = r.value AND x.name <> '')
				OR EXISTS (SELECT 1 FROM team_records t WHERE t.sealed = r.value AND t.sealed <> '')`, list(part))
		if err != nil {
			return nil, fmt.Errorf("known media: %w", err)
		}
		for _, name := range found {
			known[name] = true
		}
	}
	return known, nil
}
