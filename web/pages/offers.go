// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// offerRoutes are the pages of offers for slots of requests: for the two sides alone.
func (f *Face) offerRoutes() []auth.Route {
	get := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.HTML, Handle: h}
	}
	post := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: auth.Session, Limit: auth.LimitPosts, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: signInBody, Form: respond.HTML, Handle: h}
	}
	return []auth.Route{
		get("/requests/:id/room", f.requestRoom),
		get("/requests/:id/annex.json", f.requestAnnex),
		get("/requests/:id/offer", f.offerForm), post("/requests/:id/offer", f.sendOffer),
		get(offersPath, f.offersPage),
		get(offersPath+"/:id", f.offerPage), post(offersPath+"/:id/:step", f.stepOffer),
	}
}

// offersPath is the list of offers, received and sent.
const offersPath = "/offers"

// offerPath is the page of an offer.
func offerPath(id coop.ID) string { return offersPath + "/" + id.String() }

// offerSides are the accounts for which a person reads offers, and for which they may act.
type offerSides struct {
	reads    []*coop.Account // by any role
	offers   []*coop.Account // may offer
	requests []*coop.Account // may answer what was offered to them
}

// sides finds them; who has none is told which role it takes.
func (f *Face) sides(c *gin.Context) (s offerSides, err error) {
	for act, list := range map[coop.RoleAct]*[]*coop.Account{coop.ActRead: &s.reads, coop.ActOffer: &s.offers, coop.ActRequest: &s.requests} {
		if *list, err = auth.Speakable(c, act); err != nil {
			return s, err
		}
		*list = slices.DeleteFunc(*list, func(a *coop.Account) bool { return a.Kind != coop.Coop && a.Kind != coop.Federation })
	}
	if len(s.reads) == 0 {
		return s, &coop.RoleError{Act: coop.ActOffer}
	}
	return s, nil
}

// has tells whether an account is in a list.
func has(list []*coop.Account, id coop.ID) bool {
	return slices.ContainsFunc(list, func(a *coop.Account) bool { return a.ID == id })
}

// offerCard is an offer in a list.
type offerCard struct {
	URL, Title, Slot string
	Who              person // the other side
	Vouched          string // of which federations it is a verified member; empty: none that we know of
	State            stateBadge
	Hours, Cost      string
	From, Until      string
	Note             []string
	Sent             moment
	Over             bool // more than is open now
	Waits            bool
	ID               string
}

// offerBadge tells a state by sign and word.
func (t *tongue) offerBadge(state coop.OfferState) stateBadge {
	class, sign := "expired", "○"
	switch state {
	case coop.OfferSent, coop.OfferChanged:
		class, sign = "open", "●"
	case coop.OfferAccepted:
		class, sign = "filled", "✓"
	}
	return stateBadge{class, sign, t.T("offer_state_" + string(state))}
}

// offerCard is an offer in words, as one side sees the other.
func (f *Face) offerCard(t *tongue, o *coop.Offer, other *coop.Account) offerCard {
	card := offerCard{
		URL: offerPath(o.ID), Title: o.Title, Slot: o.SlotName, Who: f.person(other), State: t.offerBadge(o.State), Hours: t.N("offer_hours", o.Hours),
		Cost: t.offerCost(o), Note: linesOf(o.Note), Sent: momentOf(t, o.UpdatedAt), Waits: o.Waits(f.Now()), ID: o.ID.String(),
	}
	if o.From != "" {
		card.From = t.Date(o.From)
	}
	if !o.Ends.IsZero() {
		card.Until = t.Here(o.Ends)
	}
	return card
}

// offerCost says what an offer costs, in all and by the hour.
func (t *tongue) offerCost(o *coop.Offer) string {
	if o.Amount.IsZero() {
		return ""
	}
	return t.T("offer_cost", "Amount", t.money(o.Currency, o.Amount), "Rate", t.money(o.Currency, o.Rate()))
}

// money is an amount with its currency.
func (t *tongue) money(currency string, d decimal.Decimal) string {
	return strings.TrimSpace(currency + " " + t.Decimal(d))
}

// offersView lists the offers of those for whom a person acts.
type offersView struct {
	formFrame
	Shelves []offerShelf
}

// offerShelf is what one account offered, and what was offered to it.
type offerShelf struct {
	Who            person
	Sent, Received []offerCard
}

// offersShown is how many offers of a kind are listed.
const offersShown = 40

