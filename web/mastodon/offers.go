// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// offerJSON is an offer for a slot of a request, as its two sides see it.
type offerJSON struct {
	ID        string          `json:"id"`
	URI       string          `json:"uri"`
	Request   offerRequest    `json:"request"`
	Slot      string          `json:"slot"`
	SlotName  string          `json:"slot_name"`
	By        *entity.Account `json:"account"`
	Owner     *entity.Account `json:"requester"`
	State     string          `json:"state"`
	Hours     int             `json:"hours"`
	Rate      decimal.Decimal `json:"rate"`
	Amount    decimal.Decimal `json:"amount"`
	Currency  entity.Null     `json:"currency"`
	StartsOn  entity.Null     `json:"starts_on"`
	Note      string          `json:"note"`
	Reason    entity.Null     `json:"reason"`
	Ends      entity.Time     `json:"ends_at"`
	Created   entity.Time     `json:"created_at"`
	Updated   entity.Time     `json:"updated_at"`
	Decided   entity.Time     `json:"decided_at"`
	Agreement *agreementJSON  `json:"agreement"`
	Record    []recordJSON    `json:"record,omitempty"` // of one offer alone
}

// offerRequest says for which request an offer is.
type offerRequest struct {
	ID    entity.Null `json:"id"` // null: it is gone
	URI   string      `json:"uri"`
	Title string      `json:"title"`
}

// agreementJSON is what an accepted offer became; document is what who requested wrote,
// with its proof, byte for byte.
type agreementJSON struct {
	URI       string      `json:"uri"`
	State     string      `json:"state"`
	Made      entity.Time `json:"created_at"`
	Confirmed entity.Time `json:"confirmed_at"`
	Ended     entity.Time `json:"ended_at"`
	Document  string      `json:"document"`
}

// recordJSON is one message about an offer; document is it byte for byte.
type recordJSON struct {
	URI      string      `json:"uri"`
	Type     string      `json:"type"`
	From     string      `json:"from"`
	At       entity.Time `json:"created_at"`
	Document string      `json:"document"`
}

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

