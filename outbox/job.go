// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/outbox/text"
	"minga/storage"
)

// SaveJobDraft stores a job that is not published: new when p.ID is zero. What is
// there must be right; what is missing may come later.
func (o *Outbox) SaveJobDraft(ctx context.Context, author *coop.Account, p *coop.Post) error {
	return o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error {
		p.Job.Status = coop.JobDraft
		if err := o.prepareJob(ctx, tx, author, p); err != nil {
			return err
		}
		if err := p.Job.ValidateDraft(o.now()); err != nil {
			return err
		}
		if err := formAllowed(ctx, tx, author.ID, p.Job); err != nil {
			return err
		}
		return saveDraft(ctx, tx, p)
	})
}

// saveDraft stores a post that nobody else sees yet: new when p.ID is zero.
func saveDraft(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	save := tx.AddPost
	if p.ID != 0 {
		save = tx.UpdatePost
	}
	_, err := save(ctx, p, storage.Arrival{})
	return wrapErr("save", p.IRI, err)
}

// PublishJob publishes a job, new or a draft (p.ID set), of author: p.Job holds its
// fields with Markdown by language, p.Language the main language, p.Cc the boards
// that it also goes to (nil: all boards that the co-op may use). IRI, identifier,
// dates, text, hashtags and audience are filled in. Complaints are coop.Invalid.
func (o *Outbox) PublishJob(ctx context.Context, author *coop.Account, p *coop.Post) error {
	return o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error {
		if p.ID != 0 {
			if err := o.mayLeave(ctx, tx, p.ID); err != nil {
				return err
			}
		}
		return o.publishJob(ctx, tx, author, p)
	})
}

// publishJob is PublishJob in a transaction.
func (o *Outbox) publishJob(ctx context.Context, tx *storage.Tx, author *coop.Account, p *coop.Post) error {
	p.Job.Status, p.Job.DatePosted = coop.JobOpen, ""
	if err := o.prepareJob(ctx, tx, author, p); err != nil {
		return err
	}
	if err := p.Job.Validate(o.now()); err != nil {
		return err
	}
	if err := formAllowed(ctx, tx, author.ID, p.Job); err != nil {
		return err
	}
	if err := o.locateJob(ctx, tx, nil, p.Job); err != nil {
		return err
	}
	p.Job.ConfirmedAt, p.Job.Version = p.Published, max(p.Job.Version, 1)
	o.finishJob(p)
	if p.ID != 0 {
		return o.publishDraft(ctx, tx, p)
	}
	if len(p.Attachments) > 0 {
		id, err := tx.NextID(ctx, o.now())
		if err != nil {
			return err
		}
		p.ID = id
		if err := o.attach(ctx, tx, p); err != nil {
			return err
		}
	}
	return o.publish(ctx, tx, p)
}

// mayLeave checks that a stored post is a draft of ours.
func (o *Outbox) mayLeave(ctx context.Context, tx *storage.Tx, id coop.ID) error {
	before, err := o.ownPost(ctx, tx, id)
	if err != nil {
		return err
	}
	if !draft(before) {
		return fmt.Errorf("publish %s again: %w", before.IRI, coop.ErrState)
	}
	return nil
}

// prepareJob fills in what the author need not say.
func (o *Outbox) prepareJob(ctx context.Context, tx *storage.Tx, author *coop.Account, p *coop.Post) error {
	now := o.now().UTC()
	p.Author, p.AuthorID, p.Local, p.Kind, p.Type = author, author.ID, true, coop.KindJob, "Note"
	p.Published = now
	if p.Visibility == "" {
		p.Visibility = coop.VisiblePublic
	}
	if p.Language == "" {
		p.Language = firstLanguage(p.Job)
	}
	speaks(p, author)
	describe(p)
	reference := p.Job.Identifier.Value
	if p.IRI == "" {
		var err error
		if reference, err = tx.NextJobReference(ctx, author.ID, now.Year()); err != nil {
			return fmt.Errorf("reference of a job of %s: %w", author.IRI, err)
		}
		p.IRI = below(author.IRI, "jobs/"+reference)
	}
	p.URL, p.Thread = string(p.IRI), below(p.IRI, "context")
	domain := author.Handle(o.o.Local.AccountDomain).String()
	if len(author.Domains) > 0 {
		domain = author.Domains[0]
	}
	p.Job.Complete(now, coop.JobDefaults{Days: o.jobDays(ctx), Organization: author.IRI, Reference: reference, Domain: domain})
	p.Hashtags = jobTags(p.Hashtags)
	return o.audience(ctx, tx, author, p)
}

// JobDays is for how many days a job stays open when its author says nothing.
func (o *Outbox) JobDays(ctx context.Context) int {
	if days := o.jobDays(ctx); days > 0 {
		return days
	}
	return extendDays
}

// jobDays is how many days a job stays open when its author says nothing; 0
// leaves it to the rule of coop.
func (o *Outbox) jobDays(ctx context.Context) int {
	days, err := strconv.Atoi(o.setting(ctx, "job_days", "0"))
	if err != nil {
		return 0
	}
	return days
}

// describe makes the HTML of what was typed, cleans what came as HTML, and takes
// the texts of the main language.
func describe(p *coop.Post) {
	j := p.Job
	for lang, source := range j.Markdown {
		if j.DescriptionMap == nil {
			j.DescriptionMap = map[string]string{}
		}
		j.DescriptionMap[lang] = text.Brief(source)
	}
	for lang, html := range j.DescriptionMap {
		j.DescriptionMap[lang] = sanitize.Brief(html)
	}
	if html := j.DescriptionMap[p.Language]; html != "" {
		j.Description = html
	}
	if title := j.TitleMap[p.Language]; title != "" {
		j.Title = title
	}
	for _, html := range []*string{&j.Description, &j.Responsibilities, &j.Qualifications} {
		*html = sanitize.Brief(*html)
	}
	if len(j.DescriptionMap) == 1 && j.DescriptionMap[p.Language] != "" && len(j.TitleMap) < 2 {
		j.DescriptionMap, j.TitleMap = nil, nil // one language needs no map
	}
}

// firstLanguage is the language of a job whose author did not say it.
func firstLanguage(j *coop.Job) string {
	for _, m := range []map[string]string{j.TitleMap, j.Markdown, j.DescriptionMap} {
		if keys := slices.Sorted(maps.Keys(m)); len(keys) > 0 {
			return keys[0]
		}
	}
	return ""
}

// finishJob writes the text of the note for the state that the job is in.
func (o *Outbox) finishJob(p *coop.Post) {
	p.Title, p.Ends = p.Job.Title, p.Job.ValidThrough
	p.ContentMap = o.JobText(p.Author, p)
	p.Content = p.ContentMap[p.Language]
	if len(p.ContentMap) < 2 {
		p.ContentMap = nil
	}
}

// publishDraft sends what was stored as a draft before, with the day of today.
func (o *Outbox) publishDraft(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	if err := speaksHere(p.Author); err != nil {
		return err
	}
	w, err := o.write(ctx, tx, p, "Create", below(p.IRI, "create"))
	if err != nil {
		return err
	}
	if _, err := tx.UpdatePost(ctx, p, storage.Arrival{Object: w.object, Activity: w.activity}); err != nil {
		return wrapErr("publish", p.IRI, err)
	}
	if err := o.spread(ctx, tx, p, w, false); err != nil {
		return err
	}
	return o.announceLocal(ctx, tx, p, w.activity, true)
}
