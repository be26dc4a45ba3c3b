// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"
	"strings"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// tokenCommand is `minga token`.
type tokenCommand struct {
	Create tokenCreate `cmd:"" help:"Make a bearer token; it is printed once and kept nowhere."`
	List   tokenList   `cmd:"" help:"List the tokens of an account."`
	Revoke tokenRevoke `cmd:"" help:"End a token."`
}

// tokenCreate is `minga token create`.
type tokenCreate struct {
	Account string `required:"" help:"Whom the token acts as: a person, a co-op, the federation."`
	Scopes  string `default:"read write follow push" help:"Scopes, separated by spaces."`
	App     string `default:"command line" help:"What it is for."`
}

// Run prints the token alone on stdout.
func (a tokenCreate) Run(t *terminal) error {
	scopes, err := coop.ParseScopes(a.Scopes)
	if err != nil {
		return usage("--scopes %q: known are %s", a.Scopes, strings.Join(coop.Scopes(), ", "))
	}
	if len(scopes) == 0 {
		return usage("--scopes is empty: a token without scopes can do nothing")
	}
	return t.withAccount(a.Account, func(i *instance, account *coop.Account) error {
		text, hash := auth.NewSecret()
		token := &coop.Token{Hash: hash, AccountID: account.ID, App: a.App, Scopes: scopes, CreatedAt: t.now()}
		err := i.store.Write(t.ctx, func(tx *storage.Tx) error { return tx.AddToken(t.ctx, token) })
		if err != nil {
			return err
		}
		if err := i.audit(t.ctx, "token.create", string(account.IRI), a.Scopes); err != nil {
			return err
		}
		return t.print(map[string]string{"token": text, "id": token.ID.String()}, func(w io.Writer) { fmt.Fprintln(w, text) })
	})
}

// tokenList is `minga token list`.
type tokenList struct {
	Account string `required:"" help:"Whose tokens."`
}

// tokenRow is a token as it is shown: never itself.
type tokenRow struct {
	ID      coop.ID `json:"id"`
	App     string  `json:"app"`
	Scopes  string  `json:"scopes"`
	Created string  `json:"created_at"`
	Revoked bool    `json:"revoked"`
}

// Run lists the tokens.
func (a tokenList) Run(t *terminal) error {
	return t.withAccount(a.Account, func(i *instance, account *coop.Account) error {
		tokens, err := i.store.Tokens(t.ctx, account.ID)
		if err != nil {
			return err
		}
		rows := make([]tokenRow, 0, len(tokens))
		for _, token := range tokens {
			rows = append(rows, tokenRow{token.ID, token.App, strings.Join(token.Scopes, " "), token.CreatedAt.UTC().Format(timeLayout), !token.RevokedAt.IsZero()})
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				fmt.Fprintf(w, "%s  %s  %-20s %s\n", row.ID, row.Created, printable(row.App), row.Scopes)
			}
		})
	})
}

// tokenRevoke is `minga token revoke`.
type tokenRevoke struct {
	ID string `arg:"" help:"Id of the token, as list shows it."`
}

// Run ends a token.
func (a tokenRevoke) Run(t *terminal) error {
	id, err := coop.ParseID(a.ID)
	if err != nil {
		return err
	}
	return t.with(func(i *instance) error {
		err := i.store.Write(t.ctx, func(tx *storage.Tx) error { return tx.RevokeToken(t.ctx, id, t.now()) })
		if err != nil {
			return err
		}
		return i.audit(t.ctx, "token.revoke", a.ID, "")
	})
}
