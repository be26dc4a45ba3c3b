// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"

	"minga/coop"
	"minga/outbox"
)

// seedJoining is a co-op that asks to become a member, and how the members vote on it.
type seedJoining struct {
	Coop, To, Text string
	Ballots        map[string]string // option by co-op
}

// ask lets a co-op ask to join, the federation lay it before its members, and these vote.
func (d *demo) ask(ctx context.Context, s seedJoining) error {
	home, member, err := d.speaker(ctx, s.Coop)
	if err != nil {
		return err
	}
	there, federation, err := d.federation(ctx, s.To)
	if err != nil {
		return err
	}
	organization, err := home.store.AccountByIRI(ctx, federation.IRI)
	if err != nil {
		return err
	}
	if _, err := home.outbox.Join(ctx, member, organization, coop.RoleFull, s.Text); err != nil {
		return err
	}
	if err := d.settle(ctx, demoPatience); err != nil {
		return err
	}
	asked, err := there.store.AccountByIRI(ctx, member.IRI)
	if err != nil {
		return err
	}
	m, err := there.store.MembershipOf(ctx, asked.ID, federation.ID)
	if err != nil {
		return err
	}
	decision, err := there.outbox.LayBeforeMembers(ctx, m, outbox.JoinDecision{ListBallots: true})
	if err != nil {
		return err
	}
	if err := d.settle(ctx, demoPatience); err != nil {
		return err
	}
	for by, option := range s.Ballots {
		if err := d.ballot(ctx, by, decision.IRI, option); err != nil {
			return fmt.Errorf("%s votes %s: %w", by, option, err)
		}
	}
	return d.settle(ctx, demoPatience)
}

// ballot casts a co-op's ballot at its own instance.
func (d *demo) ballot(ctx context.Context, by string, decision coop.IRI, option string) error {
	one, account, err := d.speaker(ctx, by)
	if err != nil {
		return err
	}
	p, err := one.store.PostByIRI(ctx, coop.System(), decision)
	if err != nil {
		return err
	}
	return one.outbox.CastBallot(ctx, account, p.ID, option, "")
}

// federation is the federation of an instance.
func (d *demo) federation(ctx context.Context, host string) (*demoInstance, *coop.Account, error) {
	one, err := d.byHost(host)
	if err != nil {
		return nil, nil, err
	}
	account, err := one.store.FederationAccount(ctx)
	return one, account, err
}
