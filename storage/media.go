// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

const (
	// looseLife is how long a file lives that is in no post.
	looseLife = 24 * time.Hour
	// goneLife is how long a file stays on the disk after its post was deleted, so
	// that a post that is deleted to be written again can take it back.
	goneLife = 20 * time.Hour
	// forever is the keep_until of avatars and headers in use.
	forever = int64(1) << 62
)

// MediaQuota bounds what is kept, in bytes; 0: no bound.
type MediaQuota struct {
	Owner int64 // of one account
	All   int64
}

// mediaColumns are those that [scanMedia] reads, of the table named m.
const mediaColumns = `m.id, m.owner_id, m.class, m.kind, m.media_type, m.name, m.bytes, m.width, m.height, m.url,
	m.preview, m.preview_bytes, m.preview_width, m.preview_height, m.preview_url, m.blurhash, m.focus_x, m.focus_y,
	m.alt, m.title, m.post_id, m.gone_at, m.created_at`

// scanMedia reads a row of [mediaColumns].
func scanMedia(row pgx.CollectableRow) (*coop.Media, error) {
	return scanInto(row, mediaTargets)
}

// mediaTargets are where the columns of [mediaColumns] go; finish completes m.
func mediaTargets(m *coop.Media) (targets []any, finish func()) {
	var id, owner, post, gone, created int64
	var class, kind string
	targets = []any{
		&id, &owner, &class, &kind, &m.MediaType, &m.Name, &m.Bytes, &m.Width, &m.Height, &m.URL,
		&m.Preview, &m.PreviewBytes, &m.PreviewWidth, &m.PreviewHeight, &m.PreviewURL, &m.Blurhash, &m.Focus.X, &m.Focus.Y,
		&m.Alt, &m.Title, &post, &gone, &created,
	}
	return targets, func() {
		m.ID, m.OwnerID, m.Class, m.Kind, m.PostID = coop.ID(id), coop.ID(owner), coop.MediaClass(class), coop.MediaKind(kind), coop.ID(post)
		m.GoneAt, m.CreatedAt = atMs(gone), atMs(created)
	}
}

// AddMedia keeps the row of a file that was stored, for a day unless a post or a
// profile takes it. It fills in ID and CreatedAt. [coop.ErrFull] says that the
// account, or all together, would have more than the quota.
func (tx *Tx) AddMedia(ctx context.Context, m *coop.Media, quota MediaQuota) error {
	if err := tx.addMedia(ctx, m, quota); err != nil {
		return fmt.Errorf("add media of %s: %w", m.OwnerID, err)
	}
	return nil
}

func (tx *Tx) addMedia(ctx context.Context, m *coop.Media, quota MediaQuota) (err error) {
	if err := tx.alone(ctx, "media of "+m.OwnerID.String()); err != nil {
		return err
	}
	if err := tx.MediaRoom(ctx, m.OwnerID, m.Bytes+m.PreviewBytes, quota); err != nil {
		return err
	}
	now := tx.e.now()
	if m.ID, err = tx.NextID(ctx, now); err != nil {
		return err
	}
	m.CreatedAt = now
	_, err = tx.insert(ctx, "media", mediaRow(m, now.Add(looseLife)), "")
	return err
}

// mediaRow is a new file as columns.
func mediaRow(m *coop.Media, keep time.Time) []column {
	return []column{
		{"id", int64(m.ID)},
		{"owner_id", int64(m.OwnerID)},
		{"class", string(m.Class)},
		{"kind", string(m.Kind)},
		{"media_type", m.MediaType},
		{"name", m.Name},
		{"bytes", m.Bytes},
		{"width", m.Width},
		{"height", m.Height},
		{"url", m.URL},
		{"preview", m.Preview},
		{"preview_bytes", m.PreviewBytes},
		{"preview_width", m.PreviewWidth},
		{"preview_height", m.PreviewHeight},
		{"preview_url", m.PreviewURL},
		{"blurhash", m.Blurhash},
		{"focus_x", m.Focus.X},
		{"focus_y", m.Focus.Y},
		{"alt", m.Alt},
		{"title", coop.Truncate(m.Title, 200)},
		{"post_id", 0},
		{"keep_until", msOf(keep)},
		{"gone_at", 0},
		{"created_at", msOf(m.CreatedAt)},
	}
}

// MediaRoom gives [coop.ErrFull] where so many bytes more are over a quota.
func (r reader) MediaRoom(ctx context.Context, owner coop.ID, bytes int64, quota MediaQuota) error {
	if quota.Owner > 0 {
		used, err := r.number(ctx, `
			SELECT CAST(COALESCE(SUM(bytes + preview_bytes), 0) AS bigint)
			FROM media
			WHERE owner_id = $1`, int64(owner))
		if err != nil {
			return err
		}
		if used+bytes > quota.Owner {
			return fmt.Errorf("media of account %s: %w", owner, coop.ErrFull)
		}
	}
	if quota.All <= 0 {
		return nil
	}
	used, err := r.number(ctx, `SELECT CAST(COALESCE(SUM(bytes + preview_bytes), 0) AS bigint) FROM media`)
	if err == nil && used+bytes > quota.All {
		err = fmt.Errorf("media of all: %w", coop.ErrFull)
	}
	return err
}

// Media finds a file of an account by its id. Another's is [coop.ErrNotFound], as
// is an avatar and what was let go.
func (r reader) Media(ctx context.Context, owner, id coop.ID) (*coop.Media, error) {
	m, err := first(ctx, r, scanMedia, `
		SELECT `+mediaColumns+`
		FROM media m
		WHERE m.id = $1 AND m.owner_id = $2 AND m.class = 'post'`, int64(id), int64(owner))
	if err != nil {
		return nil, fmt.Errorf("media %s: %w", id, err)
	}
	return m, nil
}

