// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"minga/coop"
	"minga/outbox/mail"
	"minga/storage"
)

// How somebody applies by the form
//
// What is written stays here: no other server hears that there was anything. The person
// holds a secret link, made by the page on which they wrote and another by each mail;
// with it they read, export and withdraw. A co-op reads by its hirers alone. Ninety days
// after the job has ended all of it is deleted, which everybody was told before.

// applicationsPath is where an applicant reads what was sent; the secret follows.
const applicationsPath = "/applications/"

// Apply keeps an application to a job of ours by the form, under the secret that the
// applicant's page will have, lets a mail confirm it, and tells the hirers of the co-op
// that there is one. most bounds the bytes of files that are kept for a co-op (0: no
// bound). A job that takes none by the form gives [coop.ErrState], the same secret twice
// [coop.ErrConflict]; see [storage.Tx.AddApplication] for the rest.
func (o *Outbox) Apply(ctx context.Context, job coop.ID, a *coop.Application, secret string, most int64) error {
	if err := a.Validate(); err != nil {
		return err
	}
	kept := *a
	err := o.store.Write(ctx, func(tx *storage.Tx) error {
		kept = *a // a transaction may run twice
		return o.apply(ctx, tx, job, &kept, secret, most)
	})
	if err == nil {
		*a = kept
	}
	return err
}

// apply is Apply in a transaction.
func (o *Outbox) apply(ctx context.Context, tx *storage.Tx, job coop.ID, a *coop.Application, secret string, most int64) error {
	p, err := tx.Post(ctx, coop.System(), job)
	if err != nil {
		return err
	}
	on, err := tx.TakesForm(ctx, p.AuthorID)
	if err != nil {
		return err
	}
	frozen, err := tx.JobFrozen(ctx, p.ID)
	if err != nil {
		return err
	}
	if frozen || !p.TakesForm(on, o.now()) {
		return fmt.Errorf("apply to %s by the form: %w", p.IRI, coop.ErrState)
	}
	a.PostID, a.AccountID, a.Title = p.ID, p.AuthorID, p.Job.Title
	if p.Job.AnswerWithin > 0 {
		a.AnswerBy = o.now().AddDate(0, 0, p.Job.AnswerWithin)
	}
	quiet, err := tx.AppliedSince(ctx, p.ID, o.now().Add(-tellHirersEvery))
	if err != nil {
		return err
	}
	if err := tx.AddApplication(ctx, a, LinkHash(secret), most); err != nil {
		return err
	}
	if err := o.mailApplicant(ctx, tx, a.ID, mail.Applied); err != nil || quiet {
		return err
	}
	return o.tellHirers(ctx, tx, p)
}

// tellHirersEvery is how long hirers hear nothing more of applications for one job.
const tellHirersEvery = 20 * time.Hour

// mailApplicant queues a mail to an applicant. The queue keeps the number of the
// application alone: who it is for is looked up when it is sent.
func (o *Outbox) mailApplicant(ctx context.Context, tx *storage.Tx, id coop.ID, kind mail.Kind) error {
	if !o.SendsMail() {
		return nil
	}
	return o.addMail(ctx, tx, id.String(), letter{Kind: kind, Application: id})
}

// tellHirers lets those who read applications know that there are some: by a message
// here, and by mail. Nothing in it says whose they are.
func (o *Outbox) tellHirers(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	return o.eachHolder(ctx, tx, p.AuthorID, coop.ActMessages, func(a *coop.Account) error {
		link := o.o.Local.root() + "/jobs/" + p.ID.String() + "/applications"
		said := o.words.Say(a.Language, "applications_new", map[string]string{"Job": coop.CleanLine(p.Job.Title, 100), "Link": link})
		if err := o.tell(ctx, tx, a, said); err != nil || !o.SendsMail() || a.Email == "" {
			return err
		}
		return o.addMail(ctx, tx, a.ID.String()+" "+p.ID.String(), letter{Kind: mail.Applications, To: a.Email, Language: a.Language, Post: p.ID})
	})
}

// eachHolder calls do for every person who may do an act for an account.
func (o *Outbox) eachHolder(ctx context.Context, tx *storage.Tx, account coop.ID, act coop.RoleAct, do func(*coop.Account) error) error {
	held, err := tx.Roles(ctx, account)
	if err != nil {
		return err
	}
	for _, h := range coop.HeldIn(held) {
		if !coop.RolesMay(h.Roles, act) {
			continue
		}
		a, err := tx.Account(ctx, h.Person.ID)
		if err != nil {
			return err
		}
		if a.Gone() {
			continue
		}
		if err := do(a); err != nil {
			return err
		}
	}
	return nil
}

