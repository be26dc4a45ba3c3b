// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/vocabulary"
	"minga/storage"
)

// SetSplit publishes a new version of the split of the price of a team of ours to its
// members; Version, IRI and Published are filled in, and nobody has agreed to it yet. A
// split that breaks a rule that the request promised is refused as coop.Invalid.
func (o *Outbox) SetSplit(ctx context.Context, team coop.ID, split *coop.Split, also ...Also) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		t, err := o.ownTeam(ctx, tx, team)
		if err != nil {
			return err
		}
		rules, err := o.splitRules(ctx, tx, t)
		if err != nil {
			return err
		}
		next := *split
		next.Lines, next.Agreed = slices.Clone(split.Lines), nil
		for i := range next.Lines {
			next.Lines[i].For = coop.CleanLine(next.Lines[i].For, 200)
		}
		if err := coop.ValidateSplit(&next, rules); err != nil {
			return err
		}
		next.Version = 1
		if t.Split != nil {
			next.Version = t.Split.Version + 1
		}
		next.IRI, next.Published = below(t.Account.IRI, "splits/"+strconv.Itoa(next.Version)), o.now().UTC().Truncate(time.Second)
		t.Split = &next
		if err := o.shareDocument(ctx, tx, t, coop.RecordSplit, "Create", splitMembers(t)); err != nil {
			return err
		}
		*split = next
		return besides(ctx, tx, also)
	})
}

// splitRules are what the request promised, with who is in the team and what they agreed
// to work.
func (o *Outbox) splitRules(ctx context.Context, tx *storage.Tx, t *coop.Room) (coop.SplitRules, error) {
	rules := coop.SplitRules{Agreed: map[coop.IRI]int{}}
	members, err := allMembers(ctx, tx, t.ID)
	if err != nil {
		return rules, err
	}
	for _, m := range members {
		rules.Members = append(rules.Members, m.Member.IRI)
	}
	records, err := tx.Records(ctx, t.ID, coop.RecordAgreement)
	if err != nil {
		return rules, err
	}
	for _, r := range records {
		if g := ReadAgreement(r); r.Title == "" {
			rules.Agreed[g.Provider] += g.Hours
		}
	}
	if len(records) == 0 {
		rules.Agreed = nil
	}
	request, err := o.requestOf(ctx, tx, t)
	if request != nil {
		rules.NoMargin, rules.Complete = request.Request.Promises(coop.NoMargin), request.Request.Promises(coop.SplitPublished)
	}
	return rules, err
}

// requestOf is the request that a team does; nil where it is not known here.
func (o *Outbox) requestOf(ctx context.Context, tx *storage.Tx, t *coop.Room) (*coop.Post, error) {
	if t.RequestID == 0 {
		return nil, nil
	}
	p, err := tx.Post(ctx, coop.System(), t.RequestID)
	if ignoreGone(err) == nil && err != nil || isNotFound(err) || err == nil && p.Request == nil {
		return nil, nil
	}
	return p, err
}

// splitMembers is a split as an object: each line a process that pays one co-op by a
// transfer, for work where hours stand in it; #price is the whole.
func splitMembers(t *coop.Room) vocabulary.Members {
	s := t.Split
	transfer := func(id string, to coop.IRI, amount decimal.Decimal) vocabulary.Members {
		m := vocabulary.Members{{Name: "type", Value: "Commitment"}, {Name: "id", Value: id + "-pay"}, {Name: "action", Value: "transfer"}}
		m = m.Add("provider", string(t.Account.IRI)).Add("receiver", string(to)).Add("resourceConformsTo", coop.CurrencyIRI(s.Currency))
		return m.Add("resourceQuantity", vocabulary.Quantity("one", amount.String()))
	}
	process := func(id, name string, inputs ...vocabulary.Members) vocabulary.Members {
		return vocabulary.Members{{Name: "type", Value: "Process"}, {Name: "id", Value: id}, {Name: "name", Value: name}, {Name: "hasInput", Value: inputs}}
	}
	var lines []vocabulary.Members
	for i, line := range s.Lines {
		id := fmt.Sprintf("%s#line-%d", s.IRI, i+1)
		inputs := []vocabulary.Members{transfer(id, line.Payee, line.Amount)}
		if line.Hours > 0 || line.Provider != "" {
			work := vocabulary.Members{{Name: "type", Value: "Commitment"}, {Name: "id", Value: id + "-work"}, {Name: "action", Value: "work"}}
			work = work.Add("provider", string(line.Provider)).Add("receiver", string(t.Account.IRI))
			inputs = append(inputs, work.Add("effortQuantity", vocabulary.Quantity("hour", strconv.Itoa(line.Hours))))
		}
		lines = append(lines, process(id, line.For, inputs...))
	}
	price := string(s.IRI) + "#price"
	lines = append(lines, process(price, "Price", transfer(price, t.Account.IRI, s.Price)))
	return vocabulary.Members{
		{Name: "type", Value: "Plan"},
		{Name: "id", Value: string(s.IRI)},
		{Name: "attributedTo", Value: string(t.Account.IRI)},
		{Name: "name", Value: "Split " + strconv.Itoa(s.Version)},
		{Name: "published", Value: s.Published},
		{Name: "to", Value: []string{string(t.Account.Members)}},
		{Name: "planIncludes", Value: lines},
	}
}

