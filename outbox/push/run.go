// SPDX-License-Identifier: AGPL-3.0-or-later

package push

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"minga/coop"
	"minga/storage"
)

const (
	// lease is how long a message belongs to a worker: more than its three requests take.
	lease = 3 * time.Minute
	// slowPoll is how often the queue is looked at although nobody called.
	slowPoll = 10 * time.Second
	// settleWithin is the time for writing results down when the program ends.
	settleWithin = 10 * time.Second
	// claimAtOnce bounds the messages of one claim.
	claimAtOnce = 16
)

// When a subscription ends of which nothing is taken.
const (
	failsFor    = 7 * 24 * time.Hour
	mostRefused = 20
)

// tries is what the queue keeps of a message: how often it was sent in vain.
type tries struct {
	N int `json:"n"`
}

// Step sends what is due, as many messages as go out at once, and says whether there
// were any. Errors are those of the store.
func (s *Sender) Step(ctx context.Context) (did bool, err error) {
	claimed, err := s.claim(ctx, s.o.Workers)
	if err != nil {
		return false, err
	}
	var workers errgroup.Group
	for _, t := range claimed {
		workers.Go(func() error { return s.turn(ctx, t) })
	}
	return len(claimed) > 0, workers.Wait()
}

// Run sends until ctx ends, woken by the store, with a slow poll beneath. It returns
// nil when ctx ended; an error is the store's, and the caller starts it again.
func (s *Sender) Run(ctx context.Context) error {
	wake := s.store.Listen(ctx, storage.TopicTasks)
	freed := make(chan struct{}, 1)
	var busy atomic.Int64
	var workers errgroup.Group
	defer workers.Wait() //nolint:errcheck // turn logs what failed
	for ctx.Err() == nil {
		free := min(s.o.Workers-int(busy.Load()), claimAtOnce)
		claimed, err := s.claim(ctx, free)
		if err != nil && ctx.Err() == nil {
			return err
		}
		for _, t := range claimed {
			busy.Add(1)
			workers.Go(func() error {
				defer func() { busy.Add(-1); signal(freed) }()
				if err := s.turn(ctx, t); err != nil {
					s.log.ErrorContext(ctx, "push not settled", "err", err)
				}
				return nil
			})
		}
		if len(claimed) == claimAtOnce {
			continue
		}
		poll := slowPoll
		if s.putOff.Swap(false) {
			poll = busyPause
		}
		wait(ctx, poll, wake, freed, free <= len(claimed))
	}
	return nil
}

// signal says that something happened; once is enough.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// wait returns when there may be work again; with no place free only a worker's end
// counts.
func wait(ctx context.Context, poll time.Duration, wake <-chan struct{}, freed chan struct{}, full bool) {
	if full {
		wake = nil
	}
	ctx, cancel := context.WithTimeout(ctx, poll)
	defer cancel()
	select {
	case <-ctx.Done():
	case <-wake:
	case <-freed:
	}
}

// claim leases messages that are due.
func (s *Sender) claim(ctx context.Context, most int) (claimed []storage.Task, err error) {
	if most <= 0 {
		return nil, nil
	}
	err = s.store.Write(ctx, func(tx *storage.Tx) (err error) {
		claimed, err = tx.ClaimTasks(ctx, []string{storage.TaskPush}, most, lease)
		return err
	})
	return claimed, err
}

// turn is one turn of a message, from the claim to what becomes of it.
func (s *Sender) turn(ctx context.Context, t storage.Task) error {
	defer func() {
		if v := recover(); v != nil {
			s.panicked(ctx, v) // its lease runs out and it comes again
		}
	}()
	began := s.now()
	subscription, notification, err := storage.ParsePushKey(t.Key)
	if err != nil {
		return s.settle(ctx, t, nil, result{outcome: void})
	}
	m, r := s.message(ctx, subscription, notification)
	if r.outcome == later {
		s.putOff.Store(true)
	}
	if r.err != nil {
		// Neither the endpoint nor whose it is stands in the log.
		s.log.LogAttrs(ctx, slog.LevelInfo, "push not sent", slog.String("subscription", subscription.String()), slog.String("outcome", string(r.outcome)), slog.Any("err", r.err))
	}
	if r.outcome == dropped && m == nil {
		m = &storage.PushMessage{Subscription: coop.PushSubscription{ID: subscription}}
	}
	if err := s.settle(ctx, t, m, r); err != nil {
		return err
	}
	if s.o.Counter != nil && r.outcome != later {
		s.o.Counter.Pushed(string(r.outcome), s.now().Sub(began))
	}
	return nil
}

// settle writes down what became of a message, in one transaction with what it means
// for its subscription. It must happen although the program is ending, or the message
// would be sent twice.
func (s *Sender) settle(ctx context.Context, t storage.Task, m *storage.PushMessage, r result) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	err := s.store.Write(ctx, func(tx *storage.Tx) error {
		if err := s.settleTask(ctx, tx, t, m, r); err != nil {
			return err
		}
		if m == nil {
			return nil
		}
		return s.settleSubscription(ctx, tx, &m.Subscription, r)
	})
	if errors.Is(err, storage.ErrLeaseLost) {
		return nil
	}
	return err
}

// settleTask ends the task, or lets it come again. How often it was sent stands in its
// payload: the queue's own count is of turns that came to no end.
func (s *Sender) settleTask(ctx context.Context, tx *storage.Tx, t storage.Task, m *storage.PushMessage, r result) error {
	var done tries
	if json.Unmarshal(t.Payload, &done) != nil || done.N < 0 {
		done.N = 0
	}
	at := r.until
	switch {
	case r.outcome == again:
		done.N++
		at = s.now().Add(max(pause(done.N), r.wait))
	case r.outcome != later:
		return tx.FinishTask(ctx, t.ID, t.Fence)
	}
	if m != nil && at.Sub(m.Notification.CreatedAt) >= messageLife {
		return tx.FinishTask(ctx, t.ID, t.Fence)
	}
	payload, err := json.Marshal(done)
	if err != nil {
		return err
	}
	return tx.PostponeTask(ctx, t.ID, t.Fence, at, payload, "")
}

// settleSubscription keeps or ends the subscription.
func (s *Sender) settleSubscription(ctx context.Context, tx *storage.Tx, was *coop.PushSubscription, r result) error {
	switch r.outcome {
	case dropped:
		return tx.DropPush(ctx, was.ID)
	case sent:
		if was.FailingSince.IsZero() && was.Refused == 0 {
			return nil
		}
		return tx.PushWorked(ctx, was.ID)
	case again, refused:
		since, times, err := tx.PushFailed(ctx, was.ID, r.outcome == refused)
		if err != nil || s.now().Sub(since) < failsFor && times < mostRefused {
			return err
		}
		return tx.DropPush(ctx, was.ID)
	}
	return nil
}

// panicked tells of a panic that was contained.
func (s *Sender) panicked(ctx context.Context, value any) {
	s.log.ErrorContext(ctx, "panic contained", "room", "push", "err", value)
	if s.o.Panicked != nil {
		s.o.Panicked(value, debug.Stack())
	}
}
