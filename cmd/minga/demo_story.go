// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
)

// The story of the demonstration: a co-op asks to join and the members vote, a client's
// request is shared, co-ops of three federations offer, the team forms and works, and
// what it learned becomes an article. Accounts are name@host of the instances here.

// seedJoining is a co-op that asks to become a member, and how the members vote on it.
type seedJoining struct {
	Coop, To, Text string
	Ballots        map[string]string // option by co-op
}

// seedRequest is a client's need, what co-ops offer for it, and what becomes of it.
type seedRequest struct {
	By, Language, Currency string
	Budget                 []int64
	Days                   int
	Rules                  []coop.TransparencyRule
	Titles, Texts          map[string]string
	Slots                  []seedSlot
	Offers                 []seedOffer
	Plan                   string               // the one step of the team's plan
	Said                   []seedSaid           // in the team's room
	Steps                  []coop.RequestAction // what the requester does once the team stands
	Article                *seedArticle
}

// seedSaid is a message in a team's room; with Contract it brings the client's.
type seedSaid struct{ By, Text, Contract string }

// seedSlot is a role of a request.
type seedSlot struct {
	Key, Name, Skill string
	Hours            int
	Rate             int64
	Required         bool
}

// seedOffer is an offer for a slot, and its answer: accept, decline or none yet.
type seedOffer struct {
	By, Slot, Text, Answer, Reason string
	Hours                          int
}

// story tells all of it, one thing after the other: each rests on what has arrived.
func (d *demo) story(ctx context.Context) error {
	for _, s := range d.seed.Joining {
		if err := d.ask(ctx, s); err != nil {
			return fmt.Errorf("%s asks %s: %w", s.Coop, s.To, err)
		}
	}
	for _, s := range d.seed.Request {
		if err := d.request(ctx, s); err != nil {
			return fmt.Errorf("request %q: %w", s.Titles[s.Language], err)
		}
	}
	return nil
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

// request publishes a request, lets co-ops offer and who asked answer, and goes on
// with the team where there is one.
func (d *demo) request(ctx context.Context, s seedRequest) error {
	one, owner, err := d.speaker(ctx, s.By)
	if err != nil {
		return err
	}
	post := s.post(one.now())
	if err := one.outbox.PublishRequest(ctx, owner, post, nil); err != nil {
		return err
	}
	if err := d.settle(ctx, demoPatience); err != nil {
		return err
	}
	for _, offer := range s.Offers {
		if err := d.makeOffer(ctx, s, post.IRI, offer); err != nil {
			return fmt.Errorf("%s offers for %s: %w", offer.By, offer.Slot, err)
		}
	}
	if err := d.settle(ctx, demoPatience); err != nil {
		return err
	}
	if err := d.answerOffers(ctx, s, one, owner, post.ID); err != nil {
		return err
	}
	if err := d.settle(ctx, demoPatience); err != nil || len(s.Steps) == 0 {
		return err
	}
	return d.work(ctx, s, one, post.ID)
}

// post turns the seed into a request.
func (s seedRequest) post(now time.Time) *coop.Post {
	r := &coop.Request{
		Title: s.Titles[s.Language], TitleMap: s.Titles, Markdown: s.Texts, Transparency: s.Rules,
		RespondBy: now.AddDate(0, 0, s.Days).Truncate(time.Second),
	}
	if len(s.Budget) == 2 {
		r.Budget = &coop.Budget{Currency: s.Currency, Min: decimal.NewFromInt(s.Budget[0]), Max: decimal.NewFromInt(s.Budget[1])}
	}
	for _, slot := range s.Slots {
		r.Slots = append(r.Slots, coop.Slot{
			Key: slot.Key, Name: slot.Name, Skill: coop.Term{Name: slot.Skill}, Hours: slot.Hours, Required: slot.Required,
			Rate: &coop.Rate{Currency: s.Currency, Value: decimal.NewFromInt(slot.Rate)},
		})
	}
	return &coop.Post{Kind: coop.KindRequest, Visibility: coop.VisiblePublic, Language: s.Language, Request: r}
}

// makeOffer offers in the name of a co-op, from its own instance, at the rate of the slot.
func (d *demo) makeOffer(ctx context.Context, s seedRequest, request coop.IRI, offer seedOffer) error {
	one, by, err := d.speaker(ctx, offer.By)
	if err != nil {
		return err
	}
	post, err := one.store.PostByIRI(ctx, coop.System(), request)
	if err != nil {
		return err
	}
	f := &coop.Offer{Slot: offer.Slot, Hours: offer.Hours, Note: offer.Text, Currency: s.Currency}
	for _, slot := range s.Slots {
		if slot.Key == offer.Slot {
			f.Amount = decimal.NewFromInt(slot.Rate).Mul(decimal.NewFromInt(int64(offer.Hours)))
		}
	}
	return one.outbox.MakeOffer(ctx, by, post.ID, f)
}

// answerOffers lets who asked accept and decline.
func (d *demo) answerOffers(ctx context.Context, s seedRequest, one *demoInstance, owner *coop.Account, request coop.ID) error {
	arrived, err := one.store.Offers(ctx, storage.OfferQuery{Post: request}, coop.Page{Limit: 40})
	if err != nil {
		return err
	}
	for _, offer := range s.Offers {
		name, _, _ := strings.Cut(offer.By, "@")
		for _, f := range arrived {
			if f.By.Name != name || f.Slot != offer.Slot {
				continue
			}
			switch offer.Answer {
			case "accept":
				_, err = one.outbox.AcceptOffer(ctx, owner, f.ID)
			case "decline":
				_, err = one.outbox.DeclineOffer(ctx, owner, f.ID, offer.Reason)
			}
			if err != nil {
				return fmt.Errorf("%s the offer of %s: %w", offer.Answer, offer.By, err)
			}
		}
	}
	return nil
}

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
