// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// TaskMove is the kind of the task that leads followers of this instance from one
// account to another; its key is the id of the old account, its payload a [MoveTask].
const TaskMove = "account.move"

// MoveTask is how far the followers of an account have been led to another.
type MoveTask struct {
	Old    coop.ID `json:"old"`
	Target coop.ID `json:"target"`
	Stage  int     `json:"stage"`
	After  int64   `json:"after"` // id of the last row of the stage that was looked at; 0: none yet
}

// QueueMove lets the followers of this instance of one account be led to another, a few
// at a time.
func (tx *Tx) QueueMove(ctx context.Context, old, target coop.ID) error {
	payload, err := json.Marshal(MoveTask{Old: old, Target: target})
	if err != nil {
		return fmt.Errorf("queue a move: %w", err)
	}
	return tx.AddTask(ctx, Task{Kind: TaskMove, Key: old.String(), Payload: payload})
}

// AddMove notes that an account of this instance moved. It fills in ID and At.
func (tx *Tx) AddMove(ctx context.Context, m *coop.Move) (err error) {
	m.At = tx.e.now()
	if m.ID, err = tx.NextID(ctx, m.At); err != nil {
		return err
	}
	if _, err := tx.insert(ctx, "account_moves", []column{
		{"id", int64(m.ID)}, {"account_id", int64(m.Account)}, {"target", string(m.Target)}, {"at", msOf(m.At)},
	}, ""); err != nil {
		return fmt.Errorf("move of %s: %w", m.Account, err)
	}
	return nil
}

// LastMove is the latest move of an account of this instance, or [coop.ErrNotFound].
func (r reader) LastMove(ctx context.Context, account coop.ID) (*coop.Move, error) {
	m, err := first(ctx, r, func(row pgx.CollectableRow) (*coop.Move, error) {
		var id, account, at int64
		var target string
		err := row.Scan(&id, &account, &target, &at)
		return &coop.Move{ID: coop.ID(id), Account: coop.ID(account), Target: coop.IRI(target), At: atMs(at)}, err
	}, `
		SELECT id, account_id, target, at
		FROM account_moves
		WHERE account_id = $1
		ORDER BY id DESC
		LIMIT 1`, int64(account))
	if err != nil {
		return nil, fmt.Errorf("last move of %s: %w", account, err)
	}
	return m, nil
}

// TouchedHere tells whether anybody of this instance has to do with an account: follows,
// blocks or mutes it, or noted something about it.
func (r reader) TouchedHere(ctx context.Context, id coop.ID) (bool, error) {
	n, err := r.number(ctx, `
		SELECT CASE
			WHEN EXISTS (SELECT 1 FROM follows f JOIN accounts a ON a.id = f.follower_id WHERE f.target_id = $1 AND a.local) THEN 1
			WHEN EXISTS (SELECT 1 FROM blocks b JOIN accounts a ON a.id = b.blocker_id WHERE b.target_id = $1 AND a.local) THEN 1
			WHEN EXISTS (SELECT 1 FROM mutes m WHERE m.target_id = $1) THEN 1
			WHEN EXISTS (SELECT 1 FROM account_notes n WHERE n.target_id = $1) THEN 1
			ELSE 0 END`, int64(id))
	return n > 0, err
}

// LocalFollowsAfter lists up to limit accepted follows of an account by accounts of
// this instance that can act, whose ids are above after, oldest first.
func (r reader) LocalFollowsAfter(ctx context.Context, target, after coop.ID, limit int) ([]*coop.Follow, error) {
	rows, err := all(ctx, r, scanFollow, `
		SELECT `+followColumns+`
		FROM follows f
		JOIN accounts a ON a.id = f.follower_id
		WHERE f.target_id = $1 AND f.state = 'accepted' AND f.id > $2 AND a.local AND a.suspended_at = 0 AND a.deleted_at = 0
		ORDER BY f.id
		LIMIT $3`, int64(target), int64(after), limit)
	if err != nil {
		return nil, fmt.Errorf("followers here of %s: %w", target, err)
	}
	return r.withAccounts(ctx, rows)
}

// LocalBlockersAfter lists up to limit accounts of this instance, with ids above after,
// that block an account.
func (r reader) LocalBlockersAfter(ctx context.Context, target, after coop.ID, limit int) ([]*coop.Account, error) {
	return r.setAgainst(ctx, "blocks", "blocker_id", target, after, limit)
}

// LocalMutersAfter is [reader.LocalBlockersAfter] of who mutes an account.
func (r reader) LocalMutersAfter(ctx context.Context, target, after coop.ID, limit int) ([]*coop.Account, error) {
	return r.setAgainst(ctx, "mutes", "account_id", target, after, limit)
}

// LocalNotersAfter is [reader.LocalBlockersAfter] of who noted something about an
// account.
func (r reader) LocalNotersAfter(ctx context.Context, target, after coop.ID, limit int) ([]*coop.Account, error) {
	return r.setAgainst(ctx, "account_notes", "account_id", target, after, limit)
}

// setAgainst lists accounts of this instance by a table about one and another.
func (r reader) setAgainst(ctx context.Context, table, who string, target, after coop.ID, limit int) ([]*coop.Account, error) {
	list, err := all(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM `+table+` t
		JOIN accounts a ON a.id = t.`+who+`
		WHERE t.target_id = $1 AND a.id > $2 AND a.local AND a.deleted_at = 0
		ORDER BY a.id
		LIMIT $3`, int64(target), int64(after), limit)
	if err != nil {
		return nil, fmt.Errorf("%s about %s: %w", table, target, err)
	}
	return list, nil
}

// CarryLists puts target into each list of the owner's that holds old, beside it. The
// owner follows target, or has asked to.
func (tx *Tx) CarryLists(ctx context.Context, owner, old, target coop.ID) error {
	lists, err := tx.ListsWith(ctx, owner, old)
	if err != nil {
		return err
	}
	for _, l := range lists {
		var there *coop.InvalidError
		if err := tx.AddToList(ctx, owner, l.ID, []coop.ID{target}); err != nil && !errors.As(err, &there) {
			return err
		}
	}
	return nil
}

// CarryMute lets a mute of one account hold for another too, unless the owner follows
// that one or mutes it already. Nothing muted is no error.
func (tx *Tx) CarryMute(ctx context.Context, owner, old, target coop.ID) error {
	known, err := tx.Relationships(ctx, owner, []coop.ID{old, target}, true)
	if err != nil {
		return err
	}
	was, now := known[old], known[target]
	if was == nil || now == nil || !was.Muting || now.Muting || now.Following || now.Requested || owner == target {
		return nil
	}
	return tx.Mute(ctx, owner, target, was.MutingNotifications, was.MuteEnds)
}

// CarryNote adds what the owner noted about one account to what it noted about another;
// twice is once.
func (tx *Tx) CarryNote(ctx context.Context, owner, old, target coop.ID) error {
	known, err := tx.Relationships(ctx, owner, []coop.ID{old, target}, true)
	if err != nil {
		return err
	}
	was, now := known[old], known[target]
	if was == nil || now == nil || owner == target {
		return nil
	}
	note, changed := coop.JoinNotes(now.Note, was.Note)
	if !changed {
		return nil
	}
	return tx.SetAccountNote(ctx, owner, target, note)
}

// TellMoved tells a follower that whom it followed has moved and was followed there.
func (tx *Tx) TellMoved(ctx context.Context, follower, old coop.ID) error {
	return tx.tell(ctx, coop.Event{Kind: coop.EventMoved, From: old}, coop.Concerned{Account: follower, Target: true})
}
