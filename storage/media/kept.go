// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"fmt"
	"time"
)

// EachKept calls do for every file that people of this instance gave, with its size in
// bytes; pictures of other servers are not among them. An error of do ends it.
func EachKept(ctx context.Context, files Files, do func(key string, size int64) error) error {
	all, ok := files.(lister)
	if !ok {
		return fmt.Errorf("%T cannot tell what it has", files)
	}
	for _, area := range []string{areaOwn, areaSealed} {
		err := all.Each(ctx, area, func(key string, size int64, _ time.Time) error {
			if checkKey(key) != nil {
				return nil // nobody but us writes there, and what is not ours is nobody's
			}
			return do(key, size)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
