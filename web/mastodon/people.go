// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// peopleRoutes are the questions about accounts and whom they know.
func (f *Face) peopleRoutes() []auth.Route {
	return []auth.Route{
		f.public("/v1/accounts", "read:accounts", f.manyAccounts),
		f.public("/v1/accounts/lookup", "read:accounts", f.lookUpAccount),
		f.public("/v1/accounts/:id", "read:accounts", f.oneAccount),
		f.public("/v1/accounts/:id/followers", "read:accounts", f.followers(true)),
		f.public("/v1/accounts/:id/following", "read:accounts", f.followers(false)),
		f.own("/v1/accounts/:id/lists", "read:lists", f.listsWith),
		f.public("/v1/directory", "read:accounts", f.directory),
		f.own("/v1/suggestions", "read:accounts", f.suggestedAccounts),
		f.own("/v2/suggestions", "read:accounts", f.suggestions),
	}
}

// oneAccount answers GET /api/v1/accounts/:id. One that is suspended is an account
// with nothing in it, one that is deleted was never here.
func (f *Face) oneAccount(c *gin.Context) error {
	a, err := f.other(c)
	if err != nil {
		return err
	}
	return f.showAccount(c, a)
}

// manyAccounts answers GET /api/v1/accounts: those that are known of id[], in the
// order asked.
func (f *Face) manyAccounts(c *gin.Context) error {
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	ids := v.IDs("id")
	ids = ids[:min(len(ids), mostAsked)]
	found, err := f.Store.Accounts(c.Request.Context(), ids)
	if err != nil {
		return err
	}
	var list []*coop.Account
	for _, id := range ids {
		if a := found[id]; a != nil && a.DeletedAt.IsZero() {
			list = append(list, a)
		}
	}
	return f.showAccounts(c, list)
}

// lookUpAccount answers GET /api/v1/accounts/lookup: by acct with or without a host,
// among the accounts that are known here. No other server is asked.
func (f *Face) lookUpAccount(c *gin.Context) error {
	a, err := f.kept(f.byHandle(c.Request.Context(), strings.TrimPrefix(c.Query("acct"), "@")))
	var unreadable *coop.InvalidError
	if errors.As(err, &unreadable) {
		return fmt.Errorf("account by handle: %w", coop.ErrNotFound)
	}
	if err != nil {
		return err
	}
	return f.showAccount(c, a)
}

// followers answers GET /api/v1/accounts/:id/followers, or …/following.
func (f *Face) followers(who bool) func(*gin.Context) error {
	return func(c *gin.Context) error {
		a, err := f.other(c)
		if err != nil {
			return err
		}
		follows, err := f.followsShown(c, a, who)
		if err != nil {
			return err
		}
		list := make([]*coop.Account, len(follows))
		for i, x := range follows {
			if list[i] = x.Target; who {
				list[i] = x.Follower
			}
		}
		if len(follows) > 0 {
			f.link(c, follows[0].ID, follows[len(follows)-1].ID)
		}
		return f.showAccounts(c, list)
	}
}

// followsShown is a page of follows as who asks may see it: none of an account that
// hides them, or that blocks who asks.
func (f *Face) followsShown(c *gin.Context, a *coop.Account, followers bool) ([]*coop.Follow, error) {
	ctx, self := c.Request.Context(), auth.Account(c)
	own := self != nil && self.ID == a.ID
	if a.Gone() || !own && a.HidesFollows(self != nil) {
		return nil, nil
	}
	viewer := coop.ID(0)
	if self != nil {
		viewer = self.ID
		if blocked, err := f.blockedBy(ctx, viewer, a.ID); blocked || err != nil {
			return nil, err
		}
	}
	list := f.Store.FollowingSeenBy
	if followers {
		list = f.Store.FollowersSeenBy
	}
	return list(ctx, viewer, a.ID, pageOf(c, 40, 80))
}

// blockedBy tells whether an account blocks who asks.
func (f *Face) blockedBy(ctx context.Context, self, other coop.ID) (bool, error) {
	found, err := f.Store.Relationships(ctx, self, []coop.ID{other}, true)
	return err == nil && found[other] != nil && found[other].BlockedBy, err
}

// listsWith answers GET /api/v1/accounts/:id/lists: one's own lists that hold it.
func (f *Face) listsWith(c *gin.Context) error {
	a, err := f.other(c)
	if err != nil {
		return err
	}
	lists, err := f.Store.ListsWith(c.Request.Context(), auth.Account(c).ID, a.ID)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, listsOf(lists))
	return nil
}

// directory answers GET /api/v1/directory: who said that they may be found, by when they
// wrote last, or by when they came for order=new.
func (f *Face) directory(c *gin.Context) error {
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	q := storage.DirectoryQuery{Local: v.On("local"), Newest: v.Text("order") == "new"}
	q.Limit, q.Offset = offsetOf(c, 40, 80)
	list, err := f.Store.Directory(c.Request.Context(), auth.Viewer(c), q)
	if err != nil {
		return err
	}
	return f.showAccounts(c, list)
}

// suggested are accounts of the network that one may want to follow.
func (f *Face) suggested(c *gin.Context) ([]*entity.Account, error) {
	ctx := c.Request.Context()
	federation, err := f.Store.FederationAccount(ctx)
	if errors.Is(err, coop.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := f.Store.Suggested(ctx, auth.Account(c).ID, federation.ID, pageOf(c, 40, 80).Limit)
	if err != nil {
		return nil, err
	}
	return f.accountsOf(ctx, found)
}

// suggestedAccounts answers GET /api/v1/suggestions.
func (f *Face) suggestedAccounts(c *gin.Context) error {
	list, err := f.suggested(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, entity.List[*entity.Account](list))
	return nil
}

// suggestions answers GET /api/v2/suggestions, each with the reason: the network
// itself names them.
func (f *Face) suggestions(c *gin.Context) error {
	list, err := f.suggested(c)
	if err != nil {
		return err
	}
	out := make(entity.List[entity.Suggestion], len(list))
	for i, a := range list {
		out[i] = entity.Suggestion{Source: "staff", Sources: entity.List[string]{"featured"}, Account: a}
	}
	c.JSON(http.StatusOK, out)
	return nil
}
