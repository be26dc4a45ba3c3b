// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
)

// accountCommand is `minga account`.
type accountCommand struct {
	Create  accountCreate  `cmd:"" help:"Make an account."`
	List    accountList    `cmd:"" help:"List the accounts of this instance."`
	Show    accountShow    `cmd:"" help:"Show one account."`
	Invite  accountInvite  `cmd:"" help:"Print an address where a person makes their account, once."`
	Reset   accountReset   `cmd:"" help:"Print an address where a person who is locked out chooses a new password, once; it ends their passkeys and codes."`
	Pass    accountPass    `cmd:"" name:"password" help:"Set a person's password and sign them out everywhere."`
	Suspend accountSuspend `cmd:"" help:"Hide an account and let it do nothing."`
	Delete  accountDelete  `cmd:"" help:"Withdraw an account for good; its name is never given again."`
	Keep    accountKeep    `cmd:"" help:"Open an account again that waits for its deletion."`
	Role    accountRole    `cmd:"" help:"Set what a person may do on this server, or in a co-op."`
	Alias   accountAlias   `cmd:"" help:"Other accounts that an account names as its own, so that they can move here."`
	Move    accountMove    `cmd:"" help:"Let an account go over to another, with its followers."`
	Pending accountPending `cmd:"" help:"List who asked for an account and has none yet."`
	Approve accountApprove `cmd:"" help:"Let somebody in who asked for an account."`
	Reject  accountReject  `cmd:"" help:"Refuse somebody who asked for an account; nobody is told."`
}

// accountCreate is `minga account create`.
type accountCreate struct {
	Name         string `arg:"" help:"Name in the handle: letters, digits, _ - and ."`
	Kind         string `help:"person, coop, federation or service." default:"person" enum:"person,coop,federation,service"`
	Email        string `help:"Address of the person; needed for persons."`
	DisplayName  string `help:"Name that people read."`
	Bio          string `help:"A few sentences."`
	Language     string `help:"Language of the account (BCP 47)."`
	Domain       string `help:"The co-op's own site."`
	Password     string `help:"Password; better left out and asked for."`
	PasswordFile string `help:"File that holds the password." placeholder:"FILE"`
	Role         string `help:"owner, admin, moderator or member." default:"member" enum:"owner,admin,moderator,member"`
	Steward      string `help:"Person who is the co-op's first steward." placeholder:"NAME"`
	NoMember     bool   `name:"no-member" help:"Do not make the co-op a member of this instance's federation."`
	Confirmed    bool   `help:"The address is known to be right."`
}

// Run makes the account through the same function as the pages.
func (a accountCreate) Run(t *terminal) error {
	kind := coop.AccountKind(a.Kind)
	if kind == coop.Person && a.Email == "" {
		return usage("--email is needed for a person; co-ops, federations and services have none")
	}
	if a.Steward != "" && len(coop.RolesFor(kind)) == 0 {
		return usage("--steward goes with a co-op or a federation: nobody else has roles")
	}
	password, err := a.secret(t, kind)
	if err != nil {
		return err
	}
	if err := checkPassword(t, password, a.Name, a.Email); err != nil {
		return err
	}
	return t.with(func(i *instance) error {
		steward, err := i.firstSteward(t.ctx, a.Steward)
		if err != nil {
			return err
		}
		r := outbox.Registration{Kind: kind, Name: a.Name, DisplayName: a.DisplayName, Bio: a.Bio, Language: a.Language, Email: a.Email, Rank: coop.Rank(a.Role)}
		if a.Domain != "" {
			r.Domains = []string{a.Domain}
		}
		create := i.outbox.NewAccount
		if kind == coop.Coop && !a.NoMember {
			create = i.outbox.NewMember
		}
		account, err := create(t.ctx, r)
		if errors.Is(err, coop.ErrConflict) {
			return fmt.Errorf("the name %s is taken, or was once; names are never given twice: %w", a.Name, coop.ErrConflict)
		}
		if err != nil {
			return err
		}
		if err := i.setPassword(t.ctx, account, password); err != nil {
			return err
		}
		if err := i.audit(t.ctx, "account.create", string(account.IRI), ""); err != nil {
			return err
		}
		if steward != nil {
			if err := i.changeRole(t.ctx, account, steward, coop.Steward, false); err != nil {
				return err
			}
		}
		return t.print(i.row(account), func(w io.Writer) { fmt.Fprintln(w, account.Handle(i.config.AccountDomain)) })
	})
}

