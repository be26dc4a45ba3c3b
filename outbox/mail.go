// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
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
const taskMail = "outbox.mail"

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
func (o *Outbox) AskEmail(ctx context.Context, a *coop.Account, address string) error {
	if !coop.ValidMail(address) {
		return &coop.InvalidError{Field: "email", Code: coop.CodeFormat, Problem: "this is no mail address"}
	}
	if !o.SendsMail() {
		return fmt.Errorf("no mail server: %w", coop.ErrUnavailable)
	}
	name := a.Handle(o.o.Local.AccountDomain).String()
	return o.store.Write(ctx, func(tx *storage.Tx) error {
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

// RunMail sends what is due until ctx ends, woken by the store; while there is no mail
// server it waits for one. It returns nil when ctx ended; an error is the store's.
func (o *Outbox) RunMail(ctx context.Context) error {
	wake := o.store.Listen(ctx, storage.TopicTasks)
	for ctx.Err() == nil {
		did, err := false, error(nil)
		if o.SendsMail() {
			did, err = o.StepMail(ctx)
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
		if !did {
			wait(ctx, wake, nil, false)
		}
	}
	return nil
}

// StepMail sends one mail that is due and says whether there was one. Errors are
// those of the store; what the mail server says is settled in the queue.
func (o *Outbox) StepMail(ctx context.Context) (did bool, err error) {
	var claimed []storage.Task
	err = o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		claimed, err = tx.ClaimTasks(ctx, []string{taskMail}, 1, lease)
		return err
	})
	if err != nil || len(claimed) == 0 {
		return false, err
	}
	defer func() {
		if v := recover(); v != nil {
			o.panicked(ctx, "mail", v) // its lease runs out and it comes again
		}
	}()
	return true, o.settleMail(ctx, claimed[0], o.sendMail(ctx, claimed[0]))
}

// settleMail writes down what became of a mail. It must happen although the program
// is ending, or the mail would be sent twice.
func (o *Outbox) settleMail(ctx context.Context, t storage.Task, failed error) error {
	ending := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	outcome := ""
	err := o.store.Write(ctx, func(tx *storage.Tx) error {
		switch {
		case failed == nil:
			outcome = "sent"
			return tx.FinishTask(ctx, t.ID, t.Fence)
		case ending:
			outcome = "again"
			return tx.PostponeTask(ctx, t.ID, t.Fence, o.now(), nil, failed.Error())
		case o.lostMail(t, failed):
			outcome = "lost"
			return tx.FailTask(ctx, t.ID, t.Fence, failed.Error())
		}
		outcome = "again"
		return tx.PostponeTask(ctx, t.ID, t.Fence, o.now().Add(pause(t.Attempts, t.Key)), nil, failed.Error())
	})
	if failed != nil {
		// Who it was for does not stand in the log.
		o.log.LogAttrs(ctx, slog.LevelWarn, "mail not sent", slog.Int("attempt", t.Attempts), slog.Any("err", failed))
	}
	if errors.Is(err, storage.ErrLeaseLost) {
		return nil
	}
	if err == nil && o.o.Counter != nil {
		o.o.Counter.Mailed(outcome)
	}
	return err
}

// lostMail tells whether a mail is of no use any more: its address was refused, or it
// is too old.
func (o *Outbox) lostMail(t storage.Task, failed error) bool {
	var refused *mail.Error
	var l letter
	return errors.As(failed, &refused) && refused.Final || json.Unmarshal(t.Payload, &l) != nil || o.now().Sub(l.Since) >= giveUpMailAfter
}

// sendMail writes a mail and hands it over; nil also where there is nobody to send
// it to.
func (o *Outbox) sendMail(ctx context.Context, t storage.Task) error {
	var l letter
	if err := json.Unmarshal(t.Payload, &l); err != nil {
		return &mail.Error{Final: true, Err: fmt.Errorf("mail in the queue: %w", err)}
	}
	if l.Kind == mail.Alert {
		return o.sendAlert(ctx, l)
	}
	link, err := o.mailLink(ctx, &l)
	if errors.Is(err, coop.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	data := o.mailData(ctx, l.Name, link)
	maps.Copy(data, l.more)
	m, err := o.mails.Write(l.Kind, l.Language, l.To, data)
	if err != nil {
		return err
	}
	return o.mailer.Load().Send(ctx, m)
}

// KnockMail looks whether the mail server lets us in, without a mail. Without a mail server
// it gives [coop.ErrUnavailable].
func (o *Outbox) KnockMail(ctx context.Context) error {
	s := o.mailer.Load()
	if s == nil {
		return fmt.Errorf("no mail server: %w", coop.ErrUnavailable)
	}
	return s.Knock(ctx)
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

// mailLink is where a mail leads. For a new password the person is looked up here;
// who is not found, or has no say here any more, gets no mail.
func (o *Outbox) mailLink(ctx context.Context, l *letter) (link string, err error) {
	switch l.Kind {
	case mail.Reset:
		a, err := o.store.PersonByEmail(ctx, l.To)
		if err != nil {
			return "", err
		}
		if !a.MaySignIn() {
			return "", coop.ErrNotFound
		}
		l.To, l.Name, l.Language = a.Email, a.Handle(o.o.Local.AccountDomain).String(), a.Language
		return o.NewReset(ctx, a)
	case mail.Confirm:
		return o.emailLink(ctx, l)
	case mail.Invite:
		return o.NewInvite(ctx, l.To, l.Rank)
	case mail.Factors, mail.Codes, mail.Copy, mail.Keys:
		return o.o.Local.root() + "/settings/security", nil
	case mail.SignUp:
		return o.confirmLink(ctx, l)
	case mail.AlertConfirm:
		return o.confirmAlertLink(ctx, l)
	case mail.Applied, mail.JobFilled, mail.JobWithdrawn, mail.JobClosed, mail.JobExpired:
		return o.applicationLink(ctx, l)
	case mail.Applications:
		return o.jobLetter(ctx, l, "/applications")
	case mail.Offer:
		return o.offerLetter(ctx, l)
	case mail.StillOpen:
		return o.stillOpenLink(ctx, l)
	case mail.ClientRequest:
		return o.clientRequestLetter(ctx, l)
	case mail.Decision:
		return o.decisionLink(ctx, l)
	case mail.AlarmBackup, mail.AlarmDisk, mail.AlarmCertificate, mail.AlarmReady, mail.AlarmDoctor, mail.Weekly:
		return o.staffLink(l), nil
	case mail.Closed, mail.Leaving, mail.Departed:
		return o.departureLetter(ctx, l)
	case mail.Returned:
		return o.o.Local.root() + "/settings/security", nil
	case mail.Exported:
		return o.exportLetter(ctx, l)
	case mail.Approved:
		return o.o.Local.root() + signInPath, nil
	}
	return o.o.Local.root() + "/reset", nil
}

// emailLink is where a person confirms their new address; nowhere where somebody else
// here has it.
func (o *Outbox) emailLink(ctx context.Context, l *letter) (string, error) {
	a, err := o.store.Account(ctx, l.Account)
	if err != nil {
		return "", err
	}
	other, err := o.store.PersonByEmail(ctx, l.To)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return "", err
	}
	if a.Gone() || err == nil && other.ID != a.ID {
		return "", coop.ErrNotFound
	}
	return o.newLink(ctx, emailPath, coop.Link{Purpose: coop.LinkEmail, AccountID: a.ID, Email: l.To}, coop.EmailLife)
}

// mailData is what the texts are filled in with.
func (o *Outbox) mailData(ctx context.Context, name, link string) map[string]string {
	federation := o.o.Local.AccountDomain
	if a, err := o.store.FederationAccount(ctx); err == nil {
		federation = shownName(a)
	}
	return map[string]string{"Name": name, "Link": link, "Federation": federation, "Host": o.o.Local.Host}
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
