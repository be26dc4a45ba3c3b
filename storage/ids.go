// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"time"

	"minga/coop"
)

// NextID gives a new id that stands for at. The present (or a time ahead of it,
// which counts as the present) gives rising ids, even when the clock steps back;
// a time in the past, such as the published of a remote post, gives an id in its
// own place of every timeline. No id is given twice.
func (tx *Tx) NextID(ctx context.Context, at time.Time) (coop.ID, error) { return 0, errNotBuilt }
