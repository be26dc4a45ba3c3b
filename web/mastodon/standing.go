// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// certify says of which federations the accounts in an answer are verified members, with one question for all of them.
func (f *Face) certify(ctx context.Context, accounts ...*accountJSON) error {
	ids := make([]coop.ID, 0, len(accounts))
	for _, a := range accounts {
		if id, err := coop.ParseID(a.ID); err == nil {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	verified, err := f.Store.VerifiedIn(ctx, ids)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		a.Minga.Evidence = "claimed"
		id, _ := coop.ParseID(a.ID) // one that cannot be read is in no federation
		for _, organization := range verified[id] {
			a.Minga.Evidence = "federation"
			a.Minga.Federations = append(a.Minga.Federations, organization.String())
		}
	}
	return nil
}

// certifyStatuses does the same for the authors of posts.
func (f *Face) certifyStatuses(ctx context.Context, list []statusJSON) error {
	authors := make([]*accountJSON, len(list))
	for i := range list {
		authors[i] = &list[i].Account
	}
	if err := f.certify(ctx, authors...); err != nil {
		return err
	}
	for i := range list {
		if m := list[i].Minga; m != nil && m.Coop != nil {
			m.Coop.Evidence = list[i].Account.Minga.Evidence
		}
	}
	return nil
}

// showStatus answers one post.
func (f *Face) showStatus(c *gin.Context, p *coop.Post) error {
	list := []statusJSON{f.status(p)}
	if err := f.certifyStatuses(c.Request.Context(), list); err != nil {
		return err
	}
	c.JSON(http.StatusOK, list[0])
	return nil
}

// showStatuses answers a page of posts.
func (f *Face) showStatuses(c *gin.Context, posts []*coop.Post) error {
	list := f.statuses(posts)
	if err := f.certifyStatuses(c.Request.Context(), list); err != nil {
		return err
	}
	c.JSON(http.StatusOK, list)
	return nil
}
