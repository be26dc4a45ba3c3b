// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// CachedMedia is a small picture of another server that is kept for a while.
type CachedMedia struct {
	Key       string // a hash of its address and form
	Host      string // where it came from
	Form      string // avatar, header, small
	MediaType string
	Name      string // of the file
	Bytes     int64
	UsedAt    time.Time
	FetchedAt time.Time
}

// CachedMedia finds what is kept under a key, or gives [coop.ErrNotFound].
func (r reader) CachedMedia(ctx context.Context, key string) (*CachedMedia, error) {
	c, err := first(ctx, r, func(row pgx.CollectableRow) (*CachedMedia, error) {
		c := &CachedMedia{Key: key}
		var used, fetched int64
		err := row.Scan(&c.Host, &c.Form, &c.MediaType, &c.Name, &c.Bytes, &used, &fetched)
		c.UsedAt, c.FetchedAt = atMs(used), atMs(fetched)
		return c, err
	}, `
		SELECT host, form, media_type, name, bytes, used_at, fetched_at
		FROM media_cache
		WHERE key = $1`, cleanText(key))
	if err != nil {
		return nil, fmt.Errorf("cached media: %w", err)
	}
	return c, nil
}

// KeepCached keeps the row of a file that was stored. Another node may have been
// first: then the name of the file that is of no use is returned.
func (tx *Tx) KeepCached(ctx context.Context, c CachedMedia) (useless string, err error) {
	now := msOf(tx.e.now())
	n, err := tx.insert(ctx, "media_cache", []column{
		{"key", c.Key},
		{"host", coop.Truncate(c.Host, 300)},
		{"form", c.Form},
		{"media_type", c.MediaType},
		{"name", c.Name},
		{"bytes", c.Bytes},
		{"used_at", now},
		{"fetched_at", now},
	}, "ON CONFLICT (key) DO NOTHING")
	if err != nil {
		return "", fmt.Errorf("keep cached media: %w", err)
	}
	if n == 0 {
		return c.Name, nil
	}
	return "", nil
}

// UseCached notes that a picture was asked for.
func (tx *Tx) UseCached(ctx context.Context, key string) error {
	_, err := tx.exec(ctx, `UPDATE media_cache SET used_at = $1 WHERE key = $2`, msOf(tx.e.now()), cleanText(key))
	return err
}

// DropCached forgets a picture.
func (tx *Tx) DropCached(ctx context.Context, key string) error {
	_, err := tx.exec(ctx, `DELETE FROM media_cache WHERE key = $1`, cleanText(key))
	return err
}

// CachedBytes is how much all pictures of other servers take.
func (r reader) CachedBytes(ctx context.Context) (int64, error) {
	return r.number(ctx, `SELECT CAST(COALESCE(SUM(bytes), 0) AS bigint) FROM media_cache`)
}

// EvictCached removes the rows of the least recently used pictures: those not used
// since a time, and as many more until they take at least bytes; limit at most. It
// returns the names of the files, which the caller now removes, and their size.
func (tx *Tx) EvictCached(ctx context.Context, unused time.Time, bytes int64, limit int) (names []string, freed int64, err error) {
	type row struct {
		key, name   string
		bytes, used int64
	}
	oldest, err := all(ctx, tx.reader, func(r pgx.CollectableRow) (x row, err error) {
		err = r.Scan(&x.key, &x.name, &x.bytes, &x.used)
		return x, err
	}, `
		SELECT key, name, bytes, used_at
		FROM media_cache
		ORDER BY used_at
		LIMIT $1
		FOR UPDATE SKIP LOCKED`, limit)
	if err != nil {
		return nil, 0, fmt.Errorf("evict cached media: %w", err)
	}
	for _, x := range oldest {
		if freed >= bytes && x.used >= msOf(unused) {
			break
		}
		if err := tx.DropCached(ctx, x.key); err != nil {
			return nil, 0, fmt.Errorf("evict cached media: %w", err)
		}
		names, freed = append(names, x.name), freed+x.bytes
	}
	return names, freed, nil
}
