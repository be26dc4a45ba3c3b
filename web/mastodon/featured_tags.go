// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// featuredTagRoutes are the hashtags that somebody shows on their profile.
func (f *Face) featuredTagRoutes() []auth.Route {
	return []auth.Route{
		f.public("/v1/accounts/:id/featured_tags", "read:accounts", f.featuredTags),
		f.own("/v1/featured_tags", "read:accounts", f.ownFeaturedTags),
		f.own("/v1/featured_tags/suggestions", "read:accounts", f.usedTags),
		f.write("POST", "/v1/featured_tags", "write:accounts", auth.LimitAPI, f.addFeaturedTag),
		f.write("DELETE", "/v1/featured_tags/:id", "write:accounts", auth.LimitAPI, f.dropFeaturedTag),
		f.write("POST", "/v1/tags/:name/feature", "write:accounts", auth.LimitAPI, f.featureTag(true)),
		f.write("POST", "/v1/tags/:name/unfeature", "write:accounts", auth.LimitAPI, f.featureTag(false)),
	}
}

// featuredTag turns a hashtag of a profile into its entity. For somebody of this server
// its address is that of the hashtag, whose page is here.
func (f *Face) featuredTag(a *coop.Account, t coop.FeaturedTag) entity.FeaturedTag {
	address := f.tagURL(t.Name)
	if !a.Local {
		address = strings.TrimSuffix(accountURL(a), "/") + "/tagged/" + url.PathEscape(t.Name)
	}
	return entity.FeaturedTag{ID: entity.ID(t.ID), Name: t.Name, URL: address, StatusesCount: strconv.Itoa(t.Posts), LastStatusAt: entity.Date(t.Last)}
}

// showFeaturedTags answers those of an account.
func (f *Face) showFeaturedTags(c *gin.Context, a *coop.Account) error {
	tags, err := f.Store.FeaturedTags(c.Request.Context(), a.ID)
	if err != nil {
		return err
	}
	out := make(entity.List[entity.FeaturedTag], len(tags))
	for i, t := range tags {
		out[i] = f.featuredTag(a, t)
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// featuredTags answers GET /api/v1/accounts/:id/featured_tags; whoever is gone shows
// none.
func (f *Face) featuredTags(c *gin.Context) error {
	a, err := f.other(c)
	if err != nil {
		return err
	}
	if a.Gone() {
		return emptyList(c)
	}
	return f.showFeaturedTags(c, a)
}

// ownFeaturedTags answers GET /api/v1/featured_tags.
func (f *Face) ownFeaturedTags(c *gin.Context) error { return f.showFeaturedTags(c, auth.Account(c)) }

// usedTags answers GET /api/v1/featured_tags/suggestions: what one uses most and does
// not show.
func (f *Face) usedTags(c *gin.Context) error {
	names, err := f.Store.UsedTags(c.Request.Context(), auth.Account(c).ID, coop.MaxFeaturedTags)
	if err != nil {
		return err
	}
	return f.showTags(c, names)
}

// addFeaturedTag answers POST /api/v1/featured_tags; again is no error.
func (f *Face) addFeaturedTag(c *gin.Context) error {
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	defer func() { _ = v.Close() }()
	name := v.Text("name")
	if name == "" {
		v.Complain("name", coop.CodeRequired, "a hashtag is needed")
	}
	if err := v.Err(); err != nil {
		return err
	}
	a := auth.Account(c)
	tag, err := f.Outbox.FeatureTag(c.Request.Context(), a, name)
	if err != nil {
		return err
	}
	return f.showFeaturedTag(c, a, tag)
}

// showFeaturedTag answers one with its numbers.
func (f *Face) showFeaturedTag(c *gin.Context, a *coop.Account, tag coop.FeaturedTag) error {
	tags, err := f.Store.FeaturedTags(c.Request.Context(), a.ID)
	if err != nil {
		return err
	}
	for _, t := range tags {
		if t.ID == tag.ID {
			tag = t
		}
	}
	c.JSON(http.StatusOK, f.featuredTag(a, tag))
	return nil
}

// dropFeaturedTag answers DELETE /api/v1/featured_tags/:id.
func (f *Face) dropFeaturedTag(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	ctx, a := c.Request.Context(), auth.Account(c)
	tag, err := f.Store.FeaturedTag(ctx, a.ID, id)
	if err != nil {
		return err
	}
	if err := f.Outbox.UnfeatureTag(ctx, a, tag.Name); err != nil {
		return err
	}
	return emptyObject(c)
}

// featureTag answers POST /api/v1/tags/:name/feature and /unfeature.
func (f *Face) featureTag(show bool) func(*gin.Context) error {
	return func(c *gin.Context) error {
		ctx, a, name := c.Request.Context(), auth.Account(c), coop.Truncate(c.Param("name"), 500)
		if storage.FoldTag(name) == "" {
			return coop.ErrNotFound
		}
		var err error
		if show {
			_, err = f.Outbox.FeatureTag(ctx, a, name)
		} else {
			err = f.Outbox.UnfeatureTag(ctx, a, name)
		}
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
