// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
)

// groupedKinds are the kinds that a client wants in lines: all that can be, or those
// of them that it names in grouped_types[].
func (a asked) groupedKinds() []coop.NotificationKind {
	if !a.Has("grouped_types") {
		return coop.GroupedKinds()
	}
	var kinds []coop.NotificationKind
	for _, kind := range kindsOf(a.Texts("grouped_types")) {
		if kind.Grouped() {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// notificationGroups answers GET /api/v2/notifications.
func (f *Face) notificationGroups(c *gin.Context) error {
	a, err := readAsked(c)
	if err != nil {
		return err
	}
	groups, err := f.Store.NotificationGroups(c.Request.Context(), a.query, a.groupedKinds(), pageOf(c, 40, 80))
	if err != nil {
		return err
	}
	if len(groups) > 0 {
		f.link(c, groups[0].Latest.ID, groups[len(groups)-1].Latest.ID)
	}
	return f.showGroups(c, a, groups)
}

// oneGroup answers GET /api/v2/notifications/:group_key.
func (f *Face) oneGroup(c *gin.Context) error {
	a, err := readAsked(c)
	if err != nil {
		return err
	}
	g, err := f.Store.NotificationGroup(c.Request.Context(), a.query.Account, c.Param("id"))
	if err != nil {
		return err
	}
	if !a.hasWords(g.Latest) {
		return coop.ErrNotFound
	}
	return f.showGroups(c, a, []coop.NotificationGroup{*g})
}

// showGroups answers lines with what they name.
func (f *Face) showGroups(c *gin.Context, a asked, groups []coop.NotificationGroup) error {
	partial := a.Text("expand_accounts") == "partial_avatars"
	latest, people := make([]coop.Notification, len(groups)), []*coop.Account{}
	for i, g := range groups {
		latest[i] = g.Latest
		people = append(people, g.Samples...)
	}
	t, err := f.gather(c.Request.Context(), auth.Viewer(c), latest, people)
	if err != nil {
		return err
	}
	out := entity.GroupedNotifications{}
	page := &groupPage{told: t, whole: map[coop.ID]bool{}, named: map[coop.ID]bool{}, shown: map[coop.ID]bool{}}
	for _, g := range groups {
		if a.hasWords(g.Latest) {
			out.Groups = append(out.Groups, page.add(&out, g, a.shown(g.Latest.Kind), partial))
		}
	}
	if partial {
		out.PartialAccounts = page.rest()
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// groupPage knows what a page of lines has named already.
type groupPage struct {
	*told
	whole map[coop.ID]bool // accounts that are there in full
	named map[coop.ID]bool // accounts of which an avatar does
	order []coop.ID        // of named
	shown map[coop.ID]bool // statuses
}

// add makes the entity of a line and puts what it names into the page. Where avatars
// do, only the first of a line is there in full.
func (p *groupPage) add(out *entity.GroupedNotifications, g coop.NotificationGroup, kind string, partial bool) entity.NotificationGroup {
	line := entity.NotificationGroup{
		GroupKey: g.Key, Count: g.Count, Type: kind, MostRecentID: entity.Number(g.Latest.ID),
		PageMinID: entity.ID(g.PageMin), PageMaxID: entity.ID(g.PageMax), LatestAt: entity.Time(g.Latest.CreatedAt), Report: p.reports[g.Latest.AboutID],
	}
	for i, a := range p.sampled(g, kind) {
		id := coop.ID(a.ID)
		line.SampleAccountIDs = append(line.SampleAccountIDs, a.ID)
		switch {
		case p.whole[id]:
		case partial && i > 0:
			if !p.named[id] {
				p.named[id], p.order = true, append(p.order, id)
			}
		default:
			p.whole[id] = true
			out.Accounts = append(out.Accounts, a)
		}
	}
	if status := p.statuses[g.Latest.PostID]; status != nil {
		line.StatusID = &status.ID
		if !p.shown[g.Latest.PostID] {
			p.shown[g.Latest.PostID] = true
			out.Statuses = append(out.Statuses, status)
		}
	}
	return line
}

// sampled are the accounts that a line names.
func (p *groupPage) sampled(g coop.NotificationGroup, kind string) []*entity.Account {
	if g.Latest.Kind.Own() {
		return []*entity.Account{p.account(g.Latest, kind)}
	}
	var list []*entity.Account
	for _, a := range g.Samples {
		if !slices.Contains(list, p.accounts[a.ID]) {
			list = append(list, p.accounts[a.ID])
		}
	}
	return list
}

// rest are the accounts that are there as avatars alone.
func (p *groupPage) rest() *entity.List[entity.PartialAccount] {
	list := entity.List[entity.PartialAccount]{}
	for _, id := range p.order {
		if !p.whole[id] {
			list = append(list, entity.PartialOf(p.accounts[id]))
		}
	}
	return &list
}

// groupAccounts answers GET /api/v2/notifications/:group_key/accounts: who is in a
// line, the last first, paged by the ids of their notifications.
func (f *Face) groupAccounts(c *gin.Context) error {
	ctx, self := c.Request.Context(), auth.Account(c).ID
	if _, err := f.Store.NotificationGroup(ctx, self, c.Param("id")); err != nil {
		return err
	}
	list, err := f.Store.NotificationGroupAccounts(ctx, self, c.Param("id"), pageOf(c, 40, 80))
	if err != nil {
		return err
	}
	var people []*coop.Account
	for _, n := range list {
		if n.From != nil {
			people = append(people, n.From)
		}
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	return f.showAccounts(c, people)
}

// dismissGroup answers POST /api/v2/notifications/:group_key/dismiss.
func (f *Face) dismissGroup(c *gin.Context) error {
	self := auth.Account(c).ID
	return f.done(c, func(ctx context.Context, tx *storage.Tx) error {
		if _, err := tx.NotificationGroup(ctx, self, c.Param("id")); err != nil {
			return err
		}
		return tx.DismissNotificationGroup(ctx, self, c.Param("id"))
	})
}

// unreadGroups answers GET /api/v2/notifications/unread_count.
func (f *Face) unreadGroups(c *gin.Context) error {
	a, err := readAsked(c)
	if err != nil {
		return err
	}
	above, most, err := f.unread(c)
	if err != nil {
		return err
	}
	n, err := f.Store.CountNotificationGroups(c.Request.Context(), a.query, a.groupedKinds(), above, most)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"count": n})
	return nil
}
