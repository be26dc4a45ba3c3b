// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox/text"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
)

// trendRoutes are hashtags, and what many use and boost.
func (f *Face) trendRoutes() []auth.Route {
	return []auth.Route{
		f.public("/v1/trends", "", f.trendingTags),
		f.public("/v1/trends/tags", "", f.trendingTags),
		f.public("/v1/trends/statuses", "", f.trendingStatuses),
		f.public("/v1/trends/links", "", f.trendingLinks),
		f.public("/v1/tags/:name", "read:follows", f.oneTag),
	}
}

// mostOffset is how far into a list without ids one may ask.
const mostOffset = 1000

// offsetOf reads limit and offset of a list that has no ids.
func offsetOf(c *gin.Context, usual, most int) (limit, offset int) {
	limit = pageOf(c, usual, most).Limit
	offset, err := strconv.Atoi(c.Query("offset"))
	if err != nil || offset < 0 {
		offset = 0
	}
	return limit, min(offset, mostOffset)
}

// trendingTags answers GET /api/v1/trends/tags, and /trends, its old name.
func (f *Face) trendingTags(c *gin.Context) error {
	limit, offset := offsetOf(c, 10, 20)
	trends, err := f.Store.TrendingTags(c.Request.Context(), auth.Viewer(c), limit, offset)
	if err != nil {
		return err
	}
	names := make([]string, len(trends))
	for i, t := range trends {
		names[i] = t.Tag
	}
	return f.showTags(c, names)
}

// trendingStatuses answers GET /api/v1/trends/statuses.
func (f *Face) trendingStatuses(c *gin.Context) error {
	limit, offset := offsetOf(c, 20, 40)
	posts, err := f.Store.TrendingPosts(c.Request.Context(), auth.Viewer(c), limit, offset)
	if err != nil {
		return err
	}
	return f.showStatuses(c, posts)
}

// trendingLinks answers GET /api/v1/trends/links. Nobody's page is fetched, so a link
// has its address for a title.
func (f *Face) trendingLinks(c *gin.Context) error {
	limit, offset := offsetOf(c, 10, 20)
	links, err := f.Store.TrendingLinks(c.Request.Context(), auth.Viewer(c), limit, offset)
	if err != nil {
		return err
	}
	out := make(entity.List[entity.TrendsLink], len(links))
	for i, l := range links {
		host := coop.IRI(l.URL).Host()
		out[i].Card = entity.Card{
			URL: l.URL, Title: text.Bare(l.URL), Type: "link", AuthorURL: l.URL, ProviderName: host, ProviderURL: l.URL, EmbedURL: l.URL,
		}
		out[i].History = days(l.History)
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// days are how much something was used on each of some days.
func days(uses []coop.TagUse) entity.List[entity.TagDay] {
	var list entity.List[entity.TagDay]
	for _, d := range uses {
		list = append(list, entity.TagDay{Day: strconv.FormatInt(d.Day.Unix(), 10), Uses: strconv.Itoa(d.Uses), Accounts: strconv.Itoa(d.Accounts)})
	}
	return list
}

// oneTag answers GET /api/v1/tags/:name. Any name that can be one is a hashtag, used or
// not.
func (f *Face) oneTag(c *gin.Context) error {
	name := coop.Truncate(c.Param("name"), 500)
	if storage.FoldTag(name) == "" {
		return coop.ErrNotFound
	}
	tags, err := f.tagsWithHistory(c.Request.Context(), auth.Viewer(c), []string{name})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, tags[0])
	return nil
}

// showTags answers a list of hashtags.
func (f *Face) showTags(c *gin.Context, names []string) error {
	tags, err := f.tagsWithHistory(c.Request.Context(), auth.Viewer(c), names)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, tags)
	return nil
}

// tagsWithHistory are hashtags as entities: how much they were used on each day of a
// week, and, for who is signed in, whether it follows them.
func (f *Face) tagsWithHistory(ctx context.Context, v coop.Viewer, names []string) (entity.List[entity.Tag], error) {
	history, err := f.Store.TagHistory(ctx, names)
	if err != nil {
		return nil, err
	}
	var followed, featured map[string]bool
	if v.Class == coop.ViewerAccount {
		if followed, err = f.Store.FollowsTags(ctx, v.Account, names); err != nil {
			return nil, err
		}
		if featured, err = f.Store.FeaturesTags(ctx, v.Account, names); err != nil {
			return nil, err
		}
	}
	tags := make(entity.List[entity.Tag], len(names))
	for i, name := range names {
		tags[i] = f.tag(name, history[storage.FoldTag(name)])
		if v.Class == coop.ViewerAccount {
			follows, shows := followed[name], featured[name]
			tags[i].Following, tags[i].Featuring = &follows, &shows
		}
	}
	return tags, nil
}

// tag is a hashtag with what is known of its days.
func (f *Face) tag(name string, uses []coop.TagUse) entity.Tag {
	return entity.Tag{ID: entity.TagID(name), Name: name, URL: f.tagURL(name), History: days(uses)}
}
