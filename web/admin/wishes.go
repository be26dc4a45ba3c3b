// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"context"
	"errors"
	"fmt"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/respond"
)

// wishCard is somebody who asks for an account.
type wishCard struct {
	ID, Name, Email, Reason string
	Confirmed               bool // the address is theirs
	Since                   moment
}

// wishCards are those that wait for the staff.
func (f *Face) wishCards(ctx context.Context, t respond.Tongue) ([]wishCard, error) {
	list, err := f.Store.SignUps(ctx, coop.Page{Limit: 5 * mostCards})
	if err != nil {
		return nil, err
	}
	var cards []wishCard
	for _, s := range list {
		if s.ApprovedAt.IsZero() && len(cards) < mostCards {
			cards = append(cards, wishCard{s.ID.String(), s.Name, s.Email, s.Reason, !s.ConfirmedAt.IsZero(), momentOf(t, s.CreatedAt)})
		}
	}
	return cards, nil
}

// decideWish answers POST /admin/sign-ups/ID: act is accept or refuse.
func (f *Face) decideWish(c *gin.Context) error {
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return fmt.Errorf("sign-up %.40q: %w", c.Param("id"), coop.ErrNotFound)
	}
	ctx, who, done := c.Request.Context(), auth.Account(c).Name, "wish_refused"
	wish, err := f.Store.SignUp(ctx, id)
	switch {
	case errors.Is(err, coop.ErrNotFound):
		return f.backToBoard(c, "decided", "")
	case err != nil:
		return err
	case c.PostForm("act") == "accept":
		done = "wish_accepted"
		_, err = f.Outbox.ApproveSignUp(ctx, wish, who)
	default:
		err = f.Outbox.RefuseSignUp(ctx, wish, who)
	}
	if err != nil {
		return err
	}
	return f.backToBoard(c, done, "")
}
