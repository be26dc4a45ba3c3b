// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"minga/storage"
)

// runner owns every goroutine that lives as long as the program. A loop that
// fails or panics is started again after a pause, which doubles up to a minute, or to
// two seconds when all that failed is a database that is away for now; in tests
// (strict) it stays down and its failure is what wait returns, because an automatic
// restart hides crashes.
type runner struct {
	log    *slog.Logger
	strict bool

	wg    sync.WaitGroup
	mu    sync.Mutex
	first error
}

// pauses between restarts of a failed loop.
const (
	firstPause = 200 * time.Millisecond
	longPause  = time.Minute
	awayPause  = 2 * time.Second
	// ranWell is how long a loop must have run for its failure to be the first again.
	ranWell = 5 * time.Minute
)

// start runs loop until ctx ends.
func (r *runner) start(ctx context.Context, name string, loop func(context.Context) error) {
	r.wg.Go(func() {
		for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, longPause) {
			begun := time.Now()
			err := contained(ctx, loop)
			if err == nil || ctx.Err() != nil {
				return
			}
			pause = pauseAfter(err, pause, time.Since(begun))
			r.log.ErrorContext(ctx, "loop failed", "loop", name, "err", err)
			if r.strict {
				r.keep(fmt.Errorf("%s: %w", name, err))
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	})
}

// pauseAfter is how long to wait before a loop that failed runs again.
func pauseAfter(err error, pause, ran time.Duration) time.Duration {
	if ran > ranWell {
		pause = firstPause
	}
	if storage.Away(err) {
		return min(pause, awayPause)
	}
	return pause
}

// keep remembers the first failure.
func (r *runner) keep(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.first = errors.Join(r.first, err)
}

// wait returns when every loop has ended, with what failed.
func (r *runner) wait() error {
	r.wg.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.first
}

// contained turns a panic into an error that carries its stack.
func contained(ctx context.Context, f func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f(ctx)
}
