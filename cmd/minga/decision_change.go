// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"time"

	"minga/coop"
	"minga/storage"
)

// change does something with a decision of ours, with its entry of the audit log.
func (i *instance) change(t *terminal, name, act string, do func(ctx context.Context, p *coop.Post) error) error {
	p, err := i.aDecision(t.ctx, name)
	if err != nil {
		return err
	}
	ctx := storage.ActingAs(t.ctx, storage.Acting{Who: byCommand, Account: p.AuthorID, Act: act, Target: string(p.IRI)})
	if err := do(ctx, p); err != nil {
		return err
	}
	return i.decisionNow(t, p.ID)
}

// decisionAmend is `minga decision amend`.
type decisionAmend struct {
	Decision string `arg:"" help:"Id or address."`
	Title    string `help:"Another question; the same unless said otherwise."`
	Text     string `required:"" help:"What is proposed now (Markdown)."`
	Days     int    `help:"For how many more days; as before unless said otherwise."`
}

// Run amends one.
func (a decisionAmend) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		return i.change(t, a.Decision, "decisions.amend", func(ctx context.Context, p *coop.Post) error {
			if a.Title == "" {
				a.Title = p.Decision.Title
			}
			n := coop.NewDecision{Titles: map[string]string{p.Language: a.Title}, Texts: map[string]string{p.Language: a.Text}}
			if a.Days > 0 {
				n.Ends = i.now().Add(time.Duration(a.Days) * 24 * time.Hour)
			}
			_, err := i.outbox.AmendDecision(ctx, p.ID, n)
			return err
		})
	})
}

// decisionWithdraw is `minga decision withdraw`.
type decisionWithdraw struct {
	Decision string `arg:"" help:"Id or address."`
}

// Run withdraws one.
func (a decisionWithdraw) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		return i.change(t, a.Decision, "decisions.withdraw", func(ctx context.Context, p *coop.Post) error {
			_, err := i.outbox.WithdrawDecision(ctx, p.ID)
			return err
		})
	})
}

// decisionPublish is `minga decision publish`.
type decisionPublish struct {
	Decision string `arg:"" help:"Id or address."`
	Words    string `help:"Some words on what came out."`
}

// Run publishes what came out.
func (a decisionPublish) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		return i.change(t, a.Decision, "decisions.publish", func(ctx context.Context, p *coop.Post) error {
			_, err := i.outbox.PublishDecision(ctx, p.ID, a.Words)
			return err
		})
	})
}
