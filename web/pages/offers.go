// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

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
		if *list, err = cooperatives(c, act); err != nil {
			return s, err
		}
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
	if id, err := coop.ParseID(c.Query("agreement")); err == nil {
		return f.offerOfAgreement(c, sides, id)
	}
	view := offersView{formFrame: f.formFrame(c, "offer_list_title", nil)}
	view.Section = "requests"
	for _, a := range sides.reads {
		shelf, err := f.offerShelf(c.Request.Context(), view.tongue, a)
		if err != nil {
			return err
		}
		if len(shelf.Sent)+len(shelf.Received) > 0 {
			view.Shelves = append(view.Shelves, shelf)
		}
	}
	return f.show(c, http.StatusOK, "offers", view)
}

// offerOfAgreement leads to the offer that an agreement was, for one of its sides.
func (f *Face) offerOfAgreement(c *gin.Context, sides offerSides, id coop.ID) error {
	g, err := f.Store.AgreementByIRI(c.Request.Context(), coop.IRI(f.root()+"/agreements/"+id.String()))
	if err == nil && (has(sides.reads, g.OwnerID) || has(sides.reads, g.ByID)) {
		c.Redirect(http.StatusSeeOther, offerPath(g.OfferID))
		return nil
	}
	return fmt.Errorf("agreement %s: %w", id, coop.ErrNotFound)
}

// offerShelf is what an account offered, and what was offered to it.
func (f *Face) offerShelf(ctx context.Context, t *tongue, a *coop.Account) (shelf offerShelf, err error) {
	shelf.Who = f.person(a)
	shelf.Sent, err = f.offerCards(ctx, t, storage.OfferQuery{By: a.ID})
	if err == nil {
		shelf.Received, err = f.offerCards(ctx, t, storage.OfferQuery{Owner: a.ID})
	}
	return shelf, err
}

// offerCards are offers in words, as the side that asks sees the other.
func (f *Face) offerCards(ctx context.Context, t *tongue, q storage.OfferQuery) ([]offerCard, error) {
	list, err := f.Store.Offers(ctx, q, coop.Page{Limit: offersShown})
	var cards []offerCard
	for _, o := range list {
		other := o.Owner
		if q.Owner != 0 {
			other = o.By
		}
		cards = append(cards, f.offerCard(t, o, other))
	}
	return cards, err
}
