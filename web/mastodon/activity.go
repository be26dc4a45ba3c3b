// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
)

// activityJSON is one thing that waits for the account that asks; the member that its
// kind names is there, the others are null.
type activityJSON struct {
	Kind       string          `json:"kind"`    // job_expiring, membership_asked, follow_asked
	At         entity.Time     `json:"at"`      // since when it waits
	EndsAt     entity.Time     `json:"ends_at"` // until when something can be done; null: without an end
	Status     *entity.Status  `json:"status"`
	Membership *membershipJSON `json:"membership"`
	Follow     *followJSON     `json:"follow"`
}

// expiringWithin is how long before its end a job is somebody's business.
const expiringWithin = 7 * 24 * time.Hour

// activity answers GET /api/v1/minga/activity: jobs of one's own that end within a
// week, the soonest first; who asks to join; who asks to follow. 40 of each at most, and
// of a co-op what one's roles there let one decide.
func (f *Face) activity(c *gin.Context) error {
	ctx, self := c.Request.Context(), auth.Account(c)
	out := []activityJSON{}
	for _, part := range []struct {
		act coop.RoleAct
		add func(context.Context, *coop.Account) ([]activityJSON, error)
	}{{coop.ActPublish, f.expiring}, {coop.ActJoin, f.asking}, {coop.ActRelate, f.askingToFollow}} {
		if !auth.May(c, part.act) {
			continue
		}
		some, err := part.add(ctx, self)
		if err != nil {
			return err
		}
		out = append(out, some...)
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// expiring are the jobs of an account that end soon.
func (f *Face) expiring(ctx context.Context, self *coop.Account) ([]activityJSON, error) {
	viewer := storage.Seeing(ctx, self.ID)
	posts, err := f.Store.Posts(ctx, viewer, storage.PostQuery{Authors: []coop.ID{self.ID}, Kinds: []coop.PostKind{coop.KindJob}, OpenJobs: true, EndsBefore: f.Now().Add(expiringWithin)}, coop.Page{Limit: mostWaiting})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(posts, func(a, b *coop.Post) int { return a.Job.ValidThrough.Compare(b.Job.ValidThrough) })
	statuses, err := f.statuses(ctx, viewer, posts)
	out := make([]activityJSON, len(statuses))
	for i, status := range statuses {
		ends := posts[i].Job.ValidThrough
		out[i] = activityJSON{Kind: "job_expiring", At: entity.Time(ends.Add(-expiringWithin)), EndsAt: entity.Time(ends), Status: status}
	}
	return out, err
}

// asking are those who ask to join an account.
func (f *Face) asking(ctx context.Context, self *coop.Account) ([]activityJSON, error) {
	list, err := f.Store.Memberships(ctx, storage.MembershipQuery{Organization: self.ID, States: []coop.MembershipState{coop.MembershipAsked}}, coop.Page{Limit: mostWaiting})
	if err != nil {
		return nil, err
	}
	var both []*entity.Account
	out := make([]activityJSON, len(list))
	for i, m := range list {
		shown := f.membership(m, coop.As(self.ID))
		both = append(both, shown.Member, shown.Organization)
		out[i] = activityJSON{Kind: "membership_asked", At: entity.Time(m.UpdatedAt), Membership: &shown}
	}
	return out, f.complete(ctx, both...)
}

// askingToFollow are those who ask to follow an account.
func (f *Face) askingToFollow(ctx context.Context, self *coop.Account) ([]activityJSON, error) {
	list, err := f.Store.Followers(ctx, self.ID, coop.FollowAsked, coop.Page{Limit: mostWaiting})
	if err != nil {
		return nil, err
	}
	var others []*entity.Account
	out := make([]activityJSON, len(list))
	for i, x := range list {
		shown := f.follow(x, self.ID)
		others = append(others, shown.Account)
		out[i] = activityJSON{Kind: "follow_asked", At: entity.Time(x.CreatedAt), Follow: &shown}
	}
	return out, f.complete(ctx, others...)
}
