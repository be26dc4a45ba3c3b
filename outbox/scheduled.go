// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"minga/coop"
	"minga/storage"
)

// How a post waits
//
// A post that waits for its time is one row with all that it will be, and one task
// that is due then. Whichever node claims the task publishes the post, takes the row
// out and ends the task in one transaction, so that it is published once although the
// node may end, or its lease, at any moment. What cannot be published (a file is gone,
// the answered post too) stays in the list with the reason, and its author is told.

// maxScheduledAttempts is how often publishing is tried when the fault is ours.
const maxScheduledAttempts = 10

// Schedule keeps a post of author for a time, five minutes ahead at least, checked as
// if it were published now: errors are those of [Outbox.PublishNote] and its kin.
// Params is what the client sent.
func (o *Outbox) Schedule(ctx context.Context, author *coop.Account, p *coop.Post, due time.Time, params []byte) (*coop.Scheduled, error) {
	if err := coop.ValidateDue(due, o.now()); err != nil {
		return nil, err
	}
	var s *coop.Scheduled
	err := o.writeOnce(ctx, func(tx *storage.Tx) (coop.ID, coop.ID, error) {
		if err := o.checkScheduled(ctx, tx, author, clone(p), due); err != nil {
			return 0, 0, err
		}
		files, err := tx.HoldMedia(ctx, author.ID, fileIDs(p), due)
		if err != nil {
			return 0, 0, err
		}
		q := clone(p)
		q.Attachments = files
		s = &coop.Scheduled{AccountID: author.ID, Due: due.UTC(), Post: q, Params: params}
		if err = tx.AddScheduled(ctx, s); err != nil {
			return 0, 0, err
		}
		return 0, s.ID, o.tellWaiting(ctx, tx, author, q, due)
	})
	if err != nil {
		return nil, fmt.Errorf("schedule a post of %s: %w", author.IRI, err)
	}
	return s, nil
}

// Reschedule gives a post of author that waits another time, and its files with it.
func (o *Outbox) Reschedule(ctx context.Context, author *coop.Account, id coop.ID, due time.Time) (*coop.Scheduled, error) {
	if err := coop.ValidateDue(due, o.now()); err != nil {
		return nil, err
	}
	var s *coop.Scheduled
	err := o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		if s, err = tx.MoveScheduled(ctx, author.ID, id, due); err != nil {
			return err
		}
		_, err = tx.HoldMedia(ctx, author.ID, fileIDs(s.Post), due)
		return err
	})
	return s, err
}

// fileIDs are the files of ours that a post names.
func fileIDs(p *coop.Post) (ids []coop.ID) {
	for _, a := range p.Attachments {
		if a.ID != 0 {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// checkScheduled finds today what would be wrong at the time: it is cheaper to say so
// to somebody who is there.
func (o *Outbox) checkScheduled(ctx context.Context, tx *storage.Tx, author *coop.Account, p *coop.Post, due time.Time) error {
	p.Author, p.AuthorID = author, author.ID
	switch {
	case p.Job != nil:
		p.Job.Status = coop.JobOpen
		if p.IRI == "" {
			p.IRI = below(author.IRI, "jobs/new")
		}
		describe(p)
		p.Job.Complete(due, coop.JobDefaults{Days: o.jobDays(ctx), Organization: author.IRI, Reference: "new", Domain: author.Name})
		return p.Job.Validate(due)
	case p.Article != nil:
		p.Article.Status, p.Article.Version = coop.ArticlePublished, 1
		speaks(p, author)
		return coop.ValidateArticle(p)
	}
	p.IRI, p.Visibility = below(author.IRI, "notes/new"), cmp.Or(p.Visibility, coop.VisiblePublic)
	if _, err := o.answer(ctx, tx, author, p); err != nil {
		return err
	}
	if err := o.checkNote(p); err != nil {
		return err
	}
	if p.Poll != nil {
		if err := p.Poll.Validate(due); err != nil {
			return err
		}
	}
	return o.audience(ctx, tx, author, p)
}

// RunScheduled publishes what is due until ctx ends, woken by the store. It returns
// nil when ctx ended; an error is the store's.
func (o *Outbox) RunScheduled(ctx context.Context) error {
	return o.turns(ctx, storage.TopicTasks, o.StepScheduled)
}

// StepScheduled publishes one post that is due and says whether there was one. Errors
// are those of the store.
func (o *Outbox) StepScheduled(ctx context.Context) (did bool, err error) {
	var claimed []storage.Task
	err = o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		claimed, err = tx.ClaimTasks(ctx, []string{storage.TaskScheduled}, 1, lease)
		return err
	})
	if err != nil || len(claimed) == 0 {
		return false, err
	}
	defer func() {
		if v := recover(); v != nil {
			o.panicked(ctx, "scheduled", v) // its lease runs out and it comes again
		}
	}()
	t := claimed[0]
	err = o.publishScheduled(ctx, t)
	if err == nil || errors.Is(err, storage.ErrLeaseLost) || ctx.Err() != nil {
		return true, nil
	}
	return true, o.scheduledFailed(ctx, t, err)
}

// publishScheduled publishes what a task names. One that was taken back is done.
func (o *Outbox) publishScheduled(ctx context.Context, t storage.Task) error {
	id, err := coop.ParseID(t.Key)
	if err != nil {
		return fmt.Errorf("scheduled post %.40q: %w", t.Key, err)
	}
	s, err := o.scheduled(ctx, id)
	if isNotFound(err) {
		return o.store.Write(ctx, func(tx *storage.Tx) error { return tx.FinishTask(ctx, t.ID, t.Fence) })
	}
	if err != nil {
		return err
	}
	author, err := o.store.Account(ctx, s.AccountID)
	if err == nil && author.Gone() {
		err = coop.ErrGone
	}
	if err != nil {
		return fmt.Errorf("author of scheduled post %s: %w", id, err)
	}
	return o.taking(s, t).publishAny(ctx, author, s)
}

// scheduled reads a post that waits, by its id alone.
func (o *Outbox) scheduled(ctx context.Context, id coop.ID) (s *coop.Scheduled, err error) {
	err = o.store.Write(ctx, func(tx *storage.Tx) error {
		s, err = tx.DueScheduled(ctx, id)
		return err
	})
	return s, err
}

// taking is this outbox for one post that waits: the row and the task end in the
// transaction that publishes it, or nothing of it happens.
func (o *Outbox) taking(s *coop.Scheduled, t storage.Task) *Outbox {
	c := *o
	c.around = around{first: func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.FinishTask(ctx, t.ID, t.Fence); err != nil {
			return err
		}
		return tx.DropScheduled(ctx, s.AccountID, s.ID)
	}}
	return &c
}