// AgreeSplit says in the name of a member of ours that it agrees to the split as it stands
// now; version says which one that is, and [coop.ErrConflict] that there is a newer one.
// What breaks a rule of the request, as far as that is known here, is refused as
// coop.Invalid: it cannot be agreed to.
func (o *Outbox) AgreeSplit(ctx context.Context, by *coop.Account, team coop.ID, version int, also ...Also) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		t, err := tx.Team(ctx, team)
		if err != nil {
			return err
		}
		member, err := tx.VerifiedMember(ctx, by.ID, team)
		switch {
		case err != nil:
			return err
		case !member || !by.Local || t.Split == nil:
			return fmt.Errorf("agree to a split: %w", coop.ErrNotFound)
		case !t.EndedAt.IsZero():
			return fmt.Errorf("agree to a split of a team that has ended: %w", coop.ErrState)
		case t.Split.Version != version:
			return fmt.Errorf("agree to version %d of a split: %w", version, coop.ErrConflict)
		case slices.Contains(t.Split.Agreed, by.IRI):
			return nil
		}
		rules, err := o.splitRules(ctx, tx, t)
		if err != nil {
			return err
		}
		if err := coop.ValidateSplit(t.Split, rules); err != nil && t.Account.Local {
			return err
		}
		if err := o.sendConsent(ctx, tx, t, by); err != nil {
			return err
		}
		if err := o.SplitAgreed(ctx, tx, t.Account, t.Split.IRI, by.IRI); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
}

// sendConsent is an Accept of the split, with a proof: the team forwards it.
func (o *Outbox) sendConsent(ctx context.Context, tx *storage.Tx, t *coop.Room, by *coop.Account) error {
	iri, err := o.newIRI(ctx, tx, by.IRI, "Accept")
	if err != nil {
		return err
	}
	b := o.newInboxes(ctx, tx)
	b.membersOf(t.Account.Members)
	if b.err != nil {
		return b.err
	}
	a := vocabulary.Activity{ID: iri, Type: "Accept", Actor: string(by.IRI), Object: string(t.Split.IRI), To: []string{string(t.Account.Members)}, Published: o.now()}
	doc, err := o.send(ctx, tx, outgoing{activity: a, signer: by, proven: true, object: t.Split.IRI, keep: true}, b.list)
	if err != nil {
		return err
	}
	return tx.PutRecord(ctx, &coop.Record{
		TeamID: t.ID, Kind: coop.RecordConsent, IRI: coop.IRI(iri), Author: by.IRI, Body: doc.Body, MediaType: mediaActivity,
	})
}

// SplitAgreed notes who agreed to the split, where it is the one that stands.
func (o *Outbox) SplitAgreed(ctx context.Context, tx *storage.Tx, team *coop.Account, split, by coop.IRI) error {
	t, err := tx.Team(ctx, team.ID)
	if err != nil {
		return err
	}
	if t.Split == nil || t.Split.IRI != split || slices.Contains(t.Split.Agreed, by) {
		return nil
	}
	t.Split.Agreed = append(t.Split.Agreed, by)
	return tx.PutTeam(ctx, t)
}

// Agreement of a team as its document says it.
type TeamAgreement struct {
	IRI, Slot, Provider, Owner coop.IRI
	Hours                      int
	Amount                     decimal.Decimal // zero: none was said
	Over                       bool            // it was released
}

// WorkOf is what the agreements among the records of a team promise that still hold, as a
// plan names it.
func WorkOf(records []*coop.Record) []coop.PlanWork {
	var work []coop.PlanWork
	for _, r := range records {
		if r.Kind != coop.RecordAgreement {
			continue
		}
		if g := ReadAgreement(r); !g.Over {
			work = append(work, coop.PlanWork{Commitment: g.IRI + "#primary", Slot: g.Slot, Provider: g.Provider, Hours: g.Hours})
		}
	}
	return work
}

// ReadAgreement reads what a record of a team says; what is broken in it is left out.
func ReadAgreement(r *coop.Record) TeamAgreement {
	g := TeamAgreement{IRI: r.IRI, Over: r.Title != ""}
	doc, err := document.Read(r.Body)
	if err != nil {
		return g
	}
	work, pay := doc.Object("stipulates"), doc.Object("stipulatesReciprocal")
	g.Owner, g.Provider = coop.IRI(doc.Owner()), coop.IRI(work.Ref("provider").ID)
	g.Slot = coop.IRI(work.Ref("satisfies").ID)
	g.Hours, _ = strconv.Atoi(work.Object("resourceQuantity").String("hasNumericalValue"))
	if amount := pay.Object("resourceQuantity").String("hasNumericalValue"); amount != "" && len(amount) < 20 {
		g.Amount, _ = decimal.NewFromString(amount)
	}
	return g
}
