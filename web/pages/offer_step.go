// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

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
		return offerTrouble{fault.Field(), "offer_problem_" + string(fault.Fault), fault.Open}
	case errors.As(err, &invalid) && invalid.Field == "reason":
		return offerTrouble{Field: "reason", Text: "offer_problem_reason"}
	case errors.Is(err, coop.ErrState):
		return offerTrouble{Field: "slot", Text: "offer_problem_step"}
	}
	return offerTrouble{}
}
