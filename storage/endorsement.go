// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// mostEndorsed is how many accounts another shows on its profile.
const mostEndorsed = 100

// Endorse makes an account show another, which it follows, on its profile; twice is
// once. One that it does not follow, and one too many, give a [coop.InvalidError].
func (tx *Tx) Endorse(ctx context.Context, account, target coop.ID) error {
	if err := tx.alone(ctx, "endorsed by "+account.String()); err != nil {
		return err
	}
	counts, err := first(ctx, tx.reader, func(row pgx.CollectableRow) (n [2]int64, err error) {
		err = row.Scan(&n[0], &n[1])
		return n, err
	}, `
		SELECT
			(SELECT COUNT(*) FROM follows f WHERE f.follower_id = $1 AND f.target_id = $2 AND f.state = 'accepted'),
			(SELECT COUNT(*) FROM endorsements e WHERE e.account_id = $1 AND e.target_id <> $2)`, int64(account), int64(target))
	switch {
	case err != nil:
		return fmt.Errorf("endorse %s: %w", target, err)
	case counts[0] == 0:
		return &coop.InvalidError{Field: "id", Code: coop.CodeNotAllowed, Problem: "only somebody whom one follows can be shown"}
	case counts[1] >= mostEndorsed:
		return &coop.InvalidError{Field: "id", Code: coop.CodeTooMany, Problem: fmt.Sprintf("at most %d accounts", mostEndorsed)}
	}
	now := tx.e.now()
	id, err := tx.NextID(ctx, now)
	if err != nil {
		return err
	}
	_, err = tx.insert(ctx, "endorsements", []column{
		{"id", int64(id)}, {"account_id", int64(account)}, {"target_id", int64(target)}, {"at", msOf(now)},
	}, "ON CONFLICT DO NOTHING")
	return err
}

// Unendorse ends it; a missing one is no error.
func (tx *Tx) Unendorse(ctx context.Context, account, target coop.ID) error {
	if _, err := tx.exec(ctx, `DELETE FROM endorsements WHERE account_id = $1 AND target_id = $2`, int64(account), int64(target)); err != nil {
		return fmt.Errorf("endorsement of %s: %w", target, err)
	}
	return nil
}

// Endorsement is an account that another shows, and the id that pages.
type Endorsement struct {
	ID     coop.ID
	Target *coop.Account
}

// Endorsements lists whom an account shows and still follows, newest first, as a reader
// sees it: without accounts that are gone and, for viewer other than 0, without those
// that block the viewer or are blocked.
func (r reader) Endorsements(ctx context.Context, viewer, account coop.ID, page coop.Page) ([]Endorsement, error) {
	a := args{int64(account)}
	unblocked := "TRUE"
	if viewer != 0 {
		unblocked = "NOT " + blockBetween("a.id", a.add(int64(viewer)))
	}
	p := a.page("e.id", page)
	list, err := all(ctx, r, func(row pgx.CollectableRow) (e Endorsement, err error) {
		var id int64
		e.Target, err = scanAccountAfter(row, &id)
		e.ID = coop.ID(id)
		return e, err
	}, `
		SELECT e.id, `+accountColumns+`
		FROM endorsements e
		JOIN accounts a ON a.id = e.target_id
		JOIN follows f ON f.follower_id = e.account_id AND f.target_id = e.target_id AND f.state = 'accepted'
		WHERE e.account_id = $1 AND a.suspended_at = 0 AND a.deleted_at = 0 AND `+unblocked+` AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("endorsements of %s: %w", account, err)
	}
	return newestFirst(p, list), nil
}

// HideSuggestion keeps an account from being suggested to another; twice is once.
func (tx *Tx) HideSuggestion(ctx context.Context, account, target coop.ID) error {
	_, err := tx.insert(ctx, "hidden_suggestions", []column{{"account_id", int64(account)}, {"target_id", int64(target)}}, "ON CONFLICT DO NOTHING")
	return err
}
