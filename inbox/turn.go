// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"log/slog"
	"sync"

	"golang.org/x/sync/errgroup"

	"minga/storage"
)

// mostAway is how many activities may wait for other servers at once without
// holding a worker.
const mostAway = 64

// turn is the hold of one activity on its worker. It lets go when it first asks
// another server, so that those that hang leave the workers to all others; where too many are away already, it does not.
type turn struct {
	room chan struct{} // as many places as may be away
	once sync.Once
	away bool
	free func() // once or twice; the first counts
}

// turnKey is the context key of the turn.
type turnKey struct{}

// letGo gives the worker of the context's activity back, if it has one.
func letGo(ctx context.Context) {
	t, ok := ctx.Value(turnKey{}).(*turn)
	if !ok {
		return
	}
	t.once.Do(func() {
		select {
		case t.room <- struct{}{}:
			t.away = true
			t.free()
		default:
		}
	})
}

// end gives back whatever the turn still holds.
func (t *turn) end() {
	t.once.Do(func() {})
	if t.away {
		<-t.room
	}
	t.free()
}

// takeTurns works on activities side by side and returns when each has ended or
// let go; what let go goes on in the group.
func (in *Inbox) takeTurns(ctx context.Context, group *errgroup.Group, claimed []storage.Incoming) {
	free := make(chan struct{}, len(claimed))
	for _, inc := range claimed {
		t := &turn{room: in.away, free: sync.OnceFunc(func() { free <- struct{}{} })}
		group.Go(func() error {
			defer t.end()
			if err := in.work(context.WithValue(ctx, turnKey{}, t), inc); err != nil && ctx.Err() == nil {
				in.log.ErrorContext(ctx, "activity not settled", slog.Any("err", err))
			}
			return nil
		})
	}
	for range claimed {
		<-free
	}
}
