// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"errors"
	"fmt"
	"image"
	"testing"
	"time"

	"minga/coop"
	"minga/storage/storagetest"
)

func TestTheLeastRecentlyUsedGoFirst(t *testing.T) {
	storagetest.WithoutRace(t)
	ctx := t.Context()
	photo := jpegOf(t, gradient(1000, 1000))
	s := newLibrary(t, func(o *Options) { o.Limits.Cache = 60_000 })
	address := func(n int) string { return fmt.Sprintf("https://far.example/%d.jpg", n) }
	size := int64(0)
	for n := range 40 {
		s.clock.Advance(2 * time.Hour)
		served, err := s.Keep(ctx, FormSmall, address(n), photo)
		must(t, err)
		must(t, served.Close())
		if served, err := s.Cached(ctx, FormSmall, address(0)); err != nil {
			t.Fatalf("the one that is looked at again and again went when %d came: %v", n, err)
		} else {
			must(t, served.Close())
		}
		if size, err = s.store.CachedBytes(ctx); err != nil || size > s.limits.Cache {
			t.Fatalf("%d bytes are kept, at most %d, %v", size, s.limits.Cache, err)
		}
	}
	if _, err := s.Cached(ctx, FormSmall, address(1)); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("the oldest that nobody looked at: %v", err)
	}
	if size < s.limits.Cache/2 {
		t.Errorf("only %d bytes of %d are used", size, s.limits.Cache)
	}
	s.limits.Cache = 0
	s.clock.Advance(2 * time.Hour)
	must(t, s.Sweep(ctx))
	if left := s.filesLeft(); left != 0 {
		t.Errorf("switched off, %d files are left", left)
	}
}

func TestFormsOfOtherServersPictures(t *testing.T) {
	ctx := t.Context()
	s := newLibrary(t, nil)
	photo := jpegOf(t, gradient(1200, 800))
	for form, want := range map[Form]image.Point{FormAvatar: {400, 400}, FormHeader: {1200, 400}, FormSmall: {587, 391}} {
		served, err := s.Keep(ctx, form, "https://far.example/x.jpg", photo)
		must(t, err)
		config, _, err := image.DecodeConfig(served.Body)
		if err != nil || config.Width != want.X || config.Height != want.Y || served.Private {
			t.Errorf("%s is %d × %d, want %v: %v", form, config.Width, config.Height, want, err)
		}
		must(t, served.Close())
	}
	for name, body := range map[string][]byte{"a page": []byte("<html>"), "SVG": []byte("<svg/>"), "nothing": nil, "a bomb": bombPNG(40_000, 40_000), "a document": []byte("%PDF-1.7")} {
		var invalid *coop.InvalidError
		if _, err := s.Keep(ctx, FormSmall, "https://far.example/"+name, body); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