// applicationLink looks up whom a mail of an application is for, what it says, and makes
// the secret of its link. What was withdrawn meanwhile gets no mail.
func (o *Outbox) applicationLink(ctx context.Context, l *letter) (string, error) {
	a, err := o.store.ApplicationByID(ctx, l.Application)
	if err != nil {
		return "", err
	}
	until, err := o.ApplicationKept(ctx, a)
	if err != nil {
		return "", err
	}
	l.To, l.Name, l.Language = a.Email, a.Name, a.Language
	l.more = map[string]string{"Job": a.Title, "Coop": o.nameOf(ctx, a.AccountID), "Day": o.words.Date(a.Language, until)}
	secret := rand.Text()
	err = o.store.Write(ctx, func(tx *storage.Tx) error { return tx.LinkApplication(ctx, a.ID, LinkHash(secret)) })
	return o.o.Local.root() + applicationsPath + secret, err
}

// jobLetter is where a mail about a job leads that goes to somebody of its co-op.
func (o *Outbox) jobLetter(ctx context.Context, l *letter, rest string) (string, error) {
	p, err := o.store.Post(ctx, coop.System(), l.Post)
	if err != nil {
		return "", err
	}
	if p.Job == nil {
		return "", coop.ErrNotFound
	}
	l.more = map[string]string{"Job": p.Job.Title, "Coop": o.nameOf(ctx, p.AuthorID), "Day": o.words.Date(l.Language, p.Job.ValidThrough)}
	return o.o.Local.root() + "/jobs/" + p.ID.String() + rest, nil
}

// nameOf is how an account is called, as far as it is there.
func (o *Outbox) nameOf(ctx context.Context, id coop.ID) string {
	a, err := o.store.Account(ctx, id)
	if err != nil {
		return o.o.Local.AccountDomain
	}
	return shownName(a)
}

// ApplicationKept is until when an application is kept at the latest: the job may end
// earlier than it says.
func (o *Outbox) ApplicationKept(ctx context.Context, a *coop.Application) (time.Time, error) {
	if !a.EndedAt.IsZero() {
		return a.DeletedOn(), nil
	}
	p, err := o.store.Post(ctx, coop.System(), a.PostID)
	if errors.Is(err, coop.ErrNotFound) || err == nil && p.Job == nil {
		return o.now().Add(coop.ApplicationLife), nil
	}
	if err != nil {
		return time.Time{}, err
	}
	if end := p.Job.ApplicationsEnd(); !end.IsZero() {
		return end, nil
	}
	return p.Job.ValidThrough.Add(coop.ApplicationLife), nil
}

// WithdrawApplication deletes an application at once, as its writer or a hirer wants it.
// Its files go with the next sweep of files.
func (o *Outbox) WithdrawApplication(ctx context.Context, a *coop.Application) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error { return tx.RemoveApplication(ctx, a.ID) })
}

// maxEnded is how many applications are told of the end of their job in one call.
const maxEnded = 200

// TellApplicants notes of applications by the form that their job has ended, and lets
// each person know by mail; it says how many. Call it every minute.
func (o *Outbox) TellApplicants(ctx context.Context) (int, error) {
	ids, err := o.store.ApplicationsOfEnded(ctx, maxEnded)
	if err != nil {
		return 0, err
	}
	done, failed := 0, error(nil)
	for _, id := range ids {
		if err := o.store.Write(ctx, func(tx *storage.Tx) error { return o.endApplication(ctx, tx, id) }); err != nil {
			failed = errors.Join(failed, fmt.Errorf("end application %s: %w", id, err))
			continue
		}
		done++
	}
	return done, failed
}

// endKinds are the mails for the ways in which a job ends.
var endKinds = map[coop.JobStatus]mail.Kind{
	coop.JobFilled: mail.JobFilled, coop.JobWithdrawn: mail.JobWithdrawn, coop.JobClosed: mail.JobClosed, coop.JobExpired: mail.JobExpired,
}

// endApplication does it for one. A job that is gone was withdrawn.
func (o *Outbox) endApplication(ctx context.Context, tx *storage.Tx, id coop.ID) error {
	a, err := tx.ApplicationByID(ctx, id)
	if isNotFound(err) {
		return nil // withdrawn meanwhile
	}
	if err != nil {
		return err
	}
	at, kind := o.now(), mail.JobWithdrawn
	p, err := tx.Post(ctx, coop.System(), a.PostID)
	if err != nil && !isNotFound(err) && !errors.Is(err, coop.ErrGone) {
		return err
	}
	if err == nil && p.Job != nil {
		if !p.Job.Ended() {
			return nil
		}
		kind = endKinds[p.Job.Status]
		if !p.Job.Closed.IsZero() {
			at = p.Job.Closed
		}
	}
	first, err := tx.EndApplication(ctx, id, at)
	if err != nil || !first {
		return err
	}
	return o.mailApplicant(ctx, tx, id, kind)
}

// forgetForms deletes applications by the form whose job ended [coop.ApplicationLife]
// ago, and says how many.
func (o *Outbox) forgetForms(ctx context.Context) (int, error) {
	old, err := o.store.OldFormApplications(ctx, o.now().Add(-coop.ApplicationLife), maxForgotten)
	if err != nil {
		return 0, err
	}
	for i, id := range old {
		err := o.store.Write(ctx, func(tx *storage.Tx) error { return tx.RemoveApplication(ctx, id) })
		if err != nil && !isNotFound(err) {
			return i, fmt.Errorf("forget application %s: %w", id, err)
		}
	}
	return len(old), nil
}
