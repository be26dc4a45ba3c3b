// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"minga/coop"
	"minga/federation/document"
	"minga/storage"
)

// What a co-op elsewhere does, and what time it has, stand in collections beside its
// actor. Services are read again whenever the actor is. Capacity nobody pushes: it is read
// when somebody here looks for it, at most once in six hours from each co-op, signed as
// this server, and what was said to members alone stays theirs.

const (
	// capacityAge is how old what was read of a co-op's time may be.
	capacityAge = 6 * time.Hour
	// maxCapacityReads is how many co-ops are asked for one look.
	maxCapacityReads = 40
	// maxBeside is how many pages of such a collection are read.
	maxBeside = 6
)

// keepLanguages keeps of a co-op what its services said of its languages until they are
// read again: its actor does not say them.
func keepLanguages(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
	if a.Kind != coop.Coop || a.Services == "" {
		return nil
	}
	known, err := tx.AccountByIRI(ctx, a.IRI)
	if errors.Is(err, coop.ErrNotFound) || err == nil && known.Coop == nil {
		return nil
	}
	if err != nil {
		return err
	}
	a.Coop = speaking(a.Coop, known.Coop.Languages)
	return nil
}

// speaking is what a co-op says of itself with its languages.
func speaking(f *coop.CoopFacts, languages []string) *coop.CoopFacts {
	if f == nil {
		if len(languages) == 0 {
			return nil
		}
		f = &coop.CoopFacts{Members: -1, Workers: -1}
	}
	more := *f
	more.Languages = languages
	return &more
}

// queueServices lets what a co-op says that it does be read.
func (in *Inbox) queueServices(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
	if a.Local || a.Kind != coop.Coop || a.Services == "" {
		return nil
	}
	return in.addTask(ctx, tx, taskServices, a.ID.String(), in.now(), a.ID)
}

// runServices reads what a co-op says that it does.
func (in *Inbox) runServices(ctx context.Context, t storage.Task) (*again, error) {
	a, err := in.besideOf(ctx, t)
	if err != nil || a.Services == "" {
		return nil, err
	}
	var list []coop.Offering
	var languages []string
	err = in.walk(withPause(ctx), a.Services, maxBeside, func(r document.Ref) bool {
		o := r.Object()
		label := coop.CleanLine(o.Text("name").Value, 200)
		switch kind := coop.ServiceKind(o.String("serviceType")); {
		case kind == "language":
			if coop.ValidLanguage(label) && !slices.Contains(languages, label) && len(languages) < coop.MaxServices {
				languages = append(languages, label)
			}
		case slices.Contains(coop.ServiceKinds(), kind):
			list = append(list, coop.Offering{Kind: kind, Label: label})
		case kind == "":
			list = append(list, coop.Offering{Kind: coop.KindService, Label: label})
		}
		return len(list) < 2*coop.MaxServices
	})
	if err != nil {
		return nil, fmt.Errorf("services of %s: %w", a.IRI, err)
	}
	list = coop.TidyOfferings(list)
	return nil, in.store.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.PutServices(ctx, a.ID, list); err != nil {
			return err
		}
		now, err := tx.HoldAccount(ctx, a.ID)
		if err != nil || now.Coop == nil && len(languages) == 0 || now.Coop != nil && slices.Equal(now.Coop.Languages, languages) {
			return err
		}
		now.Coop = speaking(now.Coop, languages)
		return tx.SaveAccount(ctx, now)
	})
}

// besideOf is the co-op of a task that reads a collection beside its actor; one that is
// gone, or whose server is blocked, is not asked.
func (in *Inbox) besideOf(ctx context.Context, t storage.Task) (*coop.Account, error) {
	id, err := decode[coop.ID](t)
	if err != nil {
		return nil, err
	}
	a, err := in.store.Account(ctx, id)
	if err == nil && (a.Gone() || a.Local) {
		err = coop.ErrGone
	}
	if err != nil {
		return nil, err
	}
	return a, in.allowed(ctx, a.IRI)
}

