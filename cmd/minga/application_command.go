// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"minga/coop"
	"minga/storage"
)

// applicationCommand is `minga application`. Who applied and what they wrote is for the
// co-op's hirers: the command line says that there is something, and never what.
type applicationCommand struct {
	Form     applicationForm     `cmd:"" help:"Turn the form by which people apply on or off for a co-op."`
	List     applicationList     `cmd:"" help:"List the applications for a job: when, and whether they were answered; never who or what."`
	Answered applicationAnswered `cmd:"" help:"Note that somebody was answered."`
	Waiting  applicationWaiting  `cmd:"" help:"Note that somebody still waits for an answer."`
	Delete   applicationDelete   `cmd:"" help:"Delete an application with its files, at once."`
}

// applicationForm is `minga application form`.
type applicationForm struct {
	Coop string `arg:"" help:"Name of the co-op."`
	How  string `arg:"" help:"on or off." enum:"on,off"`
}

// Run turns the form on or off.
func (a applicationForm) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		account, err := i.store.AccountByHandle(t.ctx, a.Coop, "")
		if err != nil {
			return fmt.Errorf("co-op %s: %w", a.Coop, err)
		}
		ctx := storage.ActingAs(t.ctx, storage.Acting{Who: byCommand, Account: account.ID, Act: "hiring.form", Target: a.How})
		if err := i.outbox.UseForm(ctx, account, a.How == "on"); err != nil {
			return err
		}
		return t.print(map[string]bool{"form": a.How == "on"}, func(w io.Writer) { fmt.Fprintf(w, "%s: the form is %s\n", a.Coop, a.How) })
	})
}

// applicationLine is an application as the command line may see it.
type applicationLine struct {
	ID       string `json:"id"`
	Created  string `json:"created_at"`
	AnswerBy string `json:"answer_by,omitempty"`
	Answered string `json:"answered_at,omitempty"`
	Deleted  string `json:"deleted_on,omitempty"`
	Files    int    `json:"files"`
}

// applicationList is `minga application list`.
type applicationList struct {
	Job coop.ID `arg:"" help:"Id of the job."`
}

// Run lists them.
func (a applicationList) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		p, err := i.store.Post(t.ctx, coop.System(), a.Job)
		if err != nil || p.Job == nil || !p.Local {
			return fmt.Errorf("job %s: %w", a.Job, coop.ErrNotFound)
		}
		rows, page := []applicationLine{}, coop.Page{Limit: 40}
		for n := 40; n == 40; {
			list, err := i.store.Applications(t.ctx, p.AuthorID, p.ID, page)
			if err != nil {
				return err
			}
			for _, one := range list {
				rows = append(rows, applicationLine{one.ID.String(), stamp(one.CreatedAt), stamp(one.AnswerBy), stamp(one.AnsweredAt), stamp(one.DeletedOn()), len(one.Files)})
				page.Max = one.ID
			}
			n = len(list)
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				fmt.Fprintf(w, "%s  %s  answer by %-20s answered %-20s %d files\n", row.ID, row.Created, row.AnswerBy, row.Answered, row.Files)
			}
		})
	})
}

// application does something with one as the command line, with its entry in the log.
func (t *terminal) application(id coop.ID, act string, do func(ctx context.Context, i *instance, a *coop.Application) error) error {
	return t.with(func(i *instance) error {
		a, err := i.store.ApplicationByID(t.ctx, id)
		if err != nil {
			return err
		}
		ctx := storage.ActingAs(t.ctx, storage.Acting{Who: byCommand, Account: a.AccountID, Act: act, Target: id.String()})
		return do(ctx, i, a)
	})
}

// applicationAnswered is `minga application answered`.
type applicationAnswered struct {
	ID coop.ID `arg:"" help:"Id of the application."`
}

// Run notes it.
func (a applicationAnswered) Run(t *terminal) error {
	return t.application(a.ID, "applications.answered", answeredAt(t.now()))
}

// applicationWaiting is `minga application waiting`.
type applicationWaiting struct {
	ID coop.ID `arg:"" help:"Id of the application."`
}

// Run notes it.
func (a applicationWaiting) Run(t *terminal) error {
	return t.application(a.ID, "applications.waiting", answeredAt(time.Time{}))
}

// answeredAt notes when somebody was answered; zero: not yet.
func answeredAt(at time.Time) func(context.Context, *instance, *coop.Application) error {
	return func(ctx context.Context, i *instance, a *coop.Application) error {
		return i.store.Write(ctx, func(tx *storage.Tx) error { return tx.AnswerApplication(ctx, a.AccountID, a.ID, at) })
	}
}

// applicationDelete is `minga application delete`.
type applicationDelete struct {
	ID coop.ID `arg:"" help:"Id of the application."`
}

// Run deletes it.
func (a applicationDelete) Run(t *terminal) error {
	return t.application(a.ID, "applications.delete", func(ctx context.Context, i *instance, a *coop.Application) error {
		if err := i.outbox.WithdrawApplication(ctx, a); err != nil {
			return err
		}
		return i.media.SweepSealed(t.ctx)
	})
}
