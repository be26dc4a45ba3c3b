// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/web/auth"
)

// offerFormView is the form by which a co-op offers for a slot.
type offerFormView struct {
	formFrame
	Action   string
	Request  line
	Room     string
	Who      person
	Speakers []choice
	Slots    []choice // those that take offers, with what is open
	Replaces string   // the id of the offer that this one takes the place of; empty: a new one
	Given    offerFields
	Currency string
	None     bool // nothing takes offers now
}

// offerFields are what was typed.
type offerFields struct{ Slot, Hours, Rate, Currency, From, Until, Note string }

// typedOffer reads the form.
func typedOffer(c *gin.Context) offerFields {
	return offerFields{
		c.PostForm("slot"), strings.TrimSpace(c.PostForm("hours")), strings.TrimSpace(c.PostForm("rate")), strings.ToUpper(strings.TrimSpace(coop.Truncate(c.PostForm("currency"), 10))), c.PostForm("starts_on"), c.PostForm("ends_at"), c.PostForm("note"),
	}
}

// offerForRequest finds the request of an address, as one of those sees it for whom the
// person may offer, and who offers.
func (f *Face) offerForRequest(c *gin.Context) (*coop.Account, *coop.Post, []*coop.Account, error) {
	sides, err := f.sides(c)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(sides.offers) == 0 {
		return nil, nil, nil, &coop.RoleError{Act: coop.ActOffer}
	}
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, nil, nil, err
	}
	by := sides.offers[0]
	for _, wanted := range []string{f.acting(c).String(), c.Query("as"), c.PostForm("as")} {
		for _, a := range sides.offers {
			if a.ID.String() == wanted {
				by = a
			}
		}
	}
	p, err := f.Store.Post(c.Request.Context(), coop.As(by.ID), id)
	if err == nil && p.Request == nil {
		err = fmt.Errorf("request %s: %w", id, coop.ErrNotFound)
	}
	return by, p, sides.offers, err
}

// offerForm answers GET /requests/ID/offer; with replaces= it starts from an offer that
// waits.
func (f *Face) offerForm(c *gin.Context) error {
	by, p, speakers, err := f.offerForRequest(c)
	if err != nil {
		return err
	}
	view := f.offerFormView(c, by, p, speakers)
	view.Given.Slot = c.Query("slot")
	if o := f.replacedOffer(c, c.Query("replaces"), by, p); o != nil {
		view.Replaces = o.ID.String()
		view.Given = offerFields{Slot: o.Slot, Hours: strconv.Itoa(o.Hours), Currency: o.Currency, From: o.From, Note: o.Note}
		if !o.Amount.IsZero() {
			view.Given.Rate = o.Rate().String()
		}
		if !o.Ends.IsZero() {
			view.Given.Until = o.Ends.UTC().Format(time.DateOnly)
		}
	}
	view.choose(p)
	return f.show(c, http.StatusOK, "offer-form", view)
}

// replacedOffer is the offer of who offers that a new one takes the place of; nil: none.
func (f *Face) replacedOffer(c *gin.Context, id string, by *coop.Account, p *coop.Post) *coop.Offer {
	n, err := coop.ParseID(id)
	if err != nil {
		return nil
	}
	o, err := f.Store.Offer(c.Request.Context(), n)
	if err != nil || o.ByID != by.ID || o.PostID != p.ID || !o.Waits(f.Now()) {
		return nil
	}
	return o
}

// offerFormView is the form for a request, with nothing in it.
func (f *Face) offerFormView(c *gin.Context, by *coop.Account, p *coop.Post, speakers []*coop.Account) *offerFormView {
	path := "/requests/" + p.ID.String()
	view := &offerFormView{
		formFrame: f.formFrame(c, "offer_form_title", nil), Action: path + "/offer", Room: path + "/room",
		Request: line{p.Language, p.Request.Title}, Who: f.person(p.Author),
	}
	view.Section = "requests"
	for _, s := range p.Request.Slots {
		if terms, _, _ := p.SlotTerms(s.Key); view.Currency == "" {
			view.Currency = terms.Currency
		}
	}
	for _, a := range speakers {
		view.Speakers = append(view.Speakers, choice{a.ID.String(), f.person(a).Name, a.ID == by.ID})
	}
	return view
}

