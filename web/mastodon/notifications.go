// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
)

// notificationRoutes are what an account is told, one by one and in lines, and whom
// it hears.
func (f *Face) notificationRoutes() []auth.Route {
	const read, write = "read:notifications", "write:notifications"
	routes := []auth.Route{
		f.own("/v1/notifications", read, f.notifications),
		f.own("/v1/notifications/unread_count", read, f.unreadNotifications),
		f.own("/v1/notifications/policy", read, f.showPolicyV1),
		f.own("/v1/notifications/:id", read, f.oneNotification),
		f.write("POST", "/v1/notifications/clear", write, auth.LimitAPI, f.clearNotifications),
		f.write("POST", "/v1/notifications/:id/dismiss", write, auth.LimitAPI, f.dismissNotification),

		f.own("/v1/notifications/requests", read, f.notificationRequests),
		f.own("/v1/notifications/requests/merged", read, f.mergedRequests),
		f.own("/v1/notifications/requests/:id", read, f.oneRequest),
		f.write("POST", "/v1/notifications/requests/accept", write, auth.LimitAPI, f.decideRequests((*storage.Tx).AcceptNotifications)),
		f.write("POST", "/v1/notifications/requests/dismiss", write, auth.LimitAPI, f.decideRequests((*storage.Tx).DismissNotifications)),
		f.write("POST", "/v1/notifications/requests/:id/accept", write, auth.LimitAPI, f.decideRequest((*storage.Tx).AcceptNotifications)),
		f.write("POST", "/v1/notifications/requests/:id/dismiss", write, auth.LimitAPI, f.decideRequest((*storage.Tx).DismissNotifications)),

		f.own("/v2/notifications", read, f.notificationGroups),
		f.own("/v2/notifications/unread_count", read, f.unreadGroups),
		f.own("/v2/notifications/policy", read, f.showPolicy),
		f.own("/v2/notifications/:id", read, f.oneGroup),
		f.own("/v2/notifications/:id/accounts", read, f.groupAccounts),
		f.write("POST", "/v2/notifications/:id/dismiss", write, auth.LimitAPI, f.dismissGroup),
	}
	routes = append(routes, f.update("/v1/notifications/policy", write, auth.LimitAPI, f.setPolicy(f.showPolicyV1))...)
	return append(routes, f.update("/v2/notifications/policy", write, auth.LimitAPI, f.setPolicy(f.showPolicy))...)
}

// told is everything that a page of notifications names, each by one question.
type told struct {
	posts    map[coop.ID]*coop.Post
	statuses map[coop.ID]*entity.Status
	accounts map[coop.ID]*entity.Account
	reports  map[coop.ID]*entity.Report
}

// gather finds what notifications name.
func (f *Face) gather(ctx context.Context, v coop.Viewer, list []coop.Notification, more []*coop.Account) (*told, error) {
	t := &told{posts: map[coop.ID]*coop.Post{}, statuses: map[coop.ID]*entity.Status{}, accounts: map[coop.ID]*entity.Account{}}
	var ids, reports []coop.ID
	people := slices.Clone(more)
	for _, n := range list {
		if n.PostID != 0 {
			ids = append(ids, n.PostID)
		}
		if n.AboutID != 0 {
			reports = append(reports, n.AboutID)
		}
		if n.From != nil {
			people = append(people, n.From)
		}
	}
	posts, err := f.Store.PostsByID(ctx, v, ids)
	if err != nil {
		return nil, err
	}
	statuses, err := f.statuses(ctx, v, posts)
	if err != nil {
		return nil, err
	}
	for i, p := range posts {
		t.posts[p.ID], t.statuses[p.ID], t.accounts[p.AuthorID] = p, statuses[i], statuses[i].Account
	}
	if err := f.addPeople(ctx, t, people); err != nil {
		return nil, err
	}
	t.reports, err = f.reports(ctx, reports)
	return t, err
}

// addPeople adds accounts to what a page names, each once.
func (f *Face) addPeople(ctx context.Context, t *told, people []*coop.Account) error {
	var missing []*coop.Account
	for _, a := range people {
		if _, known := t.accounts[a.ID]; !known {
			t.accounts[a.ID] = nil
			missing = append(missing, a)
		}
	}
	shown, err := f.accountsOf(ctx, missing)
	if err != nil {
		return err
	}
	for i, a := range missing {
		t.accounts[a.ID] = shown[i]
	}
	return nil
}

