// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"strings"
	"time"

	"minga/coop"
	"minga/coop/carry"
	"minga/storage"
)

// What may become of a job or an article of a file, beside what may of a post of an archive.
const (
	TakenDraft TakenIn = "draft" // kept, for somebody to read and to publish
	TakenBad   TakenIn = "bad"   // it cannot be kept as it is
)

// Brought is what became of a job of a file.
type Brought struct {
	State TakenIn // new: it is published
	Post  *coop.Post
	Wrong coop.Invalid // why it is bad, or what keeps it from being published
}

// JudgeJob says what would become of a job of a file, without changing anything. Its address
// follows from its key, so that taking in again finds it, also after it was deleted here.
// publish says that what lacks nothing is to be published.
func (o *Outbox) JudgeJob(ctx context.Context, author *coop.Account, in carry.FileJob, publish bool) (Brought, error) {
	now := o.now().UTC()
	b := Brought{State: TakenBad, Post: o.jobOfFile(author, in), Wrong: in.Wrong}
	if len(b.Wrong) > 0 || in.Ended {
		if len(b.Wrong) == 0 {
			b.State = TakenLeft
		}
		return b, nil
	}
	known, err := o.knownHere(ctx, b.Post.IRI, coop.IRI(in.Key))
	if err != nil {
		return b, err
	}
	if known {
		b.State = TakenKnown
		return b, nil
	}
	judged := clone(b.Post)
	describe(judged)
	judged.Job.Complete(now, coop.JobDefaults{Days: o.jobDays(ctx), Organization: author.IRI, Domain: author.Name})
	if b.Post.Job.ValidThrough = judged.Job.ValidThrough; !judged.Job.ValidThrough.After(now) {
		b.State = TakenLeft // its time is over
		return b, nil
	}
	if !publish { // its days are counted from when somebody publishes it
		b.Post.Job.DatePosted, judged.Job.DatePosted = "", now.Format(time.DateOnly)
	}
	if b.Wrong = coop.Complaints(judged.Job.ValidateDraft(now)); len(b.Wrong) > 0 {
		return b, nil
	}
	b.Wrong = coop.Complaints(judged.Job.Validate(now))
	if b.State = TakenDraft; publish && len(b.Wrong) == 0 {
		b.State = TakenNew
	}
	return b, nil
}

// BringJob keeps a job of a file, as [Outbox.JudgeJob] says. One that is published and was
// posted elsewhere on an earlier day keeps that day, is sent to nobody, and nobody is told:
// others find it in the jobs of its co-op. One without a day is news, as if it were typed.
func (o *Outbox) BringJob(ctx context.Context, author *coop.Account, in carry.FileJob, publish bool) (Brought, error) {
	b, err := o.JudgeJob(ctx, author, in, publish)
	if err != nil {
		return b, err
	}
	switch {
	case b.State == TakenDraft:
		err = o.SaveJobDraft(ctx, author, b.Post)
	case b.State == TakenNew && o.old(in.Posted):
		err = o.keepQuietly(ctx, b.Post, noonOf(in.Posted), func(tx *storage.Tx, p *coop.Post) error {
			p.Job.Status, p.Job.ConfirmedAt, p.Job.Version = coop.JobOpen, o.now().UTC(), 1
			return o.prepareCarriedJob(ctx, tx, author, p)
		})
	case b.State == TakenNew:
		err = o.PublishJob(ctx, author, b.Post)
	}
	return b.after(err)
}

// after is what became of it where keeping it failed for what it is.
func (b Brought) after(err error) (Brought, error) {
	switch wrong := coop.Complaints(err); {
	case errors.Is(err, coop.ErrGone) || errors.Is(err, coop.ErrConflict):
		b.State, b.Wrong = TakenKnown, nil
	case len(wrong) > 0:
		b.State, b.Wrong = TakenBad, wrong
	default:
		return b, err
	}
	return b, nil
}

// jobOfFile is a job of a file as a post of author.
func (o *Outbox) jobOfFile(author *coop.Account, in carry.FileJob) *coop.Post {
	job := *in.Job
	p := &coop.Post{Job: &job, Language: in.Language, IRI: carriedIRI(author, coop.KindJob, coop.IRI(in.Key)), Author: author, AuthorID: author.ID}
	speaks(p, author)
	if in.Text != "" && p.Language != "" {
		job.Markdown = map[string]string{p.Language: in.Text}
	}
	job.DatePosted = in.Posted
	job.Identifier.Value = strings.TrimPrefix(string(p.IRI), string(author.IRI)+"/jobs/")
	return p
}

// knownHere tells whether one of the addresses is, or was, that of a post of ours.
func (o *Outbox) knownHere(ctx context.Context, iris ...coop.IRI) (bool, error) {
	for _, iri := range iris {
		if !o.o.Local.own(iri) {
			continue
		}
		_, err := o.store.PostByIRI(ctx, coop.System(), iri)
		if err == nil || errors.Is(err, coop.ErrGone) {
			return true, nil
		}
		if !isNotFound(err) {
			return false, err
		}
		if _, err := o.store.Tombstone(ctx, iri); !isNotFound(err) {
			return err == nil, err
		}
	}
	return false, nil
}

// old tells whether a day lies before today.
func (o *Outbox) old(day string) bool {
	return day != "" && day < o.now().UTC().Format(time.DateOnly)
}

// noonOf is a day as the moment of its noon, on which it is that day nearly everywhere.
func noonOf(day string) time.Time {
	at, ok := coop.ParseDate(day)
	if !ok {
		return time.Time{}
	}
	return at.Add(12 * time.Hour)
}

// keepQuietly keeps a post with the day on which it was published elsewhere: it is sent to
// nobody and nobody is told. prepare fills in what follows from the rest.
func (o *Outbox) keepQuietly(ctx context.Context, p *coop.Post, published time.Time, prepare func(tx *storage.Tx, p *coop.Post) error) error {
	return o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) (err error) {
		if p.ID, err = tx.NextID(ctx, published); err != nil {
			return err
		}
		if err := prepare(tx, p); err != nil {
			return err
		}
		if p.Published = published; p.Job != nil {
			o.finishJob(p)
		}
		if err := o.attach(ctx, tx, p); err != nil {
			return err
		}
		added, err := o.addQuietly(ctx, tx, p)
		if err == nil && !added {
			err = coop.ErrConflict
		}
		return err
	})
}

// addQuietly adds a post and its documents, so that it can be asked for; false says that
// it is here.
func (o *Outbox) addQuietly(ctx context.Context, tx *storage.Tx, p *coop.Post) (bool, error) {
	w, err := o.write(ctx, tx, p, "Create", below(p.IRI, "create"))
	if err != nil {
		return false, err
	}
	added, err := tx.AddPost(ctx, p, storage.Arrival{Object: w.object, Activity: w.activity, Quiet: true})
	return added, wrapErr("take over", p.IRI, err)
}
