// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/origin"
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

// fillProfile writes what was sent into a profile.
func fillProfile(a *coop.Account, v input.Values) {
	for name, to := range map[string]*string{"display_name": &a.DisplayName, "note": &a.BioSource} {
		if v.Has(name) {
			*to = v.Text(name)
		}
	}
	for name, to := range map[string]*bool{"locked": &a.Locked, "discoverable": &a.Discoverable, "indexable": &a.Indexable, "hide_collections": &a.HideCollections} {
		if b := v.Flag(name); b != nil {
			*to = *b
		}
	}
	for name, to := range map[string]*bool{"show_media": &a.Tabs.NoMedia, "show_media_replies": &a.Tabs.NoMediaReplies, "show_featured": &a.Tabs.NoFeatured} {
		if b := v.Flag(name); b != nil {
			*to = !*b
		}
	}
	if b := v.Flag("bot"); b != nil && a.Kind == coop.Person {
		a.ActorType = map[bool]string{true: "Service", false: "Person"}[*b]
	}
	if v.Has("attribution_domains") {
		a.Domains = domainsOf(v)
	}
	if v.Has("fields_attributes") {
		a.Fields = fieldsOf(a.Fields, v.List("fields_attributes", "name"))
	}
}

// mostDomains is how many sites may name an account as their author.
const mostDomains = 10

// domainsOf are the hosts that were sent; what is none is complained about.
func domainsOf(v input.Values) []string {
	var list []string
	for _, text := range v.Texts("attribution_domains") {
		host, err := origin.NormalizeHost(strings.TrimSpace(text))
		if err != nil || !strings.Contains(host, ".") {
			v.Complain("attribution_domains", coop.CodeFormat, "names of sites, such as example.org")
			continue
		}
		if !slices.Contains(list, host) {
			list = append(list, host)
		}
	}
	if len(list) > mostDomains {
		v.Complain("attribution_domains", coop.CodeTooMany, fmt.Sprintf("at most %d", mostDomains))
	}
	return list
}

// fieldsOf are the fields that were sent; empty ones are left out. A field that says
// what it said before stays as it is, also one that was not typed as plain text.
func fieldsOf(known []coop.Field, rows []input.Values) []coop.Field {
	var fields []coop.Field
	for _, row := range rows {
		field := coop.Field{Name: row.Text("name"), Source: row.Text("value")}
		if strings.TrimSpace(field.Name+field.Source) == "" {
			continue
		}
		for _, k := range known {
			if k.Source == "" && typedField(k) == field.Source {
				field.Value, field.Source = k.Value, ""
			}
		}
		fields = append(fields, field)
	}
	return fields
}

// fillPosting writes how an account usually posts.
func fillPosting(a *coop.Account, v input.Values) {
	if privacy := v.Text("privacy"); privacy != "" {
		if a.Posting.Visibility = coop.Visibility(privacy); privacy == "private" {
			a.Posting.Visibility = coop.VisibleFollowers
		} else if a.Posting.Visibility == coop.VisibleFollowers {
			a.Posting.Visibility = "?" // only the API's own word for it is taken
		}
	}
	if b := v.Flag("sensitive"); b != nil {
		a.Posting.Sensitive = *b
	}
	if v.Has("language") {
		a.Posting.Language = v.Text("language")
	}
}

// sentNames gives complaints about a profile the names under which things were sent.
func sentNames(err error) error {
	var list coop.Invalid
	if !errors.As(err, &list) {
		return err
	}
	renamed := make(coop.Invalid, len(list))
	for i, one := range list {
		field := *one
		switch {
		case field.Field == "bio":
			field.Field = "note"
		case field.Field == "privacy":
			field.Field = "source.privacy"
		case field.Field == "posting.language":
			field.Field = "source.language"
		case strings.HasPrefix(field.Field, "fields"):
			field.Field = "fields_attributes" + strings.TrimPrefix(field.Field, "fields")
		}
		renamed[i] = &field
	}
	return renamed
}

// takePictures stores an avatar and a header that were sent.
func (f *Face) takePictures(c *gin.Context, a *coop.Account, v input.Values) error {
	for _, p := range []struct {
		name  string
		class coop.MediaClass
		to    *coop.Picture
	}{{"avatar", coop.MediaAvatar, &a.Icon}, {"header", coop.MediaHeader, &a.Image}} {
		picture, err := f.takePicture(c.Request.Context(), a, v, p.name, p.class)
		if err != nil {
			return err
		}
		if picture != nil {
			*p.to = *picture
		}
		if v.Has(p.name + "_description") {
			p.to.Alt = coop.CleanText(v.Text(p.name+"_description"), coop.MaxAltLength)
		}
	}
	return v.Err()
}

// takePicture stores one picture; nil when none was sent.
func (f *Face) takePicture(ctx context.Context, a *coop.Account, v input.Values, name string, class coop.MediaClass) (*coop.Picture, error) {
	header := v.File(name)
	if header == nil {
		if v.Text(name) != "" {
			return nil, &coop.InvalidError{Field: name, Code: "type", Problem: "is a file"}
		}
		return nil, nil
	}
	file, err := header.Open()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	defer func() { _ = file.Close() }()
	picture, err := f.Media.Picture(ctx, a.ID, class, header.Filename, file)
	if err != nil {
		return nil, pictureFault(name, err)
	}
	return &picture, nil
}

// pictureFault says of which picture a complaint about a file is.
func pictureFault(name string, err error) error {
	var invalid *coop.InvalidError
	if errors.As(err, &invalid) {
		return &coop.InvalidError{Field: name, Code: invalid.Code, Problem: invalid.Problem}
	}
	return err
}
