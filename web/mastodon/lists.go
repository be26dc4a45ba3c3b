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

// listRoutes are the lists of accounts that somebody keeps. One of somebody else's
// was never here.
func (f *Face) listRoutes() []auth.Route {
	routes := []auth.Route{
		f.own("/v1/lists", "read:lists", f.lists),
		f.own("/v1/lists/:id", "read:lists", f.oneList),
		f.own("/v1/lists/:id/accounts", "read:lists", f.listAccountsOf),
		f.write("POST", "/v1/lists", "write:lists", auth.LimitAPI, f.createList),
		f.write("DELETE", "/v1/lists/:id", "write:lists", auth.LimitAPI, f.deleteList),
		f.write("POST", "/v1/lists/:id/accounts", "write:lists", auth.LimitAPI, f.changeList((*storage.Tx).AddToList)),
		f.write("DELETE", "/v1/lists/:id/accounts", "write:lists", auth.LimitAPI, f.changeList((*storage.Tx).RemoveFromList)),
	}
	return append(routes, f.update("/v1/lists/:id", "write:lists", auth.LimitAPI, f.updateList)...)
}

// listOf turns a list into its entity.
func listOf(l *coop.List) entity.AccountList {
	return entity.AccountList{ID: entity.ID(l.ID), Title: l.Title, RepliesPolicy: string(l.Replies), Exclusive: l.Exclusive}
}

// listsOf turns lists into entities.
func listsOf(lists []*coop.List) entity.List[entity.AccountList] {
	var out entity.List[entity.AccountList]
	for _, l := range lists {
		out = append(out, listOf(l))
	}
	return out
}

// lists answers GET /api/v1/lists.
func (f *Face) lists(c *gin.Context) error {
	lists, err := f.Store.Lists(c.Request.Context(), auth.Account(c).ID)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, listsOf(lists))
	return nil
}

// ownList finds the list in the path among those of the token's account.
func (f *Face) ownList(c *gin.Context) (*coop.List, error) {
	return ownIn(c, f.Store.List)
}

// oneList answers GET /api/v1/lists/:id.
func (f *Face) oneList(c *gin.Context) error {
	l, err := f.ownList(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, listOf(l))
	return nil
}

// createList answers POST /api/v1/lists.
func (f *Face) createList(c *gin.Context) error {
	l := &coop.List{Owner: auth.Account(c).ID, Replies: coop.RepliesList}
	return f.keepList(c, l, (*storage.Tx).AddList)
}

// updateList answers PUT and PATCH /api/v1/lists/:id: what is not sent stays.
func (f *Face) updateList(c *gin.Context) error {
	l, err := f.ownList(c)
	if err != nil {
		return err
	}
	return f.keepList(c, l, (*storage.Tx).SaveList)
}

// keepList reads a list, keeps it and answers it.
func (f *Face) keepList(c *gin.Context, l *coop.List, keep func(*storage.Tx, context.Context, *coop.List) error) error {
	ctx := c.Request.Context()
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	defer func() { _ = v.Close() }()
	if v.Has("title") {
		l.Title = coop.CleanLine(v.Text("title"), 10*coop.MaxListTitle)
	}
	if policy := v.Text("replies_policy"); policy != "" {
		l.Replies = coop.ListReplies(policy)
	}
	if b := v.Flag("exclusive"); b != nil {
		l.Exclusive = *b
	}
	if err := v.Err(); err != nil {
		return err
	}
	if err := coop.ValidateList(l); err != nil {
		return err
	}
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return keep(tx, ctx, l) }); err != nil {
		return err
	}
	c.JSON(http.StatusOK, listOf(l))
	return nil
}

// deleteList answers DELETE /api/v1/lists/:id.
func (f *Face) deleteList(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	return f.done(c, func(ctx context.Context, tx *storage.Tx) error { return tx.RemoveList(ctx, auth.Account(c).ID, id) })
}

// listAccountsOf answers GET /api/v1/lists/:id/accounts; a limit of 0 is all of them.
func (f *Face) listAccountsOf(c *gin.Context) error {
	l, err := f.ownList(c)
	if err != nil {
		return err
	}
	entries, err := f.listEntries(c, l)
	if err != nil {
		return err
	}
	accounts := make([]*coop.Account, len(entries))
	for i, e := range entries {
		accounts[i] = e.Account
	}
	return f.showAccounts(c, accounts)
}

// listEntries is a page of a list, with its neighbours named, or all of it.
func (f *Face) listEntries(c *gin.Context, l *coop.List) ([]storage.ListEntry, error) {
	ctx := c.Request.Context()
	if c.Query("limit") != "0" {
		page, err := f.Store.ListAccounts(ctx, l.Owner, l.ID, pageOf(c, 40, 80))
		if err == nil && len(page) > 0 {
			f.link(c, page[0].ID, page[len(page)-1].ID)
		}
		return page, err
	}
	var all []storage.ListEntry
	for page := (coop.Page{Limit: 500}); ; page.Max = all[len(all)-1].ID {
		more, err := f.Store.ListAccounts(ctx, l.Owner, l.ID, page)
		if all = append(all, more...); err != nil || len(more) < page.Limit {
			return all, err
		}
	}
}

// changeList answers POST and DELETE /api/v1/lists/:id/accounts. An account that
// cannot exist is one that is not followed.
func (f *Face) changeList(change func(*storage.Tx, context.Context, coop.ID, coop.ID, []coop.ID) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		l, err := f.ownList(c)
		if err != nil {
			return err
		}
		v, err := input.Read(c)
		if err != nil {
			return err
		}
		defer func() { _ = v.Close() }()
		var ids []coop.ID
		for _, text := range v.Texts("account_ids") {
			id, err := coop.ParseID(text)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		if err := v.Err(); err != nil {
			return err
		}
		return f.done(c, func(ctx context.Context, tx *storage.Tx) error { return change(tx, ctx, l.Owner, l.ID, ids) })
	}
}
