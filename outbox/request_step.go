// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"minga/coop"
	"minga/storage"
)

// TakeRequest makes a draft of what a client sent: somebody has read it and works on it.
func (o *Outbox) TakeRequest(ctx context.Context, id coop.ID) (*coop.Post, error) {
	return o.changeRequest(ctx, id, func(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
		before := p.Request.Status
		if err := p.Request.Do(coop.RequestTake, o.now()); err != nil || p.Request.Status == before {
			return err
		}
		_, err := tx.UpdatePost(ctx, p, storage.Arrival{})
		return wrapErr("take", p.IRI, err)
	})
}

// StepRequest takes a request of ours along an arrow of its states: propose, win, lose,
// start, finish, withdraw. A step that its state does not have gives [coop.ErrState];
// one that is done already changes nothing. What promises that the team sees the contract
// is not won before there is one: a [coop.InvalidError] of the field contract.
func (o *Outbox) StepRequest(ctx context.Context, id coop.ID, action coop.RequestAction) (*coop.Post, error) {
	return o.changeRequest(ctx, id, func(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
		if !slices.Contains(coop.RequestActions(), action) {
			return fmt.Errorf("%s %s by a step: %w", action, p.IRI, coop.ErrState)
		}
		return o.stepRequest(ctx, tx, p, action)
	})
}

// changeRequest runs act on a request of ours, alone.
func (o *Outbox) changeRequest(ctx context.Context, id coop.ID, act func(ctx context.Context, tx *storage.Tx, p *coop.Post) error) (*coop.Post, error) {
	var p *coop.Post
	err := o.store.Write(ctx, func(tx *storage.Tx) error {
		err := tx.HoldPost(ctx, id)
		if err == nil {
			p, err = o.ownRequest(ctx, tx, id)
		}
		if err != nil {
			return err
		}
		return act(storage.Under(ctx, coop.ActRequest.In(p.Author.Kind)), tx, p)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// stepRequest is StepRequest in a transaction.
func (o *Outbox) stepRequest(ctx context.Context, tx *storage.Tx, p *coop.Post, action coop.RequestAction) error {
	before := p.Request.Status
	if action == coop.RequestWin {
		if err := o.mayWin(ctx, tx, p); err != nil {
			return err
		}
	}
	if err := p.Request.Do(action, o.now()); err != nil || p.Request.Status == before {
		return err
	}
	return o.requestChanged(ctx, tx, p)
}

// mayWin keeps the promise that the team sees the contract before it is bound.
func (o *Outbox) mayWin(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	if known, err := o.teamMayWin(ctx, tx, p); known || err != nil {
		return err
	}
	if !p.Request.Promises(coop.ContractVisible) {
		return nil
	}
	file, err := tx.RequestFile(ctx, p.ID)
	if err != nil && !isNotFound(err) {
		return err
	}
	if file == nil || strings.TrimSpace(file.Contract) == "" {
		return &coop.InvalidError{Field: "contract", Code: coop.CodeRequired, Problem: "the team was promised to see the contract: put it in before"}
	}
	return nil
}

// requestChanged makes everybody know a new state of a request of ours: its note is
// written anew, with what is open of each role, and its Update goes to whoever has it.
// What was accepted or released moves it along open → forming ⇄ covered. p is the whole
// request as the transaction has it.
func (o *Outbox) requestChanged(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	ctx = storage.Under(ctx, coop.ActRequest.In(p.Author.Kind))
	before := p.Request.Version
	p.Request.Settle(o.now())
	p.Updated = o.edited(p)
	p.Request.Version = max(before, 1) + 1
	o.finishRequest(p)
	return o.update(ctx, tx, p)
}

// ExpireRequests ends the requests of this instance whose date has come without a team,
// telling everybody; it says how many. Call it every minute.
func (o *Outbox) ExpireRequests(ctx context.Context) (int, error) {
	due, err := o.store.DueRequests(ctx, o.now(), maxExpired)
	if err != nil {
		return 0, fmt.Errorf("requests that are due: %w", err)
	}
	done, failed := 0, error(nil)
	for _, p := range due {
		_, err := o.changeRequest(ctx, p.ID, func(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
			if p.Request.StateAt(o.now()) != coop.RequestExpired || p.Request.Status.Ended() {
				return nil // somebody was faster
			}
			return o.stepRequest(ctx, tx, p, coop.RequestExpire)
		})
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("expire %s: %w", p.IRI, err))
			continue
		}
		done++
	}
	return done, failed
}

// DropRequest deletes a request that was never published, with all that was kept of it.
// One that was gives [coop.ErrState]: that is withdrawn.
func (o *Outbox) DropRequest(ctx context.Context, p *coop.Post) error {
	_, err := o.changeRequest(ctx, p.ID, func(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
		if !draft(p) {
			return fmt.Errorf("delete %s: %w", p.IRI, coop.ErrState)
		}
		return o.remove(ctx, tx, p)
	})
	return err
}
