// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"minga/coop"
	"minga/outbox/mail"
	"minga/storage"
)

// How somebody makes an account for themselves
//
// Nothing of it is an account before the address is confirmed and, where the staff
// decide, approved: until then there is a row with the name, the address and the hash
// of the password, which nobody can look up, follow or write to. Whoever asks is
// answered the same whether or not the address has an account here: only the mail
// tells, and only whom it reaches.

// The paths to which the mails lead.
const (
	confirmPath = "/confirm/"
	signInPath  = "/sign-in"
)

// CheckSignUp says what is wrong with a wish for an account, as [coop.Invalid] with the
// fields name, email, password and reason. Whether the address has an account is not
// looked up.
func (o *Outbox) CheckSignUp(ctx context.Context, s *coop.SignUp, password string) error {
	var wrong coop.Invalid
	add := func(err error) {
		var one *coop.InvalidError
		if errors.As(err, &one) {
			wrong = append(wrong, one)
		}
	}
	if err := coop.ValidateName(coop.Person, s.Name, o.reserved(ctx, coop.Person)...); err != nil {
		add(err)
	} else if free, err := o.nameFree(ctx, s); err != nil {
		return err
	} else if !free {
		add(errNameTaken())
	}
	switch {
	case s.Email == "":
		add(&coop.InvalidError{Field: "email", Code: coop.CodeRequired, Problem: "an address is needed"})
	case !coop.ValidMail(s.Email):
		add(&coop.InvalidError{Field: "email", Code: coop.CodeFormat, Problem: "this is no mail address"})
	}
	add(coop.ValidatePassword(password, s.Name, s.Email, o.o.Local.Host))
	if len([]rune(s.Reason)) > coop.MaxSignUpReason {
		add(&coop.InvalidError{Field: "reason", Code: coop.CodeTooLong, Problem: fmt.Sprintf("at most %d characters", coop.MaxSignUpReason)})
	}
	return wrong.Or()
}

// nameFree tells whether a sign-up may have its name: nobody else has or had it, or waits
// for it. Of one invitation the newest sign-up counts.
func (o *Outbox) nameFree(ctx context.Context, s *coop.SignUp) (bool, error) {
	free, err := o.store.NameFree(ctx, s.Name)
	if err != nil || free || s.InviteID == 0 {
		return free, err
	}
	kept, err := o.store.SignUpByName(ctx, s.Name)
	if isNotFound(err) {
		return false, nil
	}
	return err == nil && kept.InviteID == s.InviteID, err
}

// errNameTaken is said of a name that somebody has, had, or waits for.
func errNameTaken() error {
	return &coop.InvalidError{Field: "name", Code: coop.CodeTaken, Problem: "somebody has this name, or had it"}
}

// SignUp keeps a wish for an account, with the token of the app that asked (nil: the
// page), and lets a mail go to the address. approved says that the staff need not
// decide. The caller has asked [Outbox.CheckSignUp] and hashed the password. A server
// without mail gives [coop.ErrUnavailable], a name that was taken meanwhile an
// *coop.InvalidError.
func (o *Outbox) SignUp(ctx context.Context, s *coop.SignUp, token *coop.Token, approved bool) error {
	if !o.SendsMail() {
		return fmt.Errorf("no mail server: %w", coop.ErrUnavailable)
	}
	if approved {
		s.ApprovedAt = o.now()
	}
	err := o.store.Write(ctx, func(tx *storage.Tx) error {
		if token != nil {
			if err := tx.AddToken(ctx, token); err != nil {
				return err
			}
			s.TokenID = token.ID
		}
		if err := tx.AddSignUp(ctx, s); err != nil {
			return err
		}
		return o.mailSignUp(ctx, tx, s)
	})
	if errors.Is(err, coop.ErrConflict) {
		return errNameTaken()
	}
	return err
}

// mailSignUp queues the mail that asks whether an address is right.
func (o *Outbox) mailSignUp(ctx context.Context, tx *storage.Tx, s *coop.SignUp) error {
	name := coop.Handle{Name: s.Name, Host: o.o.Local.AccountDomain}.String()
	return o.addMail(ctx, tx, s.ID.String(), letter{Kind: mail.SignUp, To: s.Email, Name: name, Language: s.Language, SignUp: s.ID})
}

// ResendSignUp sends that mail again, to another address where one is given. A sign-up
// that is confirmed gives [coop.ErrForbidden].
func (o *Outbox) ResendSignUp(ctx context.Context, s *coop.SignUp, email string) error {
	if !s.ConfirmedAt.IsZero() {
		return fmt.Errorf("sign-up %s is confirmed: %w", s.ID, coop.ErrForbidden)
	}
	if email != "" && !coop.ValidMail(email) {
		return &coop.InvalidError{Field: "email", Code: coop.CodeFormat, Problem: "this is no mail address"}
	}
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		if email != "" && email != s.Email {
			if err := tx.ReaddressSignUp(ctx, s.ID, email); err != nil {
				return err
			}
			s.Email = email
		}
		return o.mailSignUp(ctx, tx, s)
	})
}

