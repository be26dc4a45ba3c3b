// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"minga/coop"
)

// Space is the disk that a folder lies on, in bytes.
type Space struct {
	Free  uint64 // for this program
	Total uint64
}

// A disk is short of space when less than a share of it is free. On a large one a share is
// much, so it is never called short while so many bytes are free.
const (
	cacheShare, cacheFloor   = 15, 10 << 30 // percent, bytes
	uploadShare, uploadFloor = 5, 2 << 30
)

// Short tells whether pictures of other servers are not kept any more: less than 15 %
// free, and less than 10 GiB.
func (s Space) Short() bool { return s.below(cacheShare, cacheFloor) }

// Full tells whether nothing is taken in any more: less than 5 % free, and less than
// 2 GiB.
func (s Space) Full() bool { return s.below(uploadShare, uploadFloor) }

// Percent is how much of the disk is free.
func (s Space) Percent() int {
	if s.Total == 0 {
		return 100
	}
	return int(float64(s.Free) / float64(s.Total) * 100)
}

// below tells whether less than a share and less than a number of bytes is free.
func (s Space) below(percent, floor uint64) bool {
	return s.Total > 0 && s.Free < floor && s.Free < s.Total/100*percent
}

// SpaceOf asks the system for the disk of a folder.
func SpaceOf(root *os.Root) (Space, error) {
	dir, err := root.Open(".")
	if err != nil {
		return Space{}, fmt.Errorf("space on the disk: %w", err)
	}
	var stat syscall.Statfs_t
	err = errors.Join(syscall.Fstatfs(int(dir.Fd()), &stat), dir.Close())
	if err != nil {
		return Space{}, fmt.Errorf("space on the disk: %w", err)
	}
	block := uint64(max(0, stat.Bsize))
	return Space{Free: uint64(max(0, stat.Bavail)) * block, Total: uint64(stat.Blocks) * block}, nil
}

// spaceLife is how long it is remembered how much is free.
const spaceLife = 5 * time.Second

// meter remembers how much is free, so that not every picture asks the system.
type meter struct {
	mu   sync.Mutex
	at   time.Time
	last Space
}

// space is how much is free now, or was a moment ago; what cannot be found out is taken
// for enough.
func (l *Library) space(ctx context.Context) Space {
	if l.ask == nil {
		return Space{}
	}
	l.meter.mu.Lock()
	defer l.meter.mu.Unlock()
	if now := l.now(); l.meter.at.IsZero() || now.Sub(l.meter.at).Abs() > spaceLife {
		found, err := l.ask()
		if err != nil {
			l.log.WarnContext(ctx, "free space unknown", "err", err)
		}
		l.meter.at, l.meter.last = now, found
	}
	return l.meter.last
}

// roomToTake gives [coop.ErrFull] where the disk is so full that nothing is taken in.
func (l *Library) roomToTake(ctx context.Context) error {
	if l.space(ctx).Full() {
		return fmt.Errorf("the disk is nearly full: %w", coop.ErrFull)
	}
	return nil
}

// Keeps tells whether pictures of other servers are kept at the moment; those that are
// kept already are still shown.
func (l *Library) Keeps(ctx context.Context) bool { return !l.space(ctx).Short() }
