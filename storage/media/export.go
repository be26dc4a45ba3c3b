// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"errors"
	"fmt"
	"io"

	"minga/coop"
	"minga/storage"
)

// Archives of what people have lie encrypted as other sealed files do, in an area of
// their own that no backup reads: they are made of what a backup holds anyway, and must
// not outlive their week.

// KeepExport keeps what write writes, encrypted, under a new name, and says how many bytes
// it was; nothing of it ever lies readable on a disk. [coop.ErrFull] says that there is no
// room. Whoever calls it either keeps a row with the name or calls [Library.DropExport].
func (l *Library) KeepExport(ctx context.Context, write func(to io.Writer) error) (name string, size int64, err error) {
	if name, size, err = l.keepPieces(ctx, areaExports, "zip", write); err != nil {
		return "", 0, fmt.Errorf("keep an archive: %w", err)
	}
	return name, size, nil
}

// OpenExport reads an archive that was kept by [Library.KeepExport]; whoever opens it
// closes it. A missing one, also one that no key opens any more, is [coop.ErrNotFound].
func (l *Library) OpenExport(ctx context.Context, name string) (io.ReadCloser, error) {
	if l == nil {
		return nil, fmt.Errorf("archive %.60q: %w", name, coop.ErrNotFound)
	}
	archive, err := l.openPieces(ctx, areaExports, name)
	if err != nil {
		return nil, err
	}
	if err := archive.next(); err != nil {
		return nil, errors.Join(fmt.Errorf("archive %.60q: %w: %w", name, coop.ErrNotFound, err), archive.Close())
	}
	return archive, nil
}

// DropExport removes archives that no row names; empty names are none. What cannot be
// removed now the sweep of orphans finds.
func (l *Library) DropExport(ctx context.Context, names ...string) {
	l.drop(ctx, areaExports, names...)
}

// SweepExports removes archives that had their time, a bounded part.
func (l *Library) SweepExports(ctx context.Context) error {
	return l.sweepArea(ctx, areaExports, (*storage.Tx).SweepExports)
}
