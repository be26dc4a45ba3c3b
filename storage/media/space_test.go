// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"

	"minga/coop"
)

// TestSpaceOnTheDisk: below 15 % free no picture of another server is kept any more, below
// 5 % nothing is taken in; what is kept already stays to be seen. A large disk is never
// called short while many bytes are free.
func TestSpaceOnTheDisk(t *testing.T) {
	const mib, gib = 1 << 20, 1 << 30
	space := Space{Free: 50 * mib, Total: 100 * mib}
	s := newLibrary(t, func(o *Options) { o.Space = func() (Space, error) { return space, nil } })
	photo := jpegOf(t, gradient(40, 40))
	for _, tt := range []struct {
		name            string
		space           Space
		caches, uploads bool
	}{
		{"half of it is free", Space{50 * mib, 100 * mib}, true, true},
		{"14 % are free", Space{14 * mib, 100 * mib}, false, true},
		{"4 % are free", Space{4 * mib, 100 * mib}, false, false},
		{"14 % of a large disk", Space{140 * gib, 1000 * gib}, true, true},
		{"nobody knows", Space{}, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			space = tt.space
			s.clock.Advance(time.Hour) // what was known is old
			kept, err := s.Keep(t.Context(), FormAvatar, "https://far.example/"+tt.name, photo)
			if errors.Is(err, coop.ErrFull) == tt.caches {
				t.Errorf("keeping a picture of another server: %v", err)
			}
			if kept != nil {
				_ = kept.Close()
			}
			in, err := s.Receive(t.Context(), "photo.jpg", bytes.NewReader(photo))
			if errors.Is(err, coop.ErrFull) == tt.uploads {
				t.Errorf("taking a file in: %v", err)
			}
			if in != nil {
				_ = in.Close()
			}
		})
	}
}

// TestSpaceOfAFolder asks the system itself.
func TestSpaceOfAFolder(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close() //nolint:errcheck // the test is over
	space, err := SpaceOf(root)
	if err != nil || space.Total == 0 || space.Free > space.Total || space.Percent() > 100 {
		t.Errorf("space %+v, %v", space, err)
	}
}
