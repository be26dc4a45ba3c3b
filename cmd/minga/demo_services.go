// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"strings"

	"minga/coop"
	"minga/coop/openlist"
	"minga/storage"
)

// plantServices lets the co-ops of a federation say what they do and what time they have;
// the federation features some of it, and reads an invented list in. One twin is left for
// whoever looks at the catalogue.
func (one *demoInstance) plantServices(ctx context.Context) error {
	for _, c := range one.seed.Coops {
		account, err := one.localAccount(ctx, c.Name)
		if err != nil {
			return err
		}
		if err := one.plantOffer(ctx, account, c); err != nil {
			return fmt.Errorf("services of %s: %w", c.Name, err)
		}
	}
	return one.store.Write(ctx, func(tx *storage.Tx) error {
		for _, label := range one.seed.Featured {
			term, err := tx.ServiceTermNamed(ctx, coop.KindService, label)
			if err != nil {
				return err
			}
			if err := tx.FeatureTerm(ctx, term.ID, label, nil); err != nil {
				return err
			}
		}
		if one.seed.List == "" {
			return nil
		}
		entries, _, err := openlist.Read(strings.NewReader(one.seed.List), storage.MostListed)
		if err != nil {
			return err
		}
		return tx.PutOpenList(ctx, &coop.OpenList{Source: "Lista inventada (demostración)", Licence: "CC0 1.0"}, entries)
	})
}

// plantOffer is what one co-op says.
func (one *demoInstance) plantOffer(ctx context.Context, a *coop.Account, c seedCoop) error {
	var list []coop.Offering
	propose := map[string]bool{}
	for _, group := range []struct {
		kind   coop.ServiceKind
		labels []string
	}{{coop.KindService, c.Services}, {coop.KindSector, c.Sectors}, {coop.KindTechnology, c.Technologies}} {
		for _, label := range group.labels {
			list = append(list, coop.Offering{Kind: group.kind, Label: label})
			propose[string(group.kind)+" "+coop.FoldService(label)] = label == c.Proposes
		}
	}
	if err := one.outbox.SetServices(ctx, a, list, propose); err != nil {
		return err
	}
	capacity := coop.CapacityList{Audience: coop.CapacityPublic}
	for _, month := range coop.CapacityMonthsFrom(one.now())[:3] {
		for skill, hours := range c.Capacity {
			capacity.Entries = append(capacity.Entries, coop.Capacity{Skill: coop.Term{Name: skill}, Month: month, Hours: hours})
		}
	}
	return one.outbox.SetCapacity(ctx, a, capacity)
}
