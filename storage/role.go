// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// heldColumns are those that [scanHeld] reads, of the table named h.
const heldColumns = "h.account_id, h.person_id, h.role, h.given_by, h.given_at"

// scanHeld reads a row of [heldColumns].
func scanHeld(row pgx.CollectableRow) (h coop.RoleHeld, err error) {
	var account, person, by, at int64
	var role string
	err = row.Scan(&account, &person, &role, &by, &at)
	h.Account, h.Person = &coop.Account{ID: coop.ID(account)}, &coop.Account{ID: coop.ID(person)}
	h.Role, h.GivenBy, h.GivenAt = coop.Role(role), coop.ID(by), atMs(at)
	return h, err
}

// mostHeld bounds how many roles one question lists.
const mostHeld = 2000

// living is the condition that a role h is a person's who is not gone.
const living = `EXISTS (
			SELECT 1 FROM accounts w
			WHERE w.id = h.person_id AND w.suspended_at = 0 AND w.deleted_at = 0)`

// Roles lists who holds which roles in an account of this instance, person by person,
// in the order in which they came to it. People who are gone are left out.
func (r reader) Roles(ctx context.Context, account coop.ID) ([]coop.RoleHeld, error) {
	list, err := all(ctx, r, scanHeld, `
		SELECT `+heldColumns+`
		FROM roles h
		WHERE h.account_id = $1 AND `+living+`
		ORDER BY h.person_id, h.given_at, h.role
		LIMIT $2`, int64(account), mostHeld)
	if err == nil {
		err = r.fillHeld(ctx, list)
	}
	if err != nil {
		return nil, fmt.Errorf("roles in %s: %w", account, err)
	}
	return list, nil
}

// RolesOf lists the roles that a person holds, account by account. Accounts that are
// gone are left out.
func (r reader) RolesOf(ctx context.Context, person coop.ID) ([]coop.RoleHeld, error) {
	list, err := all(ctx, r, scanHeld, `
		SELECT `+heldColumns+`
		FROM roles h
		JOIN accounts c ON c.id = h.account_id
		WHERE h.person_id = $1 AND c.suspended_at = 0 AND c.deleted_at = 0
		ORDER BY h.account_id, h.given_at, h.role
		LIMIT $2`, int64(person), mostHeld)
	if err == nil {
		err = r.fillHeld(ctx, list)
	}
	if err != nil {
		return nil, fmt.Errorf("roles of %s: %w", person, err)
	}
	return list, nil
}

// fillHeld gives each role its account and person.
func (r reader) fillHeld(ctx context.Context, list []coop.RoleHeld) error {
	ids := make([]coop.ID, 0, 2*len(list))
	for _, h := range list {
		ids = append(ids, h.Account.ID, h.Person.ID)
	}
	known, err := r.accountsIn(ctx, ids)
	for i, h := range list {
		if a := known[h.Account.ID]; a != nil {
			list[i].Account = a
		}
		if a := known[h.Person.ID]; a != nil {
			list[i].Person = a
		}
	}
	return err
}

// RolesIn are the roles of a person in an account, in the order of [coop.AllRoles];
// none of a person who is gone, nor in an account that is.
func (r reader) RolesIn(ctx context.Context, account, person coop.ID) ([]coop.Role, error) {
	return r.held(ctx, account, person, `
		AND EXISTS (
			SELECT 1 FROM accounts c
			WHERE c.id = h.account_id AND c.suspended_at = 0 AND c.deleted_at = 0)
		AND `+living)
}

// held are the roles that were given to a person in an account, with a condition
// beginning with AND.
func (r reader) held(ctx context.Context, account, person coop.ID, where string) ([]coop.Role, error) {
	list, err := all(ctx, r, pgx.RowTo[string], `
		SELECT h.role
		FROM roles h
		WHERE h.account_id = $1 AND h.person_id = $2`+where, int64(account), int64(person))
	if err != nil {
		return nil, fmt.Errorf("roles of %s in %s: %w", person, account, err)
	}
	roles := make([]coop.Role, len(list))
	for i, role := range list {
		roles[i] = coop.Role(role)
	}
	return coop.InOrder(roles), nil
}

// Stewards counts the stewards of an account who are not gone.
func (r reader) Stewards(ctx context.Context, account coop.ID) (int, error) {
	n, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM roles h
		WHERE h.account_id = $1 AND h.role = 'steward' AND `+living, int64(account))
	if err != nil {
		return 0, fmt.Errorf("stewards of %s: %w", account, err)
	}
	return int(n), nil
}
