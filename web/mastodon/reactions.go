// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"fmt"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/input"
	"minga/web/respond"
)

// deed is what somebody does with a post that they may see. All of them can be done
// twice.
type deed func(ctx context.Context, me *coop.Account, p *coop.Post) error

// reactionRoutes are what one does with a status; the id may be that of a boost.
func (f *Face) reactionRoutes() []auth.Route {
	route := func(name, scope string, h respond.Handler) auth.Route {
		return f.write("POST", "/v1/statuses/:id/"+name, scope, auth.LimitAPI, h)
	}
	return []auth.Route{
		route("favourite", "write:favourites", f.does(f.Outbox.Like)),
		route("unfavourite", "write:favourites", f.does(f.Outbox.Unlike)),
		route("reblog", scopeWriteStatuses, f.reblog),
		route("unreblog", scopeWriteStatuses, f.does(f.Outbox.Unboost)),
		route("bookmark", "write:bookmarks", f.does(f.keeps((*storage.Tx).Bookmark))),
		route("unbookmark", "write:bookmarks", f.does(f.keeps((*storage.Tx).Unbookmark))),
		route("mute", "write:mutes", f.does(f.hears((*storage.Tx).MuteThread))),
		route("unmute", "write:mutes", f.does(f.hears((*storage.Tx).UnmuteThread))),
		route("pin", "write:accounts", f.does(f.Outbox.Pin)).For(coop.ActPublish),
		route("unpin", "write:accounts", f.does(f.Outbox.Unpin)).For(coop.ActPublish),
	}
}

// does acts on the status in the path and answers it as it is then.
func (f *Face) does(act deed) respond.Handler {
	return func(c *gin.Context) error {
		e, err := f.entry(c)
		if err != nil {
			return err
		}
		return f.answer(c, e.Post, func(ctx context.Context) error { return act(ctx, auth.Account(c), e.Post) })
	}
}

// keeps is a deed that nobody else hears of, about a post.
func (f *Face) keeps(act func(tx *storage.Tx, ctx context.Context, account, post coop.ID) error) deed {
	return func(ctx context.Context, me *coop.Account, p *coop.Post) error {
		return f.Store.Write(ctx, func(tx *storage.Tx) error { return act(tx, ctx, me.ID, p.ID) })
	}
}

// hears is a deed that nobody else hears of, about a thread.
func (f *Face) hears(act func(tx *storage.Tx, ctx context.Context, account coop.ID, thread coop.IRI) error) deed {
	return func(ctx context.Context, me *coop.Account, p *coop.Post) error {
		return f.Store.Write(ctx, func(tx *storage.Tx) error { return act(tx, ctx, me.ID, p.Thread) })
	}
}

// reblog boosts a status for everybody or for the account's followers, and answers the
// boost: POST /api/v1/statuses/:id/reblog.
func (f *Face) reblog(c *gin.Context) error {
	ctx, me := c.Request.Context(), auth.Account(c)
	e, err := f.entry(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	audience := coop.VisiblePublic
	if word := in.Text("visibility"); word != "" {
		known := false
		if audience, known = audiences[word]; !known {
			in.Complain("visibility", "inclusion", "is public, unlisted or private")
		}
	}
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.Outbox.BoostFor(ctx, me, e.Post, audience); err != nil {
		return err
	}
	x, err := f.Store.ReactionOf(ctx, storage.Boost, me.ID, e.Post.ID)
	if err != nil {
		return fmt.Errorf("boost of %s: %w", e.Post.ID, err)
	}
	now, err := f.Store.Post(ctx, auth.Viewer(c), e.Post.ID)
	if err != nil {
		return err
	}
	return f.showEntry(c, coop.Entry{ID: x.ID, Post: now, By: me, IRI: x.IRI, At: x.At})
}
