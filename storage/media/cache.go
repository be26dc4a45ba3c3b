// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"sync"
	"time"

	"minga/coop"
	"minga/storage"
)

// Bounds of what is kept of other servers.
const (
	// cacheMemory is the most memory that decoding one of their pictures may take.
	cacheMemory = 64 << 20
	// useEvery is how often the use of a picture is noted.
	useEvery = time.Hour
	// evictRows is how many rows one transaction removes.
	evictRows = 200
)

// shelf remembers about how much is kept, so that not every picture asks the
// database.
type shelf struct {
	mu      sync.Mutex
	known   bool
	bytes   int64
	evicted time.Time
}

// cacheKey is under what a picture is kept.
func cacheKey(form Form, address string) string {
	sum := sha256.Sum256([]byte(string(form) + "\x00" + address))
	return hex.EncodeToString(sum[:20])
}

// Cached opens what is kept of another server's picture, or gives [coop.ErrNotFound].
func (l *Library) Cached(ctx context.Context, form Form, address string) (*Served, error) {
	c, err := l.store.CachedMedia(ctx, cacheKey(form, address))
	if err != nil {
		return nil, err
	}
	key, err := keyOf(areaCache, c.Name)
	if err != nil {
		return nil, err
	}
	body, err := l.files.Open(ctx, key)
	if errors.Is(err, coop.ErrNotFound) { // the folder was emptied by hand
		return nil, errors.Join(err, l.store.Write(ctx, func(tx *storage.Tx) error { return tx.DropCached(ctx, c.Key) }))
	}
	if err != nil {
		return nil, err
	}
	if l.now().Sub(c.UsedAt) > useEvery {
		if err := l.store.Write(ctx, func(tx *storage.Tx) error { return tx.UseCached(ctx, c.Key) }); err != nil {
			return nil, errors.Join(err, body.Close())
		}
	}
	return &Served{Name: c.Name, MediaType: c.MediaType, Kind: coop.MediaImage, Modified: c.FetchedAt, Body: body}, nil
}

// Keep makes of the bytes of another server's picture what is shown of it, and keeps
// that. Bytes that are no such picture are a *coop.InvalidError; where the disk is short of
// space nothing is kept ([coop.ErrFull]).
func (l *Library) Keep(ctx context.Context, form Form, address string, body []byte) (*Served, error) {
	if !l.Keeps(ctx) {
		return nil, fmt.Errorf("picture of %s: the disk is short of space: %w", hostOf(address), coop.ErrFull)
	}
	s, err := newScratch(l.scratch)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }()
	f, err := l.miniature(ctx, s, form, body)
	if err != nil {
		return nil, err
	}
	size, err := s.size()
	if err != nil {
		return nil, err
	}
	if size > l.limits.Cache {
		return nil, fmt.Errorf("picture of %s: %w", hostOf(address), coop.ErrFull)
	}
	name, err := l.put(ctx, areaCache, s, f)
	if err != nil {
		return nil, err
	}
	row := storage.CachedMedia{Key: cacheKey(form, address), Host: hostOf(address), Form: string(form), MediaType: f.mediaType, Name: name, Bytes: size}
	useless := name
	err = l.store.Write(ctx, func(tx *storage.Tx) (err error) {
		useless, err = tx.KeepCached(ctx, row)
		return err
	})
	if err != nil || useless != "" {
		l.remove(context.WithoutCancel(ctx), areaCache, []string{name})
	}
	if err != nil {
		return nil, err
	}
	l.makeRoom(ctx, size)
	return l.Cached(ctx, form, address)
}

// miniature writes what is shown of a picture.
func (l *Library) miniature(ctx context.Context, s *scratch, form Form, body []byte) (format, error) {
	h, err := look(body)
	if err != nil {
		return format{}, err
	}
	if h.memory > cacheMemory {
		return format{}, errBounds("takes too much memory for a small picture")
	}
	done, err := turn(ctx, l.cached)
	if err != nil {
		return format{}, err
	}
	defer done()
	img, err := decode(bytes.NewReader(body), h, keptArea)
	if err != nil {
		return format{}, err
	}
	var out image.Image
	switch form {
	case FormAvatar:
		out = cropped(img, avatarSide, avatarSide)
	case FormHeader:
		out = cropped(img, headerWide, headerHigh)
	default:
		out = small(img)
	}
	f := smallFormat(out)
	return f, full(encode(s, out, f, smallJPEG))
}

// Look judges the bytes of a picture by its header, without decoding it, and tells
// its media type. Errors are *coop.InvalidError.
func Look(body []byte) (string, error) {
	h, err := look(body)
	if err != nil {
		return "", err
	}
	return h.format.mediaType, nil
}

func look(body []byte) (*header, error) {
	f, ok := sniff(body[:min(len(body), sniffLength)])
	if !ok || f.kind != coop.MediaImage {
		return nil, errFormat()
	}
	return readHeader(bytes.NewReader(body), f, int64(len(body)))
}

// makeRoom removes the least recently used pictures when there are too many.
func (l *Library) makeRoom(ctx context.Context, added int64) {
	l.cache.mu.Lock()
	defer l.cache.mu.Unlock()
	l.cache.bytes += added
	if l.cache.known && l.cache.bytes <= l.limits.Cache {
		return
	}
	if err := l.evict(ctx, time.Time{}); err != nil {
		l.log.WarnContext(ctx, "pictures of other servers not removed", "err", err)
	}
}

// evict removes pictures that were not used since a time, and the least recently
// used until there is room; a tenth more, so that not every picture brings it here.
func (l *Library) evict(ctx context.Context, unused time.Time) error {
	for {
		bytes, err := l.store.CachedBytes(ctx)
		if err != nil {
			return err
		}
		l.cache.bytes, l.cache.known = bytes, true
		over := int64(0)
		if bytes > l.limits.Cache {
			over = bytes - l.limits.Cache/10*9
		}
		var names []string
		err = l.store.Write(ctx, func(tx *storage.Tx) (err error) {
			names, _, err = tx.EvictCached(ctx, unused, over, evictRows)
			return err
		})
		if err != nil || len(names) == 0 {
			return err
		}
		l.remove(ctx, areaCache, names)
	}
}
