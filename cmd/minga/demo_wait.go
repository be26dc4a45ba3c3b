// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minga/coop"
	"minga/storage"
)

// demoPatience is how long nothing at all may move before the demonstration stops
// waiting. It bounds standing still, not the whole wait: a slow machine only takes longer.
const demoPatience = 3 * time.Minute

// demoBeat is how often the demonstration looks whether something is done.
const demoBeat = 50 * time.Millisecond

// demoNudge is after how long without movement it says that it still waits, and lets
// what rests after a failure go again at once.
const demoNudge = 15 * time.Second

// errDemoStill says that nothing moved for [demoPatience].
var errDemoStill = errors.New("nothing moves any more")

// until waits until left says that nothing is left. The counts that left gives are
// compared with those of before: any difference is movement.
func (d *demo) until(ctx context.Context, patience time.Duration, left func(context.Context) (demoLeft, error)) error {
	var last demoLeft
	moved, nudged := d.t.now(), d.t.now()
	for {
		now, err := left(ctx)
		if err != nil || now == (demoLeft{}) {
			return err
		}
		if now != last {
			last, moved, nudged = now, d.t.now(), d.t.now()
		}
		switch {
		case d.t.now().Sub(moved) >= patience:
			return errDemoStill
		case d.t.now().Sub(nudged) >= demoNudge:
			nudged = d.t.now()
			if err := d.nudge(ctx, now); err != nil {
				return err
			}
		}
		if !pause(ctx, demoBeat) {
			return ctx.Err()
		}
	}
}

// demoLeft are counts of what is not done yet; zero is the end.
type demoLeft struct{ deliveries, incoming, memberships int }

// nudge says that this takes long, and makes what the three want to send to each other
// due now: an answer that came too late on a busy machine lets a server rest for longer
// than anybody watches.
func (d *demo) nudge(ctx context.Context, left demoLeft) error {
	d.t.talk("still waiting: %d deliveries, %d activities, %d memberships", left.deliveries, left.incoming, left.memberships)
	for _, one := range d.instances {
		for _, other := range d.instances {
			if other == one {
				continue
			}
			err := one.store.Write(ctx, func(tx *storage.Tx) error {
				_, err := tx.RetryHost(ctx, other.config.Host)
				return err
			})
			if err != nil && !errors.Is(err, coop.ErrNotFound) {
				return fmt.Errorf("%s again: %w", other.config.Host, err)
			}
		}
	}
	return nil
}

// settle waits until nothing is on its way between the three.
func (d *demo) settle(ctx context.Context, patience time.Duration) error {
	err := d.until(ctx, patience, d.onTheWay)
	if errors.Is(err, errDemoStill) {
		d.t.talk("the three are still busy with each other; what is missing arrives by itself")
		return nil
	}
	return err
}

// onTheWay counts what waits between the three; their own tasks may wait for tomorrow.
func (d *demo) onTheWay(ctx context.Context) (left demoLeft, err error) {
	for _, one := range d.instances {
		queues, err := readQueues(ctx, one.store)
		if err != nil {
			return left, err
		}
		for _, q := range queues {
			switch q.Name {
			case "deliveries":
				left.deliveries += q.Waiting
			case "incoming":
				left.incoming += q.Waiting
			}
		}
	}
	return left, nil
}

// verified waits until every federation has read both sides of its memberships:
// boards announce verified members only.
func (d *demo) verified(ctx context.Context) error {
	if err := d.until(ctx, demoPatience, d.unverified); err != nil {
		return fmt.Errorf("memberships are verified: %w", err)
	}
	return d.settle(ctx, demoPatience)
}

// unverified counts the memberships of which one side was not read.
func (d *demo) unverified(ctx context.Context) (left demoLeft, err error) {
	for _, one := range d.instances {
		members, err := one.store.CountMemberships(ctx, storage.MembershipQuery{LocalOnly: true})
		if err != nil {
			return left, err
		}
		verified, err := one.store.CountMemberships(ctx, storage.MembershipQuery{LocalOnly: true, Verified: true})
		if err != nil {
			return left, err
		}
		left.memberships += members - verified
	}
	return left, nil
}
