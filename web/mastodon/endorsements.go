// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// endorsementRoutes are the accounts that somebody shows on their profile; pin and
// unpin are their old names.
func (f *Face) endorsementRoutes() []auth.Route {
	act := func(path string, do relationAct) auth.Route {
		return f.write("POST", "/v1/accounts/:id"+path, "write:accounts", auth.LimitAPI, f.relate(do))
	}
	return []auth.Route{
		f.own("/v1/endorsements", "read:accounts", f.ownEndorsements),
		f.public("/v1/accounts/:id/endorsements", "read:accounts", f.endorsements),
		act("/endorse", f.endorse), act("/pin", f.endorse),
		act("/unendorse", f.unendorse), act("/unpin", f.unendorse),
		f.write("DELETE", "/v1/suggestions/:id", "write:accounts", auth.LimitAPI, f.hideSuggestion),
		f.own("/v1/accounts/:id/identity_proofs", "read:accounts", f.identityProofs),
	}
}

// showEndorsements answers a page of whom an account shows.
func (f *Face) showEndorsements(c *gin.Context, account coop.ID) error {
	viewer := coop.ID(0)
	if self := auth.Account(c); self != nil {
		viewer = self.ID
	}
	list, err := f.Store.Endorsements(c.Request.Context(), viewer, account, pageOf(c, 40, 80))
	if err != nil {
		return err
	}
	accounts := make([]*coop.Account, len(list))
	for i, e := range list {
		accounts[i] = e.Target
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	return f.showAccounts(c, accounts)
}

// ownEndorsements answers GET /api/v1/endorsements.
func (f *Face) ownEndorsements(c *gin.Context) error {
	return f.showEndorsements(c, auth.Account(c).ID)
}

// endorsements answers GET /api/v1/accounts/:id/endorsements: what a profile shows is
// for everybody, but for whom it blocks.
func (f *Face) endorsements(c *gin.Context) error {
	a, err := f.other(c)
	if err != nil {
		return err
	}
	if self := auth.Account(c); self != nil && self.ID != a.ID {
		if blocked, err := f.blockedBy(c.Request.Context(), self.ID, a.ID); blocked || err != nil {
			if err == nil {
				err = emptyAccounts(c)
			}
			return err
		}
	}
	if a.Gone() {
		return emptyAccounts(c)
	}
	return f.showEndorsements(c, a.ID)
}

// emptyAccounts answers a list of nobody.
func emptyAccounts(c *gin.Context) error {
	c.JSON(http.StatusOK, entity.List[*entity.Account]{})
	return nil
}

// endorse shows another account on one's profile.
func (f *Face) endorse(c *gin.Context, self, other *coop.Account, _ input.Values) error {
	ctx := c.Request.Context()
	return f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.Endorse(ctx, self.ID, other.ID) })
}

// unendorse ends it.
func (f *Face) unendorse(c *gin.Context, self, other *coop.Account, _ input.Values) error {
	ctx := c.Request.Context()
	return f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.Unendorse(ctx, self.ID, other.ID) })
}

// hideSuggestion answers DELETE /api/v1/suggestions/:id.
func (f *Face) hideSuggestion(c *gin.Context) error {
	other, err := f.other(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.HideSuggestion(ctx, auth.Account(c).ID, other.ID) }); err != nil {
		return err
	}
	return emptyObject(c)
}

// identityProofs answers GET /api/v1/accounts/:id/identity_proofs, which has been empty
// everywhere since what it was for is gone; fields with a tick stand in the account.
func (f *Face) identityProofs(c *gin.Context) error {
	if _, err := f.other(c); err != nil {
		return err
	}
	return emptyList(c)
}
