// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
)

// seedDecision is a decision that is running. Accounts are name@host of the instances of
// the demonstration.
type seedDecision struct {
	By, Language, Title, Text, Method string
	English                           string
	EnglishText                       string            `toml:"english_text"`
	Ballots                           map[string]string // by co-op: an option
	Reasons                           map[string]string
	Echo                              map[string]int // by people who have no part in it
}

// decide opens the decisions, and lets co-ops on all three vote.
func (d *demo) decide(ctx context.Context) error {
	for _, s := range d.seed.Decision {
		if err := d.openDecision(ctx, s); err != nil {
			return fmt.Errorf("decide on %.40q: %w", s.Title, err)
		}
	}
	return d.settle(ctx, demoPatience)
}

// openDecision opens one, and lets those vote who do.
func (d *demo) openDecision(ctx context.Context, s seedDecision) error {
	one, author, err := d.speaker(ctx, s.By)
	if err != nil {
		return err
	}
	n := coop.NewDecision{
		Author: author, Language: s.Language, Method: coop.DecisionMethod(s.Method), Quorum: decimal.New(5, -1), Ends: one.now().Add(9 * 24 * time.Hour), ListBallots: true,
		Titles: map[string]string{s.Language: s.Title}, Texts: map[string]string{s.Language: s.Text},
	}
	if s.English != "" {
		n.Titles["en"], n.Texts["en"] = s.English, s.EnglishText
	}
	post, err := one.outbox.NewDecision(ctx, n)
	if err != nil {
		return err
	}
	if err := d.settle(ctx, demoPatience); err != nil {
		return err
	}
	for _, by := range slices.Sorted(maps.Keys(s.Ballots)) {
		if err := d.as(ctx, by, post, func(at *demoInstance, voter *coop.Account, p *coop.Post) error {
			return at.outbox.CastBallot(ctx, voter, p.ID, s.Ballots[by], s.Reasons[by])
		}); err != nil {
			return err
		}
	}
	for _, by := range slices.Sorted(maps.Keys(s.Echo)) {
		if err := d.as(ctx, by, post, func(at *demoInstance, voter *coop.Account, p *coop.Post) error {
			return at.outbox.Vote(ctx, voter, p.ID, []int{s.Echo[by]})
		}); err != nil {
			return err
		}
	}
	return nil
}
