// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// linkRow is a link as commands print it.
type linkRow struct {
	Link string `json:"link"`
	Ends string `json:"ends_at"`
}

// printLink prints the address alone on stdout.
func (t *terminal) printLink(link string, life time.Duration) error {
	row := linkRow{link, t.now().Add(life).UTC().Format(time.RFC3339)}
	return t.print(row, func(w io.Writer) { fmt.Fprintln(w, row.Link) })
}

// accountReset is `minga account reset`.
type accountReset struct {
	Name string `arg:"" help:"Name or handle of a person."`
}

// Run makes a link for a new password; its use ends all second factors.
func (a accountReset) Run(t *terminal) error {
	return t.withAccount(a.Name, func(i *instance, account *coop.Account) error {
		link, err := i.outbox.NewRenew(t.ctx, account, noted("account.reset", string(account.IRI), ""))
		if err != nil {
			return err
		}
		t.talk("Give this address to %s; it works once, within an hour. Whoever uses it chooses a new password; passkeys, codes and other providers of %s end then.", account.Handle(i.config.AccountDomain), account.Name)
		return t.printLink(link, coop.ResetLife)
	})
}

// accountInvite is `minga account invite`.
type accountInvite struct {
	Email string `help:"E-mail address that the account will have."`
	Role  string `help:"owner, admin, moderator or member." default:"member" enum:"owner,admin,moderator,member"`
	Send  bool   `help:"Send the invitation to that address instead of printing it."`
}

// Run makes a link for a new account.
func (a accountInvite) Run(t *terminal) error {
	if a.Send && a.Email == "" {
		return usage("--send needs --email: where should it go?")
	}
	return t.with(func(i *instance) error {
		if a.Send {
			return a.send(t, i)
		}
		link, err := i.outbox.NewInvite(t.ctx, a.Email, coop.Rank(a.Role), noted("account.invite", a.Email, a.Role))
		if err != nil {
			return err
		}
		t.talk("Give this address to one person; it makes one account, within seven days.")
		return t.printLink(link, coop.InviteLife)
	})
}

// send lets the running server mail the invitation.
func (a accountInvite) send(t *terminal, i *instance) error {
	err := i.store.Write(t.ctx, func(tx *storage.Tx) error {
		if err := i.outbox.SendInvite(t.ctx, tx, a.Email, i.config.Language, coop.Rank(a.Role)); err != nil {
			return err
		}
		return tx.AddAudit(t.ctx, &coop.AuditEntry{Who: "command line", Act: "account.invite", Target: a.Email, Why: a.Role})
	})
	if err != nil {
		return err
	}
	t.talk("The running server sends it; `minga queue status` tells whether it waits.")
	return t.print(map[string]string{"to": a.Email}, func(w io.Writer) { fmt.Fprintf(w, "invited %s\n", a.Email) })
}

// accountPass is `minga account password`.
type accountPass struct {
	Name         string `arg:"" help:"Name or handle of a person."`
	PasswordFile string `help:"File that holds the password; else it is asked for." placeholder:"FILE"`
}

// Run sets a password and ends what the old one let in.
func (a accountPass) Run(t *terminal) error {
	password, err := accountCreate{PasswordFile: a.PasswordFile}.secret(t, coop.Person)
	if err != nil {
		return err
	}
	if password == "" {
		return usage("no password was given: name a file by --password-file, or type it on a terminal")
	}
	return t.withAccount(a.Name, func(i *instance, account *coop.Account) error {
		if account.Kind != coop.Person {
			return usage("%s is no person: only people sign in", a.Name)
		}
		if err := checkPassword(t, password, account.Name, account.Email); err != nil {
			return err
		}
		hash, err := auth.NewPasswords().Hash(t.ctx, password)
		if err != nil {
			return fmt.Errorf("hash: %w", err)
		}
		err = i.store.Write(t.ctx, func(tx *storage.Tx) error {
			if err := tx.ChangePassword(t.ctx, account.ID, hash, 0); err != nil {
				return err
			}
			if err := i.outbox.TellPasswordChanged(t.ctx, tx, account); err != nil {
				return err
			}
			return tx.AddAudit(t.ctx, &coop.AuditEntry{Who: "command line", Act: "account.password", Target: string(account.IRI)})
		})
		if err != nil {
			return err
		}
		t.talk("%s has a new password and is signed out everywhere.", account.Handle(i.config.AccountDomain))
		return nil
	})
}
