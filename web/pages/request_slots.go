// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"strings"

	"minga/coop"
)

// slotView is a role with how far it is covered.
type slotView struct {
	Key, Name, Skill, Rate string
	Required               bool
	State                  stateBadge
	Said                   string // hours accepted, open and wanted, in words
	Most, Value            int
	Could                  []coverView // who says that they have time for it
}

// coverView is a co-op that has time for a role.
type coverView struct {
	Who   person
	Hours string
	Own   bool
}

// slotBadge tells the state of a role.
func (t *tongue) slotBadge(s coop.Slot) stateBadge {
	class, sign := "open", "●"
	switch s.State() {
	case coop.SlotPartly:
		class, sign = "paused", "◐"
	case coop.SlotCovered:
		class, sign = "filled", "✓"
	case coop.SlotClosed:
		class, sign = "expired", "○"
	}
	return stateBadge{class, sign, t.T("request_slot_" + string(s.State()))}
}

// fillSlots shows the roles; skills of the list by their names in the reader's language.
func (f *Face) fillSlots(ctx context.Context, view *requestView, p *coop.Post) error {
	var addresses []string
	for _, s := range p.Request.Slots {
		addresses = append(addresses, s.Skill.URI)
	}
	names, err := f.Store.SkillNames(ctx, addresses, view.Lang)
	if err != nil {
		return err
	}
	for _, s := range p.Request.Slots {
		row := slotView{
			Key: s.Key, Name: s.Name, Skill: s.Skill.Name, Required: s.Required, State: view.slotBadge(s), Most: s.Hours, Value: s.Accepted,
			Said: view.T("request_slot_said", "Accepted", view.Number(s.Accepted), "Open", view.Number(s.OpenHours()), "Hours", view.Number(s.Hours)),
		}
		if named := names[s.Skill.URI]; named != "" {
			row.Skill = named
		}
		if strings.EqualFold(row.Skill, row.Name) {
			row.Skill = ""
		}
		if s.Rate != nil {
			row.Rate = view.T("request_rate", "Currency", s.Rate.Currency, "Amount", view.jobs.Number(view.Lang, s.Rate.Value))
		}
		view.Slots = append(view.Slots, row)
	}
	return nil
}

// mostCovers is how many co-ops are named for one role.
const mostCovers = 3

// fillCovers lights up who could cover the roles that are open: what anybody may read of
// capacity, and what one of the viewers may.
func (f *Face) fillCovers(ctx context.Context, view *requestView, p *coop.Post, viewers []coop.Viewer) error {
	if !p.Request.Takes(f.Now()) {
		return nil
	}
	var asked []string
	for _, s := range p.Request.Slots {
		if s.OpenHours() > 0 {
			asked = append(asked, skillAsked(s))
		}
	}
	who := viewers[0]
	if len(viewers) > 1 {
		// The person reads for every co-op in which they hold a role. Who reads must not
		// suffer when the question cannot be queued; the next reader asks again.
		who = viewers[1]
		_ = f.Inbox.FreshenCapacity(ctx)
	}
	covers, err := f.Store.WhoCanCover(ctx, who, asked, "", mostCovers)
	if err != nil {
		return err
	}
	for i, s := range p.Request.Slots {
		for _, c := range covers[skillAsked(s)] {
			if s.OpenHours() == 0 || c.Account == nil || c.Account.ID == p.AuthorID {
				continue
			}
			view.Slots[i].Could = append(view.Slots[i].Could, coverView{f.person(c.Account), view.T("request_could_hours", "Hours", view.Number(c.Hours), "Month", view.month(c.Month)), c.Own})
		}
	}
	return nil
}

// skillAsked is the skill of a role as capacity is asked for it.
func skillAsked(s coop.Slot) string {
	if s.Skill.URI != "" {
		return s.Skill.URI
	}
	return s.Skill.Name
}
