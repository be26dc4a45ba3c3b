// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"fmt"
	"io"

	"minga/coop"
	"minga/storage"
)

// accountDelete is `minga account delete`.
type accountDelete struct {
	Name  string `arg:"" help:"Name or handle."`
	Grace bool   `help:"Close it now and delete it in thirty days; until then its person keeps it by signing in."`
	Yes   bool   `help:"Do not ask."`
}

// departed is what becomes of an account.
type departed struct {
	Account string `json:"account"`
	Deleted bool   `json:"deleted"`        // else it waits for it
	Page    string `json:"page,omitempty"` // which servers answered, for the person
}

// Run withdraws an account after a question.
func (a accountDelete) Run(t *terminal) error {
	return t.withAccount(a.Name, func(i *instance, account *coop.Account) error {
		if !a.Yes && !t.confirm("Withdraw %s for good? Its posts are removed here and, as far as they obey, everywhere.", account.Handle(i.config.AccountDomain)) {
			return fmt.Errorf("nothing was changed: %w", coop.ErrForbidden)
		}
		page, err := a.do(t, i, account)
		if err != nil {
			return err
		}
		row := departed{string(account.IRI), !a.Grace, page}
		return t.print(row, func(w io.Writer) {
			if page != "" {
				fmt.Fprintf(w, "which servers took it: %s\n", page)
			}
		})
	})
}

// do closes or deletes it.
func (a accountDelete) do(t *terminal, i *instance, account *coop.Account) (string, error) {
	if a.Grace {
		page, err := i.outbox.CloseAccount(t.ctx, account)
		if err == nil {
			err = i.audit(t.ctx, "account.close", string(account.IRI), "")
		}
		return page, err
	}
	if err := i.outbox.DeleteAccount(t.ctx, account); err != nil {
		return "", err
	}
	if err := i.audit(t.ctx, "account.delete", string(account.IRI), ""); err != nil {
		return "", err
	}
	page, err := i.outbox.DeparturePage(t.ctx, account.ID)
	if errors.Is(err, coop.ErrNotFound) {
		err = nil // of what no person stands behind
	}
	return page, err
}

// accountKeep is `minga account keep`.
type accountKeep struct {
	Name string `arg:"" help:"Name or handle."`
}

// Run opens an account again that waits; one that does not is a conflict.
func (a accountKeep) Run(t *terminal) error {
	return t.withAccount(a.Name, func(i *instance, account *coop.Account) error {
		return i.store.Write(t.ctx, func(tx *storage.Tx) error {
			back, err := i.outbox.OpenAccount(t.ctx, tx, account, byCommand)
			if err == nil && !back {
				err = fmt.Errorf("%s does not wait for its deletion: %w", account.IRI, coop.ErrConflict)
			}
			return err
		})
	})
}
