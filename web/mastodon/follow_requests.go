// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// followRequestRoutes are the follows of which somebody has to decide.
func (f *Face) followRequestRoutes() []auth.Route {
	return []auth.Route{
		f.own("/v1/follow_requests", "read:follows", f.followRequests),
		f.write("POST", "/v1/follow_requests/:id/authorize", "write:follows", auth.LimitAPI, f.answerFollow(true)).For(coop.ActRelate),
		f.write("POST", "/v1/follow_requests/:id/reject", "write:follows", auth.LimitAPI, f.answerFollow(false)).For(coop.ActRelate),
	}
}

// followRequests answers GET /api/v1/follow_requests.
func (f *Face) followRequests(c *gin.Context) error {
	asked, err := f.Store.Followers(c.Request.Context(), auth.Account(c).ID, coop.FollowAsked, pageOf(c, 40, 80))
	if err != nil {
		return err
	}
	accounts := make([]*coop.Account, len(asked))
	for i, x := range asked {
		accounts[i] = x.Follower
	}
	if len(asked) > 0 {
		f.link(c, asked[0].ID, asked[len(asked)-1].ID)
	}
	return f.showAccounts(c, accounts)
}

// answerFollow lets the account in the path follow, or not. Who did not ask is not
// found; a second authorize of the same changes nothing.
func (f *Face) answerFollow(accept bool) func(*gin.Context) error {
	return func(c *gin.Context) error {
		ctx, self := c.Request.Context(), auth.Account(c)
		other, err := f.other(c)
		if err != nil {
			return err
		}
		x, err := f.Store.Follow(ctx, other.ID, self.ID)
		if err != nil {
			return err
		}
		if x.State == coop.FollowAccepted {
			if !accept {
				return fmt.Errorf("request of %s: %w", other.ID, coop.ErrNotFound)
			}
			return f.showRelationship(c, other.ID)
		}
		if err := f.Outbox.DecideFollow(ctx, x, accept, ""); err != nil {
			return err
		}
		return f.showRelationship(c, other.ID)
	}
}
