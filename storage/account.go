// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Account finds an account by its id, suspended and deleted ones too: callers
// ask [coop.Account.Gone]. A missing one gives [coop.ErrNotFound].
func (r reader) Account(ctx context.Context, id coop.ID) (*coop.Account, error) {
	a, err := first(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts a
		WHERE a.id = $1`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", id, err)
	}
	return a, nil
}

// AccountByIRI finds an account by the id of its actor, or gives [coop.ErrNotFound].
func (r reader) AccountByIRI(ctx context.Context, iri coop.IRI) (*coop.Account, error) {
	a, err := first(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts a
		WHERE a.iri = $1`, cleanText(string(iri)))
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", iri, err)
	}
	return a, nil
}

// Standing is what of an account says whether it may act, and how it signs.
type Standing struct {
	ID         coop.ID
	Gone       bool // suspended or deleted
	HasEd25519 bool
}

// Standing finds how an actor stands, or gives [coop.ErrNotFound]: every activity
// that comes asks it, and an account is a wide row.
func (r reader) Standing(ctx context.Context, iri coop.IRI) (*Standing, error) {
	s, err := first(ctx, r, scanStanding, `
		SELECT id, suspended_at, deleted_at, details
		FROM accounts
		WHERE iri = $1`, cleanText(string(iri)))
	if err != nil {
		return nil, fmt.Errorf("standing of %s: %w", iri, err)
	}
	return s, nil
}

// scanStanding reads a row of [reader.Standing].
func scanStanding(row pgx.CollectableRow) (*Standing, error) {
	var id, suspended, deleted int64
	var details string
	if err := row.Scan(&id, &suspended, &deleted, &details); err != nil {
		return nil, err
	}
	var d accountDetails
	if err := json.Unmarshal([]byte(details), &d); err != nil {
		return nil, fmt.Errorf("details of account %s: %w", coop.ID(id), err)
	}
	return &Standing{ID: coop.ID(id), Gone: suspended != 0 || deleted != 0, HasEd25519: d.HasEd25519}, nil
}

// AccountByHandle finds an account by its name, in any case, and its host; host
// is empty for accounts of this instance. A missing one gives [coop.ErrNotFound].
func (r reader) AccountByHandle(ctx context.Context, name, host string) (*coop.Account, error) {
	a, err := first(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts a
		WHERE a.handle = $1 AND a.handle <> '' AND a.host = $2`, strings.ToLower(cleanText(name)), strings.ToLower(cleanText(host)))
	if err != nil {
		return nil, fmt.Errorf("account %s@%s: %w", name, host, err)
	}
	return a, nil
}

// Accounts finds accounts by their ids; those that are missing are left out.
func (r reader) Accounts(ctx context.Context, ids []coop.ID) (map[coop.ID]*coop.Account, error) {
	found := make(map[coop.ID]*coop.Account, len(ids))
	for part := range slices.Chunk(unique(ids), mostIn) {
		var a args
		accounts, err := all(ctx, r, scanAccount, `
			SELECT `+accountColumns+`
			FROM accounts a
			WHERE a.id IN `+in(&a, numbers(part)), a...)
		if err != nil {
			return nil, fmt.Errorf("accounts: %w", err)
		}
		for _, account := range accounts {
			found[account.ID] = account
		}
	}
	return found, nil
}

// accountsInOrder finds accounts in the order of their ids; those that are missing are left
// out.
func (r reader) accountsInOrder(ctx context.Context, ids []coop.ID) ([]*coop.Account, error) {
	found, err := r.Accounts(ctx, ids)
	list := make([]*coop.Account, 0, len(ids))
	for _, id := range ids {
		if a := found[id]; a != nil {
			list = append(list, a)
		}
	}
	return list, err
}

// AccountsByIRI finds accounts by the ids of their actors; those that are
// missing are left out.
func (r reader) AccountsByIRI(ctx context.Context, iris []coop.IRI) (map[coop.IRI]*coop.Account, error) {
	found := make(map[coop.IRI]*coop.Account, len(iris))
	for part := range slices.Chunk(unique(iris), mostIn) {
		var a args
		accounts, err := all(ctx, r, scanAccount, `
			SELECT `+accountColumns+`
			FROM accounts a
			WHERE a.iri IN `+in(&a, texts(part)), a...)
		if err != nil {
			return nil, fmt.Errorf("accounts: %w", err)
		}
		for _, account := range accounts {
			found[account.IRI] = account
		}
	}
	return found, nil
}

// numbers are ids as the database takes them.
func numbers(ids []coop.ID) []int64 {
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[i] = int64(id)
	}
	return out
}

// texts are words of our own types as the database takes them.
func texts[T ~string](words []T) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = cleanText(string(w))
	}
	return out
}

// LocalAccounts lists the accounts of this instance that are not deleted, newest
// first; kind "" lists all kinds.
func (r reader) LocalAccounts(ctx context.Context, kind coop.AccountKind, page coop.Page) ([]*coop.Account, error) {
	a := args{string(kind)}
	p := a.page("a.id", page)
	accounts, err := all(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts a
		WHERE a.local AND a.deleted_at = 0 AND ($1 = '' OR a.kind = $1) AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("local accounts: %w", err)
	}
	return newestFirst(p, accounts), nil
}

// FederationAccount is the account of the federation that runs this instance, or
// [coop.ErrNotFound] before it was made.
func (r reader) FederationAccount(ctx context.Context) (*coop.Account, error) {
	return r.oldestLocal(ctx, coop.Federation)
}

// InstanceAccount is the account that signs fetches, or [coop.ErrNotFound]
// before it was made.
func (r reader) InstanceAccount(ctx context.Context) (*coop.Account, error) {
	return r.oldestLocal(ctx, coop.Instance)
}

// oldestLocal is the first account of a kind of which an instance has one.
func (r reader) oldestLocal(ctx context.Context, kind coop.AccountKind) (*coop.Account, error) {
	a, err := first(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts a
		WHERE a.local AND a.kind = $1 AND a.deleted_at = 0
		ORDER BY a.id
		LIMIT 1`, string(kind))
	if err != nil {
		return nil, fmt.Errorf("%s account: %w", kind, err)
	}
	return a, nil
}
