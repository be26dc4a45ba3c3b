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
	"minga/federation"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// followJSON is one follow as its parties see it.
type followJSON struct {
	ID        string          `json:"id"`
	URI       string          `json:"uri"`
	Direction string          `json:"direction"` // "following" or "follower"
	State     string          `json:"state"`     // "asked" or "accepted"
	Account   *entity.Account `json:"account"`
	Note      string          `json:"note"`
	CreatedAt entity.Time     `json:"created_at"`
	Backfill  *backfillJSON   `json:"backfill,omitempty"` // of a federation that ours follows
}

// follow shows a follow from the side of one account.
func (f *Face) follow(x *coop.Follow, self coop.ID) followJSON {
	out := followJSON{ID: x.ID.String(), URI: string(x.IRI), Direction: "following", State: string(x.State), Note: x.Note, CreatedAt: entity.Time(x.CreatedAt)}
	other := x.Target
	if x.Target.ID == self {
		out.Direction, other = "follower", x.Follower
	}
	out.Account = f.account(other)
	return out
}

// follows lists both directions and both states of an account's follows.
func (f *Face) follows(ctx context.Context, id coop.ID, page coop.Page, keep func(*coop.Account) bool) ([]followJSON, error) {
	out := []followJSON{}
	for _, state := range []coop.FollowState{coop.FollowAsked, coop.FollowAccepted} {
		for _, list := range []func(context.Context, coop.ID, coop.FollowState, coop.Page) ([]*coop.Follow, error){f.Store.Followers, f.Store.Following} {
			follows, err := list(ctx, id, state, page)
			if err != nil {
				return nil, fmt.Errorf("list follows: %w", err)
			}
			for _, x := range follows {
				if shown := f.follow(x, id); keep(x.Target) || keep(x.Follower) {
					out = append(out, shown)
				}
			}
		}
	}
	others := make([]*entity.Account, len(out))
	for i := range out {
		others[i] = out[i].Account
	}
	return out, f.complete(ctx, others...)
}

// showFollow answers one follow.
func (f *Face) showFollow(c *gin.Context, x *coop.Follow, self coop.ID) error {
	out := f.follow(x, self)
	if err := f.complete(c.Request.Context(), out.Account); err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// listFollows answers GET /api/v1/minga/follows: all follows of the token's account.
func (f *Face) listFollows(c *gin.Context) error {
	out, err := f.follows(c.Request.Context(), auth.Account(c).ID, pageOf(c, 40, 80), func(*coop.Account) bool { return true })
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// followHandle follows by handle or address: POST /api/v1/minga/follows with
// `account`. The answer says "asked" until the other side accepted.
func (f *Face) followHandle(c *gin.Context) error {
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	name := in.Text("account")
	if name == "" {
		return &coop.InvalidError{Field: "account", Code: "required", Problem: "is a handle such as name@host, or the address of an actor"}
	}
	target, err := f.find(c.Request.Context(), name)
	if err != nil {
		return notThere("account", err)
	}
	return f.startFollow(c, target)
}

// find finds an account here or elsewhere.
func (f *Face) find(ctx context.Context, name string) (*coop.Account, error) {
	if strings.Contains(name, "://") {
		return f.Inbox.Actor(storage.Aside(ctx), coop.IRI(name))
	}
	handle, err := coop.ParseHandle(name)
	if err != nil {
		return nil, err
	}
	return f.Inbox.ByHandle(storage.Aside(ctx), handle)
}

// notThere says, about the field that named it, that another server gave no
// account. What failed at the other end is no fault of ours.
func notThere(field string, err error) error {
	var remote *federation.Error
	if errors.As(err, &remote) {
		return &coop.InvalidError{Field: field, Code: "unreachable", Problem: "cannot be read: " + remote.Error()}
	}
	if errors.Is(err, coop.ErrNotFound) || errors.Is(err, coop.ErrGone) {
		return &coop.InvalidError{Field: field, Code: "not_found", Problem: "is not known, here or at its server"}
	}
	return err
}

// startFollow follows as the token's account.
func (f *Face) startFollow(c *gin.Context, target *coop.Account) error {
	self := auth.Account(c)
	x, err := f.Outbox.Follow(c.Request.Context(), self, target)
	if err != nil {
		return err
	}
	return f.showFollow(c, x, self.ID)
}

// stepFollow follows, unfollows, accepts or rejects a federation, or any other
// account: POST /api/v1/minga/federations/:id/:step.
func (f *Face) stepFollow(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	ctx, self := c.Request.Context(), auth.Account(c)
	other, err := f.Store.Account(ctx, id)
	if err != nil {
		return err
	}
	switch step := c.Param("step"); step {
	case "follow":
		return f.startFollow(c, other)
	case "unfollow":
		if err := f.Outbox.Unfollow(ctx, self, other); err != nil {
			return err
		}
		c.JSON(http.StatusOK, gin.H{})
		return nil
	case "accept", "reject":
		return f.decideFollow(c, self, other, step)
	}
	return coop.ErrNotFound
}

// decideFollow answers a follow that waits.
func (f *Face) decideFollow(c *gin.Context, self, follower *coop.Account, step string) error {
	ctx := c.Request.Context()
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	x, err := f.Store.Follow(ctx, follower.ID, self.ID)
	if err != nil {
		return err
	}
	if err := f.Outbox.DecideFollow(ctx, x, step == "accept", in.Text("note")); err != nil {
		return err
	}
	if step == "reject" {
		return emptyObject(c)
	}
	if x, err = f.Store.Follow(ctx, follower.ID, self.ID); err != nil {
		return err
	}
	return f.showFollow(c, x, self.ID)
}
