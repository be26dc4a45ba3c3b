// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"

	"minga/outbox/mail"
	"minga/storage"
)

// StaffNote is what owners and admins are told by mail.
type StaffNote struct {
	Kind  mail.Kind
	Cause string // nobody is told twice of one that is not over
	Fact  string // what the text is filled in with: a day, a number, names
	Path  string // of the page that solves it
}

// TellStaff lets everybody who owns or administers this instance know of something by
// mail, once for each cause, and says whether anybody was told now. Without a mail server
// nobody is, and the cause stays untold.
func (o *Outbox) TellStaff(ctx context.Context, n StaffNote) (told bool, err error) {
	if !o.SendsMail() {
		return false, nil
	}
	err = o.store.Write(ctx, func(tx *storage.Tx) error {
		if told, err = tx.OpenCause(ctx, n.Cause); err != nil || !told {
			return err
		}
		admins, err := tx.Admins(ctx)
		if err != nil {
			return err
		}
		for _, a := range admins {
			if a.Email == "" {
				continue
			}
			l := letter{Kind: n.Kind, To: a.Email, Language: a.Language, Fact: n.Fact, Path: n.Path}
			if err := o.addMail(ctx, tx, a.ID.String()+" "+n.Cause, l); err != nil {
				return err
			}
		}
		return nil
	})
	return told, err
}

// staffLink is where a mail to the staff leads.
func (o *Outbox) staffLink(l *letter) string {
	l.more = map[string]string{"Day": l.Fact, "Waiting": l.Fact, "Other": l.Fact}
	return o.o.Local.root() + l.Path
}
