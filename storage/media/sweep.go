// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"minga/coop"
	"minga/storage"
)

const (
	sweepRows = 200
	// orphanAge is how old a file without a row must be: rows are written last.
	orphanAge = 24 * time.Hour
	orphanLot = 500
)

// Sweep removes what is over: abandoned uploads, files of deleted posts, what is
// above the size of the cache. It does a bounded part; call it again and again.
func (l *Library) Sweep(ctx context.Context) error {
	if _, err := l.sweepRows(ctx, l.now(), false); err != nil {
		return err
	}
	if err := errors.Join(l.SweepSealed(ctx), l.SweepExports(ctx)); err != nil {
		return err
	}
	l.cache.mu.Lock()
	defer l.cache.mu.Unlock()
	if l.limits.Cache > 0 && l.now().Sub(l.cache.evicted) < time.Hour {
		return nil
	}
	l.cache.evicted = l.now()
	return l.evict(ctx, time.Time{})
}

// sweepArea removes the files of an area whose rows are taken away, a bounded part.
func (l *Library) sweepArea(ctx context.Context, area string, rows func(tx *storage.Tx, ctx context.Context, limit int) ([]string, error)) error {
	if l == nil {
		return nil
	}
	var names []string
	err := l.store.Write(ctx, func(tx *storage.Tx) (err error) {
		names, err = rows(tx, ctx, sweepRows)
		return err
	})
	if err == nil {
		l.drop(ctx, area, names...)
	}
	return err
}

// errDry takes back what a rehearsal did.
var errDry = errors.New("a rehearsal")

// sweepRows removes files whose time is over and returns their names.
func (l *Library) sweepRows(ctx context.Context, over time.Time, dry bool) ([]string, error) {
	var names []string
	err := l.store.Write(ctx, func(tx *storage.Tx) (err error) {
		if names, err = tx.SweepMedia(ctx, over, sweepRows); err == nil && dry {
			err = errDry
		}
		return err
	})
	if errors.Is(err, errDry) {
		return names, nil
	}
	if err != nil {
		return nil, err
	}
	l.remove(ctx, areaOwn, names)
	return names, nil
}

// Pruned is what [Library.Prune] removed, or would remove.
type Pruned struct {
	Uploads int   `json:"uploads"` // files that no post or profile holds
	Cache   int   `json:"cache"`   // pictures of other servers
	Orphans int   `json:"orphans"` // files that nothing refers to
	Bytes   int64 `json:"bytes"`   // of the cache and of orphans
}

// Prune removes what nobody needs: uploads whose time is over, pictures of other
// servers that were not asked for since olderThan, files without a row. With dry
// nothing is removed; of uploads a rehearsal counts at most [sweepRows].
func (l *Library) Prune(ctx context.Context, olderThan time.Duration, dry bool) (Pruned, error) {
	var p Pruned
	for {
		names, err := l.sweepRows(ctx, l.now(), dry)
		if err != nil {
			return p, err
		}
		if p.Uploads += len(names); dry || len(names) == 0 {
			break
		}
	}
	if err := l.pruneCache(ctx, &p, l.now().Add(-olderThan), dry); err != nil {
		return p, err
	}
	if err := l.pruneOrphans(ctx, &p, dry); err != nil {
		return p, err
	}
	return p, l.sweepScratch()
}

// pruneCache removes pictures of other servers that were not used since a time.
func (l *Library) pruneCache(ctx context.Context, p *Pruned, unused time.Time, dry bool) error {
	limit := evictRows
	if dry {
		limit = 1_000_000
	}
	for {
		var names []string
		err := l.store.Write(ctx, func(tx *storage.Tx) error {
			list, freed, err := tx.EvictCached(ctx, unused, 0, limit)
			if err != nil {
				return err
			}
			names = list
			if p.Bytes += freed; dry {
				return errDry
			}
			return nil
		})
		if err != nil && !errors.Is(err, errDry) {
			return err
		}
		p.Cache += len(names)
		if dry || len(names) == 0 {
			return nil
		}
		l.remove(ctx, areaCache, names)
	}
}

// orphan is a file that may have no row.
type orphan struct {
	key  string
	size int64
}

// pruneOrphans removes files that no row names.
func (l *Library) pruneOrphans(ctx context.Context, p *Pruned, dry bool) error {
	all, ok := l.files.(lister)
	if !ok {
		return nil
	}
	for _, area := range []string{areaOwn, areaCache, areaSealed, areaExports} {
		var lot []orphan
		err := all.Each(ctx, area, func(key string, size int64, written time.Time) error {
			if l.now().Sub(written) < orphanAge || checkKey(key) != nil {
				return nil
			}
			if lot = append(lot, orphan{key, size}); len(lot) < orphanLot {
				return nil
			}
			err := l.removeOrphans(ctx, p, lot, dry)
			lot = nil
			return err
		})
		if err == nil {
			err = l.removeOrphans(ctx, p, lot, dry)
		}
		if err != nil && !errors.Is(err, coop.ErrNotFound) {
			return fmt.Errorf("files without a row: %w", err)
		}
	}
	return nil
}

// removeOrphans removes those of a lot that no row names.
func (l *Library) removeOrphans(ctx context.Context, p *Pruned, lot []orphan, dry bool) error {
	names := make([]string, len(lot))
	for i, o := range lot {
		names[i] = o.key[strings.LastIndexByte(o.key, '/')+1:]
	}
	known, err := l.store.KnownMedia(ctx, names)
	if err != nil {
		return err
	}
	for i, o := range lot {
		if known[names[i]] {
			continue
		}
		p.Orphans++
		p.Bytes += o.size
		if dry {
			continue
		}
		if err := l.files.Remove(ctx, o.key); err != nil {
			return err
		}
	}
	return nil
}
