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
)

// conversationRoutes are the threads of direct statuses.
func (f *Face) conversationRoutes() []auth.Route {
	return []auth.Route{
		f.own("/v1/conversations", "read:statuses", f.conversations),
		f.write("POST", "/v1/conversations/:id/read", "write:conversations", auth.LimitAPI, f.readConversation),
		f.write("DELETE", "/v1/conversations/:id", "write:conversations", auth.LimitAPI, f.removeConversation),
	}
}

// conversations answers GET /api/v1/conversations; pages go by the last status of each.
func (f *Face) conversations(c *gin.Context) error {
	ctx := c.Request.Context()
	list, err := f.Store.Conversations(ctx, auth.Account(c).ID, timelinePage(c))
	if err != nil {
		return err
	}
	shown, err := f.conversationsOf(ctx, auth.Viewer(c), list)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		f.link(c, list[0].Newest, list[len(list)-1].Newest)
	}
	c.JSON(http.StatusOK, shown)
	return nil
}

// conversationsOf turns conversations into entities: the statuses of all with one set
// of questions, and the accounts of all with another.
func (f *Face) conversationsOf(ctx context.Context, v coop.Viewer, list []coop.Conversation) (entity.List[entity.Conversation], error) {
	posts, accounts := make([]*coop.Post, len(list)), []*coop.Account{}
	for i, one := range list {
		posts[i] = one.Last
		accounts = append(accounts, one.Accounts...)
	}
	statuses, err := f.statuses(ctx, v, posts)
	if err != nil {
		return nil, err
	}
	people, err := f.accountsOf(ctx, accounts)
	if err != nil {
		return nil, err
	}
	out := make(entity.List[entity.Conversation], len(list))
	for i, one := range list {
		n := len(one.Accounts)
		out[i] = entity.Conversation{ID: entity.ID(one.ID), Unread: one.Unread, Accounts: people[:n], LastStatus: statuses[i]}
		people = people[n:]
	}
	return out, nil
}

// readConversation answers POST /api/v1/conversations/:id/read with the conversation.
func (f *Face) readConversation(c *gin.Context) error {
	ctx, self := c.Request.Context(), auth.Account(c).ID
	id, err := idOf(c)
	if err != nil {
		return err
	}
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.ReadConversation(ctx, self, id) }); err != nil {
		return err
	}
	one, err := f.Store.Conversation(ctx, self, id)
	if err != nil {
		return err
	}
	shown, err := f.conversationsOf(ctx, auth.Viewer(c), []coop.Conversation{one})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, shown[0])
	return nil
}

// removeConversation answers DELETE /api/v1/conversations/:id. The statuses stay.
func (f *Face) removeConversation(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	return f.done(c, func(ctx context.Context, tx *storage.Tx) error {
		return tx.RemoveConversation(ctx, auth.Account(c).ID, id)
	})
}