// choose lists the slots that take offers, with what is open and what an hour pays.
func (v *offerFormView) choose(p *coop.Post) {
	for _, s := range p.Request.Slots {
		terms, _, _ := p.SlotTerms(s.Key)
		if !terms.Takes || terms.Open == 0 {
			continue
		}
		name := v.T("offer_form_slot_open", "Slot", s.Name, "Hours", v.N("offer_hours", terms.Open))
		if !terms.Rate.IsZero() {
			name = v.T("offer_form_slot_rate", "Slot", name, "Rate", v.money(terms.Currency, terms.Rate))
		}
		v.Slots = append(v.Slots, choice{s.Key, name, s.Key == v.Given.Slot})
	}
	v.None = len(v.Slots) == 0
}

// sendOffer answers POST /requests/ID/offer.
func (f *Face) sendOffer(c *gin.Context) error {
	by, p, speakers, err := f.offerForRequest(c)
	if err != nil {
		return err
	}
	view := f.offerFormView(c, by, p, speakers)
	view.Given, view.Replaces = typedOffer(c), c.PostForm("replaces")
	o := view.read()
	if old := f.replacedOffer(c, view.Replaces, by, p); old != nil {
		o.Replaces = old.IRI
	} else if view.Replaces != "" {
		view.complain("slot", view.T("offer_problem_replace"))
	}
	if len(view.Problems) == 0 {
		if _, err := auth.ActAs(c, by.ID, coop.ActOffer); err != nil {
			return err
		}
		err := f.Outbox.MakeOffer(c.Request.Context(), by, p.ID, o)
		if err == nil {
			c.Redirect(http.StatusSeeOther, offerPath(o.ID)+"?done=sent")
			return nil
		}
		if !f.refusedOffer(view, err) {
			return err
		}
	}
	view.choose(p)
	return f.show(c, http.StatusUnprocessableEntity, "offer-form", view)
}

// read makes an offer of what was typed, and complains of what is no number or day.
func (v *offerFormView) read() *coop.Offer {
	g := v.Given
	o := &coop.Offer{Slot: g.Slot, Currency: g.Currency, Note: coop.Truncate(g.Note, 4000), From: g.From}
	hours, err := strconv.Atoi(g.Hours)
	if err != nil {
		v.complain("hours", v.T("offer_problem_hours"))
	}
	o.Hours = hours
	if g.Rate != "" {
		rate, err := decimal.NewFromString(strings.Replace(g.Rate, ",", ".", 1))
		if err != nil || len(g.Rate) > 20 || rate.IsNegative() || rate.Exponent() < -4 || rate.Exponent() > 8 {
			v.complain("rate", v.T("offer_problem_rate"))
			return o
		}
		o.Amount = rate.Mul(decimal.NewFromInt(int64(hours)))
	}
	if g.Until != "" {
		day, err := time.Parse(time.DateOnly, g.Until)
		if err != nil {
			v.complain("ends_at", v.T("offer_problem_ends_at"))
		}
		o.Ends = day.Add(24*time.Hour - time.Second)
	}
	return o
}

// refusedOffer adds why an offer was not taken; false: for another reason.
func (f *Face) refusedOffer(view *offerFormView, err error) bool {
	var list coop.Invalid
	if errors.As(err, &list) {
		for _, e := range list {
			view.complain(e.Field, view.T("offer_problem_"+e.Field))
		}
		return true
	}
	problem := f.offerProblem(err)
	if problem.Field == "" {
		return false
	}
	view.complain(problem.Field, view.T(problem.Text, "Hours", view.Number(problem.Open)))
	return true
}
