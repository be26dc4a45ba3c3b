// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"slices"
	"strconv"
	"time"

	"minga/coop"
	"minga/outbox"
)

// roomAgreement is who agreed to work how much.
type roomAgreement struct {
	Who          person
	Slot, Amount string
	Hours        int
	Over         bool
	URL          string
}

// roomStep is a step of the plan.
type roomStep struct {
	Name, From, To string
	Work           []roomAgreement
}

// roomLine is a line of the split.
type roomLine struct {
	For      string
	Provider person
	Hours    int
	Payee    person
	Amount   string
}

// roomSplit is the split of the price.
type roomSplit struct {
	Lines        []roomLine
	Price, Sum   string
	Version      string
	Agreed, Open []person
	MayAgree     bool
}

// fillShared reads agreements, plan, split and files.
func (f *Face) fillShared(ctx context.Context, view *roomView, at *roomAt) error {
	records, err := f.Store.Records(ctx, at.room.ID, "")
	if err != nil {
		return err
	}
	called, err := f.slotWords(ctx, at)
	if err != nil {
		return err
	}
	who := f.callers(at)
	for _, r := range records {
		switch r.Kind {
		case coop.RecordAgreement:
			view.Agreements = append(view.Agreements, view.agreement(at.room.Split, outbox.ReadAgreement(r), who, called))
		case coop.RecordFile:
			view.Files = append(view.Files, view.file(at, r))
		}
	}
	if at.room.Plan != nil {
		for _, s := range at.room.Plan.Steps {
			view.Steps = append(view.Steps, f.roomStep(view.tongue, s, who, called))
		}
	}
	if at.room.Split != nil {
		view.Split = f.roomSplit(view, at, who)
	}
	return nil
}

// agreement is one in words, its amount in the currency of the split.
func (v *roomView) agreement(split *coop.Split, g outbox.TeamAgreement, who func(coop.IRI) person, called func(coop.IRI) string) roomAgreement {
	one := roomAgreement{Who: who(g.Provider), Slot: called(g.Slot), Hours: g.Hours, Over: g.Over}
	currency := ""
	if split != nil {
		currency = split.Currency
	}
	if !g.Amount.IsZero() {
		one.Amount = v.money(currency, g.Amount)
	}
	return one
}

// file is one in words, with its address once it is here.
func (v *roomView) file(at *roomAt, r *coop.Record) sentFile {
	if r.Sealed == "" {
		return sentFile{r.Title, v.T("room_file_comes"), ""}
	}
	return sentFile{r.Title, v.sizeOf(r.Size), at.path + "/files/" + r.ID.String()}
}

// roomSplit is the split in words, with who agreed to it.
func (f *Face) roomSplit(view *roomView, at *roomAt, who func(coop.IRI) person) *roomSplit {
	s := at.room.Split
	out := &roomSplit{Price: view.money(s.Currency, s.Price), Sum: view.money(s.Currency, s.Sum()), Version: strconv.Itoa(s.Version)}
	for _, line := range s.Lines {
		out.Lines = append(out.Lines, roomLine{line.For, who(line.Provider), line.Hours, who(line.Payee), view.money(s.Currency, line.Amount)})
	}
	for _, m := range at.members {
		if slices.Contains(s.Agreed, m.IRI) {
			out.Agreed = append(out.Agreed, f.person(m))
		} else {
			out.Open = append(out.Open, f.person(m))
		}
	}
	out.MayAgree = view.MaySay && at.room.EndedAt.IsZero() && !slices.Contains(s.Agreed, at.me.IRI)
	return out
}

// roomStep is a step of the plan in words.
func (f *Face) roomStep(t *tongue, s coop.PlanStep, who func(coop.IRI) person, called func(coop.IRI) string) roomStep {
	step := roomStep{Name: s.Name, From: dayIn(t, s.From), To: dayIn(t, s.To)}
	for _, w := range s.Work {
		one := roomAgreement{Hours: w.Hours, Slot: w.Name}
		if w.Provider != "" {
			one.Who = who(w.Provider)
		}
		if one.Slot == "" {
			one.Slot = called(w.Slot)
		}
		step.Work = append(step.Work, one)
	}
	return step
}

// dayIn is a day in words; empty for none.
func dayIn(t *tongue, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return t.Day(at)
}

// callers names the members by their ids; others by their address.
func (f *Face) callers(at *roomAt) func(coop.IRI) person {
	known := map[coop.IRI]person{}
	for _, m := range at.members {
		known[m.IRI] = f.person(m)
	}
	return func(iri coop.IRI) person {
		if p, ok := known[iri]; ok || iri == "" {
			return p
		}
		return person{Name: string(iri)}
	}
}
