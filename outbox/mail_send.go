// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"

	"minga/coop"
	"minga/outbox/mail"
	"minga/storage"
)

// RunMail sends what is due until ctx ends, woken by the store; while there is no mail
// server it waits for one. It returns nil when ctx ended; an error is the store's.
func (o *Outbox) RunMail(ctx context.Context) error {
	return o.turns(ctx, storage.TopicTasks, func(ctx context.Context) (bool, error) {
		if !o.SendsMail() {
			return false, nil
		}
		return o.StepMail(ctx)
	})
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
	if on, err := o.store.Rehearsing(ctx); err != nil || on && !l.Kind.OfAccount() {
		return err // nobody is told what happens in a rehearsal
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
