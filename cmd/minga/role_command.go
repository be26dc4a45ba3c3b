// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"minga/coop"
	"minga/storage"
)

// accountRole is `minga account role`: the rank of a person on this server, or, with
// --in, their roles in a co-op.
type accountRole struct {
	Name   string `arg:"" help:"Name or handle of a person."`
	Role   string `arg:"" help:"owner, admin, moderator or member; with --in: steward, publisher, hirer, delegate, observer or coordinator."`
	In     string `help:"Co-op or federation of this instance in which the person holds the role." placeholder:"COOP"`
	Remove bool   `help:"Take it away: a rank makes a member again, the last role in a co-op ends what the person is there."`
}

// Run sets the rank of a person, or gives or takes a role.
func (a accountRole) Run(t *terminal) error {
	if a.In != "" {
		return a.runIn(t)
	}
	if !slices.Contains([]coop.Rank{coop.RankOwner, coop.RankAdmin, coop.RankModerator, coop.RankMember}, coop.Rank(a.Role)) {
		return usage("%q is no rank of this server: owner, admin, moderator or member; a role in a co-op goes with --in COOP", a.Role)
	}
	return t.withAccount(a.Name, func(i *instance, account *coop.Account) error {
		if account.Kind != coop.Person {
			return usage("%s is no person: ranks are for people", a.Name)
		}
		rank := coop.Rank(a.Role)
		if a.Remove {
			rank = coop.RankMember
		}
		return i.store.Write(t.ctx, func(tx *storage.Tx) error { return tx.SetRank(t.ctx, account.ID, rank, byCommand, "") })
	})
}

// runIn gives or takes a role in a co-op, and prints what the person holds there now.
func (a accountRole) runIn(t *terminal) error {
	return t.withAccount(a.Name, func(i *instance, person *coop.Account) error {
		if person.Kind != coop.Person {
			return usage("%s is no person: roles are for people", a.Name)
		}
		account, err := i.localAccount(t.ctx, a.In)
		if err != nil {
			return err
		}
		if coop.ValidateRole(coop.Role(a.Role), account.Kind) != nil {
			return usage("%q is no role in an account of the kind %s: %s", a.Role, account.Kind, roleList(coop.RolesFor(account.Kind)))
		}
		if err := i.changeRole(t.ctx, account, person, coop.Role(a.Role), a.Remove); err != nil {
			return err
		}
		held, err := i.store.RolesIn(t.ctx, account.ID, person.ID)
		if err != nil {
			return err
		}
		row := roleHeldRow{person.Handle(i.config.AccountDomain).String(), account.Handle(i.config.AccountDomain).String(), held}
		if row.Roles == nil {
			row.Roles = []coop.Role{}
		}
		return t.print(row, func(w io.Writer) { fmt.Fprintf(w, "%s in %s: %s\n", row.Person, row.In, roleList(held)) })
	})
}

// roleHeldRow is what a person holds in an account, as commands show it.
type roleHeldRow struct {
	Person string      `json:"person"`
	In     string      `json:"in"`
	Roles  []coop.Role `json:"roles"`
}

// roleList is roles in one line.
func roleList(roles []coop.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// changeRole gives or takes a role through the same function as the pages, which
// writes the entry of the audit log.
func (i *instance) changeRole(ctx context.Context, account, person *coop.Account, role coop.Role, remove bool) error {
	err := i.store.Write(ctx, func(tx *storage.Tx) error {
		change := tx.GiveRole
		if remove {
			change = tx.TakeRole
		}
		_, err := change(ctx, account.ID, person.ID, role, 0)
		return err
	})
	if err != nil {
		return fmt.Errorf("role %s of %s in %s: %w", role, person.Name, account.Name, err)
	}
	return nil
}

// firstSteward finds the person who shall be steward of an account that is about to be
// made; nil where none is named.
func (i *instance) firstSteward(ctx context.Context, name string) (*coop.Account, error) {
	if name == "" {
		return nil, nil
	}
	person, err := i.localAccount(ctx, name)
	if err != nil {
		return nil, err
	}
	if person.Kind != coop.Person {
		return nil, usage("%s is no person: stewards are people", name)
	}
	return person, nil
}
