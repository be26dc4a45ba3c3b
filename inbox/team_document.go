// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/federation/document"
	"minga/storage"
)

// maxWork is how many commitments of one step of a plan are read.
const maxWork = 100

// teamPlan keeps the plan of a team elsewhere or the split of its price: both are a Plan
// (FEP-3264) by the team itself, whose id tells which it is.
func (w *work) teamPlan(ctx context.Context, doc *document.Object) (effect, error) {
	room, err := w.knownAuthor(ctx)
	if err != nil {
		return nil, err
	}
	if room == nil || room.Local || room.Kind != coop.Team || coop.IRI(doc.Owner()) != room.IRI {
		return nil, drop("concerns_nobody")
	}
	here, err := w.in.store.MemberHere(ctx, room.ID)
	if err != nil {
		return nil, err
	}
	if !here {
		return nil, w.tooEarly("a plan of a team that nobody here is in")
	}
	id := coop.IRI(doc.ID())
	switch {
	case id == room.IRI+"/plan":
		return w.keepPlan(room, doc), nil
	case strings.HasPrefix(string(id), string(room.IRI)+"/splits/"):
		return w.keepSplit(room, doc)
	}
	return nil, drop("foreign_object")
}

// keepPlan keeps the newest plan and its bytes.
func (w *work) keepPlan(room *coop.Account, doc *document.Object) effect {
	plan := w.readPlan(doc)
	return func(ctx context.Context, tx *storage.Tx) error {
		t, err := tx.EnsureTeam(ctx, room)
		if err != nil {
			return err
		}
		if t.Plan != nil && maxTime(plan.Updated, plan.Published).Before(maxTime(t.Plan.Updated, t.Plan.Published)) {
			return nil // an older state came late
		}
		t.Plan = plan
		return w.keepRecord(ctx, tx, t, coop.RecordPlan, doc)
	}
}

// keepRecord keeps a team with a document of it.
func (w *work) keepRecord(ctx context.Context, tx *storage.Tx, t *coop.Room, kind coop.RecordKind, doc *document.Object) error {
	record := &coop.Record{
		TeamID: t.ID, Kind: kind, IRI: coop.IRI(doc.ID()), Author: coop.IRI(doc.Owner()), Body: doc.Bytes(), MediaType: "application/activity+json",
	}
	if err := tx.PutRecord(ctx, record); err != nil {
		return err
	}
	return tx.PutTeam(ctx, t)
}

// readPlan reads a plan: what is broken in it is left out.
func (w *work) readPlan(doc *document.Object) *coop.Plan {
	plan := &coop.Plan{Name: coop.CleanLine(doc.String("name"), 150), Text: plain(doc.Text("content").Value, 5000)}
	plan.Published = w.pastTime(doc, "published")
	if doc.Has("updated") {
		plan.Updated = w.pastTime(doc, "updated")
	}
	for _, process := range doc.Objects("planIncludes", coop.MaxPlanSteps) {
		step := coop.PlanStep{Name: coop.CleanLine(process.String("name"), 150)}
		step.From, _ = process.Time("hasBeginning")
		step.To, _ = process.Time("hasEnd")
		for _, input := range process.Objects("hasInput", maxWork) {
			step.Work = append(step.Work, readWork(input))
		}
		plan.Steps = append(plan.Steps, step)
	}
	return plan
}

// readWork reads a Commitment, which somebody has agreed to, or an Intent.
func readWork(doc *document.Object) coop.PlanWork {
	return coop.PlanWork{
		Commitment: coop.IRI(doc.ID()), Slot: ref(doc, "satisfies"), Skill: coop.CleanLine(doc.Ref("resourceConformsTo").ID, 300),
		Name: coop.CleanLine(doc.String("name"), 150), Provider: ref(doc, "provider"), Hours: hoursOf(doc.Object("effortQuantity")),
	}
}

// hoursOf reads a quantity of hours; what is none is zero.
func hoursOf(quantity *document.Object) int {
	value, _ := quantityOf(quantity)
	if value.IsNegative() || value.GreaterThan(decimal.NewFromInt(100_000)) {
		return 0
	}
	return int(value.IntPart())
}

