// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minga/coop"
	"minga/coop/jobtext"
	"minga/storage"
)

// JobSource is the text of a job as a person edits it: what was typed, or what a
// person would have typed.
func JobSource(p *coop.Post) string {
	if p.Source != "" {
		return p.Source
	}
	return jobtext.Write(p.Language, p.Job, p.Hashtags, coop.Handle{})
}

// EditTyped is [Outbox.EditNote] for what somebody typed. The text of a job changes
// the fields that it says otherwise than before, and its state where its first line
// says one; a *[TextError] says why it does not, which the author is told besides. A
// note whose new text is a job becomes one: that is how a mistake is put right.
func (o *Outbox) EditTyped(ctx context.Context, p *coop.Post) error {
	err := o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error {
		before, err := o.ownPost(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		switch {
		case before.Job != nil:
			return o.editJobText(ctx, tx, before, p)
		case before.Kind == coop.KindNote && coop.PublishesJobs(before.Author.Kind) && jobtext.Begins(p.Source):
			return o.editIntoJob(ctx, tx, before, p)
		}
		return o.editNote(ctx, tx, before, p)
	})
	var text *TextError
	if errors.As(err, &text) {
		author, tellErr := o.store.Account(ctx, p.AuthorID)
		if tellErr == nil {
			tellErr = o.Tell(storage.Aside(ctx), author, text.Said)
		}
		return errors.Join(err, tellErr)
	}
	return err
}

// editIntoJob makes a job of a note, where its new text is one.
func (o *Outbox) editIntoJob(ctx context.Context, tx *storage.Tx, before, p *coop.Post) error {
	author := before.Author
	p.Visibility, p.InReplyTo, p.InReplyToID = before.Visibility, before.InReplyTo, before.InReplyToID
	typed, err := o.readTyped(ctx, tx, author, p)
	if err != nil {
		return err
	}
	if len(typed.wrong) > 0 {
		if err := o.editNote(ctx, tx, before, p); err != nil || typed.quiet {
			return err
		}
		return o.tell(ctx, tx, author, o.sayFailed(author, typed.wrong, "jobtext_failed", o.formLink(p.ID)))
	}
	*p = *typed.post
	if err := o.becomeJob(ctx, tx, before, p); err != nil {
		return err
	}
	return o.tell(ctx, tx, author, o.sayUnderstood(author, p))
}

// becomeJob publishes a job under the id of the note that it was: who has the note
// gets an Update, and the boards announce it as they announce a new one.
func (o *Outbox) becomeJob(ctx context.Context, tx *storage.Tx, before, p *coop.Post) error {
	reference, err := tx.NextJobReference(ctx, before.AuthorID, o.now().UTC().Year())
	if err != nil {
		return fmt.Errorf("reference of a job of %s: %w", before.Author.IRI, err)
	}
	p.ID, p.IRI, p.App, p.Job.Identifier.Value = before.ID, before.IRI, before.App, reference
	if err := o.prepareJob(ctx, tx, before.Author, p); err != nil {
		return err
	}
	p.Published, p.Updated, p.Job.ConfirmedAt, p.Job.Version = before.Published, o.edited(before), o.now().UTC(), 1
	p.Job.Status = coop.JobOpen
	if err := p.Job.Validate(o.now()); err != nil {
		return err
	}
	if err := o.attach(ctx, tx, p); err != nil {
		return err
	}
	o.finishJob(p)
	return o.updateAs(ctx, tx, p, true)
}

// editJobText changes a job by its text.
func (o *Outbox) editJobText(ctx context.Context, tx *storage.Tx, before, p *coop.Post) error {
	was := jobtext.Parse(JobSource(before), o.now())
	e := textEdit{author: before.Author, source: p.Source, was: was, is: jobtext.Parse(p.Source, o.now()), wrong: unfit(&coop.Post{Poll: p.Poll, Summary: p.Summary})}
	if err := o.readEdit(ctx, tx, before, &e); err != nil {
		return err
	}
	action, moves := stepTo(before.Job.Status, e.is.State)
	if before.Job.Ended() && (!moves || action != "" || !e.is.Same(e.was)) {
		e.wrong = append(e.wrong, jobtext.Problem{Field: jobtext.Title, Line: 1, Code: codeEnded})
	} else if !moves {
		e.wrong = append(e.wrong, jobtext.Problem{Field: jobtext.Title, Line: 1, Code: codeState, Typed: jobtext.StateWord(before.Language, e.is.State)})
	}
	if len(e.wrong) > 0 {
		return o.textError(before.Author, e.wrong, before)
	}
	p.Job, p.Source, p.SourceType = before.Job.Clone(), e.source, plainText
	e.is.Change(was, p.Job, before.Language, e.message)
	p.Language, p.Hashtags, p.Mentions = before.Language, e.tags(before), e.mentions
	return o.finishTextEdit(ctx, tx, before, p, action, &e)
}

// finishTextEdit checks what came of an edit and publishes it.
func (o *Outbox) finishTextEdit(ctx context.Context, tx *storage.Tx, before, p *coop.Post, action coop.JobAction, e *textEdit) error {
	keepJob(before, p)
	if action != "" {
		if err := p.Job.Do(action, o.now()); err != nil {
			return o.textError(before.Author, []jobtext.Problem{{Field: jobtext.Title, Line: 1, Code: codeEnded}}, before)
		}
	}
	err := o.completeEdit(before, p)
	if wrong := complaintsOf(err, e.is, nil); len(wrong) > 0 {
		return o.textError(before.Author, wrong, before)
	}
	if err != nil {
		return err
	}
	if err := o.attach(ctx, tx, p); err != nil {
		return err
	}
	mentioned(p)
	if draft(before) {
		_, err := tx.UpdatePost(ctx, p, storage.Arrival{})
		return wrapErr("save", p.IRI, err)
	}
	o.finishJob(p)
	return o.update(ctx, tx, p)
}