// FreshenCapacity queues the reading of what time co-ops of the own federation and of
// those that it follows have, where what is known of it is old. Who shows who could cover
// something asks for it, and shows what is known by then.
func (in *Inbox) FreshenCapacity(ctx context.Context) error {
	list, err := in.store.StaleCapacity(ctx, in.now().Add(-capacityAge), maxCapacityReads)
	if err != nil || len(list) == 0 {
		return err
	}
	return in.store.Write(storage.Aside(ctx), func(tx *storage.Tx) error {
		for _, a := range list {
			if err := in.addTask(ctx, tx, taskCapacity, a.ID.String(), in.now(), a.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// FreshenCapacityOf is the same for one co-op.
func (in *Inbox) FreshenCapacityOf(ctx context.Context, a *coop.Account) error {
	if a.Local || a.Kind != coop.Coop || a.Capacity == "" {
		return nil
	}
	known, err := in.store.CapacityOf(ctx, a.ID)
	if err != nil || in.now().Sub(known.ReadAt) < capacityAge {
		return err
	}
	return in.store.Write(storage.Aside(ctx), func(tx *storage.Tx) error {
		return in.addTask(ctx, tx, taskCapacity, a.ID.String(), in.now(), a.ID)
	})
}

// runCapacity reads what time a co-op has. That it was asked is noted whatever it says,
// so that one that does not answer is not asked at every look.
func (in *Inbox) runCapacity(ctx context.Context, t storage.Task) (*again, error) {
	a, err := in.besideOf(ctx, t)
	if err != nil {
		return nil, err
	}
	now := in.now()
	known, err := in.store.CapacityOf(ctx, a.ID)
	if err != nil || now.Sub(known.ReadAt) < capacityAge {
		return nil, err
	}
	list := coop.CapacityList{Audience: coop.CapacityPublic, NotedAt: now, ReadAt: now}
	if a.Capacity != "" {
		err = in.walk(withPause(ctx), a.Capacity, maxBeside, func(r document.Ref) bool {
			if c, public, ok := readCapacity(r.Object(), now); ok {
				list.Entries = append(list.Entries, c)
				if !public {
					list.Audience = coop.CapacityMembers
				}
			}
			return len(list.Entries) < coop.MaxCapacities
		})
	}
	if err != nil && temporary(err) && ctx.Err() == nil && known.ReadAt.After(now.Add(-4*capacityAge)) {
		list = known // what it said a few hours ago stands while it cannot be asked
		list.ReadAt = now
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, in.store.Write(ctx, func(tx *storage.Tx) error { return tx.PutCapacity(ctx, a.ID, list) })
}

// readCapacity reads an Intent to work (FEP-0837): hours for a skill in the month in which
// it begins. public says that it is addressed to everybody.
func readCapacity(o *document.Object, now time.Time) (c coop.Capacity, public, ok bool) {
	quantity := o.Object("availableQuantity")
	hours, err := strconv.Atoi(quantity.String("hasNumericalValue"))
	if n, whole := quantity.Int("hasNumericalValue"); err != nil && whole {
		hours, err = int(n), nil
	}
	begins, dated := o.Time("hasBeginning")
	skill := coop.IRI(o.Ref("resourceConformsTo").ID)
	c = coop.Capacity{Skill: coop.Term{Name: coop.CleanLine(o.Text("name").Value, 120)}, Month: coop.MonthOf(begins), Hours: hours, NotedAt: now}
	if coop.ValidIRI(skill) {
		c.Skill.URI = string(skill)
	}
	if said, ok := o.Time("updated"); ok && said.Before(now) {
		c.NotedAt = said
	}
	for _, to := range append(o.Refs("to"), o.Refs("cc")...) {
		public = public || to.ID == string(coop.Public) || to.ID == "as:Public" || to.ID == "Public"
	}
	month := slices.Contains(coop.CapacityMonthsFrom(now), c.Month)
	ok = o.String("action") == "work" && quantity.String("hasUnit") == "hour" && err == nil && hours > 0 && hours <= coop.MaxCapacityHours && dated && month && c.Skill.Name != ""
	return c, public, ok
}