// secret is the password from the flag, the file, or a prompt on a terminal. No
// password is fine: then the account acts by tokens until one is set.
func (a accountCreate) secret(t *terminal, kind coop.AccountKind) (string, error) {
	switch {
	case a.Password != "":
		t.talk("a password on the command line can be seen by others on this machine; --password-file or the prompt keep it")
		return a.Password, nil
	case a.PasswordFile != "":
		text, err := t.from.read(a.PasswordFile)
		if err != nil {
			return "", usage("password file: %v", err)
		}
		return strings.TrimRight(string(text), "\r\n"), nil
	case kind != coop.Person:
		return "", nil
	}
	file, ok := t.in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return "", nil
	}
	fmt.Fprint(t.err, "Password (empty: none yet): ")
	text, err := term.ReadPassword(int(file.Fd()))
	fmt.Fprintln(t.err)
	return string(text), err
}

// checkPassword refuses what pages refuse too, but of a common password it only
// warns. None is fine.
func checkPassword(t *terminal, password string, own ...string) error {
	if password == "" {
		return nil
	}
	err := coop.ValidatePassword(password, own...)
	var invalid *coop.InvalidError
	if errors.As(err, &invalid) && invalid.Code == coop.CodeCommon {
		t.talk("%s", err)
		return nil
	}
	return err
}

// accountRow is an account as commands show it.
type accountRow struct {
	ID        coop.ID `json:"id"`
	Handle    string  `json:"handle"`
	Kind      string  `json:"kind"`
	IRI       string  `json:"uri"`
	Name      string  `json:"display_name"`
	Role      string  `json:"role,omitempty"`
	Suspended bool    `json:"suspended"`
}

// row is one account for print.
func (i *instance) row(a *coop.Account) accountRow {
	return accountRow{a.ID, a.Handle(i.config.AccountDomain).String(), string(a.Kind), string(a.IRI), a.DisplayName, string(a.Rank), !a.SuspendedAt.IsZero()}
}

// accountList is `minga account list`.
type accountList struct {
	Kind string `help:"Of one kind only."`
}

// Run lists accounts, newest first.
func (a accountList) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		rows := []accountRow{}
		for page := (coop.Page{Limit: 200}); ; {
			accounts, err := i.store.LocalAccounts(t.ctx, coop.AccountKind(a.Kind), page)
			if err != nil {
				return err
			}
			for _, account := range accounts {
				rows, page.Max = append(rows, i.row(account)), account.ID
			}
			if len(accounts) < page.Limit {
				return t.print(rows, func(w io.Writer) {
					for _, row := range rows {
						fmt.Fprintf(w, "%-10s %s\n", row.Kind, row.Handle)
					}
				})
			}
		}
	})
}

// accountShow is `minga account show`.
type accountShow struct {
	Name string `arg:"" help:"Name or handle."`
}

// Run shows one account.
func (a accountShow) Run(t *terminal) error {
	return t.withAccount(a.Name, func(i *instance, account *coop.Account) error {
		row := i.row(account)
		return t.print(row, func(w io.Writer) {
			fmt.Fprintf(w, "%s\n  kind       %s\n  id         %s\n  address    %s\n  name       %s\n  suspended  %v\n", row.Handle, row.Kind, row.ID, row.IRI, row.Name, row.Suspended)
		})
	})
}

// withAccount opens the instance and finds a local account by name or handle.
func (t *terminal) withAccount(name string, do func(i *instance, a *coop.Account) error) error {
	return t.with(func(i *instance) error {
		account, err := i.localAccount(t.ctx, name)
		if err != nil {
			return err
		}
		return do(i, account)
	})
}

// accountSuspend is `minga account suspend`.
type accountSuspend struct {
	Name string `arg:"" help:"Name or handle."`
	Undo bool   `help:"Lift the suspension."`
	Why  string `help:"Reason for the audit log."`
}

// Run suspends or lifts.
func (a accountSuspend) Run(t *terminal) error {
	return t.withAccount(a.Name, func(i *instance, account *coop.Account) error {
		at, state := t.now(), "suspended"
		if a.Undo {
			at, state = zeroTime, "active"
		}
		entry := coop.AuditEntry{Who: byCommand, Why: a.Why}
		if err := i.store.Write(t.ctx, func(tx *storage.Tx) error { return tx.DecideAccount(t.ctx, account, at, entry) }); err != nil {
			return err
		}
		row := map[string]string{"handle": account.Handle(i.config.AccountDomain).String(), "state": state}
		return t.print(row, func(w io.Writer) { fmt.Fprintf(w, "%s: %s\n", row["handle"], state) })
	})
}

// confirm asks a question; anything but yes is no.
func (t *terminal) confirm(question string, args ...any) bool {
	fmt.Fprintf(t.err, question+" [yes/no] ", args...)
	answer, err := bufio.NewReader(t.in).ReadString('\n')
	return err == nil && strings.EqualFold(strings.TrimSpace(answer), "yes")
}