// textEdit is another text of a job.
type textEdit struct {
	author   *coop.Account
	source   string // what is kept as typed
	was, is  *jobtext.Reading
	message  coop.IRI
	mentions []coop.Mention
	wrong    []jobtext.Problem
}

// readEdit reads the new text. That it ends the job counts even where the rest cannot
// be read, or is not there any more: nobody applies for what is filled.
func (o *Outbox) readEdit(ctx context.Context, tx *storage.Tx, before *coop.Post, e *textEdit) (err error) {
	begins := jobtext.Begins(e.source)
	if e.is.Stated && (!begins || e.is.State.Ended() && len(e.is.Problems) > 0) {
		state := e.is.State
		e.source = jobtext.Restate(before.Language, JobSource(before), state)
		e.is = jobtext.Parse(e.source, o.now())
		e.is.State, e.is.Problems = state, nil
		e.was = jobtext.Parse(e.source, o.now())
	} else if !begins {
		e.is.Problems = []jobtext.Problem{{Field: jobtext.Title, Code: coop.CodeRequired}}
	}
	e.wrong = append(e.wrong, e.is.Problems...)
	message, known, err := o.takesMessages(ctx, tx, e.author, e.is)
	if err != nil {
		return err
	}
	if !known {
		e.wrong = append(e.wrong, jobtext.Problem{Field: jobtext.ApplyAt, Line: e.is.Lines[jobtext.ApplyAt], Code: coop.CodeUnknown, Typed: e.is.ApplyTo.String()})
	}
	e.message = message
	e.mentions, err = o.named(ctx, tx, e.source, e.author.ID)
	return err
}

// tags are the hashtags of the text, where it has others than before.
func (e *textEdit) tags(before *coop.Post) []string {
	if fmt.Sprint(e.is.Hashtags) == fmt.Sprint(e.was.Hashtags) {
		return before.Hashtags
	}
	return e.is.Hashtags
}

// stepTo is the step that takes a job to a state, empty where it is there; false where
// no text leads there.
func stepTo(from, to coop.JobStatus) (coop.JobAction, bool) {
	if from == to || !from.OnWire() && to == coop.JobOpen {
		return "", true // a draft stays one until it is published
	}
	action, ok := map[coop.JobStatus]coop.JobAction{
		coop.JobOpen: coop.JobResume, coop.JobPaused: coop.JobPause, coop.JobFilled: coop.JobFill, coop.JobWithdrawn: coop.JobWithdraw, coop.JobClosed: coop.JobClose,
	}[to]
	return action, ok
}

// tellWaiting tells the author of a post that waits, if it means to be a job and will
// be none: there is time to put it right.
func (o *Outbox) tellWaiting(ctx context.Context, tx *storage.Tx, author *coop.Account, p *coop.Post, due time.Time) error {
	if p.Job != nil || p.Article != nil || !coop.PublishesJobs(author.Kind) || !jobtext.Begins(p.Source) {
		return nil
	}
	typed, err := o.readTyped(ctx, tx, author, p)
	if err != nil {
		return err
	}
	if !typed.quiet && len(typed.wrong) == 0 && typed.post.Job.ValidThrough.Before(due) {
		typed.wrong = []jobtext.Problem{{Field: jobtext.ApplyBy, Code: coop.CodePast}}
	}
	if typed.quiet || len(typed.wrong) == 0 {
		return nil
	}
	return o.tell(ctx, tx, author, o.sayFailed(author, typed.wrong, "jobtext_waiting", ""))
}

// NoteIntoJob makes a job of a plain note of ours, as the form sends it: under the same
// id, so that who has the note sees what became of it. Errors are those of
// [Outbox.PublishJob].
func (o *Outbox) NoteIntoJob(ctx context.Context, note coop.ID, p *coop.Post) error {
	return o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error {
		before, err := o.ownPost(ctx, tx, note)
		if err != nil {
			return err
		}
		if before.Kind != coop.KindNote || before.InReplyTo != "" || len(unfit(before)) > 0 || !coop.PublishesJobs(before.Author.Kind) {
			return fmt.Errorf("make a job of %s: %w", before.IRI, coop.ErrState)
		}
		p.Attachments, p.Visibility = before.Attachments, before.Visibility
		return o.becomeJob(ctx, tx, before, p)
	})
}

// CheckJob says what keeps a job of ours from being published, as [Outbox.PublishJob]
// would say it, and fills p in as it would be. Nothing is stored.
func (o *Outbox) CheckJob(ctx context.Context, p *coop.Post) error {
	p.Job.Status = coop.JobOpen
	describe(p)
	if p.IRI == "" {
		p.IRI = below(p.Author.IRI, "jobs/new")
	}
	p.URL, p.Hashtags = string(p.IRI), jobTags(p.Hashtags)
	p.Job.Complete(o.now().UTC(), coop.JobDefaults{Days: o.jobDays(ctx), Organization: p.Author.IRI, Reference: "new", Domain: p.Author.Name})
	return p.Job.Validate(o.now())
}
