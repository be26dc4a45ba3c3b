// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"

	"minga/coop"
	"minga/storage"
)

// mostOwnJobs is how many jobs of a co-op are looked at in one go.
const mostOwnJobs = 500

// UseForm turns the form by which people apply on or off for a co-op. When it goes off,
// its jobs lose that way; one that has no other gives an *[coop.InvalidError] of field
// form, and the form stays on.
func (o *Outbox) UseForm(ctx context.Context, author *coop.Account, on bool) error {
	if !coop.PublishesJobs(author.Kind) || !author.Local {
		return fmt.Errorf("form of %s: %w", author.IRI, coop.ErrForbidden)
	}
	var jobs []*coop.Post
	if !on {
		all, err := o.store.JobsOf(ctx, author.ID, coop.Page{Limit: mostOwnJobs})
		if err != nil {
			return err
		}
		for _, p := range all {
			if p.Job == nil || p.Job.Ended() || !p.Job.DirectApply {
				continue
			}
			if p.Job.ApplyEmail == "" && p.Job.ApplyURL == "" && p.Job.ApplyBy == "" && p.Job.Status.OnWire() {
				return &coop.InvalidError{Field: "form", Code: coop.CodeNotAllowed, Problem: "one can apply to " + p.Job.Title + " by the form alone: give it another way first"}
			}
			jobs = append(jobs, p)
		}
	}
	if err := o.store.Write(ctx, func(tx *storage.Tx) error { return tx.SetForm(ctx, author.ID, on) }); err != nil {
		return err
	}
	for _, p := range jobs {
		if err := o.withoutForm(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// withoutForm takes the form out of the ways to apply for a job.
func (o *Outbox) withoutForm(ctx context.Context, p *coop.Post) error {
	edited := *p
	edited.Job = p.Job.Clone()
	edited.Job.DirectApply = false
	return o.EditJob(ctx, &edited)
}

// formAllowed complains of a job that wants the form where its co-op has not turned it
// on: nobody could apply by it.
func formAllowed(ctx context.Context, tx *storage.Tx, author coop.ID, j *coop.Job) error {
	if !j.DirectApply {
		return nil
	}
	on, err := tx.TakesForm(ctx, author)
	if err == nil && !on {
		err = coop.Invalid{{Field: "apply.form", Code: coop.CodeNotAllowed, Problem: "the co-op has not turned the form for applications on"}}
	}
	return err
}
