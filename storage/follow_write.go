// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"

	"minga/coop"
)

// PutFollow stores a follow or its new state, by follower and target: f.Follower.ID,
// f.Target.ID. It fills in f.ID, CreatedAt and UpdatedAt; a newer IRI replaces the
// older. It tells the target if it is of this instance: once asked, once accepted.
// An account that follows itself gives a [coop.InvalidError], [coop.ErrForbidden] says that one
// blocks the other.
func (tx *Tx) PutFollow(ctx context.Context, f *coop.Follow) error {
	if err := tx.putFollow(ctx, f); err != nil {
		return fmt.Errorf("follow %s: %w", f.IRI, err)
	}
	return nil
}

// putFollow is the story of PutFollow.
func (tx *Tx) putFollow(ctx context.Context, f *coop.Follow) error {
	if f.Follower == nil || f.Target == nil || f.Follower.ID == f.Target.ID {
		return &coop.InvalidError{Field: "target", Problem: "an account follows another"}
	}
	if err := tx.aloneBetween(ctx, f.Follower.ID, f.Target.ID); err != nil {
		return err
	}
	if blocked, err := tx.Blocked(ctx, f.Follower.ID, f.Target.ID); err != nil || blocked {
		return errors.Join(err, coop.ErrForbidden)
	}
	before, err := tx.Follow(ctx, f.Follower.ID, f.Target.ID)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	if before == nil {
		err = tx.insertFollow(ctx, f)
	} else {
		err = tx.changeFollow(ctx, f, before)
	}
	if err != nil {
		return err
	}
	return tx.followChanged(ctx, f, before)
}

// insertFollow writes a new follow.
func (tx *Tx) insertFollow(ctx context.Context, f *coop.Follow) (err error) {
	now := tx.e.now()
	if f.ID, err = tx.NextID(ctx, now); err != nil {
		return err
	}
	f.CreatedAt, f.UpdatedAt = now, now
	tx.about(f.Target.ID.String())
	_, err = tx.insert(ctx, "follows", []column{
		{"id", int64(f.ID)},
		{"iri", string(f.IRI)},
		{"follower_id", int64(f.Follower.ID)},
		{"target_id", int64(f.Target.ID)},
		{"state", string(f.State)},
		{"note", coop.Truncate(f.Note, 5000)},
		{"created_at", msOf(now)},
		{"updated_at", msOf(now)},
	}, "ON CONFLICT (follower_id, target_id) DO UPDATE SET iri = excluded.iri, state = excluded.state, note = excluded.note")
	if err != nil {
		return err
	}
	id, err := tx.number(ctx, `SELECT id FROM follows WHERE follower_id = $1 AND target_id = $2`, int64(f.Follower.ID), int64(f.Target.ID))
	f.ID = coop.ID(id)
	if err != nil {
		return err
	}
	// An account that is being deleted now waits for this row, or is gone by now.
	gone, err := tx.number(ctx, `SELECT COUNT(*) FROM accounts WHERE id IN ($1, $2) AND deleted_at <> 0`, int64(f.Follower.ID), int64(f.Target.ID))
	if err == nil && gone > 0 {
		err = coop.ErrGone
	}
	return err
}

// changeFollow writes the new state of a follow.
func (tx *Tx) changeFollow(ctx context.Context, f, before *coop.Follow) error {
	f.ID, f.CreatedAt, f.UpdatedAt = before.ID, before.CreatedAt, tx.e.now()
	if f.IRI == "" {
		f.IRI = before.IRI
	}
	return tx.update(ctx, "follows", []column{
		{"iri", string(f.IRI)}, {"state", string(f.State)}, {"note", coop.Truncate(f.Note, 5000)}, {"updated_at", msOf(f.UpdatedAt)},
	}, "id", int64(f.ID))
}

// followChanged tells the target, and shows again what came through it.
func (tx *Tx) followChanged(ctx context.Context, f, before *coop.Follow) error {
	if before != nil && before.State == f.State {
		return nil
	}
	kind := coop.EventAsked
	if f.State == coop.FollowAccepted {
		kind = coop.EventFollowed
		if err := tx.untell(ctx, coop.NotifyFollowRequest, f.Follower.ID, 0, f.Target.ID); err != nil {
			return err
		}
	}
	follower, err := tx.Account(ctx, f.Follower.ID)
	if err != nil {
		return err
	}
	if follower.Local && f.State == coop.FollowAccepted {
		if err := tx.ShowPathsOf(ctx, f.Target.ID); err != nil {
			return err
		}
	}
	return tx.tell(ctx, coop.Event{Kind: kind, From: f.Follower.ID}, coop.Concerned{Account: f.Target.ID, Target: true})
}

// RemoveFollow ends a follow with what it told, and takes the target out of the
// follower's lists; a missing one is no error and returns false. When an account of
// another server is then followed by nobody here, its paths are hidden
// ([Tx.HidePathsOf]), unless [Options.KeepEnded] keeps them.
func (tx *Tx) RemoveFollow(ctx context.Context, follower, target coop.ID) (removed bool, err error) {
	if err := tx.aloneBetween(ctx, follower, target); err != nil {
		return false, err
	}
	n, err := tx.exec(ctx, `DELETE FROM follows WHERE follower_id = $1 AND target_id = $2`, int64(follower), int64(target))
	if err != nil || n == 0 {
		return false, err
	}
	if _, err := tx.exec(ctx, `
		DELETE FROM list_accounts
		WHERE account_id = $1 AND list_id IN (SELECT id FROM lists WHERE account_id = $2)`, int64(target), int64(follower)); err != nil {
		return true, err
	}
	for _, kind := range []coop.NotificationKind{coop.NotifyFollow, coop.NotifyFollowRequest} {
		if err := tx.untell(ctx, kind, follower, 0, target); err != nil {
			return true, err
		}
	}
	return true, tx.hideUnfollowed(ctx, target)
}

// hideUnfollowed hides what came through an account of another server that nobody
// here follows any more. Where it is kept instead, its ways simply stand: jobs and requests
// go by their own date, and a block of the server hides all of it whatever is set.
func (tx *Tx) hideUnfollowed(ctx context.Context, target coop.ID) error {
	if tx.e.keepEnded != nil && tx.e.keepEnded() {
		return nil
	}
	a, err := tx.Account(ctx, target)
	if err != nil || a.Local {
		return err
	}
	if followed, err := tx.FollowedHere(ctx, target); followed || err != nil {
		return err
	}
	return tx.HidePathsOf(ctx, target, tx.e.now())
}
