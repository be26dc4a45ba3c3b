// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// listColumns are those that [scanList] reads, of the table named l.
const listColumns = "l.id, l.account_id, l.title, l.replies, l.exclusive"

// scanList reads a row of [listColumns].
func scanList(row pgx.CollectableRow) (*coop.List, error) {
	var id, owner int64
	var replies string
	l := &coop.List{}
	err := row.Scan(&id, &owner, &l.Title, &replies, &l.Exclusive)
	l.ID, l.Owner, l.Replies = coop.ID(id), coop.ID(owner), coop.ListReplies(replies)
	return l, err
}

// List finds a list of an account's own, or gives [coop.ErrNotFound]: also for one
// of somebody else's.
func (r reader) List(ctx context.Context, owner, id coop.ID) (*coop.List, error) {
	l, err := first(ctx, r, scanList, `
		SELECT `+listColumns+`
		FROM lists l
		WHERE l.id = $1 AND l.account_id = $2`, int64(id), int64(owner))
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", id, err)
	}
	return l, nil
}

// Lists are all lists of an account, oldest first.
func (r reader) Lists(ctx context.Context, owner coop.ID) ([]*coop.List, error) {
	list, err := all(ctx, r, scanList, `
		SELECT `+listColumns+`
		FROM lists l
		WHERE l.account_id = $1
		ORDER BY l.id
		LIMIT $2`, int64(owner), coop.MaxLists)
	if err != nil {
		return nil, fmt.Errorf("lists of %s: %w", owner, err)
	}
	return list, nil
}

// ListsWith are the lists of an account that hold another, oldest first.
func (r reader) ListsWith(ctx context.Context, owner, member coop.ID) ([]*coop.List, error) {
	list, err := all(ctx, r, scanList, `
		SELECT `+listColumns+`
		FROM lists l
		JOIN list_accounts la ON la.list_id = l.id
		WHERE l.account_id = $1 AND la.account_id = $2
		ORDER BY l.id
		LIMIT $3`, int64(owner), int64(member), coop.MaxLists)
	if err != nil {
		return nil, fmt.Errorf("lists of %s: %w", owner, err)
	}
	return list, nil
}

// AddList makes a list and fills in its ID. An account that has [coop.MaxLists]
// gives a [coop.InvalidError].
func (tx *Tx) AddList(ctx context.Context, l *coop.List) error {
	if err := tx.alone(ctx, "lists "+l.Owner.String()); err != nil {
		return err
	}
	n, err := tx.number(ctx, `SELECT COUNT(*) FROM lists WHERE account_id = $1`, int64(l.Owner))
	if err != nil {
		return err
	}
	if n >= coop.MaxLists {
		return &coop.InvalidError{Field: "title", Code: coop.CodeTooMany, Problem: fmt.Sprintf("at most %d lists", coop.MaxLists)}
	}
	now := tx.e.now()
	if l.ID, err = tx.NextID(ctx, now); err != nil {
		return err
	}
	_, err = tx.insert(ctx, "lists", append(listRow(l),
		column{"id", int64(l.ID)}, column{"account_id", int64(l.Owner)}, column{"created_at", msOf(now)}), "")
	return err
}

// listRow is what may change of a list.
func listRow(l *coop.List) []column {
	return []column{{"title", l.Title}, {"replies", string(l.Replies)}, {"exclusive", l.Exclusive}}
}

// SaveList changes a list of its owner's, or gives [coop.ErrNotFound].
func (tx *Tx) SaveList(ctx context.Context, l *coop.List) error {
	if _, err := tx.List(ctx, l.Owner, l.ID); err != nil {
		return err
	}
	return tx.update(ctx, "lists", listRow(l), "id", int64(l.ID))
}

// RemoveList removes a list of an account's own with its entries, or gives
// [coop.ErrNotFound].
func (tx *Tx) RemoveList(ctx context.Context, owner, id coop.ID) error {
	n, err := tx.exec(ctx, `DELETE FROM lists WHERE id = $1 AND account_id = $2`, int64(id), int64(owner))
	if err == nil && n == 0 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("list %s: %w", id, err)
	}
	return nil
}

