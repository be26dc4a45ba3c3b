// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"

	"minga/coop"
	"minga/coop/jobtext"
	"minga/storage"
)

// EditJob publishes a new state of the fields of a job that is open or paused; the
// status, the dates of posting and the reference stay as they are. A draft is saved.
func (o *Outbox) EditJob(ctx context.Context, p *coop.Post) error {
	return o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error {
		before, err := o.ownPost(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if before.Job == nil || before.Job.Ended() {
			return fmt.Errorf("edit %s: %w", before.IRI, coop.ErrState)
		}
		if p.Job.Version != 0 && p.Job.Version != max(before.Job.Version, 1) {
			return fmt.Errorf("edit version %d of %s: %w", p.Job.Version, before.IRI, coop.ErrConflict)
		}
		keepJob(before, p)
		p.Source = "" // it says what the fields said before
		if err := o.completeEdit(before, p); err != nil {
			return err
		}
		if err := formAllowed(ctx, tx, p.AuthorID, p.Job); err != nil {
			return err
		}
		if draft(before) {
			_, err := tx.UpdatePost(ctx, p, storage.Arrival{})
			return wrapErr("save", p.IRI, err)
		}
		if err := o.locateJob(ctx, tx, before.Job, p.Job); err != nil {
			return err
		}
		o.finishJob(p)
		return o.update(ctx, tx, p)
	})
}

// keepJob takes over what an edit does not change.
func keepJob(before, p *coop.Post) {
	p.IRI, p.URL, p.Author, p.AuthorID, p.Local = before.IRI, before.URL, before.Author, before.AuthorID, true
	p.Kind, p.Type, p.Visibility, p.Published, p.Thread = before.Kind, before.Type, before.Visibility, before.Published, before.Thread
	p.To, p.Cc, p.Audience = before.To, before.Cc, before.Audience
	j, old := p.Job, before.Job
	j.Status, j.DatePosted, j.Closed, j.RepostOf, j.ConfirmedAt = old.Status, old.DatePosted, old.Closed, old.RepostOf, old.ConfirmedAt
	j.Identifier, j.HiringOrganization, j.Version = old.Identifier, old.HiringOrganization, max(old.Version, 1)+1
	if p.Language == "" {
		p.Language = before.Language
	}
	if p.Hashtags == nil {
		p.Hashtags = before.Hashtags
	}
}

// completeEdit checks an edit as a form is checked.
func (o *Outbox) completeEdit(before, p *coop.Post) error {
	now := o.now().UTC()
	describe(p)
	p.Updated = o.edited(before)
	p.Job.Complete(now, coop.JobDefaults{})
	p.Hashtags = jobTags(p.Hashtags)
	if draft(p) {
		return p.Job.ValidateDraft(now)
	}
	return p.Job.Validate(now)
}

// StepJob takes a job of ours along an arrow of its states: pause, resume, fill,
// withdraw, close, confirm. A step that its state does not have gives
// [coop.ErrState]; one that is done already changes nothing.
func (o *Outbox) StepJob(ctx context.Context, id coop.ID, step string) (*coop.Post, error) {
	var p *coop.Post
	err := o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		if p, err = o.ownPost(ctx, tx, id); err != nil {
			return err
		}
		return o.stepJob(ctx, tx, p, coop.JobAction(step))
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (o *Outbox) stepJob(ctx context.Context, tx *storage.Tx, p *coop.Post, action coop.JobAction) error {
	if p.Job == nil {
		return fmt.Errorf("%s %s: %w", action, p.IRI, coop.ErrNotFound)
	}
	if action == coop.JobPublish || action == coop.JobExtend || action == coop.JobRepost || action == coop.JobSubmit {
		return fmt.Errorf("%s %s by a step: %w", action, p.IRI, coop.ErrState)
	}
	before, now := p.Job.Status, o.now().UTC()
	if err := p.Job.Do(action, now); err != nil {
		return err
	}
	if p.Job.Status == before && action != coop.JobConfirm {
		return nil
	}
	p.Updated, p.Job.Version = o.edited(p), max(p.Job.Version, 1)+1
	if p.Source != "" {
		p.Source = jobtext.Restate(p.Language, p.Source, p.Job.Status)
	}
	o.finishJob(p)
	return o.update(ctx, tx, p)
}
