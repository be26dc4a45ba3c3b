// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"minga/coop"
	"minga/outbox/mail"
	"minga/storage"
)

// taskMail is a mail that waits to be written and sent.
//
// A mail is queued in the transaction of what it tells, and what it is about is looked
// up when it is sent. So nobody waits for a mail server, whoever asks for a new
// password costs the same whether the address is known here or not, and a link that
// opens an account lies nowhere but in the mail itself: its secret is made when the
// mail is.
const taskMail = storage.TaskMail

// giveUpMailAfter is how long a mail is tried; what it says is of no use later.
const giveUpMailAfter = 24 * time.Hour

// letter is what the queue keeps of a mail.
type letter struct {
	Kind     mail.Kind `json:"kind"`
	To       string    `json:"to"`
	Name     string    `json:"name,omitempty"` // of the account, as people read it
	Language string    `json:"language,omitempty"`
	Rank     coop.Rank `json:"rank,omitempty"`
	Account  coop.ID   `json:"account,omitempty"` // whose address this is to be
	SignUp   coop.ID   `json:"sign_up,omitempty"`
	Search   coop.ID   `json:"search,omitempty"` // a saved one
	After    int64     `json:"after,omitempty"`  // Unix milliseconds: matches found since then
	Until    int64     `json:"until,omitempty"`
	// Of applications for jobs and of the jobs themselves.
	Application coop.ID           `json:"application,omitempty"`
	Post        coop.ID           `json:"post,omitempty"`
	Offer       coop.ID           `json:"offer,omitempty"`
	Fact        string            `json:"fact,omitempty"` // of mails to the staff
	Path        string            `json:"path,omitempty"`
	more        map[string]string // what its text says besides, looked up when it is sent
	Since       time.Time         `json:"since"`
}

// AskReset lets a mail with a link for a new password go to an address, if a person
// here has it. It does the same whether or not, and looks nothing up. An address that
// is none gives a *coop.InvalidError, a server without mail [coop.ErrUnavailable].
func (o *Outbox) AskReset(ctx context.Context, address string) error {
	if !coop.ValidMail(address) {
		return &coop.InvalidError{Field: "email", Code: coop.CodeFormat, Problem: "this is no mail address"}
	}
	if !o.SendsMail() {
		return fmt.Errorf("no mail server: %w", coop.ErrUnavailable)
	}
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		return o.addMail(ctx, tx, strings.ToLower(address), letter{Kind: mail.Reset, To: address})
	})
}

// TellPasswordChanged lets a person know that their password was changed, in the
// transaction that does it. People without an address are not told.
func (o *Outbox) TellPasswordChanged(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
	return o.TellSecurity(ctx, tx, a, mail.Changed)
}

// TellSecurity lets a person know what happened to that by which they prove who they
// are, in the transaction in which it does: kinds Changed, Factors, Codes, Copy, Keys
// and Moved. People without an address are not told, nor anybody by a server without mail.
func (o *Outbox) TellSecurity(ctx context.Context, tx *storage.Tx, a *coop.Account, kind mail.Kind) error {
	if !o.SendsMail() || a.Email == "" {
		return nil
	}
	name := a.Handle(o.o.Local.AccountDomain).String()
	return o.addMail(ctx, tx, a.ID.String(), letter{Kind: kind, To: a.Email, Name: name, Language: a.Language})
}

// AskEmail lets a mail go to the address that a person wants to have, with a link by
// which it becomes theirs. Where somebody else here has that address nothing is sent,
// which only the owner of the address could tell. Errors are those of [Outbox.AskReset].
func (o *Outbox) AskEmail(ctx context.Context, a *coop.Account, address string, also ...Also) error {
	if !coop.ValidMail(address) {
		return &coop.InvalidError{Field: "email", Code: coop.CodeFormat, Problem: "this is no mail address"}
	}
	if !o.SendsMail() {
		return fmt.Errorf("no mail server: %w", coop.ErrUnavailable)
	}
	name := a.Handle(o.o.Local.AccountDomain).String()
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		if err := besides(ctx, tx, also); err != nil {
			return err
		}
		return o.addMail(ctx, tx, a.ID.String()+" "+strings.ToLower(address), letter{Kind: mail.Confirm, To: address, Name: name, Language: a.Language, Account: a.ID})
	})
}

// SendInvite lets an invitation go to an address, in the language given.
func (o *Outbox) SendInvite(ctx context.Context, tx *storage.Tx, address, language string, rank coop.Rank) error {
	if !coop.ValidMail(address) {
		return &coop.InvalidError{Field: "email", Code: coop.CodeFormat, Problem: "this is no mail address"}
	}
	if !o.SendsMail() {
		return fmt.Errorf("no mail server: %w", coop.ErrUnavailable)
	}
	return o.addMail(ctx, tx, strings.ToLower(address), letter{Kind: mail.Invite, To: address, Language: language, Rank: rank})
}

// addMail queues a mail. One of the same kind that still waits for the same key is
// the same mail.
func (o *Outbox) addMail(ctx context.Context, tx *storage.Tx, key string, l letter) error {
	l.Since = o.now().UTC()
	payload, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("queue mail: %w", err)
	}
	return tx.AddTask(ctx, storage.Task{Kind: taskMail, Key: string(l.Kind) + " " + key, Payload: payload})
}

// MailFrom is the domain that mails come from; empty without a mail server.
func (o *Outbox) MailFrom() string {
	s := o.mailer.Load()
	if s == nil {
		return ""
	}
	_, domain, _ := strings.Cut(s.From.Address, "@")
	return domain
}

// TestMail sends a mail to an address at once, so that an admin sees whether the
// server takes it. Without a mail server it gives [coop.ErrUnavailable].
func (o *Outbox) TestMail(ctx context.Context, address, language string) error {
	if !o.SendsMail() {
		return fmt.Errorf("no mail server: %w", coop.ErrUnavailable)
	}
	m, err := o.mails.Write(mail.Test, language, address, o.mailData(ctx, "", ""))
	if err != nil {
		return err
	}
	return o.mailer.Load().Send(ctx, m)
}
