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

const (
	// askBefore is how long before its end the authors of a job are asked about it.
	askBefore = 7 * 24 * time.Hour
	// maxAsked is how many jobs are asked about in one call.
	maxAsked = 100
	// stillOpenPath is the page with the three buttons; the secret follows.
	stillOpenPath = "/still-open/"
	// extendDays is how much longer a job is open that is extended by a button.
	extendDays = 45
)

// AskStillOpen asks those who publish for the co-op, seven days before a job ends,
// whether it is still open: by a message here, and by a mail whose link leads to a page
// with three buttons. It says about how many jobs; call it every minute.
func (o *Outbox) AskStillOpen(ctx context.Context) (int, error) {
	now := o.now()
	due, err := o.store.JobsToAsk(ctx, now, now.Add(askBefore), maxAsked)
	if err != nil {
		return 0, err
	}
	done, failed := 0, error(nil)
	for _, p := range due {
		if err := o.store.Write(ctx, func(tx *storage.Tx) error { return o.askStillOpen(ctx, tx, p) }); err != nil {
			failed = errors.Join(failed, fmt.Errorf("ask about %s: %w", p.IRI, err))
			continue
		}
		done++
	}
	return done, failed
}

// askStillOpen asks about one.
func (o *Outbox) askStillOpen(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	if err := tx.NoteAsked(ctx, p.ID, p.Job.ValidThrough); err != nil {
		return err
	}
	return o.eachHolder(ctx, tx, p.AuthorID, coop.ActPublish, func(a *coop.Account) error {
		said := o.words.Say(a.Language, "still_open", map[string]string{
			"Job": coop.CleanLine(p.Job.Title, 100), "Day": o.words.Date(a.Language, p.Job.ValidThrough), "Link": o.o.Local.root() + "/jobs/mine",
		})
		if err := o.tell(ctx, tx, a, said); err != nil || !o.SendsMail() || a.Email == "" {
			return err
		}
		return o.addMail(ctx, tx, a.ID.String()+" "+p.ID.String(), letter{Kind: mail.StillOpen, To: a.Email, Language: a.Language, Account: a.ID, Post: p.ID})
	})
}

// stillOpenLink makes the secret of such a mail. A job that ended meanwhile needs none.
func (o *Outbox) stillOpenLink(ctx context.Context, l *letter) (string, error) {
	if _, err := o.jobLetter(ctx, l, ""); err != nil {
		return "", err
	}
	p, err := o.store.Post(ctx, coop.System(), l.Post)
	if err != nil {
		return "", err
	}
	if p.Job == nil || p.Job.Ended() || p.Job.Expired(o.now()) {
		return "", coop.ErrNotFound
	}
	secret := rand.Text()
	link := storage.JobLink{Post: p.ID, Person: l.Account, EndsAt: p.Job.ValidThrough}
	err = o.store.Write(ctx, func(tx *storage.Tx) error { return tx.AddJobLink(ctx, LinkHash(secret), link) })
	return o.o.Local.root() + stillOpenPath + secret, err
}

// ExtendedUntil is how long a job would be open if it were extended by a button; zero: it
// cannot be, since it has ended or is at its roof.
func ExtendedUntil(j *coop.Job, now time.Time) time.Time {
	if j.Status != coop.JobOpen && j.Status != coop.JobPaused || j.Expired(now) {
		return time.Time{}
	}
	until := j.ValidThrough.AddDate(0, 0, extendDays)
	if roof := j.Roof(); until.After(roof) {
		until = roof
	}
	if !until.After(j.ValidThrough) {
		return time.Time{}
	}
	return until
}

// ExtendJob lets a job of ours be open for longer, at most until its roof, and tells
// everybody. Errors are those of [coop.Job.Extend].
func (o *Outbox) ExtendJob(ctx context.Context, id coop.ID, until time.Time) (*coop.Post, error) {
	var p *coop.Post
	err := o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		if p, err = o.ownPost(ctx, tx, id); err != nil {
			return err
		}
		if p.Job == nil {
			return fmt.Errorf("extend %s: %w", p.IRI, coop.ErrNotFound)
		}
		if err := p.Job.Extend(until, o.now()); err != nil {
			return err
		}
		p.Job.ConfirmedAt = o.now().UTC().Truncate(time.Second)
		p.Updated, p.Job.Version, p.Source = o.edited(p), max(p.Job.Version, 1)+1, ""
		o.finishJob(p)
		return o.update(ctx, tx, p)
	})
	return p, err
}
