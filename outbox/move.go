// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/storage"
)

// Moving away (FEP-7628). Whoever moves makes the other account first, lets it name
// this one among its aliases, and then moves this one: its document says movedTo from
// then on, every follower hears Update and Move, and servers lead them to the other
// account, as ours leads those who follow here. Posts, jobs and articles keep their
// addresses and stay; what others owe to this account, such as memberships, does too.

// AddAlias lets a local account name another as its own, so that the other can move
// here. Twice is once. Complaints are a *[coop.InvalidError] of field alias.
func (o *Outbox) AddAlias(ctx context.Context, a, other *coop.Account) error {
	if err := mayAlias(a, other); err != nil {
		return err
	}
	return o.changeAliases(ctx, a, func(list []coop.IRI) ([]coop.IRI, error) {
		if slices.Contains(list, other.IRI) {
			return list, nil
		}
		if len(list) >= coop.MaxAliases {
			return nil, &coop.InvalidError{Field: "alias", Code: coop.CodeTooMany, Problem: fmt.Sprintf("at most %d other accounts", coop.MaxAliases)}
		}
		return append(list, other.IRI), nil
	})
}

// mayAlias refuses what can be nobody's other account.
func mayAlias(a, other *coop.Account) error {
	switch {
	case !a.Local || !coop.MayMove(a.Kind):
		return fmt.Errorf("aliases of %s: %w", a.IRI, coop.ErrForbidden)
	case a.ID == other.ID || a.IRI == other.IRI:
		return &coop.InvalidError{Field: "alias", Code: coop.CodeMoveSelf, Problem: "this is the same account"}
	case other.Gone():
		return &coop.InvalidError{Field: "alias", Code: coop.CodeMoveGone, Problem: "this account is not to be had"}
	}
	return nil
}

// RemoveAlias takes an alias away; one that is not there is no error.
func (o *Outbox) RemoveAlias(ctx context.Context, a *coop.Account, alias coop.IRI) error {
	return o.changeAliases(ctx, a, func(list []coop.IRI) ([]coop.IRI, error) {
		return slices.DeleteFunc(list, func(one coop.IRI) bool { return one == alias }), nil
	})
}

// changeAliases stores other aliases and tells the followers.
func (o *Outbox) changeAliases(ctx context.Context, a *coop.Account, change func([]coop.IRI) ([]coop.IRI, error)) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		now, err := o.mover(ctx, tx, a)
		if err != nil {
			return err
		}
		list, err := change(slices.Clone(now.AlsoKnownAs))
		if err != nil || slices.Equal(list, now.AlsoKnownAs) {
			return err
		}
		now.AlsoKnownAs = list
		return o.saveActor(ctx, tx, now)
	})
}

// mover is an account of ours as it is stored, if it can move at all.
func (o *Outbox) mover(ctx context.Context, tx *storage.Tx, a *coop.Account) (*coop.Account, error) {
	now, err := tx.HoldAccount(ctx, a.ID)
	if err != nil {
		return nil, fmt.Errorf("move %s: %w", a.IRI, err)
	}
	if !now.Local || now.Gone() || !coop.MayMove(now.Kind) {
		return nil, fmt.Errorf("move %s: %w", a.IRI, coop.ErrForbidden)
	}
	return now, nil
}

// Move lets a local account go over to target, which the caller has just fetched: it
// must name the account among its aliases. Followers elsewhere are told, those here
// follow target soon. Afterwards the account publishes nothing any more. Complaints are
// those of [coop.ValidateMove].
func (o *Outbox) Move(ctx context.Context, a, target *coop.Account) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		now, err := o.mover(ctx, tx, a)
		if err != nil {
			return err
		}
		last, err := tx.LastMove(ctx, a.ID)
		if err != nil && !errors.Is(err, coop.ErrNotFound) {
			return err
		}
		if err := coop.ValidateMove(now, target, last, o.now()); err != nil {
			return err
		}
		now.MovedTo = target.IRI
		if err := o.saveActor(ctx, tx, now, target); err != nil {
			return err
		}
		if err := tx.AddMove(ctx, &coop.Move{Account: a.ID, Target: target.IRI}); err != nil {
			return err
		}
		if err := tx.QueueMove(ctx, a.ID, target.ID); err != nil {
			return err
		}
		return o.sendMove(ctx, tx, now, target)
	})
}

