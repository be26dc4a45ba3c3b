// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"
	"time"

	"minga/coop"
)

// scratchFolder holds files that are being written.
const scratchFolder = "tmp"

// Folder keeps files in a folder of this machine, through a root that no name leads
// out of.
type Folder struct{ root *os.Root }

// NewFolder keeps files below root, which it does not close.
func NewFolder(root *os.Root) (*Folder, error) {
	if err := root.MkdirAll(scratchFolder, 0o700); err != nil {
		return nil, fmt.Errorf("media folder: %w", full(err))
	}
	return &Folder{root}, nil
}

// Put implements [Files]: temporary file, fsync, rename, fsync of the folder.
func (f *Folder) Put(ctx context.Context, key string, body io.Reader, size int64, _ string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	s, err := newScratch(f.root)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	n, err := io.Copy(s, &untilDone{ctx, body})
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		err = s.Sync()
	}
	if err == nil {
		err = f.rename(s, key)
	}
	if err != nil {
		return fmt.Errorf("keep file %s: %w", key, full(err))
	}
	return nil
}

// rename gives a whole file its name, durably.
func (f *Folder) rename(s *scratch, key string) error {
	if err := f.root.MkdirAll(path.Dir(key), 0o700); err != nil {
		return err
	}
	if err := f.root.Rename(s.name, key); err != nil {
		return err
	}
	s.name = "" // nothing to remove any more
	dir, err := f.root.Open(path.Dir(key))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Open implements [Files].
func (f *Folder) Open(_ context.Context, key string) (io.ReadSeekCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	file, err := f.root.Open(key)
	if errors.Is(err, fs.ErrNotExist) {
		err = coop.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("open file %s: %w", key, err)
	}
	return file, nil
}

// Remove implements [Files].
func (f *Folder) Remove(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := f.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove file %s: %w", key, err)
	}
	return nil
}

// Each implements [lister].
func (f *Folder) Each(ctx context.Context, area string, do func(key string, size int64, written time.Time) error) error {
	err := fs.WalkDir(f.root.FS(), area, func(key string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed meanwhile
		}
		if err != nil {
			return err
		}
		return do(key, info.Size(), info.ModTime())
	})
	if err != nil {
		return fmt.Errorf("list files: %w", err)
	}
	return nil
}

// full turns what a system says of a full disk into [coop.ErrFull].
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("%w: %w", coop.ErrFull, err)
	}
	return err
}

// untilDone ends a copy when nobody waits for it any more.
type untilDone struct {
	ctx  context.Context
	from io.Reader
}

// Read implements io.Reader.
func (u *untilDone) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.from.Read(b)
}
