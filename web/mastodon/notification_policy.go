// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// policy is what the token's account wants of whom it does not know.
func (f *Face) policy(c *gin.Context) (entity.NotificationPolicy, error) {
	ctx, self := c.Request.Context(), auth.Account(c).ID
	p, err := f.Store.NotificationPolicy(ctx, self)
	if err != nil {
		return entity.NotificationPolicy{}, err
	}
	out := entity.NotificationPolicy{
		NotFollowing: string(p.NotFollowing), NotFollowers: string(p.NotFollowers), NewAccounts: string(p.NewAccounts),
		PrivateMentions: string(p.PrivateMentions), LimitedAccounts: string(p.LimitedAccounts),
	}
	out.Summary.Requests, out.Summary.Notifications, err = f.Store.PendingNotifications(ctx, self)
	return out, err
}

// showPolicy answers GET /api/v2/notifications/policy.
func (f *Face) showPolicy(c *gin.Context) error {
	p, err := f.policy(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, p)
	return nil
}

// showPolicyV1 answers GET /api/v1/notifications/policy: the same with the switches
// of the first version, since clients ask for both shapes there.
func (f *Face) showPolicyV1(c *gin.Context) error {
	p, err := f.policy(c)
	if err != nil {
		return err
	}
	lets := func(choice string) bool { return choice != string(coop.PolicyAccept) }
	c.JSON(http.StatusOK, entity.NotificationPolicyV1{
		NotificationPolicy: p, FilterNotFollowing: lets(p.NotFollowing), FilterNotFollowers: lets(p.NotFollowers),
		FilterNewAccounts: lets(p.NewAccounts), FilterPrivateMentions: lets(p.PrivateMentions),
	})
	return nil
}

// setPolicy answers PUT and PATCH of a policy: what is not sent stays.
func (f *Face) setPolicy(show func(*gin.Context) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		ctx, self := c.Request.Context(), auth.Account(c).ID
		v, err := input.Read(c)
		if err != nil {
			return err
		}
		defer func() { _ = v.Close() }()
		p, err := f.Store.NotificationPolicy(ctx, self)
		if err != nil {
			return err
		}
		readPolicy(v, &p)
		if err := v.Err(); err != nil {
			return err
		}
		if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.SetNotificationPolicy(ctx, self, p) }); err != nil {
			return err
		}
		return show(c)
	}
}

// readPolicy reads the choices by their names of now, and the switches of the first
// version.
func readPolicy(v input.Values, p *coop.NotificationPolicy) {
	for name, to := range map[string]*coop.PolicyChoice{
		"not_following": &p.NotFollowing, "not_followers": &p.NotFollowers, "new_accounts": &p.NewAccounts,
		"private_mentions": &p.PrivateMentions, "limited_accounts": &p.LimitedAccounts,
	} {
		if on := v.Flag("filter_" + name); on != nil {
			*to = coop.PolicyAccept
			if *on {
				*to = coop.PolicyFilter
			}
		}
		text := v.Text("for_" + name)
		if text == "" {
			continue
		}
		choice, err := coop.ParsePolicyChoice("for_"+name, text)
		var wrong *coop.InvalidError
		if errors.As(err, &wrong) {
			v.Complain(wrong.Field, wrong.Code, wrong.Problem)
			continue
		}
		*to = choice
	}
}

// requestsOf turns requests into entities.
func (f *Face) requestsOf(c *gin.Context, list []coop.NotificationRequest) (entity.List[entity.NotificationRequest], error) {
	named := make([]coop.Notification, len(list))
	for i, q := range list {
		named[i] = coop.Notification{PostID: q.LastPost, From: q.From}
	}
	t, err := f.gather(c.Request.Context(), auth.Viewer(c), named, nil)
	if err != nil {
		return nil, err
	}
	out := entity.List[entity.NotificationRequest]{}
	for _, q := range list {
		if q.From != nil {
			out = append(out, entity.NotificationRequest{
				ID: entity.ID(q.ID), CreatedAt: entity.Time(q.CreatedAt), UpdatedAt: entity.Time(q.UpdatedAt), Count: strconv.Itoa(q.Count),
				Account: t.accounts[q.FromID], LastStatus: t.statuses[q.LastPost],
			})
		}
	}
	return out, nil
}

// notificationRequests answers GET /api/v1/notifications/requests.
func (f *Face) notificationRequests(c *gin.Context) error {
	list, err := f.Store.NotificationRequests(c.Request.Context(), auth.Account(c).ID, pageOf(c, 40, 80))
	if err != nil {
		return err
	}
	out, err := f.requestsOf(c, list)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// oneRequest answers GET /api/v1/notifications/requests/:id.
func (f *Face) oneRequest(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	q, err := f.Store.NotificationRequest(c.Request.Context(), auth.Account(c).ID, id)
	if err != nil {
		return err
	}
	out, err := f.requestsOf(c, []coop.NotificationRequest{*q})
	if err != nil {
		return err
	}
	if len(out) == 0 {
		return coop.ErrNotFound
	}
	c.JSON(http.StatusOK, out[0])
	return nil
}

// mergedRequests answers GET /api/v1/notifications/requests/merged: what was let in
// is where it belongs as soon as the answer to that was given.
func (f *Face) mergedRequests(c *gin.Context) error {
	c.JSON(http.StatusOK, gin.H{"merged": true})
	return nil
}

// requestDecision is what may be done with a request.
type requestDecision func(tx *storage.Tx, ctx context.Context, account, request coop.ID) error

// decideRequest answers POST /api/v1/notifications/requests/:id/accept and /dismiss.
func (f *Face) decideRequest(decide requestDecision) func(*gin.Context) error {
	return func(c *gin.Context) error {
		id, err := idOf(c)
		if err != nil {
			return err
		}
		return f.done(c, func(ctx context.Context, tx *storage.Tx) error { return decide(tx, ctx, auth.Account(c).ID, id) })
	}
}

// mostDecided is how many requests one call may decide.
const mostDecided = 100

// decideRequests answers POST /api/v1/notifications/requests/accept and /dismiss
// with id[]. Those that do not wait any more are passed over.
func (f *Face) decideRequests(decide requestDecision) func(*gin.Context) error {
	return func(c *gin.Context) error {
		v, err := input.Read(c)
		if err != nil {
			return err
		}
		defer func() { _ = v.Close() }()
		ids := v.IDs("id")
		if len(ids) > mostDecided {
			return &coop.InvalidError{Field: "id", Code: coop.CodeTooMany, Problem: "there may be 100 at most"}
		}
		return f.done(c, func(ctx context.Context, tx *storage.Tx) error {
			for _, id := range ids {
				if err := decide(tx, ctx, auth.Account(c).ID, id); err != nil && !errors.Is(err, coop.ErrNotFound) {
					return err
				}
			}
			return nil
		})
	}
}
