// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"fmt"

	"minga/coop"
	"minga/storage"
)

// Moving (FEP-7628). An actor says by Move that it is now another one. That is believed
// when both documents say so, as their origins serve them at that moment: the old one
// points to the new one, the new one names the old one among its aliases and has not
// gone on itself, so that chains and circles lead nobody. Then a task leads those here
// who have to do with the old one to the new one, a few in a transaction: ten thousand
// followers keep nobody waiting, and what a kill interrupts goes on where it was, since
// nobody who was led is found among the followers of the old one again.

// move begins to lead followers here to where an actor moved, once in 7 days.
func (w *work) move(ctx context.Context) (effect, error) {
	from, to := coop.IRI(w.doc.Ref("object").ID), coop.IRI(w.doc.Ref("target").ID)
	if from != w.actor || to == "" || to == from {
		return nil, drop("not_owner")
	}
	if err := w.touchedHere(ctx); err != nil {
		return nil, err
	}
	moved, err := w.in.store.Replayed(ctx, moveKey(from))
	if err != nil {
		return nil, err
	}
	if moved {
		return nil, drop("moved_before")
	}
	old, err := w.in.Refresh(ctx, from)
	if err != nil {
		return nil, err
	}
	target, err := w.in.Refresh(ctx, to)
	if err != nil {
		return nil, err
	}
	if !coop.FollowsMove(old, target) {
		return nil, drop("move_not_confirmed")
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		fresh, err := tx.Replay(ctx, moveKey(from), w.in.now().Add(coop.MoveMemory))
		if err != nil || !fresh {
			return err
		}
		return tx.QueueMove(ctx, old.ID, target.ID)
	}, nil
}

// moveKey is what is remembered of a move.
func moveKey(from coop.IRI) string { return "move " + string(from) }

// touchedHere drops what nobody here has to do with.
func (w *work) touchedHere(ctx context.Context) error {
	known, err := w.in.store.AccountByIRI(ctx, w.actor)
	if errors.Is(err, coop.ErrNotFound) {
		return drop("concerns_nobody")
	}
	if err != nil {
		return err
	}
	touched, err := w.in.store.TouchedHere(ctx, known.ID)
	if err == nil && !touched {
		err = drop("concerns_nobody")
	}
	return err
}

// mostLed is how many of ours are led to the new account in one transaction.
const mostLed = 20

// moveStages are what is carried over, one after the other. Each step does a few rows
// above an id and gives the last id that it looked at, 0 when there was none.
func (in *Inbox) moveStages() []func(context.Context, *storage.Tx, *coop.Account, *coop.Account, coop.ID) (coop.ID, error) {
	return []func(context.Context, *storage.Tx, *coop.Account, *coop.Account, coop.ID) (coop.ID, error){
		in.moveNotes, in.moveFollowers, in.moveBlocks, in.moveMutes,
	}
}

// runMove does one step of a move.
func (in *Inbox) runMove(ctx context.Context, t storage.Task) (*again, error) {
	at, err := decode[storage.MoveTask](t)
	if err != nil {
		return nil, err
	}
	stages := in.moveStages()
	if at.Stage < 0 || at.Stage >= len(stages) {
		return nil, nil
	}
	old, target, err := in.movePair(ctx, at)
	if err != nil {
		return nil, err
	}
	last := coop.ID(0)
	err = in.store.Write(ctx, func(tx *storage.Tx) (err error) {
		last, err = stages[at.Stage](ctx, tx, old, target, coop.ID(at.After))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lead followers of %s to %s: %w", old.IRI, target.IRI, err)
	}
	if at.After = int64(last); last == 0 {
		at.Stage++
	}
	return &again{at: in.now(), payload: at}, nil
}

// movePair finds both accounts; where one is gone meanwhile the move ends.
func (in *Inbox) movePair(ctx context.Context, at storage.MoveTask) (old, target *coop.Account, err error) {
	if old, err = in.store.Account(ctx, at.Old); err != nil {
		return nil, nil, err
	}
	if target, err = in.store.Account(ctx, at.Target); err != nil {
		return nil, nil, err
	}
	if target.Gone() || old.Gone() {
		return nil, nil, coop.ErrGone
	}
	return old, target, nil
}

// moveNotes carries over what people noted about the old account, before the follow of
// anybody ends.
func (in *Inbox) moveNotes(ctx context.Context, tx *storage.Tx, old, target *coop.Account, after coop.ID) (last coop.ID, err error) {
	list, err := tx.LocalNotersAfter(ctx, old.ID, after, mostLed)
	for _, a := range list {
		last = a.ID
		if err := tx.CarryNote(ctx, a.ID, old.ID, target.ID); err != nil {
			return 0, err
		}
	}
	return last, err
}

// moveFollowers lets followers follow the new account. Who blocks it, or wants nothing
// of its server, goes on following the old one.
func (in *Inbox) moveFollowers(ctx context.Context, tx *storage.Tx, old, target *coop.Account, after coop.ID) (last coop.ID, err error) {
	list, err := tx.LocalFollowsAfter(ctx, old.ID, after, mostLed)
	for _, f := range list {
		last = f.ID
		err := in.o.Answers.FollowInstead(ctx, tx, f.Follower, old, target)
		if err != nil && !errors.Is(err, coop.ErrForbidden) {
			return 0, err
		}
	}
	return last, err
}

// moveBlocks lets blocks of the old account hold for the new one too.
func (in *Inbox) moveBlocks(ctx context.Context, tx *storage.Tx, old, target *coop.Account, after coop.ID) (last coop.ID, err error) {
	list, err := tx.LocalBlockersAfter(ctx, old.ID, after, mostLed)
	for _, a := range list {
		last = a.ID
		if err := in.o.Answers.BlockToo(ctx, tx, a, target); err != nil {
			return 0, err
		}
	}
	return last, err
}

// moveMutes lets mutes of the old account hold for the new one too.
func (in *Inbox) moveMutes(ctx context.Context, tx *storage.Tx, old, target *coop.Account, after coop.ID) (last coop.ID, err error) {
	list, err := tx.LocalMutersAfter(ctx, old.ID, after, mostLed)
	for _, a := range list {
		last = a.ID
		if err := tx.CarryMute(ctx, a.ID, old.ID, target.ID); err != nil {
			return 0, err
		}
	}
	return last, err
}
