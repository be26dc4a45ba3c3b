// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// roleRoutes say who speaks for a co-op, and what was done in its name.
func (f *Face) roleRoutes() []auth.Route {
	routes := f.update("/v1/minga/coops/:id/roles", scopeWrite, auth.LimitAPI, f.setRoles)
	for i := range routes {
		routes[i] = routes[i].For(coop.ActRoles)
	}
	return append(routes,
		f.own("/v1/minga/coops/:id/roles", scopeRead, f.listRoles).For(coop.ActRoles),
		f.own("/v1/minga/coops/:id/audit", scopeRead, f.listAudit).For(coop.ActAudit),
		f.own("/v1/minga/audit", scopeRead, f.ownAudit),
	)
}

// holderJSON is a person with the roles that they hold in an account.
type holderJSON struct {
	Account *entity.Account        `json:"account"`
	Roles   entity.List[string]    `json:"roles"`
	Since   entity.List[sinceJSON] `json:"given"`
	person  coop.ID
}

// sinceJSON says since when a role is held.
type sinceJSON struct {
	Role string      `json:"role"`
	At   entity.Time `json:"at"`
}

// speaksFor lets who asks act for the account of the path.
func (f *Face) speaksFor(c *gin.Context, act coop.RoleAct) (*coop.Account, error) {
	id, err := idOf(c)
	if err != nil {
		return nil, &coop.RoleError{Act: act}
	}
	return auth.ActAs(c, id, act)
}

// listRoles answers GET /api/v1/minga/coops/:id/roles, to its stewards.
func (f *Face) listRoles(c *gin.Context) error {
	account, err := f.speaksFor(c, coop.ActRoles)
	if err != nil {
		return err
	}
	return f.showRoles(c, account)
}

// showRoles answers who holds which roles in an account.
func (f *Face) showRoles(c *gin.Context, account *coop.Account) error {
	held, err := f.Store.Roles(c.Request.Context(), account.ID)
	if err != nil {
		return err
	}
	out := entity.List[holderJSON]{}
	var people []*entity.Account
	for _, h := range coop.HeldIn(held) {
		one := holderJSON{Account: f.account(h.Person), Roles: roleNames(h.Roles), person: h.Person.ID}
		for _, each := range held {
			if each.Person.ID == one.person {
				one.Since = append(one.Since, sinceJSON{string(each.Role), entity.Time(each.GivenAt)})
			}
		}
		out, people = append(out, one), append(people, one.Account)
	}
	if err := f.complete(c.Request.Context(), people...); err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// roleNames are roles as the API names them.
func roleNames(roles []coop.Role) entity.List[string] {
	names := entity.List[string]{}
	for _, r := range roles {
		names = append(names, string(r))
	}
	return names
}

// setRoles answers PUT /api/v1/minga/coops/:id/roles: `person`, by id or handle, holds
// `roles` from now on and no others; none ends what they are there.
func (f *Face) setRoles(c *gin.Context) error {
	account, err := f.speaksFor(c, coop.ActRoles)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	if !in.Has("roles") {
		in.Complain("roles", coop.CodeRequired, "is a list of roles; an empty one takes all")
	}
	roles := make([]coop.Role, 0, len(in.Texts("roles")))
	for _, text := range in.Texts("roles") {
		if text == "" {
			continue // how a form says none
		}
		if err := coop.ValidateRole(coop.Role(text), account.Kind); err != nil {
			in.Complain("roles", coop.CodeUnknown, "names a role that there is not in such an account")
		}
		roles = append(roles, coop.Role(text))
	}
	if err := in.Err(); err != nil {
		return err
	}
	ctx := c.Request.Context()
	who, err := f.personHere(ctx, in.Text("person"))
	if err != nil {
		return err
	}
	err = f.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.SetRoles(ctx, account.ID, who.ID, roles, auth.Person(c))
		return err
	})
	if err != nil {
		return err
	}
	return f.showRoles(c, account)
}

// personHere finds a person of this instance by their id or handle; the error is a
// complaint about the field person.
func (f *Face) personHere(ctx context.Context, text string) (who *coop.Account, err error) {
	if id, bad := coop.ParseID(text); bad == nil {
		who, err = f.Store.Account(ctx, id)
	} else {
		who, err = f.byHandle(ctx, strings.TrimPrefix(text, "@"))
	}
	if err == nil && (!who.Local || who.Kind != coop.Person || who.Gone()) {
		err = coop.ErrNotFound
	}
	if errors.Is(err, coop.ErrNotFound) {
		return nil, &coop.InvalidError{Field: "person", Code: coop.CodeUnknown, Problem: "is nobody on this server"}
	}
	return who, err
}

// auditJSON is an entry of the audit log.
type auditJSON struct {
	ID     entity.ID   `json:"id"`
	At     entity.Time `json:"at"`
	Who    *string     `json:"who,omitempty"` // to stewards alone
	For    entity.ID   `json:"account_id"`    // in whose name; null: of nobody but who did it
	Act    string      `json:"act"`
	Target string      `json:"target"`
	Why    string      `json:"why"`
	From   *string     `json:"from,omitempty"` // to stewards alone
}

// listAudit answers GET /api/v1/minga/coops/:id/audit, to its stewards: what was done
// in its name, newest first.
func (f *Face) listAudit(c *gin.Context) error {
	account, err := f.speaksFor(c, coop.ActAudit)
	if err != nil {
		return err
	}
	return f.showAudit(c, storage.AuditQuery{Account: account.ID}, true)
}

// ownAudit answers GET /api/v1/minga/audit: what was done to the token's account, and
// in whose name, but not by whom.
func (f *Face) ownAudit(c *gin.Context) error {
	return f.showAudit(c, storage.AuditQuery{About: auth.Account(c).IRI}, false)
}

// showAudit answers a page of the audit log.
func (f *Face) showAudit(c *gin.Context, q storage.AuditQuery, whole bool) error {
	entries, err := f.Store.Audit(c.Request.Context(), q, pageOf(c, 40, 80))
	if err != nil {
		return err
	}
	out := entity.List[auditJSON]{}
	for _, e := range entries {
		one := auditJSON{ID: entity.ID(e.ID), At: entity.Time(e.At), For: entity.ID(e.OnBehalf), Act: e.Act, Target: e.Target, Why: e.Why}
		if whole {
			one.Who, one.From = &e.Who, &e.From
		}
		out = append(out, one)
	}
	if len(entries) > 0 {
		f.link(c, entries[0].ID, entries[len(entries)-1].ID)
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// addRoles says on one's own account, and nowhere else, for whom one speaks: a person
// for whom and with which roles, who acts for a co-op with which.
func (f *Face) addRoles(c *gin.Context, out *entity.Account) error {
	token := auth.TokenOf(c)
	if token.Speaks() {
		out.Minga.Roles = roleNames(token.Roles)
		return nil
	}
	speakers, err := auth.Speakers(c)
	if err != nil {
		return err
	}
	for _, h := range speakers[1:] {
		out.Minga.SpeaksFor = append(out.Minga.SpeaksFor, entity.SpeaksFor{
			AccountID: entity.ID(h.Account.ID), Acct: f.acct(h.Account), DisplayName: h.Account.DisplayName, Kind: kindName(h.Account.Kind), Roles: roleNames(h.Roles),
		})
	}
	return nil
}
