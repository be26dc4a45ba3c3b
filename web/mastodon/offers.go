// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
)

// offerRoutes are those of offers for slots of requests. Who takes which step is judged
// once the side of who asks is known.
func (f *Face) offerRoutes() []auth.Route {
	const base = "/v1/minga"
	return []auth.Route{
		f.own(base+"/offers", scopeRead, f.listOffers),
		f.own(base+"/offers/:id", scopeRead, f.getOffer),
		f.own(base+"/requests/:id/offers", scopeRead, f.listRequestOffers),
		f.write("POST", base+"/requests/:id/offers", scopeWrite, auth.LimitPosts, f.createOffer).For(coop.ActOffer),
		f.write("POST", base+"/offers/:id/change", scopeWrite, auth.LimitPosts, f.changeOffer).For(coop.ActOffer),
		f.write("POST", base+"/offers/:id/withdraw", scopeWrite, auth.LimitAPI, f.withdrawOffer).For(coop.ActOffer),
		f.write("POST", base+"/offers/:id/accept", scopeWrite, auth.LimitAPI, f.acceptOffer).For(coop.ActRequest),
		f.write("POST", base+"/offers/:id/decline", scopeWrite, auth.LimitAPI, f.declineOffer).For(coop.ActRequest),
		f.write("POST", base+"/offers/:id/release", scopeWrite, auth.LimitAPI, f.releaseOffer).For(coop.ActRead),
	}
}

// listOffers answers GET /api/v1/minga/offers: those that the account made and those that
// it got, newest first. `side` (sent, received) and `state` narrow.
func (f *Face) listOffers(c *gin.Context) error {
	q := storage.OfferQuery{}
	switch self := auth.Account(c).ID; c.Query("side") {
	case "sent":
		q.By = self
	case "received":
		q.Owner = self
	default:
		q.Side = self
	}
	return f.showOffers(c, q)
}

// listRequestOffers answers GET /api/v1/minga/requests/:id/offers: to who requested all,
// to a co-op its own.
func (f *Face) listRequestOffers(c *gin.Context) error {
	p, err := f.post(c, coop.KindRequest)
	if err != nil {
		return err
	}
	q := storage.OfferQuery{Post: p.ID}
	if self := auth.Account(c).ID; p.AuthorID != self {
		q.By = self
	}
	return f.showOffers(c, q)
}

// showOffers answers a page of offers.
func (f *Face) showOffers(c *gin.Context, q storage.OfferQuery) error {
	for _, state := range valuesOf(c, "state") {
		q.States = append(q.States, coop.OfferState(state))
	}
	ctx := c.Request.Context()
	list, err := f.Store.Offers(ctx, q, pageOf(c, 20, 40))
	if err != nil {
		return err
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	out, sides := make([]offerJSON, len(list)), []*entity.Account{}
	for i, one := range list {
		if out[i], err = f.offer(c, one); err != nil {
			return err
		}
		sides = append(sides, out[i].By, out[i].Owner)
	}
	if err := f.complete(ctx, sides...); err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// sideOf finds the offer of the path for one of its two sides.
func (f *Face) sideOf(c *gin.Context) (*coop.Offer, error) {
	id, err := idOf(c)
	if err != nil {
		return nil, err
	}
	o, err := f.Store.Offer(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	if self := auth.Account(c).ID; o.OwnerID != self && o.ByID != self {
		return nil, fmt.Errorf("offer %s of others: %w", id, coop.ErrNotFound)
	}
	return o, nil
}

// getOffer answers GET /api/v1/minga/offers/:id, with the record of what each side sent.
func (f *Face) getOffer(c *gin.Context) error {
	o, err := f.sideOf(c)
	if err != nil {
		return err
	}
	return f.showOffer(c, o)
}
