// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"minga/coop"
)

// accountAlias is `minga account alias`.
type accountAlias struct {
	Name   string   `arg:"" help:"Name or handle."`
	Add    []string `help:"Name this account as its own, so that it can move here: name@host." placeholder:"HANDLE"`
	Remove []string `help:"Name it no more." placeholder:"HANDLE"`
}

// Run changes and lists what an account names as its own.
func (a accountAlias) Run(t *terminal) error {
	return t.withAccount(a.Name, func(i *instance, account *coop.Account) error {
		for _, handle := range a.Add {
			other, err := i.freshAccount(t.ctx, handle)
			if err != nil {
				return err
			}
			if err := refusedMove(i.outbox.AddAlias(t.ctx, account, other)); err != nil {
				return err
			}
			if err := i.audit(t.ctx, "account.alias", string(account.IRI), "+ "+string(other.IRI)); err != nil {
				return err
			}
		}
		for _, handle := range a.Remove {
			if err := a.remove(t, i, account, handle); err != nil {
				return err
			}
		}
		return a.list(t, i, account)
	})
}

// remove takes an alias away; an address is taken as it is, since its server may be
// gone.
func (a accountAlias) remove(t *terminal, i *instance, account *coop.Account, handle string) error {
	alias := coop.IRI(handle)
	if alias.Host() == "" {
		other, err := i.anyAccount(t.ctx, handle)
		if err != nil {
			return err
		}
		alias = other.IRI
	}
	if err := refusedMove(i.outbox.RemoveAlias(t.ctx, account, alias)); err != nil {
		return err
	}
	return i.audit(t.ctx, "account.alias", string(account.IRI), "- "+string(alias))
}

// list prints the addresses of the other accounts.
func (a accountAlias) list(t *terminal, i *instance, account *coop.Account) error {
	now, err := i.store.Account(t.ctx, account.ID)
	if err != nil {
		return err
	}
	rows := append([]coop.IRI{}, now.AlsoKnownAs...)
	return t.print(rows, func(w io.Writer) {
		for _, iri := range rows {
			fmt.Fprintln(w, printable(string(iri)))
		}
	})
}

// accountMove is `minga account move`.
type accountMove struct {
	Name     string `arg:"" help:"Name or handle of the account that goes."`
	To       string `help:"Account that it becomes, which names this one as its own: name@host." placeholder:"HANDLE" xor:"way" required:""`
	Undo     bool   `help:"End a move or redirect: the account publishes again. Followers do not come back." xor:"way" required:""`
	Redirect bool   `help:"Only point there: no follower is led along."`
	Yes      bool   `help:"Do not ask."`
}

// moveRow is a move as it is printed.
type moveRow struct {
	Account string `json:"account"`
	MovedTo string `json:"moved_to"` // empty: it is here
	Again   string `json:"next_move_after,omitempty"`
}

// Run moves an account away, lets it point elsewhere, or takes it back.
func (a accountMove) Run(t *terminal) error {
	return t.withAccount(a.Name, func(i *instance, account *coop.Account) error {
		act, err := a.do(t, i, account)
		if err != nil {
			return err
		}
		now, err := i.store.Account(t.ctx, account.ID)
		if err != nil {
			return err
		}
		if err := i.audit(t.ctx, act, string(account.IRI), string(now.MovedTo)); err != nil {
			return err
		}
		row := moveRow{Account: now.Handle(i.config.AccountDomain).String(), MovedTo: string(now.MovedTo)}
		if last, err := i.store.LastMove(t.ctx, account.ID); err == nil {
			row.Again = last.Again().UTC().Format(time.RFC3339)
		}
		return t.print(row, func(w io.Writer) {
			if row.MovedTo == "" {
				fmt.Fprintf(w, "%s is here\n", row.Account)
				return
			}
			fmt.Fprintf(w, "%s → %s\n", row.Account, printable(row.MovedTo))
		})
	})
}

// do does it and names the act for the audit log.
func (a accountMove) do(t *terminal, i *instance, account *coop.Account) (act string, err error) {
	if a.Undo {
		return "account.return", refusedMove(i.outbox.Return(t.ctx, account))
	}
	target, err := i.freshAccount(t.ctx, a.To)
	if err != nil {
		return "", err
	}
	from, to := account.Handle(i.config.AccountDomain), target.Handle(i.config.AccountDomain)
	if a.Redirect {
		return "account.redirect", refusedMove(i.outbox.Redirect(t.ctx, account, target))
	}
	if !a.Yes && !t.confirm("Move %s to %s? Its followers are led there, it publishes nothing any more, and cannot move again for 30 days. Posts, jobs and memberships stay here.", from, printable(to.String())) {
		return "", fmt.Errorf("nothing was changed: %w", coop.ErrForbidden)
	}
	return "account.move", refusedMove(i.outbox.Move(t.ctx, account, target))
}

// freshAccount finds an account as its server describes it now.
func (i *instance) freshAccount(ctx context.Context, name string) (*coop.Account, error) {
	account, err := i.anyAccount(ctx, name)
	if err != nil {
		return nil, err
	}
	account, err = i.inbox.Refresh(ctx, account.IRI)
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", printable(name), err)
	}
	return account, nil
}

// refusedMove makes a refusal of what is no mistake in what was typed.
func refusedMove(err error) error {
	var invalid *coop.InvalidError
	if errors.As(err, &invalid) {
		return fmt.Errorf("%s: %w", invalid.Problem, coop.ErrForbidden)
	}
	return err
}