// confirmLink makes the secret of the mail that is being written. Who has an account
// with the address already is told that instead. What was refused, or confirmed,
// meanwhile gets no mail.
func (o *Outbox) confirmLink(ctx context.Context, l *letter) (string, error) {
	s, err := o.store.SignUp(ctx, l.SignUp)
	if err != nil {
		return "", err
	}
	if !s.ConfirmedAt.IsZero() {
		return "", fmt.Errorf("sign-up %s is confirmed: %w", s.ID, coop.ErrNotFound)
	}
	l.To = s.Email
	known, err := o.store.PersonByEmail(ctx, s.Email)
	if err == nil {
		l.Kind, l.Name, l.Language = mail.Known, known.Handle(o.o.Local.AccountDomain).String(), known.Language
		return o.o.Local.root() + signInPath, nil
	}
	if !isNotFound(err) {
		return "", err
	}
	secret := rand.Text()
	err = o.store.Write(ctx, func(tx *storage.Tx) error { return tx.LinkSignUp(ctx, s.ID, LinkHash(secret)) })
	return o.o.Local.root() + confirmPath + secret, err
}

// ConfirmSignUp notes that an address is right, and makes the account where nothing
// else is missing; nil: it waits for the staff. [coop.ErrConflict] says that the name or
// the address is another's meanwhile, [coop.ErrNotFound] that somebody was quicker, or
// that the invitation by which it came was used or ended.
func (o *Outbox) ConfirmSignUp(ctx context.Context, s *coop.SignUp) (*coop.Account, error) {
	err := o.store.Write(ctx, func(tx *storage.Tx) error { return tx.ConfirmSignUp(ctx, s.ID, o.now()) })
	if err != nil {
		return nil, err
	}
	s.ConfirmedAt = o.now()
	if s.InviteID == 0 {
		return o.finishSignUp(ctx, s, "sign-up", nil)
	}
	a, err := o.finishSignUp(ctx, s, "", nil)
	if isNotFound(err) { // the invitation was used or ended; nothing can come of this any more
		end := o.store.Write(ctx, func(tx *storage.Tx) error { return tx.EndSignUp(ctx, s) })
		if end != nil && !isNotFound(end) {
			err = end
		}
	}
	return a, err
}

// ApproveSignUp lets somebody in, at once or, where the address is not confirmed yet,
// as soon as it is; then the account is nil. who stands in the audit log.
func (o *Outbox) ApproveSignUp(ctx context.Context, s *coop.SignUp, who string) (*coop.Account, error) {
	err := o.store.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.ApproveSignUp(ctx, s.ID, o.now()); err != nil {
			return err
		}
		return tx.AddAudit(ctx, &coop.AuditEntry{Who: who, Act: "account.approve", Target: s.Name})
	})
	if err != nil {
		return nil, err
	}
	s.ApprovedAt = o.now()
	return o.finishSignUp(ctx, s, "approved sign-up", o.tellApproved)
}

// tellApproved lets a person know that their account is there.
func (o *Outbox) tellApproved(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
	if !o.SendsMail() {
		return nil
	}
	name := a.Handle(o.o.Local.AccountDomain).String()
	return o.addMail(ctx, tx, a.ID.String(), letter{Kind: mail.Approved, To: a.Email, Name: name, Language: a.Language})
}

// finishSignUp makes the account of a sign-up that is ready, its password and the end
// of the sign-up in one transaction; also is done with it, nil: nothing.
func (o *Outbox) finishSignUp(ctx context.Context, s *coop.SignUp, why string, also func(context.Context, *storage.Tx, *coop.Account) error) (*coop.Account, error) {
	if !s.Ready() {
		return nil, nil
	}
	return o.NewAccount(ctx, Registration{
		Kind: coop.Person, Name: s.Name, Language: s.Language, Email: s.Email,
		Also: func(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
			if err := tx.FinishSignUp(ctx, s, a.ID); err != nil {
				return err
			}
			if also != nil {
				if err := also(ctx, tx, a); err != nil {
					return err
				}
			}
			if s.InviteID != 0 {
				by, err := tx.InvitationOf(ctx, a.ID)
				if err != nil {
					return err
				}
				member, err := tx.Account(ctx, by.ByID)
				if err != nil {
					return err
				}
				why = "invitation by " + member.Name
			}
			return tx.AddAudit(ctx, &coop.AuditEntry{Who: a.Name, Act: "account.create", Target: string(a.IRI), Why: why})
		},
	})
}

// RefuseSignUp takes a wish back; nobody is told. who stands in the audit log.
func (o *Outbox) RefuseSignUp(ctx context.Context, s *coop.SignUp, who string) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.EndSignUp(ctx, s); err != nil {
			return err
		}
		return tx.AddAudit(ctx, &coop.AuditEntry{Who: who, Act: "account.refuse", Target: s.Name})
	})
}
