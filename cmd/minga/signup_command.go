// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"
	"time"

	"minga/coop"
)

// accountPending is `minga account pending`.
type accountPending struct{}

// pendingRow is a sign-up as commands show it.
type pendingRow struct {
	Name      string `json:"name"`
	Email     string `json:"email"`
	Reason    string `json:"reason,omitempty"`
	Asked     string `json:"asked_at"`
	Confirmed bool   `json:"confirmed"`
	Approved  bool   `json:"approved"`
}

// Run lists who asked for an account, newest first.
func (accountPending) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		rows := []pendingRow{}
		for page := (coop.Page{Limit: 200}); ; {
			list, err := i.store.SignUps(t.ctx, page)
			if err != nil {
				return err
			}
			for _, s := range list {
				rows = append(rows, pendingRow{s.Name, s.Email, s.Reason, s.CreatedAt.UTC().Format(time.RFC3339), !s.ConfirmedAt.IsZero(), !s.ApprovedAt.IsZero()})
				page.Max = s.ID
			}
			if len(list) < page.Limit {
				return t.print(rows, func(w io.Writer) { printPending(w, rows) })
			}
		}
	})
}

// printPending writes one sign-up a line, and what was said below it.
func printPending(w io.Writer, rows []pendingRow) {
	for _, row := range rows {
		state := "address not confirmed"
		if row.Confirmed {
			state = "waits for you"
		}
		if row.Approved {
			state += ", approved"
		}
		fmt.Fprintf(w, "%-30s %s  %s\n", row.Name, printable(row.Email), state)
		if row.Reason != "" {
			fmt.Fprintf(w, "    %s\n", printable(coop.CleanLine(row.Reason, len(row.Reason))))
		}
	}
}

// accountApprove is `minga account approve`.
type accountApprove struct {
	Name string `arg:"" help:"The name that was asked for."`
}

// Run lets somebody in; whose address is not confirmed yet gets the account then.
func (a accountApprove) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		wish, err := i.store.SignUpByName(t.ctx, a.Name)
		if err != nil {
			return err
		}
		account, err := i.outbox.ApproveSignUp(t.ctx, wish, "command line")
		if err != nil {
			return err
		}
		if account == nil {
			t.talk("The address is not confirmed yet; the account is made when it is.")
			return t.print(map[string]string{"approved": wish.Name}, func(w io.Writer) { fmt.Fprintln(w, wish.Name) })
		}
		return t.print(i.row(account), func(w io.Writer) { fmt.Fprintln(w, account.Handle(i.config.AccountDomain)) })
	})
}

// accountReject is `minga account reject`.
type accountReject struct {
	Name string `arg:"" help:"The name that was asked for."`
}

// Run takes a wish back; nobody is told.
func (a accountReject) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		wish, err := i.store.SignUpByName(t.ctx, a.Name)
		if err != nil {
			return err
		}
		return i.outbox.RefuseSignUp(t.ctx, wish, "command line")
	})
}