// offersPage answers GET /offers; with agreement=ID it leads to the offer that the
// agreement was.
func (f *Face) offersPage(c *gin.Context) error {
	sides, err := f.sides(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	if id, err := coop.ParseID(c.Query("agreement")); err == nil {
		g, err := f.Store.AgreementByIRI(ctx, coop.IRI(f.root()+"/agreements/"+id.String()))
		if err == nil && (has(sides.reads, g.OwnerID) || has(sides.reads, g.ByID)) {
			c.Redirect(http.StatusSeeOther, offerPath(g.OfferID))
			return nil
		}
		return fmt.Errorf("agreement %s: %w", id, coop.ErrNotFound)
	}
	view := offersView{formFrame: f.formFrame(c, "offer_list_title", nil)}
	view.Section = "requests"
	for _, a := range sides.reads {
		shelf := offerShelf{Who: f.person(a)}
		for _, one := range []struct {
			list  *[]offerCard
			query storage.OfferQuery
		}{{&shelf.Sent, storage.OfferQuery{By: a.ID}}, {&shelf.Received, storage.OfferQuery{Owner: a.ID}}} {
			list, err := f.Store.Offers(ctx, one.query, coop.Page{Limit: offersShown})
			if err != nil {
				return err
			}
			for _, o := range list {
				other := o.Owner
				if one.query.Owner != 0 {
					other = o.By
				}
				*one.list = append(*one.list, f.offerCard(view.tongue, o, other))
			}
		}
		if len(shelf.Sent)+len(shelf.Received) > 0 {
			view.Shelves = append(view.Shelves, shelf)
		}
	}
	return f.show(c, http.StatusOK, "offers", view)
}

// offerView is one offer, as one of its sides sees it.
type offerView struct {
	formFrame
	Card      offerCard
	Room      string // the room of the request; empty: it is gone
	By, Owner person
	Facts     []fact
	Reason    []string
	Agreement *agreementView
	Record    []recordView
	Answer    bool // the person may accept and decline
	Change    string
	Withdraw  bool
	Release   bool
	Given     string // the reason as it was typed
	Done      string
}

// agreementView is what an offer became.
type agreementView struct {
	URL                    string
	Made, Confirmed, Ended moment
	Document               string
	Proven                 bool
}

// recordView is one message about an offer.
type recordView struct {
	Kind, URL, Document string
	Who                 person
	At                  moment
}

// offerFor finds the offer of an address for one of its sides: that of others is not
// found.
func (f *Face) offerFor(c *gin.Context) (offerSides, *coop.Offer, error) {
	sides, err := f.sides(c)
	if err != nil {
		return sides, nil, err
	}
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return sides, nil, err
	}
	o, err := f.Store.Offer(c.Request.Context(), id)
	if err == nil && !has(sides.reads, o.ByID) && !has(sides.reads, o.OwnerID) {
		err = fmt.Errorf("offer %s of others: %w", id, coop.ErrNotFound)
	}
	return sides, o, err
}

// offerPage answers GET /offers/ID.
func (f *Face) offerPage(c *gin.Context) error {
	sides, o, err := f.offerFor(c)
	if err != nil {
		return err
	}
	view, err := f.offerView(c, sides, o)
	if err != nil {
		return err
	}
	if done := c.Query("done"); slices.Contains([]string{"sent", "accept", "decline", "withdraw", "release"}, done) {
		view.Done = view.T("offer_done_" + done)
	}
	return f.show(c, http.StatusOK, "offer", view)
}

// offerView reads what the page shows.
func (f *Face) offerView(c *gin.Context, sides offerSides, o *coop.Offer) (*offerView, error) {
	other := o.Owner
	if has(sides.reads, o.OwnerID) {
		other = o.By
	}
	view := &offerView{formFrame: f.formFrame(c, "offer_title", nil), By: f.person(o.By), Owner: f.person(o.Owner), Reason: linesOf(o.Reason)}
	view.Card, view.Section = f.offerCard(view.tongue, o, other), "requests"
	if o.PostID != 0 {
		view.Room = "/requests/" + o.PostID.String() + "/room"
	}
	for _, one := range []fact{
		{"offer_fact_slot", o.SlotName}, {"offer_fact_hours", view.Card.Hours}, {"offer_fact_cost", view.Card.Cost}, {"offer_form_from", view.Card.From}, {"offer_form_until", view.Card.Until},
	} {
		if one.Value != "" {
			view.Facts = append(view.Facts, fact{view.T(one.Name), one.Value})
		}
	}
	answers, offers := has(sides.requests, o.OwnerID), has(sides.offers, o.ByID)
	view.Answer, view.Withdraw = answers && view.Card.Waits, offers && view.Card.Waits
	view.Release = (answers || offers) && o.State == coop.OfferAccepted
	if view.Withdraw && o.PostID != 0 {
		view.Change = "/requests/" + o.PostID.String() + "/offer?replaces=" + o.ID.String()
	}
	return view, f.offerRecord(c, view, o)
}

