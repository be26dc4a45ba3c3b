// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

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
