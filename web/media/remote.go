// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation"
	"minga/federation/origin"
	"minga/storage/media"
)

// Bounds of what is asked of other servers.
const (
	fetchesAtOnce = 6
	placeTime     = 10 * time.Second // how long a reader waits for one of them
	fetchTime     = 40 * time.Second // asking, decoding and keeping
	maxAvatar     = 4 << 20          // bytes of an avatar or header as its server has it
	pictureTypes  = "image/webp, image/jpeg, image/png, image/gif"
)

// remote answers GET /media/remote/MAC/FORM/ADDRESS: a picture of another server.
func (f *Face) remote(c *gin.Context) error {
	ctx := c.Request.Context()
	form, address, ok := f.Library.Links().Asked(c.Param("mac"), c.Param("form"), c.Param("address"))
	if !ok || f.blocked(ctx, address) {
		return fmt.Errorf("picture of another server: %w", coop.ErrNotFound)
	}
	if form == media.FormFull {
		return f.whole(c, address)
	}
	s, err := f.Library.Cached(ctx, form, address)
	if errors.Is(err, coop.ErrNotFound) {
		if err = f.bring(ctx, form, address); err == nil {
			s, err = f.Library.Cached(ctx, form, address)
		}
	}
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	keep := keepPicture
	if form == media.FormSmall {
		keep = keepPrivate // its post may not be for everybody
	}
	serve(c, s, keep)
	return nil
}

// blocked tells whether nothing of an address is shown.
func (f *Face) blocked(ctx context.Context, address string) bool {
	host, err := origin.Host(address)
	return err != nil || f.Blocked != nil && f.Blocked(ctx, host)
}

// bring fetches a picture and keeps it small. Who asks for the same at the same time
// waits for the same fetch, which goes on when the first of them leaves.
func (f *Face) bring(ctx context.Context, form media.Form, address string) error {
	if !f.Library.Keeps(ctx) {
		return fmt.Errorf("picture of another server, on a disk that is short of space: %w", coop.ErrNotFound)
	}
	_, err := f.once(ctx, string(form), address, func(ctx context.Context) (any, error) {
		limit := int64(federation.MaxMedia)
		if form != media.FormSmall {
			limit = maxAvatar
		}
		body, err := f.fetch(ctx, address, limit)
		if err != nil {
			return nil, err
		}
		s, err := f.Library.Keep(ctx, form, address, body)
		if err != nil {
			return nil, err
		}
		return nil, s.Close()
	})
	return err
}

// whole answers a picture as its server has it, when its header is one of a picture.
// Nothing of it is kept.
func (f *Face) whole(c *gin.Context, address string) error {
	got, err := f.once(c.Request.Context(), string(media.FormFull), address, func(ctx context.Context) (any, error) {
		return f.fetch(ctx, address, federation.MaxMedia)
	})
	if err != nil {
		return err
	}
	body, _ := got.([]byte)
	mediaType, err := media.Look(body)
	if err != nil {
		return f.failed(string(media.FormFull)+address, err)
	}
	sum := sha256.Sum256(body)
	serve(c, &media.Served{
		Name: hex.EncodeToString(sum[:16]), MediaType: mediaType, Kind: coop.MediaImage, Body: nopCloser{bytes.NewReader(body)},
	}, keepPrivate)
	return nil
}

// nopCloser is bytes that need no closing.
type nopCloser struct{ io.ReadSeeker }

// Close implements io.Closer.
func (nopCloser) Close() error { return nil }

// once does something for an address that is not being done already and did not fail a
// moment ago.
func (f *Face) once(ctx context.Context, form, address string, do func(context.Context) (any, error)) (any, error) {
	key := form + address
	if f.Client == nil || f.failures.recent(key) {
		return nil, fmt.Errorf("picture of another server: %w", coop.ErrNotFound)
	}
	got, err, _ := f.flights.Do(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTime)
		defer cancel()
		return do(ctx)
	})
	if err != nil {
		return nil, f.failed(key, err)
	}
	return got, nil
}

// fetch asks another server, when there is a place.
func (f *Face) fetch(ctx context.Context, address string, limit int64) ([]byte, error) {
	timer, cancel := context.WithTimeout(ctx, placeTime)
	defer cancel()
	select {
	case f.places <- struct{}{}:
		defer func() { <-f.places }()
	case <-timer.Done():
		return nil, &coop.BusyError{After: placeTime, Reason: "too many pictures at once"}
	}
	page, err := f.Client.Get(ctx, address, pictureTypes, limit)
	return page.Body, err
}

// failed remembers a failure that is the other server's, or the picture's, and says
// that there is none. A failure of ours is handed on.
func (f *Face) failed(key string, err error) error {
	var peer *federation.Error
	var invalid *coop.InvalidError
	switch {
	case errors.As(err, &peer) && (peer.Kind == federation.KindBusy || peer.Kind == federation.KindCanceled):
		return &coop.BusyError{After: placeTime, Reason: "too many pictures at once"}
	case errors.As(err, &peer), errors.As(err, &invalid), errors.Is(err, coop.ErrFull):
		f.failures.add(key)
		return fmt.Errorf("picture of another server: %w: %s", coop.ErrNotFound, err.Error())
	}
	return err
}

// failures remembers what could not be had, on this node.
type failures struct {
	now func() time.Time
	mu  sync.Mutex
	at  map[string]time.Time
}

const (
	failureLife = 10 * time.Minute
	mostFailed  = 10_000
)

func newFailures(now func() time.Time) *failures {
	return &failures{now: now, at: map[string]time.Time{}}
}

// add remembers one. Where there are too many all are forgotten: each is asked for
// once more, no more.
func (f *failures) add(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.at) >= mostFailed {
		clear(f.at)
	}
	f.at[key] = f.now()
}

// recent tells whether it failed a moment ago.
func (f *failures) recent(key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	at, ok := f.at[key]
	if ok && f.now().Sub(at) >= failureLife {
		delete(f.at, key)
		return false
	}
	return ok
}