// ServedMedia is a file as it may be served.
type ServedMedia struct {
	coop.Media
	// Visibility is its post's; empty for a file in no post, and public for
	// avatars and headers.
	Visibility coop.Visibility
}

// MediaByName finds a file, or the small picture of one, by the name that stands in
// its address. What is gone, and what is of a suspended or deleted account, was
// never here: [coop.ErrNotFound].
func (r reader) MediaByName(ctx context.Context, name string) (*ServedMedia, error) {
	m, err := first(ctx, r, scanServed, `
		SELECT `+mediaColumns+`, COALESCE(p.visibility, ''), COALESCE(p.draft, FALSE), p.id IS NULL
		FROM media m
		JOIN accounts a ON a.id = m.owner_id
		LEFT JOIN posts p ON p.id = m.post_id
		WHERE (m.name = $1 OR m.preview = $1 AND m.preview <> '')
			AND m.gone_at = 0 AND a.suspended_at = 0 AND a.deleted_at = 0`, cleanText(name))
	if err == nil && m == nil {
		err = coop.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("media %.60q: %w", name, err)
	}
	return m, nil
}

// scanServed reads a row of [reader.MediaByName]; nil says that its post is gone.
func scanServed(row pgx.CollectableRow) (*ServedMedia, error) {
	m := &ServedMedia{}
	var visibility string
	var draft, postless bool
	targets, finish := mediaTargets(&m.Media)
	if err := row.Scan(append(targets, &visibility, &draft, &postless)...); err != nil {
		return nil, err
	}
	finish()
	switch {
	case m.Class != coop.MediaPost:
		m.Visibility = coop.VisiblePublic
	case m.PostID != 0 && postless:
		return nil, nil
	case !draft:
		m.Visibility = coop.Visibility(visibility)
	}
	return m, nil
}

// ChangeMedia changes what is said of a file. Another's is [coop.ErrNotFound]. A
// post that holds it is not changed: whoever calls this edits it besides.
func (tx *Tx) ChangeMedia(ctx context.Context, owner, id coop.ID, change coop.MediaChange) (*coop.Media, error) {
	if err := tx.holdRow(ctx, "media", "id", "FOR UPDATE", int64(id)); err != nil {
		return nil, err
	}
	m, err := tx.Media(ctx, owner, id)
	if err == nil && !m.GoneAt.IsZero() {
		err = coop.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	if change.Alt != nil {
		m.Alt = *change.Alt
	}
	if change.Focus != nil {
		m.Focus = *change.Focus
	}
	return m, tx.update(ctx, "media", []column{{"alt", m.Alt}, {"focus_x", m.Focus.X}, {"focus_y", m.Focus.Y}}, "id", int64(id))
}

// DropMedia lets a file of an account go that no post has: it is not served any more.
// Another's, a picture of a profile and one that is gone are [coop.ErrNotFound]; one
// that a post has, or a scheduled one, gives an *[coop.InvalidError].
func (tx *Tx) DropMedia(ctx context.Context, owner, id coop.ID) error {
	m, err := tx.Media(ctx, owner, id)
	if err == nil && (!m.GoneAt.IsZero() || m.Class != coop.MediaPost) {
		err = fmt.Errorf("media %s: %w", id, coop.ErrNotFound)
	}
	if err != nil {
		return err
	}
	now := tx.e.now()
	// What waits for a scheduled post is kept longer than anything loose.
	n, err := tx.exec(ctx, `
		UPDATE media
		SET gone_at = $1, keep_until = $1
		WHERE id = $2 AND post_id = 0 AND keep_until <= $3`, msOf(now), int64(id), msOf(now.Add(looseLife)))
	if err == nil && n == 0 {
		err = &coop.InvalidError{Field: "id", Code: coop.CodeNotAllowed, Problem: "a post has this file"}
	}
	return err
}

// mayComeBack gives [coop.ErrNotFound] for a file that is gone and kept for no new post:
// its owner dropped it, or its time is over.
func (tx *Tx) mayComeBack(ctx context.Context, id coop.ID) error {
	n, err := tx.number(ctx, `SELECT COUNT(*) FROM media WHERE id = $1 AND keep_until > $2`, int64(id), msOf(tx.e.now()))
	if err == nil && n == 0 {
		err = fmt.Errorf("media %s: %w", id, coop.ErrNotFound)
	}
	return err
}

// errMedia is said of files that cannot be attached: not there, another's, in
// another post.
func errMedia(problem string) error {
	return &coop.InvalidError{Field: "media_ids", Code: coop.CodeUnknown, Problem: problem}
}

// freeMedia are files of an account by their ids, in that order, that may be in a
// post: in none, or in that one.
func (tx *Tx) freeMedia(ctx context.Context, owner coop.ID, ids []coop.ID, post coop.ID) ([]*coop.Media, error) {
	list := make([]*coop.Media, 0, len(ids))
	seen := map[coop.ID]bool{}
	for _, id := range ids {
		// Its file may be on the way out.
		if err := tx.holdRow(ctx, "media", "id", "FOR UPDATE", int64(id)); err != nil {
			return nil, err
		}
		m, err := tx.Media(ctx, owner, id)
		if err == nil && !m.GoneAt.IsZero() {
			err = tx.mayComeBack(ctx, id)
		}
		switch {
		case errors.Is(err, coop.ErrNotFound):
			return nil, errMedia("there is no such file")
		case err != nil:
			return nil, err
		case seen[id]:
			return nil, errMedia("the same file twice")
		case m.PostID != 0 && m.PostID != post:
			return nil, errMedia("this file is in another post")
		}
		seen[id] = true
		list = append(list, m)
	}
	return list, nil
}
