// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/storage"
)

// publishJobs publishes every job with the boards that it also goes to.
func (d *demo) publishJobs(ctx context.Context) error {
	for _, one := range d.instances {
		for _, seed := range one.seed.Jobs {
			author, err := one.localAccount(ctx, seed.Coop)
			if err != nil {
				return err
			}
			post, err := d.jobPost(ctx, one, seed)
			if err != nil {
				return err
			}
			if post.Job.DirectApply {
				if err := one.outbox.UseForm(ctx, author, true); err != nil {
					return fmt.Errorf("form of %s: %w", seed.Coop, err)
				}
			}
			if err := one.outbox.PublishJob(ctx, author, post); err != nil {
				return fmt.Errorf("job %q: %w", post.Job.Title, err)
			}
		}
	}
	return d.settle(ctx, demoPatience)
}

// jobPost turns a seed into a job.
func (d *demo) jobPost(ctx context.Context, one *demoInstance, s seedJob) (*coop.Post, error) {
	job := &coop.Job{
		Title: s.Titles[s.Language], TitleMap: s.Titles, Markdown: s.Texts, Engagement: s.Engagement, MembershipTrack: s.Track, Probation: s.Probation,
		EmploymentType: s.Types, Remote: s.Remote, ApplicantsFrom: s.From, OfficeDays: s.OfficeDays, HiringSteps: s.Steps,
		DirectApply: s.Form, DecisionMethod: s.Decision, SurplusSharing: s.Surplus, PayModel: s.Model, AnswerWithin: 14,
		ApplyEmail: "work@" + s.Coop + ".example", ValidThrough: one.now().AddDate(0, 0, s.Days).Truncate(time.Second),
	}
	if len(s.Hours) == 2 {
		job.HoursFrom, job.HoursTo = decimal.NewFromInt(s.Hours[0]), decimal.NewFromInt(s.Hours[1])
	}
	if len(s.Pay) == 2 {
		job.Pay = &coop.Pay{Currency: s.Currency, Min: decimal.NewFromInt(s.Pay[0]), Max: decimal.NewFromInt(s.Pay[1]), Unit: s.Per}
	}
	job.Anywhere = s.Remote && len(s.From) == 0
	if s.Ratio != "" {
		ratio, err := decimal.NewFromString(s.Ratio)
		if err != nil {
			return nil, fmt.Errorf("ratio %q: %w", s.Ratio, err)
		}
		job.PayRatio = &ratio
	}
	if s.City != "" {
		job.Places = []coop.Place{{Locality: s.City, Country: s.Country}}
	}
	for _, skill := range s.Skills {
		name, nice := strings.CutSuffix(skill, "?")
		job.Skills = append(job.Skills, coop.Skill{Term: coop.Term{Name: name}, Required: !nice})
	}
	post := &coop.Post{Kind: coop.KindJob, Visibility: coop.VisiblePublic, Language: s.Language, Job: job}
	for _, host := range s.Also {
		other, err := d.byHost(host)
		if err != nil {
			return nil, err
		}
		post.Cc = append(post.Cc, coop.IRI(other.config.BaseURL()+"/boards/jobs"))
	}
	return post, nil
}

// change edits and ends some of the jobs once the others have them, so that
// edits and endings are seen to arrive.
func (d *demo) change(ctx context.Context) error {
	for _, one := range d.instances {
		for _, s := range one.seed.Jobs {
			if s.Then == "" && s.EditedTitle == "" {
				continue
			}
			if err := one.changeJob(ctx, s); err != nil {
				return fmt.Errorf("job %q: %w", s.Titles[s.Language], err)
			}
		}
	}
	return nil
}

// changeJob finds a job by its title and changes it.
func (one *demoInstance) changeJob(ctx context.Context, s seedJob) error {
	author, err := one.localAccount(ctx, s.Coop)
	if err != nil {
		return err
	}
	posts, err := one.store.Posts(ctx, coop.As(author.ID), storage.PostQuery{Authors: []coop.ID{author.ID}, Kinds: []coop.PostKind{coop.KindJob}}, coop.Page{Limit: 40})
	if err != nil {
		return err
	}
	for _, post := range posts {
		if post.Job == nil || post.Job.Title != s.Titles[s.Language] {
			continue
		}
		if s.Then != "" {
			_, err = one.outbox.StepJob(ctx, post.ID, s.Then)
			return err
		}
		post.Job.Title = s.EditedTitle
		if post.Job.TitleMap != nil {
			post.Job.TitleMap[s.Language] = s.EditedTitle
		}
		return one.outbox.EditJob(ctx, post)
	}
	return coop.ErrNotFound
}
