// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/storage"
)

// What a co-op does and what time it has are collections of its own, beside the actor.
// Services change with an Update of the actor, so that others read them again; capacity is
// never pushed: whoever needs it asks, and those who may not read it find nothing.

// servicesPage is what a co-op says that it does, all on one page.
func (o *Outbox) servicesPage(ctx context.Context, owner *coop.Account) (page, int, error) {
	all, err := o.store.ServicesOf(ctx, []coop.ID{owner.ID})
	p := page{}
	for _, s := range all[owner.ID] {
		p.items = append(p.items, vocabulary.Members{
			{Name: "type", Value: "DefinedTerm"}, {Name: "name", Value: s.Label}, {Name: "serviceType", Value: string(s.Kind)},
		})
	}
	if owner.Coop != nil {
		for _, tag := range owner.Coop.Languages {
			p.items = append(p.items, vocabulary.Members{{Name: "type", Value: "DefinedTerm"}, {Name: "name", Value: tag}, {Name: "serviceType", Value: "language"}})
		}
	}
	return p, len(p.items), err
}

// capacityPage is what time a co-op has, all on one page: an Intent to work (FEP-0837) for
// each skill and month. Who may not read it gives [coop.ErrNotFound].
func (o *Outbox) capacityPage(ctx context.Context, v coop.Viewer, owner *coop.Account) (page, int, error) {
	may, err := o.store.MayReadCapacity(ctx, v, owner.ID)
	if err != nil || !may {
		return page{}, 0, errorOr(err, coop.ErrNotFound)
	}
	list, err := o.store.CapacityOf(ctx, owner.ID)
	if err != nil {
		return page{}, 0, err
	}
	to, err := o.capacityFor(ctx, owner, list.Audience)
	p := page{}
	for i, c := range list.Entries {
		month, ok := coop.ParseMonth(c.Month)
		if !ok {
			continue
		}
		m := vocabulary.Members{
			{Name: "type", Value: "Intent"},
			{Name: "id", Value: string(below(owner.IRI, string(CollectionCapacity))) + "#" + strconv.Itoa(i+1)},
			{Name: "action", Value: "work"},
			{Name: "provider", Value: string(owner.IRI)},
			{Name: "name", Value: c.Skill.Name},
		}
		m = m.Add("resourceConformsTo", c.Skill.URI).Add("availableQuantity", vocabulary.Members{{Name: "hasUnit", Value: "hour"}, {Name: "hasNumericalValue", Value: strconv.Itoa(c.Hours)}})
		p.items = append(p.items, m.Add("hasBeginning", month).Add("hasEnd", month.AddDate(0, 1, 0)).Add("updated", c.NotedAt).Add("to", to))
	}
	return p, len(p.items), err
}

// capacityFor is who hears of capacity, as addresses: everybody, or the members of where
// the co-op is one. Who reads it with more rights than others keeps to it.
func (o *Outbox) capacityFor(ctx context.Context, owner *coop.Account, audience coop.CapacityAudience) ([]string, error) {
	if audience != coop.CapacityMembers {
		return []string{string(coop.Public)}, nil
	}
	list, err := o.store.Memberships(ctx, storage.MembershipQuery{Member: owner.ID, Verified: true}, coop.Page{Limit: pageSize})
	var to []string
	for _, m := range list {
		if m.Organization.Members != "" {
			to = append(to, string(m.Organization.Members))
		}
	}
	if len(to) == 0 {
		to = append(to, string(owner.IRI))
	}
	return to, err
}

// errorOr is the first error that there is.
func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// SetServices keeps what a local co-op says that it does, and asks for those terms to be
// in the catalogue that propose names, as folded by [coop.FoldService]. Servers that know
// the co-op hear that its actor has changed. Complaints are coop.Invalid.
func (o *Outbox) SetServices(ctx context.Context, a *coop.Account, list []coop.Offering, propose map[string]bool) error {
	list = coop.TidyOfferings(list)
	if err := coop.ValidateOfferings(list); err != nil {
		return err
	}
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		before, err := tx.ServicesOf(ctx, []coop.ID{a.ID})
		if err != nil {
			return err
		}
		if err := tx.PutServices(ctx, a.ID, list); err != nil {
			return fmt.Errorf("services of %s: %w", a.IRI, err)
		}
		for _, s := range list {
			name := coop.FoldService(s.Label)
			if !propose[string(s.Kind)+" "+name] {
				continue
			}
			term, err := tx.ServiceTermNamed(ctx, s.Kind, name)
			if err != nil {
				return err
			}
			if err := tx.ProposeTerm(ctx, a.ID, term.ID); err != nil {
				return err
			}
		}
		if sameOfferings(before[a.ID], list) {
			return nil
		}
		fresh, err := tx.HoldAccount(ctx, a.ID)
		if err != nil {
			return err
		}
		return o.saveActor(ctx, tx, fresh)
	})
}

// sameOfferings tells whether others would see no change.
func sameOfferings(a, b []coop.Offering) bool {
	return slices.EqualFunc(a, b, func(x, y coop.Offering) bool { return x.Kind == y.Kind && x.Label == y.Label })
}

// SetCapacity keeps what a local co-op says of its time; nobody is told. Complaints are
// coop.Invalid.
func (o *Outbox) SetCapacity(ctx context.Context, a *coop.Account, list coop.CapacityList) error {
	list.NotedAt, list.ReadAt = o.now(), time.Time{}
	for i := range list.Entries {
		list.Entries[i].NotedAt = list.NotedAt
	}
	if err := coop.ValidateCapacity(list, list.NotedAt); err != nil {
		return err
	}
	return o.store.Write(ctx, func(tx *storage.Tx) error { return tx.PutCapacity(ctx, a.ID, list) })
}
