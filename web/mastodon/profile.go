// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/mastodon/entity"
)

// profileRoutes are one's own account as settings show it.
func (f *Face) profileRoutes() []auth.Route {
	drop := func(path string, do func(*coop.Account)) auth.Route {
		return f.write("DELETE", path, "write:accounts", auth.LimitAPI, f.dropPicture(do))
	}
	return append(f.profileUpdate("/v1/profile", f.updateProfile),
		f.own("/v1/profile", "profile read:accounts", f.ownProfile),
		drop("/v1/profile/avatar", func(a *coop.Account) { a.Icon = coop.Picture{} }),
		drop("/v1/profile/header", func(a *coop.Account) { a.Image = coop.Picture{} }),
	)
}

// ownProfile answers GET /api/v1/profile.
func (f *Face) ownProfile(c *gin.Context) error { return f.showProfile(c, auth.Account(c)) }

// updateProfile answers PATCH and PUT /api/v1/profile: as update_credentials, with
// another answer.
func (f *Face) updateProfile(c *gin.Context) error {
	a, err := f.changeProfile(c)
	if err != nil {
		return err
	}
	return f.showProfile(c, a)
}

// showProfile answers a profile as its settings show it.
func (f *Face) showProfile(c *gin.Context, a *coop.Account) error {
	links := f.Media.Links()
	avatar, header := entity.Null(links.Avatar(a)), entity.Null(links.Header(a))
	out := entity.Profile{
		ID: entity.ID(a.ID), DisplayName: a.DisplayName, Note: a.BioSource, Avatar: avatar, AvatarStatic: avatar, AvatarDescription: a.Icon.Alt,
		Header: header, HeaderStatic: header, HeaderDescription: a.Image.Alt, Locked: a.Locked, Bot: a.ActorType == "Service",
		HideCollections: a.HideCollections, Discoverable: a.Discoverable, Indexable: a.Indexable, AttributionDomains: a.Domains,
		ShowMedia: !a.Tabs.NoMedia, ShowMediaReplies: !a.Tabs.NoMediaReplies, ShowFeatured: !a.Tabs.NoFeatured,
	}
	for _, field := range a.Fields {
		out.Fields = append(out.Fields, entity.Field{Name: field.Name, Value: typedField(field), VerifiedAt: entity.Time(field.VerifiedAt)})
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// dropPicture answers DELETE /api/v1/profile/avatar and /header.
func (f *Face) dropPicture(drop func(*coop.Account)) func(*gin.Context) error {
	return func(c *gin.Context) error {
		a, err := f.Store.Account(c.Request.Context(), auth.Account(c).ID)
		if err != nil {
			return err
		}
		drop(a)
		if err := f.saveProfile(c, a); err != nil {
			return err
		}
		return f.showCredentials(c, a)
	}
}
