// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/storage"
)

// The story of the demonstration: a co-op asks to join and the members vote, a client's
// request is shared, co-ops of three federations offer, the team forms and works, and
// what it learned becomes an article. Accounts are name@host of the instances here.

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