// offerRecord adds what the offer became, and what each side sent.
func (f *Face) offerRecord(c *gin.Context, view *offerView, o *coop.Offer) error {
	ctx := c.Request.Context()
	g, err := f.Store.AgreementOfOffer(ctx, o.ID)
	if err == nil {
		view.Agreement = &agreementView{
			URL: string(g.IRI), Made: momentOf(view.tongue, g.MadeAt), Confirmed: momentOf(view.tongue, g.ConfirmedAt), Ended: momentOf(view.tongue, g.EndedAt),
			Document: string(g.Body), Proven: strings.Contains(string(g.Body), `"proofValue"`),
		}
	} else if !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	records, err := f.Store.OfferRecords(ctx, []coop.ID{o.ID})
	for _, k := range records {
		view.Record = append(view.Record, recordView{
			Kind: view.T("offer_record_" + strings.ToLower(k.Kind)), URL: string(k.IRI), Document: string(k.Body), Who: f.person(k.From), At: momentOf(view.tongue, k.At),
		})
	}
	return err
}

// stepOffer answers POST /offers/ID/STEP: accept, decline, withdraw or release, by who may.
func (f *Face) stepOffer(c *gin.Context) error {
	sides, o, err := f.offerFor(c)
	if err != nil {
		return err
	}
	act, reason := c.Param("step"), coop.CleanText(coop.Truncate(c.PostForm("reason"), 4000), 4000)
	err = f.doOffer(c, o, act, reason)
	if err == nil {
		c.Redirect(http.StatusSeeOther, offerPath(o.ID)+"?done="+act)
		return nil
	}
	problem := f.offerProblem(err)
	if problem.Field == "" {
		return err
	}
	view, viewErr := f.offerView(c, sides, o)
	if viewErr != nil {
		return viewErr
	}
	view.Given = reason
	view.complain(problem.Field, view.T(problem.Text, "Hours", view.Number(problem.Open)))
	return f.show(c, http.StatusUnprocessableEntity, "offer", view)
}

// doOffer does one step in the name of the side that may.
func (f *Face) doOffer(c *gin.Context, o *coop.Offer, act, reason string) error {
	speak := func(id coop.ID, act coop.RoleAct) (*coop.Account, error) { return auth.ActAs(c, id, act) }
	switch act {
	case "accept", "decline":
		owner, err := speak(o.OwnerID, coop.ActRequest)
		if err != nil {
			return err
		}
		if act == "accept" {
			_, err = f.Outbox.AcceptOffer(c.Request.Context(), owner, o.ID)
		} else {
			_, err = f.Outbox.DeclineOffer(c.Request.Context(), owner, o.ID, reason)
		}
		return err
	case "withdraw", "release":
		if by, err := speak(o.ByID, coop.ActOffer); err == nil {
			_, err = f.Outbox.WithdrawOffer(c.Request.Context(), by, o.ID, reason)
			return err
		}
		owner, err := speak(o.OwnerID, coop.ActRequest)
		if err != nil || act == "withdraw" {
			return errors.Join(err, coop.ErrForbidden)
		}
		_, err = f.Outbox.DeclineOffer(c.Request.Context(), owner, o.ID, reason)
		return err
	}
	return fmt.Errorf("step %.20q of an offer: %w", act, coop.ErrNotFound)
}

// offerTrouble is what is wrong with an offer: the field, the key of the words, and the
// hours that are open.
type offerTrouble struct {
	Field, Text string
	Open        int
}

// offerProblem says which field is wrong and why; none for errors that are something else.
func (f *Face) offerProblem(err error) offerTrouble {
	var fault *coop.OfferError
	var invalid *coop.InvalidError
	switch {
	case errors.As(err, &fault):
		field := "slot"
		if fault.Fault == coop.FaultOver || fault.Fault == coop.FaultQuantity {
			field = "hours"
		}
		return offerTrouble{field, "offer_problem_" + string(fault.Fault), fault.Open}
	case errors.As(err, &invalid) && invalid.Field == "reason":
		return offerTrouble{Field: "reason", Text: "offer_problem_reason"}
	case errors.Is(err, coop.ErrState):
		return offerTrouble{Field: "slot", Text: "offer_problem_step"}
	}
	return offerTrouble{}
}