// offer shows an offer with what it became.
func (f *Face) offer(c *gin.Context, o *coop.Offer) (offerJSON, error) {
	out := offerJSON{
		ID: o.ID.String(), URI: string(o.IRI), Request: offerRequest{URI: string(o.Request), Title: o.Title}, Slot: o.Slot, SlotName: o.SlotName,
		By: f.account(o.By), Owner: f.account(o.Owner), State: string(o.State), Hours: o.Hours, Rate: o.Rate(), Amount: o.Amount,
		Currency: entity.Null(o.Currency), StartsOn: entity.Null(o.From), Note: o.Note, Reason: entity.Null(o.Reason), Ends: entity.Time(o.Ends),
		Created: entity.Time(o.CreatedAt), Updated: entity.Time(o.UpdatedAt), Decided: entity.Time(o.DecidedAt),
	}
	if o.PostID != 0 {
		out.Request.ID = entity.Null(o.PostID.String())
	}
	if o.State != coop.OfferAccepted && o.State != coop.OfferReleased {
		return out, nil
	}
	g, err := f.Store.AgreementOfOffer(c.Request.Context(), o.ID)
	if errors.Is(err, coop.ErrNotFound) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Agreement = &agreementJSON{
		URI: string(g.IRI), State: string(g.State), Made: entity.Time(g.MadeAt), Confirmed: entity.Time(g.ConfirmedAt), Ended: entity.Time(g.EndedAt), Document: string(g.Body),
	}
	return out, nil
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

// showOffer answers one offer.
func (f *Face) showOffer(c *gin.Context, o *coop.Offer) error {
	ctx := c.Request.Context()
	out, err := f.offer(c, o)
	if err != nil {
		return err
	}
	records, err := f.Store.OfferRecords(ctx, []coop.ID{o.ID})
	if err != nil {
		return err
	}
	for _, k := range records {
		line := recordJSON{URI: string(k.IRI), Type: k.Kind, At: entity.Time(k.At), Document: string(k.Body)}
		if k.From != nil {
			line.From = string(k.From.IRI)
		}
		out.Record = append(out.Record, line)
	}
	if err := f.complete(ctx, out.By, out.Owner); err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// createOffer answers POST /api/v1/minga/requests/:id/offers with `slot`, `hours`, `rate`,
// `currency`, `starts_on`, `note` and `ends_at`.
func (f *Face) createOffer(c *gin.Context) error {
	p, err := f.post(c, coop.KindRequest)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	o := &coop.Offer{Slot: in.Text("slot")}
	fillOffer(o, in)
	return f.makeOffer(c, p.ID, o, in)
}

// fillOffer takes over what was sent.
func fillOffer(o *coop.Offer, in input.Values) {
	if in.Has("hours") {
		o.Hours = in.Number("hours")
	}
	if in.Has("rate") || in.Has("hours") {
		o.Amount = in.Decimal("rate").Mul(decimal.NewFromInt(int64(o.Hours)))
	}
	for name, text := range map[string]*string{"currency": &o.Currency, "starts_on": &o.From, "note": &o.Note} {
		if in.Has(name) {
			*text = in.Text(name)
		}
	}
	if in.Has("ends_at") {
		o.Ends = in.Moment("ends_at")
	}
}

// makeOffer sends an offer and answers it.
func (f *Face) makeOffer(c *gin.Context, request coop.ID, o *coop.Offer, in input.Values) error {
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.Outbox.MakeOffer(c.Request.Context(), auth.Account(c), request, o); err != nil {
		return offerProblem(err)
	}
	return f.showOffer(c, o)
}

// offerProblem names the field that keeps an offer from being taken.
func offerProblem(err error) error {
	var fault *coop.OfferError
	if !errors.As(err, &fault) {
		return err
	}
	field := "slot"
	if fault.Fault == coop.FaultOver || fault.Fault == coop.FaultQuantity {
		field = "hours"
	}
	return &coop.InvalidError{Field: field, Code: string(fault.Fault), Problem: fault.Error()}
}

// changeOffer answers POST /api/v1/minga/offers/:id/change: a new offer takes the place of
// one that waits; what is not sent stays.
func (f *Face) changeOffer(c *gin.Context) error {
	o, err := f.sideOf(c)
	if err != nil {
		return err
	}
	if o.ByID != auth.Account(c).ID || o.PostID == 0 {
		return fmt.Errorf("change offer %s: %w", o.ID, coop.ErrNotFound)
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	next := &coop.Offer{Slot: o.Slot, Hours: o.Hours, Amount: o.Amount, Currency: o.Currency, From: o.From, Note: o.Note, Ends: o.Ends, Replaces: o.IRI}
	fillOffer(next, in)
	return f.makeOffer(c, o.PostID, next, in)
}

// withdrawOffer answers POST /api/v1/minga/offers/:id/withdraw, with `reason` once it was
// accepted.
func (f *Face) withdrawOffer(c *gin.Context) error {
	return f.stepOffer(c, func(o *coop.Offer, reason string) (*coop.Offer, error) {
		return f.Outbox.WithdrawOffer(c.Request.Context(), auth.Account(c), o.ID, reason)
	})
}

// acceptOffer answers POST /api/v1/minga/offers/:id/accept.
func (f *Face) acceptOffer(c *gin.Context) error {
	return f.stepOffer(c, func(o *coop.Offer, _ string) (*coop.Offer, error) {
		return f.Outbox.AcceptOffer(c.Request.Context(), auth.Account(c), o.ID)
	})
}

// declineOffer answers POST /api/v1/minga/offers/:id/decline with `reason`.
func (f *Face) declineOffer(c *gin.Context) error {
	return f.stepOffer(c, func(o *coop.Offer, reason string) (*coop.Offer, error) {
		return f.Outbox.DeclineOffer(c.Request.Context(), auth.Account(c), o.ID, reason)
	})
}

// releaseOffer answers POST /api/v1/minga/offers/:id/release with `reason`: either side
// ends what was agreed.
func (f *Face) releaseOffer(c *gin.Context) error {
	return f.stepOffer(c, func(o *coop.Offer, reason string) (*coop.Offer, error) {
		ctx, self, act := c.Request.Context(), auth.Account(c), coop.ActOffer
		if o.OwnerID == self.ID {
			act = coop.ActRequest.In(self.Kind)
		}
		switch {
		case !auth.May(c, act):
			return nil, &coop.RoleError{Act: act}
		case o.State != coop.OfferAccepted && o.State != coop.OfferReleased:
			return nil, fmt.Errorf("release an offer that is %s: %w", o.State, coop.ErrState)
		case o.OwnerID == self.ID:
			return f.Outbox.DeclineOffer(ctx, self, o.ID, reason)
		}
		return f.Outbox.WithdrawOffer(ctx, self, o.ID, reason)
	})
}

// stepOffer does something to the offer of the path and answers how it stands then.
func (f *Face) stepOffer(c *gin.Context, step func(o *coop.Offer, reason string) (*coop.Offer, error)) error {
	o, err := f.sideOf(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	o, err = step(o, in.Text("reason"))
	if err != nil {
		return offerProblem(err)
	}
	return f.showOffer(c, o)
}
