// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"fmt"
	"io"
	"slices"
)

// put stores a temporary file under a new name.
func (l *Library) put(ctx context.Context, area string, s *scratch, f format) (string, error) {
	name, err := newName(f.ending)
	if err != nil {
		return "", err
	}
	return name, l.putAs(ctx, area, name, s, f.mediaType)
}

// putAs stores a temporary file under a name.
func (l *Library) putAs(ctx context.Context, area, name string, s *scratch, mediaType string) error {
	key, err := keyOf(area, name)
	if err != nil {
		return err
	}
	size, err := s.size()
	if err != nil {
		return err
	}
	return l.files.Put(ctx, key, io.NewSectionReader(s, 0, size), size, mediaType)
}

// openIn opens a file of an area by its name, or gives [coop.ErrNotFound].
func (l *Library) openIn(ctx context.Context, area, name string) (io.ReadSeekCloser, error) {
	key, err := keyOf(area, name)
	if err != nil {
		return nil, err
	}
	return l.files.Open(ctx, key)
}

// size is how many bytes were written.
func (s *scratch) size() (int64, error) {
	info, err := s.Stat()
	if err != nil {
		return 0, fmt.Errorf("temporary file: %w", err)
	}
	return info.Size(), nil
}

// remove takes files away. What cannot be removed now is an orphan, which the sweep
// finds.
func (l *Library) remove(ctx context.Context, area string, names []string) {
	for _, name := range names {
		key, err := keyOf(area, name)
		if err == nil {
			err = l.files.Remove(ctx, key)
		}
		if err != nil {
			l.log.WarnContext(ctx, "file not removed", "file", name, "err", err)
		}
	}
}

// drop removes files that no row names; empty names are none. It goes on where ctx ended.
func (l *Library) drop(ctx context.Context, area string, names ...string) {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "" })
	if l != nil {
		l.remove(context.WithoutCancel(ctx), area, names)
	}
}
