// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"minga/coop"
	"minga/federation"
	"minga/federation/document"
	"minga/storage"
)

const (
	// lease is how long a piece of work may take before another worker may claim
	// it: 50 fetches of which a few hang.
	lease = 10 * time.Minute
	// workDeadline ends a piece of work well within its lease.
	workDeadline = 8 * time.Minute
	// poll is how long a worker that was not woken waits before it looks.
	poll = 5 * time.Second
	// awayPause and awayTries are for a store that does not answer: they end well before
	// the lease.
	awayPause, awayTries = time.Second, 240
)

// Step does one piece of work, an activity that waits or else a task of this
// room, and says whether there was one. Errors are those of the store; what a
// document did wrong is no error.
func (in *Inbox) Step(ctx context.Context) (did bool, err error) {
	claimed, err := in.claim(ctx, 1)
	if err == nil && len(claimed) == 1 {
		return true, in.work(ctx, claimed[0])
	}
	if err != nil {
		return false, err
	}
	return in.stepTask(ctx)
}

// Run works until ctx ends: on activities and on tasks, woken by the store, with
// a slow poll beneath. It returns nil when ctx ended.
func (in *Inbox) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	more := make(chan struct{}, 1)
	arrived := calls{in.store.Listen(ctx, storage.TopicIncoming), more}
	for range in.o.Workers {
		group.Go(func() error {
			return in.loop(ctx, storage.TopicIncoming, arrived, func(ctx context.Context) (bool, error) { return in.stepActivities(ctx, group, more) })
		})
	}
	for range max(1, in.o.Workers/4) {
		group.Go(func() error {
			return in.loop(ctx, storage.TopicTasks, calls{woken: in.store.Listen(ctx, storage.TopicTasks)}, in.stepTask)
		})
	}
	return group.Wait()
}

// calls are what a worker waits for. Those for activities are shared: a call wakes one, who
// takes all that it finds. Were all woken, each activity in the line of one actor, such as
// a relay, would be asked for by every worker, and given to one. A task is taken alone and
// may last, so each of the few who do them is called.
type calls struct {
	woken <-chan struct{} // by the store
	more  <-chan struct{} // by a worker who left something; may be nil
}

// loop steps until there is nothing to do, then waits to be woken. A failure of
// the store is not the end: it comes back, or the program is stopped.
func (in *Inbox) loop(ctx context.Context, topic string, called calls, step func(context.Context) (bool, error)) error {
	for ctx.Err() == nil {
		did, err := step(ctx)
		if err != nil && ctx.Err() == nil {
			in.log.ErrorContext(ctx, "inbox worker", slog.String("topic", topic), slog.Any("err", err))
		}
		if err == nil && in.o.Alive != nil {
			in.o.Alive()
		}
		if did && err == nil {
			continue
		}
		wait, cancel := context.WithTimeout(ctx, poll)
		select {
		case <-wait.Done():
		case <-called.woken:
		case <-called.more:
		}
		cancel()
	}
	return nil
}

// together is how many activities one worker of Run claims at once, of as many
// actors, and works on side by side: one that hangs does not hold up the others.
const together = 16

// stepActivities claims a few activities and gives each its effect. What waits for
// another server goes on in the group without the worker. Who may have left some calls
// another worker by more.
func (in *Inbox) stepActivities(ctx context.Context, group *errgroup.Group, more chan<- struct{}) (bool, error) {
	claimed, err := in.claim(ctx, together)
	if err != nil || len(claimed) == 0 {
		return false, err
	}
	if len(claimed) == together {
		select {
		case more <- struct{}{}:
		default:
		}
	}
	in.takeTurns(ctx, group, claimed)
	return true, nil
}

// claim leases up to limit activities. Where the store went away during the commit
// nobody knows whether they are leased: they are worked on, and the fence tells.
func (in *Inbox) claim(ctx context.Context, limit int) (claimed []storage.Incoming, err error) {
	err = in.store.Write(ctx, func(tx *storage.Tx) (err error) {
		claimed, err = tx.ClaimIncoming(ctx, limit, lease)
		return err
	})
	if len(claimed) > 0 && away(err) {
		return claimed, nil
	}
	return claimed, err
}

// work gives one activity its turn and settles what became of it.
func (in *Inbox) work(ctx context.Context, inc storage.Incoming) error {
	start := in.now()
	ctx, traced := in.beginTurn(ctx, inc)
	outcome, err := in.turnOf(ctx, inc)
	for n := 0; n < awayTries && away(err) && in.o.Sleep(ctx, awayPause) == nil; n++ {
		outcome, err = in.turnOf(ctx, inc)
	}
	endTurn(traced, outcome)
	in.o.Counter.Handled(inc.Type, outcome, in.now().Sub(start))
	if err != nil && ctx.Err() != nil {
		err = in.handOn(ctx, inc)
	}
	if errors.Is(err, storage.ErrLeaseLost) {
		return nil // somebody else has it
	}
	return err
}

// handOnWithin is the time for giving back what a worker held that has to end.
const handOnWithin = 5 * time.Second

// handOn makes an activity due again at once, whose worker has to end in the middle of
// it: another node, or the next start, need not wait for the end of the lease.
func (in *Inbox) handOn(ctx context.Context, inc storage.Incoming) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handOnWithin)
	defer cancel()
	return in.store.Write(ctx, func(tx *storage.Tx) error {
		tx.Wake(storage.TopicIncoming)
		return tx.RenewIncoming(ctx, inc.ID, inc.Fence, 0)
	})
}