// sendMove tells followers, and the organizations that the account belongs to.
func (o *Outbox) sendMove(ctx context.Context, tx *storage.Tx, a, target *coop.Account) error {
	list, err := allMemberships(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	besides := []*coop.Account{target}
	for _, m := range list {
		besides = append(besides, m.Organization)
	}
	to, err := o.toFollowers(ctx, tx, a, besides...)
	if err != nil {
		return err
	}
	iri, err := o.newIRI(ctx, tx, a.IRI, "Move")
	if err != nil {
		return err
	}
	_, err = o.send(ctx, tx, outgoing{signer: a, public: true, object: a.IRI, ofActor: true, activity: vocabulary.Activity{
		ID: iri, Type: "Move", Actor: string(a.IRI), Object: string(a.IRI), Target: string(target.IRI),
		To: some(a.Followers), Cc: []string{string(coop.Public)}, Published: o.now(),
	}}, to)
	return err
}

// Redirect lets a local account point to target without taking its followers along; it
// publishes nothing any more. Complaints are those of [coop.ValidateRedirect].
func (o *Outbox) Redirect(ctx context.Context, a, target *coop.Account) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		now, err := o.mover(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := coop.ValidateRedirect(now, target); err != nil || now.MovedTo == target.IRI {
			return err
		}
		now.MovedTo = target.IRI
		return o.saveActor(ctx, tx, now, target)
	})
}

// Return ends a move or a redirect: the account publishes again, and its followers and
// the account that it pointed to are told. Followers that went along do not come back by
// themselves. Nothing to end is no error.
func (o *Outbox) Return(ctx context.Context, a *coop.Account) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		now, err := o.mover(ctx, tx, a)
		if err != nil || now.MovedTo == "" {
			return err
		}
		target, err := tx.AccountByIRI(ctx, now.MovedTo)
		if err != nil && !isNotFound(err) {
			return err
		}
		now.MovedTo = ""
		if target == nil {
			return o.saveActor(ctx, tx, now)
		}
		return o.saveActor(ctx, tx, now, target)
	})
}

// speaksHere refuses what an account would publish that has moved away.
func speaksHere(a *coop.Account) error {
	if a != nil && a.MovedTo != "" {
		return fmt.Errorf("%s has moved to %s: %w", a.IRI, a.MovedTo, coop.ErrForbidden)
	}
	return nil
}

// FollowInstead makes a local follower follow the target of a move as it followed the
// old account, in the same lists, ends the follow of that and tells the follower. Who
// may not follow target goes on as before, with [coop.ErrForbidden].
func (o *Outbox) FollowInstead(ctx context.Context, tx *storage.Tx, follower, old, target *coop.Account) error {
	known, err := tx.Relationships(ctx, follower.ID, []coop.ID{old.ID, target.ID}, true)
	if err != nil {
		return err
	}
	was, now := known[old.ID], known[target.ID]
	if now == nil || !now.Following && !now.Requested {
		if _, err := o.followAt(ctx, tx, follower, target, false); err != nil {
			return err
		}
		if was != nil && was.Following {
			if err := tx.SetFollowOptions(ctx, follower.ID, target.ID, was.Options); err != nil {
				return err
			}
		}
	}
	if err := tx.CarryLists(ctx, follower.ID, old.ID, target.ID); err != nil {
		return err
	}
	if err := tx.TellMoved(ctx, follower.ID, old.ID); err != nil {
		return err
	}
	return o.unfollowAt(ctx, tx, follower, old, false)
}

// BlockToo blocks the target of a move for somebody who blocks the old account, unless
// they follow target, or blocked it before.
func (o *Outbox) BlockToo(ctx context.Context, tx *storage.Tx, blocker, target *coop.Account) error {
	known, err := tx.Relationships(ctx, blocker.ID, []coop.ID{target.ID}, true)
	if err != nil {
		return err
	}
	r := known[target.ID]
	if blocker.ID == target.ID || r == nil || r.Blocking || r.Following || r.Requested {
		return nil
	}
	return o.block(ctx, tx, blocker, target)
}
