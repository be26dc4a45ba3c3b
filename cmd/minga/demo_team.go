// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"minga/coop"
	"minga/storage"
)

// seedSaid is a message in a team's room; with Contract it brings the client's.
type seedSaid struct{ By, Text, Contract string }

// work is what the team does: its members come in, write to each other, agree on plan and
// split, the requester takes the request along, and the case study appears.
func (d *demo) work(ctx context.Context, s seedRequest, one *demoInstance, request coop.ID) error {
	room, err := one.store.TeamOfRequest(ctx, request)
	if err != nil {
		return err
	}
	parties := s.parties()
	for _, by := range parties {
		if err := d.enter(ctx, by, room.Account.IRI); err != nil {
			return fmt.Errorf("%s enters the team: %w", by, err)
		}
	}
	if err := d.settle(ctx, demoPatience); err != nil {
		return err
	}
	for _, said := range s.Said {
		if err := d.sayInRoom(ctx, said, room.Account.IRI); err != nil {
			return fmt.Errorf("%s says %.30q: %w", said.By, said.Text, err)
		}
	}
	if err := d.share(ctx, s, one, request, room.ID); err != nil {
		return err
	}
	return d.finish(ctx, s, one, request)
}

// parties are the co-ops whose offers are accepted.
func (s seedRequest) parties() []string {
	var list []string
	for _, offer := range s.Offers {
		if offer.Answer == "accept" {
			list = append(list, offer.By)
		}
	}
	return list
}

// enter lets a co-op accept the team's invitation.
func (d *demo) enter(ctx context.Context, by string, team coop.IRI) error {
	one, account, err := d.speaker(ctx, by)
	if err != nil {
		return err
	}
	there, err := one.store.AccountByIRI(ctx, team)
	if err != nil {
		return err
	}
	m, err := one.store.MembershipOf(ctx, account.ID, there.ID)
	if err != nil {
		return err
	}
	return one.outbox.AnswerInvite(ctx, m, true, "")
}

// sayInRoom writes into the team's room.
func (d *demo) sayInRoom(ctx context.Context, said seedSaid, team coop.IRI) error {
	one, by, err := d.speaker(ctx, said.By)
	if err != nil {
		return err
	}
	there, err := one.store.AccountByIRI(ctx, team)
	if err != nil {
		return err
	}
	var files []coop.Record
	if said.Contract != "" {
		kept, err := one.media.KeepSealed(ctx, "contract.pdf", strings.NewReader(onePage(said.Contract)), coop.MaxTeamFile)
		if err != nil {
			return err
		}
		files = []coop.Record{{Title: said.Contract, Sealed: kept.Name, Size: kept.Size, Contract: true}}
	}
	if _, err := one.outbox.SayInTeam(ctx, by, there.ID, said.Text, 0, files); err != nil {
		return err
	}
	return d.settle(ctx, demoPatience)
}

// onePage is a PDF of one page with one line of plain letters.
func onePage(line string) string {
	stream := "BT /F1 18 Tf 60 760 Td (" + strings.NewReplacer("(", "", ")", "", "\\", "").Replace(line) + ") Tj ET"
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(stream), stream), "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var b, table strings.Builder
	b.WriteString("%PDF-1.4\n")
	for n, object := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n+1, object)
	}
	end := b.Len()
	fmt.Fprintf(&b, "xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", table.String(), end)
	return b.String()
}

// share gives the team its plan and the split of the price: each is paid for its own hours.
func (d *demo) share(ctx context.Context, s seedRequest, one *demoInstance, request, team coop.ID) error {
	plan := &coop.Plan{Name: s.Titles[s.Language]}
	split := &coop.Split{Currency: s.Currency}
	agreed, err := one.store.Agreements(ctx, storage.AgreementQuery{Post: request, Active: true}, coop.Page{Limit: 40})
	if err != nil {
		return err
	}
	step := coop.PlanStep{Name: s.Plan, From: one.now().AddDate(0, 0, 7).Truncate(24 * time.Hour), To: one.now().AddDate(0, 2, 7).Truncate(24 * time.Hour)}
	for _, g := range agreed {
		step.Work = append(step.Work, coop.PlanWork{Commitment: g.IRI + "#primary", Name: g.SlotName, Provider: g.By.IRI, Hours: g.Hours})
		split.Lines = append(split.Lines, coop.SplitLine{For: g.SlotName, Provider: g.By.IRI, Hours: g.Hours, Payee: g.By.IRI, Amount: g.Amount})
		split.Price = split.Price.Add(g.Amount)
	}
	plan.Steps = []coop.PlanStep{step}
	if err := one.outbox.SetPlan(ctx, team, plan); err != nil {
		return err
	}
	if err := one.outbox.SetSplit(ctx, team, split); err != nil {
		return err
	}
	if err := d.settle(ctx, demoPatience); err != nil {
		return err
	}
	return d.agree(ctx, s, one, team)
}

// agree lets all but the first of the parties agree to the split, and who asked.
func (d *demo) agree(ctx context.Context, s seedRequest, one *demoInstance, team coop.ID) error {
	room, err := one.store.Team(ctx, team)
	if err != nil {
		return err
	}
	for _, by := range append(s.parties()[1:], s.By) {
		there, account, err := d.speaker(ctx, by)
		if err != nil {
			return err
		}
		known, err := there.store.AccountByIRI(ctx, room.Account.IRI)
		if err != nil {
			return err
		}
		if err := there.outbox.AgreeSplit(ctx, account, known.ID, 1); err != nil {
			return fmt.Errorf("%s agrees: %w", by, err)
		}
	}
	return d.settle(ctx, demoPatience)
}

// finish takes the request along and publishes the case study.
func (d *demo) finish(ctx context.Context, s seedRequest, one *demoInstance, request coop.ID) error {
	for _, action := range s.Steps {
		if _, err := one.outbox.StepRequest(ctx, request, action); err != nil {
			return fmt.Errorf("%s: %w", action, err)
		}
	}
	if s.Article != nil {
		if err := one.plantArticle(ctx, *s.Article); err != nil {
			return err
		}
	}
	return d.settle(ctx, demoPatience)
}
