// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"minga/coop"
)

// scratch is a temporary file, which closing removes.
type scratch struct {
	*os.File
	root *os.Root
	name string // empty once it has another name
}

// newScratch makes an empty one.
func newScratch(root *os.Root) (*scratch, error) {
	name, err := newName("tmp")
	if err != nil {
		return nil, err
	}
	name = scratchFolder + "/" + name
	file, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("temporary file: %w", full(err))
	}
	return &scratch{file, root, name}, nil
}

// Close implements io.Closer.
func (s *scratch) Close() error {
	err := s.File.Close()
	if s.name != "" {
		err = errors.Join(err, s.root.Remove(s.name))
	}
	return err
}

// Incoming is a file that somebody sends, as far as it was received: whole, in a
// temporary place, judged by nobody. Close removes it.
type Incoming struct {
	file *scratch
	name string // as the sender calls it
	size int64
}

// Close removes it.
func (in *Incoming) Close() error { return in.file.Close() }

// Receive takes a file in, whatever it is, without holding it in memory. More than
// [Limits.largest] bytes are a *coop.InvalidError, no room is [coop.ErrFull]; errors
// of body are handed on.
func (l *Library) Receive(ctx context.Context, name string, body io.Reader) (*Incoming, error) {
	if err := l.roomToTake(ctx); err != nil {
		return nil, err
	}
	s, err := newScratch(l.scratch)
	if err != nil {
		return nil, err
	}
	most := l.limits.largest()
	n, err := io.Copy(s, io.LimitReader(&untilDone{ctx, body}, most+1))
	if err == nil && n > most {
		err = tooLarge(most)
	}
	if err == nil && n == 0 {
		err = &coop.InvalidError{Field: "file", Code: coop.CodeRequired, Problem: "this is needed"}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("receive file: %w", full(err)), s.Close())
	}
	return &Incoming{s, name, n}, nil
}

// staleScratch is after how long a temporary file is left over from a crash.
const staleScratch = 6 * time.Hour

// sweepScratch removes temporary files that a crash left.
func (l *Library) sweepScratch() error {
	entries, err := fs.ReadDir(l.scratch.FS(), scratchFolder)
	if err != nil {
		return fmt.Errorf("temporary files: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || l.now().Sub(info.ModTime()) < staleScratch {
			continue
		}
		if err := l.scratch.Remove(scratchFolder + "/" + e.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("temporary files: %w", err)
		}
	}
	return nil
}
