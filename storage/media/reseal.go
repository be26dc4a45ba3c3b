// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"time"

	"minga/coop"
	"minga/storage"
)

// Reseal seals with the key in force all files that older keys sealed, archives that wait
// to be fetched too: after [storage.Store.UseNewestKey], when nothing is sealed with these
// any more. It may be stopped and called again. done is how many it changed, lost how many
// no key opens, which are left as they are.
func (l *Library) Reseal(ctx context.Context) (done, lost int, err error) {
	if l == nil {
		return 0, 0, nil
	}
	for _, area := range []string{areaSealed, areaExports} {
		changed, broken, err := l.resealArea(ctx, area)
		if done, lost = done+changed, lost+broken; err != nil {
			return done, lost, err
		}
	}
	return done, lost, nil
}

// resealArea does all files of an area.
func (l *Library) resealArea(ctx context.Context, area string) (done, lost int, err error) {
	names, err := l.namesIn(ctx, area)
	if err != nil {
		return 0, 0, err
	}
	for _, name := range names {
		changed, err := l.resealFile(ctx, area, name)
		switch {
		case errors.Is(err, storage.ErrSecretKey):
			lost++
		case err != nil && !errors.Is(err, coop.ErrNotFound): // it may be gone meanwhile
			return done, lost, fmt.Errorf("seal file %s anew: %w", name, err)
		case changed:
			done++
		}
	}
	return done, lost, nil
}

// namesIn lists the files of an area.
func (l *Library) namesIn(ctx context.Context, area string) (names []string, err error) {
	all, ok := l.files.(lister)
	if !ok {
		return nil, fmt.Errorf("%T cannot tell what it has", l.files)
	}
	err = all.Each(ctx, area, func(key string, _ int64, _ time.Time) error {
		if checkKey(key) == nil {
			names = append(names, path.Base(key))
		}
		return nil
	})
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return nil, fmt.Errorf("list sealed files: %w", err)
	}
	return names, nil
}

// resealFile does one file, whose place the new one takes whole.
func (l *Library) resealFile(ctx context.Context, area, name string) (changed bool, err error) {
	old, err := l.anyOld(ctx, area, name)
	if err != nil || !old {
		return false, err
	}
	file, err := l.openPieces(ctx, area, name)
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }()
	_, err = l.putPieces(ctx, area, name, func(to io.Writer) error {
		_, err := io.Copy(to, file)
		return err
	})
	return err == nil, err
}

// anyOld tells whether another key than the one in force sealed a piece of a file.
func (l *Library) anyOld(ctx context.Context, area, name string) (bool, error) {
	key, err := l.store.KeyInForce(ctx)
	if err != nil {
		return false, err
	}
	file, err := l.openIn(ctx, area, name)
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }()
	for p := newPieces(&untilDone{ctx, file}); ; {
		piece, last, err := p.next()
		if err != nil {
			return false, err
		}
		if old := !key.Sealed(piece); old || last {
			return old, nil
		}
	}
}
