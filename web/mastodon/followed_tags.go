// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
)

// followedTagRoutes are the hashtags that somebody reads at home.
func (f *Face) followedTagRoutes() []auth.Route {
	return []auth.Route{
		f.own("/v1/followed_tags", "read:follows", f.followedTags),
		f.write("POST", "/v1/tags/:name/follow", "write:follows", auth.LimitAPI, f.followTag(true)),
		f.write("POST", "/v1/tags/:name/unfollow", "write:follows", auth.LimitAPI, f.followTag(false)),
	}
}

// mostFollowedTags is how many hashtags one account may follow.
const mostFollowedTags = 1000

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
	tags, err := f.tagsFor(ctx, self.ID, names)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	c.JSON(http.StatusOK, tags)
	return nil
}

// followTag follows the hashtag in the path, or ends it; again is no error.
func (f *Face) followTag(follow bool) func(*gin.Context) error {
	return func(c *gin.Context) error {
		ctx, self, name := c.Request.Context(), auth.Account(c), coop.Truncate(c.Param("name"), 500)
		err := f.Store.Write(ctx, func(tx *storage.Tx) error { return f.keepTag(ctx, tx, self.ID, name, follow) })
		if err != nil {
			return err
		}
		tags, err := f.tagsFor(ctx, self.ID, []string{name})
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
	if n, err := tx.CountFollowedTags(ctx, self); err != nil || n >= mostFollowedTags {
		if err == nil {
			err = &coop.InvalidError{Field: "name", Code: coop.CodeTooMany, Problem: fmt.Sprintf("at most %d hashtags", mostFollowedTags)}
		}
		return err
	}
	_, err := tx.FollowTag(ctx, self, name)
	return err
}

// tagsFor are hashtags as entities, with whether an account follows them.
func (f *Face) tagsFor(ctx context.Context, self coop.ID, names []string) (entity.List[entity.Tag], error) {
	followed, err := f.Store.FollowsTags(ctx, self, names)
	if err != nil {
		return nil, err
	}
	history, err := f.Store.TagHistory(ctx, names)
	if err != nil {
		return nil, err
	}
	tags := make(entity.List[entity.Tag], len(names))
	for i, name := range names {
		follows, no := followed[name], false
		tags[i] = entity.Tag{
			ID: entity.TagID(name), Name: name, URL: f.base() + "/tags/" + url.PathEscape(strings.ToLower(name)),
			History: historyOf(history[storage.FoldTag(name)]), Following: &follows, Featuring: &no,
		}
	}
	return tags, nil
}

// historyOf are the days of a hashtag as entities.
func historyOf(days []coop.TagUse) entity.List[entity.TagDay] {
	var list entity.List[entity.TagDay]
	for _, d := range days {
		list = append(list, entity.TagDay{
			Day: strconv.FormatInt(d.Day.Unix(), 10), Uses: strconv.Itoa(d.Uses), Accounts: strconv.Itoa(d.Accounts),
		})
	}
	return list
}