// turnOf tries it one time.
func (in *Inbox) turnOf(ctx context.Context, inc storage.Incoming) (string, error) {
	return in.settle(ctx, inc, in.contained(func() error { return in.effect(ctx, inc) }))
}

// away says whether an error is that the store does not answer, or has no room, now: it
// says nothing of the activity, which is tried again under the same lease. What
// another server did is not meant.
func away(err error) bool {
	var peer *federation.Error
	if err == nil || errors.As(err, &peer) && peer.Kind != federation.KindBusy || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	return storage.Away(err)
}

// effect does the activity within its deadline and its budget of fetches.
func (in *Inbox) effect(ctx context.Context, inc storage.Incoming) error {
	ctx, cancel := context.WithTimeout(withFetches(ctx, maxFetches), workDeadline)
	defer cancel()
	w, err := in.open(inc)
	if err != nil {
		return err
	}
	do, err := w.prepare(ctx)
	if err != nil {
		return err
	}
	return in.store.Write(ctx, func(tx *storage.Tx) error {
		if do != nil {
			if err := do(ctx, tx); err != nil {
				return err
			}
		}
		return tx.FinishIncoming(ctx, inc.ID, inc.Fence)
	})
}

// dropped is why an activity has no effect: it concerns nobody here, or its
// author may not do what it says.
type dropped struct{ reason string }

// Error says why.
func (d dropped) Error() string { return "dropped: " + d.reason }

// drop ends an activity without effect.
func drop(reason string) error { return dropped{reason} }

// later is said of an activity that may have its effect later.
type later struct {
	at  time.Time
	err error
}

// Error says what it waits for.
func (l later) Error() string { return fmt.Sprintf("later: %v", l.err) }

// Unwrap gives what lies beneath.
func (l later) Unwrap() error { return l.err }

// settle finishes what was done or dropped, lets what may work later step aside,
// and sets aside what never will. It says what became of it.
func (in *Inbox) settle(ctx context.Context, inc storage.Incoming, result error) (string, error) {
	var why dropped
	var wait later
	switch {
	case result == nil:
		return "done", nil
	case errors.Is(result, storage.ErrLeaseLost), away(result), ctx.Err() != nil:
		return "postponed", result // its lease ends by itself
	case errors.As(result, &wait):
		return "postponed", in.postpone(ctx, inc, wait.at, result)
	case errors.As(result, &why), final(result):
		in.noteDropped(ctx, inc, result)
		return "dropped", in.finish(ctx, inc)
	case temporary(result):
		return "postponed", in.postpone(ctx, inc, in.now().Add(backoff(inc.Attempts)), result)
	}
	in.log.ErrorContext(ctx, "activity failed", slog.Int64("incoming", inc.ID),
		slog.String("type", inc.Type), slog.String("host", inc.Host), slog.Any("err", result))
	return "failed", in.postpone(ctx, inc, in.now().Add(backoff(inc.Attempts)), result)
}

// final tells errors that say something about the document and not about us.
func final(err error) bool {
	if away(err) {
		return false
	}
	var shape *document.ShapeError
	var invalid *coop.InvalidError
	for _, kind := range []error{coop.ErrNotFound, coop.ErrGone, coop.ErrForbidden, coop.ErrConflict, coop.ErrTooLarge, coop.ErrState, errBudget, errNoPost, errBallot, errNotListed} {
		if errors.Is(err, kind) {
			return true
		}
	}
	if errors.As(err, &shape) || errors.As(err, &invalid) {
		return true
	}
	var asks interface{ Temporary() bool }
	return errors.As(err, &asks) && !asks.Temporary()
}

// backoff is when an activity that could not have its effect comes again: five
// tries within a day.
func backoff(attempts int) time.Duration {
	steps := []time.Duration{time.Minute, 10 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour}
	return steps[min(max(attempts, 1), len(steps))-1]
}

func (in *Inbox) finish(ctx context.Context, inc storage.Incoming) error {
	return in.store.Write(ctx, func(tx *storage.Tx) error { return tx.FinishIncoming(ctx, inc.ID, inc.Fence) })
}

func (in *Inbox) postpone(ctx context.Context, inc storage.Incoming, at time.Time, cause error) error {
	return in.store.Write(ctx, func(tx *storage.Tx) error {
		return tx.PostponeIncoming(ctx, inc.ID, inc.Fence, at, coop.CleanLine(cause.Error(), 500))
	})
}

// noteDropped counts what was refused by the worker, as the gate counts its own.
func (in *Inbox) noteDropped(ctx context.Context, inc storage.Incoming, why error) {
	reason := "refused"
	var d dropped
	if errors.As(why, &d) {
		reason = d.reason
	}
	in.o.Counter.Refused(inc.Host, reason)
	in.log.LogAttrs(ctx, slog.LevelDebug, "dropped", slog.String("type", inc.Type), slog.String("host", inc.Host),
		slog.Int64("incoming", inc.ID), slog.String("reason", reason), slog.Any("err", why))
}

// contained is the one wrapper at which a panic stops: the work comes again a few
// times and is then set aside; a test fails.
func (in *Inbox) contained(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			in.panicked(v)
			err = fmt.Errorf("panic: %.200v", v)
		}
	}()
	return f()
}

func (in *Inbox) panicked(v any) {
	stack := debug.Stack()
	in.log.Error("panic", slog.Any("value", v), slog.String("stack", string(stack)))
	if in.o.Panicked != nil {
		in.o.Panicked(v, stack)
	}
}
