// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// offerRoomView is where offers for a request are compared: who requested sees all of them, a
// co-op its own.
type offerRoomView struct {
	formFrame
	Request line
	URL     string // of the request
	Who     person
	Owner   bool
	Until   moment // until when offers are taken; empty: none are
	Slots   []offerRoomSlot
	Voices  []noteCard // who wrote without offering
	Annex   string
	Offer   string // the form; empty: the person may not offer, or nothing is open
	Any     bool   // there are offers
}

// offerRoomSlot is a slot with its meter and its offers.
type offerRoomSlot struct {
	Key, Name               string
	Required                bool
	Said                    string // the meter in words
	Hours, Accepted, Beside int    // for the meter; Beside: accepted and offered together
	Cards                   []offerCard
}

// offerRoomOf finds the request of an address for those whose offers or questions may be in its
// room: anybody who holds a role in a co-op or federation that may see it.
func (f *Face) offerRoomOf(c *gin.Context) (offerSides, *coop.Post, error) {
	sides, err := f.sides(c)
	if err != nil {
		return sides, nil, err
	}
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return sides, nil, err
	}
	for _, a := range sides.reads {
		p, postErr := f.Store.Post(c.Request.Context(), coop.As(a.ID), id)
		if err = postErr; err == nil && p.Request != nil && p.Author != nil {
			return sides, p, nil
		}
	}
	return sides, nil, fmt.Errorf("room of request %s: %w", id, coop.ErrNotFound)
}

// requestRoom answers GET /requests/ID/room.
func (f *Face) requestRoom(c *gin.Context) error {
	sides, p, err := f.offerRoomOf(c)
	if err != nil {
		return err
	}
	ctx, path := c.Request.Context(), "/requests/"+p.ID.String()
	view := &offerRoomView{
		formFrame: f.formFrame(c, "offer_room_title", nil), Request: line{p.Language, p.Request.Title}, URL: path, Who: f.person(p.Author),
		Owner: has(sides.reads, p.AuthorID),
	}
	view.Section = "requests"
	if p.Request.Takes(f.Now()) {
		view.Until = momentOf(view.tongue, p.Request.RespondBy)
	}
	offers, err := f.offerRoomOffers(ctx, sides, p)
	if err != nil {
		return err
	}
	if view.Any = len(offers) > 0; view.Any {
		view.Annex = path + "/annex.json"
	}
	if err := f.offerRoomSlots(ctx, view, p, offers); err != nil {
		return err
	}
	if len(sides.offers) > 0 && p.Request.Takes(f.Now()) && !(len(sides.offers) == 1 && sides.offers[0].ID == p.AuthorID) {
		view.Offer = path + "/offer"
	}
	if view.Owner {
		voices, err := f.Store.Interest(ctx, storage.Seeing(ctx, p.AuthorID), p)
		if err != nil {
			return err
		}
		view.Voices = f.noteCards(view.tongue, voices)
	}
	return f.show(c, http.StatusOK, "offer-room", view)
}

// offerRoomOffers lists the offers that a person sees: all of them for who requested, else
// those of their co-ops; those that wait come first.
func (f *Face) offerRoomOffers(ctx context.Context, sides offerSides, p *coop.Post) ([]*coop.Offer, error) {
	if has(sides.reads, p.AuthorID) {
		return f.allOffers(ctx, storage.OfferQuery{Post: p.ID})
	}
	var own []*coop.Offer
	for _, a := range sides.reads {
		list, err := f.allOffers(ctx, storage.OfferQuery{Post: p.ID, By: a.ID})
		if err != nil {
			return nil, err
		}
		own = append(own, list...)
	}
	return own, nil
}

// mostRoomOffers bounds how many offers of one request are shown at once.
const mostRoomOffers = 240

// allOffers walks through the pages of a question.
func (f *Face) allOffers(ctx context.Context, q storage.OfferQuery) ([]*coop.Offer, error) {
	var list []*coop.Offer
	for page := (coop.Page{Limit: 80}); len(list) < mostRoomOffers; page.Max = list[len(list)-1].ID {
		part, err := f.Store.Offers(ctx, q, page)
		if err != nil {
			return nil, err
		}
		if list = append(list, part...); len(part) < 80 {
			break
		}
	}
	return list, nil
}

