// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"errors"
	"fmt"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/web/auth"
	"minga/web/mastodon/input"
)

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
	return &coop.InvalidError{Field: fault.Field(), Code: string(fault.Fault), Problem: fault.Error()}
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
