// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox/text"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
)

// announcementRoutes are what the instance tells everybody here.
func (f *Face) announcementRoutes() []auth.Route {
	return []auth.Route{
		f.own("/v1/announcements", "read:accounts read:statuses read:notifications profile", f.announcements),
		f.write("POST", "/v1/announcements/:id/dismiss", "write:accounts", auth.LimitAPI, f.dismissAnnouncement).For(coop.ActRead),
		f.write("PUT", "/v1/announcements/:id/reactions/:name", "write:favourites", auth.LimitAPI, f.reactToAnnouncement),
		f.write("DELETE", "/v1/announcements/:id/reactions/:name", "write:favourites", auth.LimitAPI, f.unreactToAnnouncement),
	}
}

// announcements answers GET /api/v1/announcements: those that hold and that the
// account has not put away, or all that hold for with_dismissed.
func (f *Face) announcements(c *gin.Context) error {
	self := auth.Account(c)
	all := c.Query("with_dismissed") == "true" || c.Query("with_dismissed") == "1"
	list, err := f.Store.Announcements(c.Request.Context(), self.ID, all)
	if err != nil {
		return err
	}
	out := entity.List[entity.Announcement]{}
	for _, a := range list {
		out = append(out, f.announcement(a, self.Language))
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// announcement turns an announcement into its entity, in the language of who reads.
func (f *Face) announcement(a *coop.Announcement, language string) entity.Announcement {
	out := entity.Announcement{
		ID: entity.ID(a.ID), Content: text.Typed{}.Write(a.Texts.In(language)).HTML, StartsAt: entity.Time(a.StartsAt), EndsAt: entity.Time(a.EndsAt),
		AllDay: a.AllDay, PublishedAt: entity.Time(a.PublishedAt), UpdatedAt: entity.Time(a.UpdatedAt), Read: a.Read,
	}
	for _, r := range a.Reactions {
		out.Reactions = append(out.Reactions, entity.AnnouncementReaction{Name: r.Name, Count: r.Count, Me: r.Me})
	}
	return out
}

// dismissAnnouncement answers POST /api/v1/announcements/:id/dismiss.
func (f *Face) dismissAnnouncement(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	return f.done(c, func(ctx context.Context, tx *storage.Tx) error {
		return tx.ReadAnnouncement(ctx, auth.Account(c).ID, id)
	})
}

// reactToAnnouncement answers PUT /api/v1/announcements/:id/reactions/:name: an emoji
// as people type it.
func (f *Face) reactToAnnouncement(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	name := c.Param("name")
	if !coop.ValidEmoji(name) {
		return &coop.InvalidError{Field: "name", Code: coop.CodeUnknown, Problem: "is one emoji"}
	}
	return f.done(c, func(ctx context.Context, tx *storage.Tx) error {
		return tx.ReactToAnnouncement(ctx, auth.Account(c).ID, id, name, f.Now())
	})
}

// unreactToAnnouncement answers DELETE /api/v1/announcements/:id/reactions/:name.
func (f *Face) unreactToAnnouncement(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	return f.done(c, func(ctx context.Context, tx *storage.Tx) error {
		return tx.UnreactToAnnouncement(ctx, auth.Account(c).ID, id, c.Param("name"))
	})
}

// rules are the rules of the instance in the language of who asks, and in all.
func (f *Face) rules(c *gin.Context) (entity.List[entity.Rule], error) {
	rules, err := f.Store.Rules(c.Request.Context())
	if err != nil {
		return nil, err
	}
	language := ""
	if self := auth.Account(c); self != nil {
		language = self.Language
	}
	out := entity.List[entity.Rule]{}
	for _, x := range rules {
		shown := entity.Rule{ID: entity.ID(x.ID), Text: x.Texts.In(language), Hint: x.Hints.In(language), Translations: map[string]entity.RuleWord{}}
		for tag, words := range x.Texts {
			shown.Translations[tag] = entity.RuleWord{Text: words, Hint: x.Hints[tag]}
		}
		out = append(out, shown)
	}
	return out, nil
}