// offerRoomSlots puts the offers beside each other under their slots, with the meter of each.
func (f *Face) offerRoomSlots(ctx context.Context, view *offerRoomView, p *coop.Post, offers []*coop.Offer) error {
	waiting, err := f.Store.OfferedHours(ctx, p.ID)
	if err != nil {
		return err
	}
	vouched, err := f.vouchedFor(ctx, offers)
	if err != nil {
		return err
	}
	for _, s := range p.Request.Slots {
		hours := coop.SlotHours{Hours: s.Hours, Accepted: s.Accepted, Offered: waiting[s.Key]}
		slot := offerRoomSlot{
			Key: s.Key, Name: s.Name, Required: s.Required, Hours: hours.Hours, Accepted: hours.Accepted, Beside: min(hours.Hours, hours.Accepted+hours.Offered),
			Said: view.T("offer_meter", "Accepted", view.Number(hours.Accepted), "Offered", view.Number(hours.Offered), "Open", view.Number(hours.Open()), "Hours", view.N("offer_hours", hours.Hours)),
		}
		if !view.Owner { // how much others offer is known to who requested alone
			slot.Beside = slot.Accepted
			slot.Said = view.T("offer_meter_public", "Accepted", view.Number(hours.Accepted), "Open", view.Number(hours.Open()), "Hours", view.N("offer_hours", hours.Hours))
		}
		for _, o := range offers {
			if o.Slot == s.Key {
				card := f.offerCard(view.tongue, o, o.By)
				card.Vouched, card.Over = vouched[o.ByID], card.Waits && o.Hours > hours.Open()
				slot.Cards = append(slot.Cards, card)
			}
		}
		view.Slots = append(view.Slots, slot)
	}
	return nil
}

// vouchedFor names the federations of which those who offer are verified members.
func (f *Face) vouchedFor(ctx context.Context, offers []*coop.Offer) (map[coop.ID]string, error) {
	var ids []coop.ID
	for _, o := range offers {
		ids = append(ids, o.ByID)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	in, err := f.Store.VerifiedIn(ctx, ids)
	if err != nil {
		return nil, err
	}
	var organizations []coop.ID
	for _, list := range in {
		organizations = append(organizations, list...)
	}
	known, err := f.Store.Accounts(ctx, organizations)
	names := map[coop.ID]string{}
	for member, list := range in {
		var said []string
		for _, id := range list {
			if a := known[id]; a != nil && a.Kind == coop.Federation {
				said = append(said, f.person(a).Name)
			}
		}
		names[member] = strings.Join(said, ", ")
	}
	return names, err
}

// annexLine is one message about an offer, as it was sent.
type annexLine struct {
	Offer    string    `json:"offer"`
	Type     string    `json:"type"`
	ID       string    `json:"id"`
	From     string    `json:"from"`
	At       time.Time `json:"at"`
	Document string    `json:"document"` // byte for byte
}

// annexFile is the record of what each side sent, for the annex of a contract.
type annexFile struct {
	Request    string      `json:"request"`
	Title      string      `json:"title"`
	Made       time.Time   `json:"made"`
	Messages   []annexLine `json:"messages"`
	Agreements []string    `json:"agreements"` // documents, byte for byte, with their proofs
}

// requestAnnex answers GET /requests/ID/annex.json: every message about the offers that a
// person sees, as it was sent, and the agreements.
func (f *Face) requestAnnex(c *gin.Context) error {
	sides, p, err := f.offerRoomOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	offers, err := f.offerRoomOffers(ctx, sides, p)
	if err != nil {
		return err
	}
	file := annexFile{Request: string(p.IRI), Title: p.Request.Title, Made: f.Now().UTC(), Messages: []annexLine{}, Agreements: []string{}}
	for _, o := range offers {
		records, err := f.Store.OfferRecords(ctx, []coop.ID{o.ID})
		if err != nil {
			return err
		}
		for _, k := range records {
			line := annexLine{Offer: string(o.IRI), Type: k.Kind, ID: string(k.IRI), At: k.At.UTC(), Document: string(k.Body)}
			if k.From != nil {
				line.From = string(k.From.IRI)
			}
			file.Messages = append(file.Messages, line)
		}
		g, err := f.Store.AgreementOfOffer(ctx, o.ID)
		if err == nil {
			file.Agreements = append(file.Agreements, string(g.Body))
		} else if !errors.Is(err, coop.ErrNotFound) {
			return err
		}
	}
	body, err := json.MarshalIndent(file, "", " ")
	if err != nil {
		return fmt.Errorf("annex: %w", err)
	}
	c.Header("Content-Disposition", `attachment; filename="annex-`+p.ID.String()+`.json"`)
	c.Header("Cache-Control", "private, no-store")
	c.Data(http.StatusOK, "application/json; charset=utf-8", append(body, '\n'))
	return nil
}