// quantityOf reads a number of a quantity.
func quantityOf(quantity *document.Object) (decimal.Decimal, bool) {
	text := quantity.String("hasNumericalValue")
	if text == "" {
		text, _ = quantity.Number("hasNumericalValue")
	}
	if text == "" || len(text) > 20 {
		return decimal.Zero, false
	}
	value, err := decimal.NewFromString(text)
	if err != nil || value.Exponent() < -6 || value.Exponent() > 12 {
		return decimal.Zero, false
	}
	return value, true
}

// keepSplit keeps a version of the split, and who agreed to it.
func (w *work) keepSplit(room *coop.Account, doc *document.Object) (effect, error) {
	split, err := w.readSplit(room, doc)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		t, err := tx.EnsureTeam(ctx, room)
		if err != nil {
			return err
		}
		if t.Split != nil && t.Split.Version >= split.Version {
			return nil
		}
		t.Split = split
		return w.keepRecord(ctx, tx, t, coop.RecordSplit, doc)
	}, nil
}

// readSplit reads a split: each process pays one co-op, by a transfer, for what another
// input says to be worked.
func (w *work) readSplit(room *coop.Account, doc *document.Object) (*coop.Split, error) {
	number, _ := strings.CutPrefix(doc.ID(), string(room.IRI)+"/splits/")
	version, err := decimal.NewFromString(number)
	if err != nil || len(number) > 6 || !version.IsInteger() || !version.IsPositive() {
		return nil, drop("foreign_object")
	}
	split := &coop.Split{Version: int(version.IntPart()), IRI: coop.IRI(doc.ID()), Published: w.pastTime(doc, "published")}
	for _, process := range doc.Objects("planIncludes", coop.MaxSplitLines+1) {
		line := coop.SplitLine{For: coop.CleanLine(process.String("name"), 150)}
		for _, input := range process.Objects("hasInput", 2) {
			if input.String("action") == "work" {
				line.Provider, line.Hours = ref(input, "provider"), hoursOf(input.Object("effortQuantity"))
				continue
			}
			line.Payee = ref(input, "receiver")
			line.Amount, _ = quantityOf(input.Object("resourceQuantity"))
			split.Currency = coop.CurrencyOf(input.Ref("resourceConformsTo").ID)
		}
		if coop.IRI(process.ID()) == split.IRI+"#price" {
			split.Price = line.Amount
			continue
		}
		split.Lines = append(split.Lines, line)
	}
	return split, nil
}

// teamAgreement keeps an agreement that a team of another server shares with its members,
// where its own proof says that it is who it says to be by.
func (w *work) teamAgreement(ctx context.Context, room *coop.Account, in bool) (effect, error) {
	if !in {
		return w.agreementOver(ctx, room)
	}
	doc := w.doc.Object("object")
	id, owner := coop.IRI(doc.ID()), coop.IRI(doc.Owner())
	if room.Local || doc.Type() != "Agreement" || id == "" || !sameOrigin(id, owner) {
		return nil, drop("no_agreement")
	}
	here, err := w.in.store.MemberHere(ctx, room.ID)
	if err != nil {
		return nil, err
	}
	if !here {
		return nil, w.tooEarly("an agreement of a team that nobody here is in")
	}
	proven, _, err := w.in.proof(ctx, doc.Bytes(), owner, netip.Addr{})
	if err != nil || !proven {
		return nil, errors.Join(drop("no_proof"), err)
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		t, err := tx.EnsureTeam(ctx, room)
		if err != nil {
			return err
		}
		return w.keepRecord(ctx, tx, t, coop.RecordAgreement, doc)
	}, nil
}

// agreementOver notes that an agreement was released: it stays to be read.
func (w *work) agreementOver(ctx context.Context, room *coop.Account) (effect, error) {
	record, err := w.in.store.Record(ctx, coop.System(), coop.IRI(w.doc.Ref("object").ID))
	if err != nil {
		return nil, err
	}
	if record.TeamID != room.ID || record.Kind != coop.RecordAgreement || room.Local {
		return nil, drop("not_owner")
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		record.Title = coop.AgreementOver
		return tx.PutRecord(ctx, record)
	}, nil
}
