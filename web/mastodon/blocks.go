// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// blockRoutes are whom, and which servers, somebody wants nothing of.
func (f *Face) blockRoutes() []auth.Route {
	return []auth.Route{
		f.own("/v1/blocks", "read:blocks", f.blocks),
		f.own("/v1/mutes", "read:mutes", f.mutes),
		f.own("/v1/domain_blocks", "read:blocks", f.domainBlocks),
		f.own("/v1/domain_blocks/preview", "read:blocks", f.domainBlockPreview),
		f.write("POST", "/v1/domain_blocks", "write:blocks", auth.LimitAPI, f.changeDomain(true)),
		f.write("DELETE", "/v1/domain_blocks", "write:blocks", auth.LimitAPI, f.changeDomain(false)),
	}
}

// blocks answers GET /api/v1/blocks.
func (f *Face) blocks(c *gin.Context) error {
	list, err := f.Store.Blocks(c.Request.Context(), auth.Account(c).ID, pageOf(c, 40, 80))
	if err != nil {
		return err
	}
	accounts := make([]*coop.Account, len(list))
	for i, b := range list {
		accounts[i] = b.Account
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	return f.showAccounts(c, accounts)
}

// mutes answers GET /api/v1/mutes; each says when it ends.
func (f *Face) mutes(c *gin.Context) error {
	ctx := c.Request.Context()
	list, err := f.Store.Mutes(ctx, auth.Account(c).ID, pageOf(c, 40, 80))
	if err != nil {
		return err
	}
	accounts := make(entity.List[*entity.Account], len(list))
	for i, m := range list {
		ends := entity.Time(m.Ends)
		accounts[i] = f.account(m.Target)
		accounts[i].MuteExpiresAt = &ends
	}
	if err := f.complete(ctx, accounts...); err != nil {
		return err
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	c.JSON(http.StatusOK, accounts)
	return nil
}

// domainBlocks answers GET /api/v1/domain_blocks: names of servers.
func (f *Face) domainBlocks(c *gin.Context) error {
	list, err := f.Store.ServerBlocks(c.Request.Context(), auth.Account(c).ID, pageOf(c, 100, 200))
	if err != nil {
		return err
	}
	hosts := make(entity.List[string], len(list))
	for i, b := range list {
		hosts[i] = b.Host
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	c.JSON(http.StatusOK, hosts)
	return nil
}

// domainBlockPreview answers GET /api/v1/domain_blocks/preview: what a block would
// end.
func (f *Face) domainBlockPreview(c *gin.Context) error {
	following, followers, err := f.Store.CountFollowsWithServer(c.Request.Context(), auth.Account(c).ID, coop.Truncate(c.Query("domain"), 300))
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, entity.DomainBlockPreview{FollowingCount: following, FollowersCount: followers})
	return nil
}

// changeDomain answers POST and DELETE /api/v1/domain_blocks with domain.
func (f *Face) changeDomain(block bool) func(*gin.Context) error {
	return func(c *gin.Context) error {
		v, err := input.Read(c)
		if err != nil {
			return err
		}
		defer func() { _ = v.Close() }()
		host := v.Text("domain")
		if err := v.Err(); err != nil {
			return err
		}
		change := f.Outbox.UnblockServer
		if block {
			change = f.Outbox.BlockServer
		}
		if err := change(c.Request.Context(), auth.Account(c), host); err != nil {
			return err
		}
		return emptyObject(c)
	}
}
