// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"errors"
	"io"

	"minga/coop"
)

// missingLot is how many names are asked for at once.
const missingLot = 500

// Missing are the files that rows refer to and that are not there, the first of them by
// name, at most so many, and how many files were looked for.
func (l *Library) Missing(ctx context.Context, most int) (names []string, looked int, err error) {
	for after := ""; ; {
		lot, err := l.store.KeptFiles(ctx, after, missingLot)
		if err != nil || len(lot) == 0 {
			return names, looked, err
		}
		for _, f := range lot {
			after, looked = f.Name, looked+1
			there, err := l.there(ctx, f.Name, f.Sealed)
			if err != nil {
				return names, looked, err
			}
			if !there && len(names) < most {
				names = append(names, f.Name)
			}
		}
	}
}

// there tells whether a file can be opened.
func (l *Library) there(ctx context.Context, name string, sealed bool) (bool, error) {
	area := areaOwn
	if sealed {
		area = areaSealed
	}
	file, err := l.openIn(ctx, area, name)
	if err == nil {
		err = file.Close()
	}
	if errors.Is(err, coop.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Original opens a file of ours by its name, wherever it lies, or gives
// [coop.ErrNotFound].
func (l *Library) Original(ctx context.Context, name string) (io.ReadCloser, error) {
	return l.openIn(ctx, areaOwn, name)
}