// account is who a notification is by, as a client is told: of minga's own kinds it
// is who wrote the words that it can show.
func (t *told) account(n coop.Notification, kind string) *entity.Account {
	if p := t.posts[n.PostID]; p != nil && n.Kind.Own() && kind != string(n.Kind) {
		return t.accounts[p.AuthorID]
	}
	return t.accounts[n.From.ID]
}

// notificationsOf turns notifications into entities; those that the client has no
// words for are left out.
func (f *Face) notificationsOf(c *gin.Context, a asked, list []coop.Notification) (entity.List[entity.Notification], error) {
	return f.toldOf(c.Request.Context(), auth.Viewer(c), a, list)
}

// toldOf is [Face.notificationsOf] for any viewer.
func (f *Face) toldOf(ctx context.Context, v coop.Viewer, a asked, list []coop.Notification) (entity.List[entity.Notification], error) {
	t, err := f.gather(ctx, v, list, nil)
	if err != nil {
		return nil, err
	}
	out := entity.List[entity.Notification]{}
	for _, n := range list {
		if !a.hasWords(n) {
			continue
		}
		kind := a.shown(n.Kind)
		out = append(out, entity.Notification{
			ID: entity.ID(n.ID), Type: kind, CreatedAt: entity.Time(n.CreatedAt), GroupKey: n.GroupKey(), Filtered: n.Filtered,
			Account: t.account(n, kind), Status: t.statuses[n.PostID], Report: t.reports[n.AboutID],
		})
	}
	return out, nil
}

// notifications answers GET /api/v1/notifications.
func (f *Face) notifications(c *gin.Context) error {
	a, err := readAsked(c)
	if err != nil {
		return err
	}
	list, err := f.Store.FindNotifications(c.Request.Context(), a.query, pageOf(c, 40, 80))
	if err != nil {
		return err
	}
	out, err := f.notificationsOf(c, a, list)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// oneNotification answers GET /api/v1/notifications/:id.
func (f *Face) oneNotification(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	a, err := readAsked(c)
	if err != nil {
		return err
	}
	n, err := f.Store.Notification(c.Request.Context(), a.query.Account, id)
	if err != nil {
		return err
	}
	out, err := f.notificationsOf(c, a, []coop.Notification{*n})
	if err != nil {
		return err
	}
	if len(out) == 0 {
		return coop.ErrNotFound
	}
	c.JSON(http.StatusOK, out[0])
	return nil
}

// unread are the bounds of a count: above what was read last, limit at most.
func (f *Face) unread(c *gin.Context) (above coop.ID, most int, err error) {
	most, err = strconv.Atoi(c.Query("limit"))
	if err != nil || most < 1 {
		most = 100
	}
	markers, err := f.Store.Markers(c.Request.Context(), auth.Account(c).ID)
	return markers["notifications"].LastRead, min(most, 1000), err
}

// unreadNotifications answers GET /api/v1/notifications/unread_count.
func (f *Face) unreadNotifications(c *gin.Context) error {
	a, err := readAsked(c)
	if err != nil {
		return err
	}
	above, most, err := f.unread(c)
	if err != nil {
		return err
	}
	n, err := f.Store.CountNotifications(c.Request.Context(), a.query, above, most)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"count": n})
	return nil
}

// clearNotifications answers POST /api/v1/notifications/clear.
func (f *Face) clearNotifications(c *gin.Context) error {
	return f.done(c, func(ctx context.Context, tx *storage.Tx) error {
		return tx.ClearNotifications(ctx, auth.Account(c).ID)
	})
}

// dismissNotification answers POST /api/v1/notifications/:id/dismiss.
func (f *Face) dismissNotification(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	return f.done(c, func(ctx context.Context, tx *storage.Tx) error {
		if _, err := tx.Notification(ctx, auth.Account(c).ID, id); err != nil {
			return err
		}
		return tx.DismissNotification(ctx, auth.Account(c).ID, id)
	})
}

// done makes a change and answers an empty object.
func (f *Face) done(c *gin.Context, change func(ctx context.Context, tx *storage.Tx) error) error {
	ctx := c.Request.Context()
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return change(ctx, tx) }); err != nil {
		return err
	}
	return emptyObject(c)
}