// publishAny publishes a post of whatever kind.
func (o *Outbox) publishAny(ctx context.Context, author *coop.Account, s *coop.Scheduled) error {
	p := s.Post
	p.ID, p.IRI = 0, ""
	if p.Poll != nil {
		p.Poll.Ends = p.Poll.Ends.Add(o.now().Sub(s.Due)) // who votes has the time that was meant
	}
	switch {
	case p.Job != nil:
		return o.PublishJob(ctx, author, p)
	case p.Article != nil:
		return o.PublishArticle(ctx, author, p)
	}
	return o.PublishTyped(ctx, author, p)
}

// scheduledFailed lets a post come again where the fault may be ours, and otherwise
// keeps why it could not be published, where its author sees it.
func (o *Outbox) scheduledFailed(ctx context.Context, t storage.Task, cause error) error {
	o.log.WarnContext(ctx, "scheduled post not published", "id", t.Key, "attempt", t.Attempts, "err", cause)
	if !lasting(cause) && t.Attempts < maxScheduledAttempts {
		return o.store.Write(ctx, func(tx *storage.Tx) error {
			return tx.PostponeTask(ctx, t.ID, t.Fence, o.now().Add(pause(t.Attempts, t.Key)), nil, cause.Error())
		})
	}
	id, err := coop.ParseID(t.Key)
	if err != nil {
		return o.store.Write(ctx, func(tx *storage.Tx) error { return tx.FailTask(ctx, t.ID, t.Fence, cause.Error()) })
	}
	var s *coop.Scheduled
	err = o.store.Write(ctx, func(tx *storage.Tx) error {
		if s, err = tx.DueScheduled(ctx, id); err != nil && !isNotFound(err) {
			return err
		}
		if s != nil {
			if err := tx.NoteScheduled(ctx, id, reason(cause)); err != nil {
				return err
			}
		}
		return tx.FinishTask(ctx, t.ID, t.Fence)
	})
	if err != nil || s == nil {
		return err
	}
	return o.tellOfFailure(ctx, s, reason(cause))
}

// lasting tells errors that stay what they are, however often one tries.
func lasting(err error) bool {
	var invalid *coop.InvalidError
	for _, kind := range []error{coop.ErrNotFound, coop.ErrGone, coop.ErrForbidden, coop.ErrState, coop.ErrConflict, coop.ErrTooLarge} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return errors.As(err, &invalid)
}

// reason is what may be said of an error to who wrote the post.
func reason(err error) string {
	var invalid *coop.InvalidError
	var list coop.Invalid
	switch {
	case errors.As(err, &list):
		return list.Error()
	case errors.As(err, &invalid):
		return invalid.Error()
	case errors.Is(err, coop.ErrNotFound), errors.Is(err, coop.ErrGone):
		return "something that it needs is not there any more"
	}
	return "it was not possible"
}

// tellOfFailure sends the author a direct post of this instance. Nobody is told twice:
// the task has ended.
func (o *Outbox) tellOfFailure(ctx context.Context, s *coop.Scheduled, why string) error {
	author, err := o.store.Account(ctx, s.AccountID)
	if err != nil || author.Gone() {
		return err
	}
	return o.Tell(ctx, author, o.words.Say(author.Language, "scheduled_failed", map[string]string{"Why": why}))
}
