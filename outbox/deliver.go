// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"minga/storage"

	"golang.org/x/sync/errgroup"
)

// How deliveries leave
//
// Each host has its own worker while it has something due: it holds the lease of that
// host, sends what it claimed over one to four kept connections, writes down what came
// of it in one transaction, and ends. Hosts are claimed the longest due first, so none
// is passed over. There are many more places than a fediverse has slow hosts at one
// time, so that those which take ten seconds hold their places and nothing else; dead
// ones rest and are not claimed at all.

const (
	// lease is how long a host belongs to a worker; it stops sending at half of it, so
	// that it can always write down what it did.
	lease = 3 * time.Minute
	// claimAtOnce bounds the hosts of one claim, and with it the length of its transaction.
	claimAtOnce = 64
	// slowPoll is how often the queue is looked at although nobody called.
	slowPoll = 10 * time.Second
)

// Step delivers what is due at up to [Options.Hosts] hosts, a claim's worth at each,
// and says whether there was anything. Errors are those of the store.
func (o *Outbox) Step(ctx context.Context) (did bool, err error) {
	claims, err := o.claim(ctx, o.o.Hosts)
	if err != nil {
		return false, err
	}
	var workers errgroup.Group
	for _, c := range claims {
		workers.Go(func() error { return o.work(ctx, c) })
	}
	return len(claims) > 0, workers.Wait()
}

// Run delivers until ctx ends, woken by the store, with a slow poll beneath. It returns
// nil when ctx ended; an error is the store's, and the caller starts it again.
func (o *Outbox) Run(ctx context.Context) error {
	wake := o.store.Listen(ctx, storage.TopicDeliveries)
	freed := make(chan struct{}, 1)
	var busy atomic.Int64
	var workers errgroup.Group
	defer workers.Wait() //nolint:errcheck // work logs what failed
	for ctx.Err() == nil {
		free := o.o.Hosts - int(busy.Load())
		claims, err := o.claim(ctx, min(free, claimAtOnce))
		if err != nil && ctx.Err() == nil {
			for _, c := range claims {
				workers.Go(func() error { return o.letGo(ctx, c) })
			}
			return err
		}
		if o.o.Alive != nil {
			o.o.Alive()
		}
		for _, c := range claims {
			busy.Add(1)
			workers.Go(func() error {
				defer func() { busy.Add(-1); signal(freed) }()
				if err := o.work(ctx, c); err != nil {
					o.log.ErrorContext(ctx, "delivery not settled", "host", c.Host, "err", err)
				}
				return nil
			})
		}
		if len(claims) < min(free, claimAtOnce) || free <= len(claims) {
			wait(ctx, wake, freed, free <= len(claims))
		}
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

// wait returns when there may be work again. With no place free only a worker's end
// counts: claiming before would be in vain.
func wait(ctx context.Context, wake <-chan struct{}, freed chan struct{}, full bool) {
	if full {
		wake = nil
	}
	poll, cancel := context.WithTimeout(ctx, slowPoll)
	defer cancel()
	select {
	case <-poll.Done():
	case <-wake:
	case <-freed:
	}
}

// turns takes one step after the other until ctx ends; where there was nothing to do it
// waits for what is told of a topic. An error of a step ends it; it is nil when ctx ended.
func (o *Outbox) turns(ctx context.Context, topic string, step func(context.Context) (did bool, err error)) error {
	wake := o.store.Listen(ctx, topic)
	for ctx.Err() == nil {
		did, err := step(ctx)
		if err != nil && ctx.Err() == nil {
			return err
		}
		if !did {
			wait(ctx, wake, nil, false)
		}
	}
	return nil
}

// claim leases hosts that are due. With an error of a store that is away it gives what
// may be leased all the same: nobody knows whether the commit was the last that it heard.
func (o *Outbox) claim(ctx context.Context, hosts int) ([]storage.Claim, error) {
	if hosts <= 0 {
		return nil, nil
	}
	var claims []storage.Claim
	err := o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		claims, err = tx.ClaimDestinations(ctx, hosts, lease)
		return err
	})
	if err == nil {
		return claims, nil
	}
	if !storage.Away(err) {
		claims = nil
	}
	return claims, fmt.Errorf("claim deliveries: %w", err)
}

// letGo ends a lease that may have been got, without sending anything: else its host
// would wait for the end of it. The fence tells whether it was.
func (o *Outbox) letGo(ctx context.Context, c storage.Claim) error {
	b := &batch{o: o, claim: &c, until: o.now().Add(-time.Second)}
	b.send(ctx)
	if err := o.settle(ctx, b); err != nil {
		o.log.ErrorContext(ctx, "delivery not given back", "host", c.Host, "err", err)
	}
	return nil
}

// work sends what was claimed of one host and settles it. A panic stops here: the
// lease runs out and the work comes again.
func (o *Outbox) work(ctx context.Context, c storage.Claim) (err error) {
	defer func() {
		if v := recover(); v != nil {
			o.panicked(ctx, c.Host, v)
		}
	}()
	b := &batch{o: o, claim: &c, form: formOf(c.Signature.Form), until: o.now().Add(lease / 2)}
	ctx, traced := b.begin(ctx)
	defer b.end(traced)
	b.send(ctx)
	return o.settle(ctx, b)
}

func (o *Outbox) panicked(ctx context.Context, host string, v any) {
	stack := debug.Stack()
	o.log.ErrorContext(ctx, "panic while delivering", "host", host, "panic", fmt.Sprint(v), "stack", string(stack))
	if o.o.Panicked != nil {
		o.o.Panicked(v, stack)
	}
}
