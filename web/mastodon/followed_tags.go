// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// followedTagRoutes are the hashtags that somebody reads at home.
func (f *Face) followedTagRoutes() []auth.Route {
	return []auth.Route{
		f.own("/v1/followed_tags", "read:follows", f.followedTags),
		f.write("POST", "/v1/tags/:name/follow", "write:follows", auth.LimitAPI, f.followTag(true)),
		f.write("POST", "/v1/tags/:name/unfollow", "write:follows", auth.LimitAPI, f.followTag(false)),
	}
}

// followedTags answers GET /api/v1/followed_tags.
func (f *Face) followedTags(c *gin.Context) error {
	ctx, self := c.Request.Context(), auth.Account(c)
	list, err := f.Store.FollowedTags(ctx, self.ID, pageOf(c, 100, 200))
	if err != nil {
		return err
	}
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = t.Tag
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	return f.showTags(c, names)
}

// followTag follows the hashtag in the path, or ends it; again is no error.
func (f *Face) followTag(follow bool) func(*gin.Context) error {
	return func(c *gin.Context) error {
		ctx, self, name := c.Request.Context(), auth.Account(c), coop.Truncate(c.Param("name"), 500)
		err := f.Store.Write(ctx, func(tx *storage.Tx) error { return f.keepTag(ctx, tx, self.ID, name, follow) })
		if err != nil {
			return err
		}
		tags, err := f.tagsWithHistory(ctx, auth.Viewer(c), []string{name})
		if err != nil {
			return err
		}
		c.JSON(http.StatusOK, tags[0])
		return nil
	}
}

// keepTag keeps or ends the follow of a hashtag.
func (f *Face) keepTag(ctx context.Context, tx *storage.Tx, self coop.ID, name string, follow bool) error {
	if !follow {
		_, err := tx.UnfollowTag(ctx, self, name)
		return err
	}
	_, err := tx.FollowTag(ctx, self, name)
	return err
}
