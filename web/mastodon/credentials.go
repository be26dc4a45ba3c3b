// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
	"minga/web/respond"
)

// profileBody is the most that a change of a profile carries, in bytes: two pictures
// and some text.
const profileBody = 33 << 20

// credentialRoutes are one's own account.
func (f *Face) credentialRoutes() []auth.Route {
	routes := []auth.Route{
		f.own("/v1/accounts/verify_credentials", "profile read:accounts", f.verifyCredentials),
	}
	return append(routes, f.profileUpdate("/v1/accounts/update_credentials", f.updateCredentials)...)
}

// verifyCredentials answers GET /api/v1/accounts/verify_credentials.
func (f *Face) verifyCredentials(c *gin.Context) error {
	return f.showCredentials(c, auth.Account(c))
}

// showCredentials answers an account as its own: with what was typed.
func (f *Face) showCredentials(c *gin.Context, a *coop.Account) error {
	ctx := c.Request.Context()
	list, err := f.accountsOf(ctx, []*coop.Account{a})
	if err != nil {
		return err
	}
	if list[0].Source, err = f.source(ctx, a); err != nil {
		return err
	}
	if err := f.addRoles(c, list[0]); err != nil {
		return err
	}
	list[0].Role = roleOf(a)
	c.JSON(http.StatusOK, list[0])
	return nil
}

// source is what somebody typed about themselves, and how they usually post.
func (f *Face) source(ctx context.Context, a *coop.Account) (*entity.Source, error) {
	waiting, err := f.Store.CountFollowers(ctx, a.ID, coop.FollowAsked)
	if err != nil {
		return nil, err
	}
	out := &entity.Source{
		Note: a.BioSource, Privacy: usualVisibility(a), Sensitive: a.Posting.Sensitive, Language: entity.Null(a.Posting.Language),
		FollowRequestsCount: waiting, Discoverable: a.Discoverable, Indexable: a.Indexable, HideCollections: a.HideCollections,
		AttributionDomains: a.Domains,
	}
	for _, field := range a.Fields {
		out.Fields = append(out.Fields, entity.Field{Name: field.Name, Value: typedField(field), VerifiedAt: entity.Time(field.VerifiedAt)})
	}
	return out, nil
}

// typedField is a field as plain text: what was typed, or what can be read of it.
func typedField(field coop.Field) string {
	if field.Source != "" {
		return field.Source
	}
	if link := coop.FieldLink(field.Value); link != "" {
		return string(link)
	}
	return sanitize.Text(field.Value)
}

// roleOf is what an account may do on this server. No right of an administrator goes
// through the API, so the bit field of rights is empty.
func roleOf(a *coop.Account) *entity.Role {
	role := &entity.Role{ID: "-99", Permissions: "0"}
	for i, rank := range []coop.Rank{coop.RankModerator, coop.RankAdmin, coop.RankOwner} {
		if a.Rank == rank {
			role.ID, role.Name, role.Highlighted = strconv.Itoa(i+1), string(rank), true
		}
	}
	return role
}

// profileUpdate are the routes of a change that carries pictures.
func (f *Face) profileUpdate(path string, h respond.Handler) []auth.Route {
	routes := f.update(path, "write:accounts", auth.LimitAPI, h)
	for i := range routes {
		routes[i].Body = profileBody
	}
	return routes
}

// updateCredentials answers PATCH and PUT /api/v1/accounts/update_credentials: what
// is not sent stays.
func (f *Face) updateCredentials(c *gin.Context) error {
	a, err := f.changeProfile(c)
	if err != nil {
		return err
	}
	return f.showCredentials(c, a)
}

// changeProfile reads what was sent of a profile, keeps it and tells who must know.
func (f *Face) changeProfile(c *gin.Context) (*coop.Account, error) {
	ctx := c.Request.Context()
	if c.ContentType() != "multipart/form-data" {
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, apiBody)
	}
	v, err := input.Read(c)
	if err != nil {
		return nil, err
	}
	defer func() { _ = v.Close() }()
	a, err := f.Store.Account(ctx, auth.Account(c).ID)
	if err != nil {
		return nil, err
	}
	fillProfile(a, v)
	fillPosting(a, v.Below("source"))
	if err := errors.Join(v.Err(), sentNames(coop.ValidateProfile(a))); err != nil {
		return nil, err
	}
	if err := f.takePictures(c, a, v); err != nil {
		return nil, err
	}
	return a, f.saveProfile(c, a)
}

// saveProfile keeps a profile and tells who must know.
func (f *Face) saveProfile(c *gin.Context, a *coop.Account) error {
	ctx := c.Request.Context()
	return sentNames(f.Outbox.UpdateActor(ctx, a))
}
