// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// contextRoutes are statuses by their ids, what stands around one, and what an account
// marked.
func (f *Face) contextRoutes() []auth.Route {
	return []auth.Route{
		f.public("/v1/statuses", "read:statuses", f.manyStatuses),
		f.public("/v1/statuses/:id", "read:statuses", f.oneStatus),
		f.public("/v1/statuses/:id/context", "read:statuses", f.context),
		f.public("/v1/statuses/:id/reblogged_by", "read:statuses", f.reactors(storage.Boost)),
		f.public("/v1/statuses/:id/favourited_by", "read:statuses", f.reactors(storage.Like)),
		f.public("/v1/statuses/:id/quotes", "read:statuses", f.quotes),
		f.own("/v1/favourites", "read:favourites", f.marked(f.Store.Liked)),
		f.own("/v1/bookmarks", "read:bookmarks", f.marked(f.Store.Bookmarked)),
	}
}

// oneStatus answers GET /api/v1/statuses/:id, of a post or a boost.
func (f *Face) oneStatus(c *gin.Context) error {
	e, err := f.entry(c)
	if err != nil {
		return err
	}
	return f.showEntry(c, e)
}

// manyStatuses answers GET /api/v1/statuses: those that may be seen of id[], in the
// order asked.
func (f *Face) manyStatuses(c *gin.Context) error {
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	ids := v.IDs("id")
	ctx, viewer := c.Request.Context(), auth.Viewer(c)
	entries, err := f.Store.Entries(ctx, viewer, ids[:min(len(ids), mostAsked)])
	if err != nil {
		return err
	}
	list, err := f.entries(ctx, viewer, entries)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, list)
	return nil
}

// How much of a thread is shown: to who is signed in, and to anybody, who may ask for
// every thread there is.
var (
	wholeThread = storage.ThreadBounds{Above: 4096, Below: 4096, Depth: 4096}
	partThread  = storage.ThreadBounds{Above: 40, Below: 60, Depth: 20}
)

// context answers GET /api/v1/statuses/:id/context. Who is signed in also makes us look
// for what of the thread is not here yet: the next look shows it.
func (f *Face) context(c *gin.Context) error {
	ctx, viewer := c.Request.Context(), auth.Viewer(c)
	e, err := f.entry(c)
	if err != nil {
		return err
	}
	bounds := partThread
	if viewer.Class == coop.ViewerAccount {
		bounds = wholeThread
		if err := f.Inbox.Thread(ctx, e.Post); err != nil {
			return err
		}
	}
	above, below, err := f.Store.Thread(ctx, viewer, e.Post.ID, bounds)
	if err != nil {
		return err
	}
	list, err := f.statuses(ctx, viewer, append(above, below...))
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, entity.Context{Ancestors: list[:len(above)], Descendants: list[len(above):]})
	return nil
}

// reactors answers who boosted or liked a status; pages go by the ids of that.
func (f *Face) reactors(kind storage.ReactionKind) func(*gin.Context) error {
	return func(c *gin.Context) error {
		e, err := f.entry(c)
		if err != nil {
			return err
		}
		list, err := f.Store.ReactorsOf(c.Request.Context(), auth.Viewer(c), e.Post.ID, kind, pageOf(c, 40, 80))
		if err != nil {
			return err
		}
		f.link(c, list.First, list.Last)
		return f.showAccounts(c, list.Accounts)
	}
}

// quotes answers GET /api/v1/statuses/:id/quotes.
func (f *Face) quotes(c *gin.Context) error {
	e, err := f.entry(c)
	if err != nil {
		return err
	}
	posts, err := f.Store.Quotes(c.Request.Context(), auth.Viewer(c), e.Post, timelinePage(c))
	if err != nil {
		return err
	}
	return f.showEntries(c, coop.EntriesOf(posts))
}

// marked answers what the account liked or keeps for itself; pages go by the ids of
// that.
func (f *Face) marked(list func(context.Context, coop.ID, coop.Page) (storage.Marked, error)) func(*gin.Context) error {
	return func(c *gin.Context) error {
		m, err := list(c.Request.Context(), auth.Account(c).ID, timelinePage(c))
		if err != nil {
			return err
		}
		f.link(c, m.First, m.Last)
		return f.showStatuses(c, m.Posts)
	}
}
