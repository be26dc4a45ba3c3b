// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"minga/coop"
	"minga/storage"
)

// Reseal seals with the key in force all files that older keys sealed: after
// [storage.Store.UseNewestKey], when nothing is sealed with these any more. It may be
// stopped and called again. done is how many it changed, lost how many no key opens,
// which are left as they are.
func (l *Library) Reseal(ctx context.Context) (done, lost int, err error) {
	if l == nil {
		return 0, 0, nil
	}
	all, ok := l.files.(lister)
	if !ok {
		return 0, 0, fmt.Errorf("%T cannot tell what it has", l.files)
	}
	var names []string
	err = all.Each(ctx, areaSealed, func(key string, _ int64, _ time.Time) error {
		if checkKey(key) == nil {
			names = append(names, key[strings.LastIndexByte(key, '/')+1:])
		}
		return nil
	})
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return 0, 0, fmt.Errorf("list sealed files: %w", err)
	}
	for _, name := range names {
		changed, err := l.resealFile(ctx, name)
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

// resealFile does one file, whose place the new one takes whole.
func (l *Library) resealFile(ctx context.Context, name string) (changed bool, err error) {
	sealed, err := l.readSealed(ctx, name)
	if err != nil {
		return false, err
	}
	key, err := l.store.KeyInForce(ctx)
	if err != nil || !anyOld(sealed, key) {
		return false, err
	}
	plain, err := l.unseal(sealed, name)
	if err != nil {
		return false, err
	}
	s, err := newScratch(l.scratch)
	if err != nil {
		return false, err
	}
	defer func() { _ = s.Close() }()
	if _, err := l.seal(ctx, s, bufio.NewReaderSize(bytes.NewReader(plain), sealedPiece), name); err != nil {
		return false, full(err)
	}
	return true, l.putSealed(ctx, s, name)
}

// anyOld tells whether another key than this one sealed a piece of a file.
func anyOld(sealed []byte, key storage.KeyName) bool {
	for piece := range slices.Chunk(sealed, sealedPiece+storage.SealOverhead) {
		if !key.Sealed(piece) {
			return true
		}
	}
	return false
}

// readSealed reads a file as it lies there.
func (l *Library) readSealed(ctx context.Context, name string) ([]byte, error) {
	key, err := keyOf(areaSealed, name)
	if err != nil {
		return nil, err
	}
	file, err := l.files.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	sealed, err := io.ReadAll(io.LimitReader(file, maxSealed))
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	return sealed, nil
}
