// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/input"
)

// timelineRoutes are the timelines. All have 20 lines a page, 40 at most.
func (f *Face) timelineRoutes() []auth.Route {
	return []auth.Route{
		f.own("/v1/timelines/home", "read:statuses", f.home),
		f.own("/v1/timelines/list/:id", "read:lists", f.listTimeline),
		f.public("/v1/timelines/public", "read:statuses", f.publicTimeline),
		f.public("/v1/timelines/bubble", "read:statuses", f.bubbleTimeline),
		f.public("/v1/timelines/link", "read:statuses", f.linkTimeline),
		f.own("/v1/timelines/direct", "read:statuses", f.directTimeline),
		f.public("/v1/timelines/tag/:hashtag", "read:statuses", f.tagTimeline),
		f.public("/v1/accounts/:id/statuses", "read:statuses", f.accountTimeline),
	}
}

// timelinePage is a page of a timeline.
func timelinePage(c *gin.Context) coop.Page { return pageOf(c, 20, 40) }

// home answers GET /api/v1/timelines/home.
func (f *Face) home(c *gin.Context) error {
	entries, err := f.Store.Home(c.Request.Context(), auth.Account(c).ID, timelinePage(c))
	if err != nil {
		return err
	}
	return f.showEntries(c, entries)
}

// listTimeline answers GET /api/v1/timelines/list/:id; a list of somebody else is none.
func (f *Face) listTimeline(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	entries, err := f.Store.ListTimeline(c.Request.Context(), auth.Account(c).ID, id, timelinePage(c))
	if err != nil {
		return err
	}
	return f.showEntries(c, entries)
}

// publicQuery reads local, remote and only_media.
func publicQuery(v input.Values) storage.PublicQuery {
	return storage.PublicQuery{Local: v.On("local"), Remote: v.On("remote"), OnlyMedia: v.On("only_media")}
}

// publicTimeline answers GET /api/v1/timelines/public.
func (f *Face) publicTimeline(c *gin.Context) error {
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	posts, err := f.Store.PublicTimeline(c.Request.Context(), auth.Viewer(c), publicQuery(v), timelinePage(c))
	if err != nil {
		return err
	}
	return f.showEntries(c, coop.EntriesOf(posts))
}

// bubbleTimeline answers GET /api/v1/timelines/bubble: public posts of this server and
// of the servers of federations that this instance's federation follows.
func (f *Face) bubbleTimeline(c *gin.Context) error {
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	ctx, q := c.Request.Context(), publicQuery(v)
	federation, err := f.Store.FederationAccount(ctx)
	if err != nil {
		return err
	}
	q.Bubble = federation.ID
	posts, err := f.Store.PublicTimeline(ctx, auth.Viewer(c), q, timelinePage(c))
	if err != nil {
		return err
	}
	return f.showEntries(c, coop.EntriesOf(posts))
}

// linkTimeline answers GET /api/v1/timelines/link: public posts that link to url.
func (f *Face) linkTimeline(c *gin.Context) error {
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	if v.Text("url") == "" {
		v.Complain("url", coop.CodeRequired, "the address of a page is needed")
	}
	if err := v.Err(); err != nil {
		return err
	}
	posts, err := f.Store.LinkTimeline(c.Request.Context(), auth.Viewer(c), v.Text("url"), timelinePage(c))
	if err != nil {
		return err
	}
	return f.showEntries(c, coop.EntriesOf(posts))
}

// directTimeline answers GET /api/v1/timelines/direct, the older way to read what
// conversations hold.
func (f *Face) directTimeline(c *gin.Context) error {
	posts, err := f.Store.DirectTimeline(c.Request.Context(), auth.Viewer(c), timelinePage(c))
	if err != nil {
		return err
	}
	return f.showEntries(c, coop.EntriesOf(posts))
}

// tagTimeline answers GET /api/v1/timelines/tag/:hashtag.
func (f *Face) tagTimeline(c *gin.Context) error {
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	q := storage.TagQuery{PublicQuery: publicQuery(v), Tag: c.Param("hashtag"), Any: v.Texts("any"), All: v.Texts("all"), None: v.Texts("none")}
	posts, err := f.Store.TagTimeline(c.Request.Context(), auth.Viewer(c), q, timelinePage(c))
	if err != nil {
		return err
	}
	return f.showEntries(c, coop.EntriesOf(posts))
}

// accountTimeline answers GET /api/v1/accounts/:id/statuses. Pinned ones are not in the
// order of their ids, and have no second page.
func (f *Face) accountTimeline(c *gin.Context) error {
	ctx, viewer := c.Request.Context(), auth.Viewer(c)
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	a, err := f.other(c)
	if err != nil {
		return err
	}
	if v.On("pinned") {
		posts, err := f.Store.Pinned(ctx, viewer, a.ID)
		if err != nil {
			return err
		}
		return f.showStatuses(c, posts)
	}
	q := storage.AccountQuery{OnlyMedia: v.On("only_media"), NoReplies: v.On("exclude_replies"), NoBoosts: v.On("exclude_reblogs"), Tag: v.Text("tagged")}
	entries, err := f.Store.AccountTimeline(ctx, viewer, a.ID, q, timelinePage(c))
	if err != nil {
		return fmt.Errorf("statuses of account %s: %w", a.ID, err)
	}
	return f.showEntries(c, entries)
}