// ListEntry is an account in a list.
type ListEntry struct {
	ID      coop.ID // of the entry: what pages are cut by
	Account *coop.Account
}

// ListAccounts lists who is in a list of the owner's, newest entry first. Accounts
// that are gone are left out.
func (r reader) ListAccounts(ctx context.Context, owner, id coop.ID, page coop.Page) ([]ListEntry, error) {
	a := args{int64(id), int64(owner)}
	p := a.page("e.id", page)
	list, err := all(ctx, r, func(row pgx.CollectableRow) (ListEntry, error) {
		var entry int64
		account, err := scanAccountAfter(row, &entry)
		return ListEntry{coop.ID(entry), account}, err
	}, `
		SELECT e.id, `+accountColumns+`
		FROM list_accounts e
		JOIN lists l ON l.id = e.list_id
		JOIN accounts a ON a.id = e.account_id
		WHERE e.list_id = $1 AND l.account_id = $2 AND a.suspended_at = 0 AND a.deleted_at = 0 AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("accounts of list %s: %w", id, err)
	}
	return newestFirst(p, list), nil
}

// AddToList puts accounts in a list of the owner's: itself, or whom it follows or
// asked to follow, else [coop.ErrNotFound]. One that is in it gives a
// [coop.InvalidError]. At most 500 at once.
func (tx *Tx) AddToList(ctx context.Context, owner, id coop.ID, accounts []coop.ID) error {
	if _, err := tx.List(ctx, owner, id); err != nil {
		return err
	}
	accounts = unique(accounts)
	if len(accounts) > mostIn {
		return &coop.InvalidError{Field: "account_ids", Code: coop.CodeTooMany, Problem: fmt.Sprintf("at most %d at once", mostIn)}
	}
	if err := tx.mayList(ctx, owner, accounts); err != nil {
		return err
	}
	for _, account := range accounts {
		entry, err := tx.NextID(ctx, tx.e.now())
		if err != nil {
			return err
		}
		n, err := tx.insert(ctx, "list_accounts", []column{
			{"list_id", int64(id)}, {"account_id", int64(account)}, {"id", int64(entry)},
		}, "ON CONFLICT DO NOTHING")
		if err != nil {
			return err
		}
		if n == 0 {
			return &coop.InvalidError{Field: "account_ids", Code: "taken", Problem: "account " + account.String() + " is in the list"}
		}
	}
	return nil
}

// mayList demands that the owner follows all of some accounts.
func (tx *Tx) mayList(ctx context.Context, owner coop.ID, accounts []coop.ID) error {
	a := args{int64(owner)}
	followed, err := all(ctx, tx.reader, scanID, `
		SELECT f.target_id
		FROM follows f
		WHERE f.follower_id = $1 AND f.target_id IN `+in(&a, numbers(accounts)), a...)
	if err != nil {
		return err
	}
	for _, account := range accounts {
		if account != owner && !slices.Contains(followed, account) {
			return fmt.Errorf("account %s is not followed: %w", account, coop.ErrNotFound)
		}
	}
	return nil
}

// RemoveFromList takes accounts out of a list of the owner's; those that are not in
// it are no error.
func (tx *Tx) RemoveFromList(ctx context.Context, owner, id coop.ID, accounts []coop.ID) error {
	if _, err := tx.List(ctx, owner, id); err != nil {
		return err
	}
	for part := range slices.Chunk(unique(accounts), mostIn) {
		a := args{int64(id)}
		if _, err := tx.exec(ctx, `DELETE FROM list_accounts WHERE list_id = $1 AND account_id IN `+in(&a, numbers(part)), a...); err != nil {
			return fmt.Errorf("accounts of list %s: %w", id, err)
		}
	}
	return nil
}
