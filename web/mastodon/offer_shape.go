// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/web/mastodon/entity"
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
