// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// membershipJSON is a membership as anybody may see it; the note is shown to its
// parties alone.
type membershipJSON struct {
	ID           string          `json:"id"`
	URI          string          `json:"uri"`
	Member       *entity.Account `json:"member"`
	Organization *entity.Account `json:"organization"`
	Role         string          `json:"role"`
	State        string          `json:"state"`
	Verified     bool            `json:"verified"`
	Start        entity.Time     `json:"start"`
	End          entity.Time     `json:"end"`
	Note         entity.Null     `json:"note"`
}

// membership shows a membership to a viewer.
func (f *Face) membership(m *coop.Membership, viewer coop.Viewer) membershipJSON {
	out := membershipJSON{
		ID: m.ID.String(), URI: string(m.IRI), Member: f.account(m.Member), Organization: f.account(m.Organization),
		Role: string(m.Role), State: string(m.State), Verified: m.Verified(), Start: entity.Time(m.Start), End: entity.Time(m.End),
	}
	if party(m, viewer) {
		out.Note = entity.Null(m.Note)
	}
	return out
}

// party tells whether the viewer is one of the two sides.
func party(m *coop.Membership, v coop.Viewer) bool {
	return v.Class == coop.ViewerAccount && (v.Account == m.Member.ID || v.Account == m.Organization.ID)
}

// public are the states that anybody may see: who asked, and who was refused, is
// known to the two sides alone.
var publicStates = []coop.MembershipState{coop.MembershipMember, coop.MembershipSuspended}

// listMemberships answers GET /api/v1/minga/memberships.
func (f *Face) listMemberships(c *gin.Context) error {
	ctx, viewer := c.Request.Context(), auth.Viewer(c)
	queries := []storage.MembershipQuery{{States: publicStates}}
	if self := auth.Account(c); self != nil {
		queries = []storage.MembershipQuery{{Member: self.ID}, {Organization: self.ID}}
	}
	out := []membershipJSON{}
	for _, query := range queries {
		list, err := f.Store.Memberships(ctx, query, pageOf(c, 40, 80))
		if err != nil {
			return fmt.Errorf("list memberships: %w", err)
		}
		for _, m := range list {
			out = append(out, f.membership(m, viewer))
		}
	}
	both := make([]*entity.Account, 0, 2*len(out))
	for i := range out {
		both = append(both, out[i].Member, out[i].Organization)
	}
	if err := f.complete(ctx, both...); err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// createMembership asks to join: POST /api/v1/minga/memberships with
// `organization` (handle or address), `role` and `note`, by a co-op's token.
func (f *Face) createMembership(c *gin.Context) error {
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	role := coop.MembershipRole(in.Text("role"))
	if role == "" {
		role = coop.RoleFull
	}
	organization, err := f.find(c.Request.Context(), in.Text("organization"))
	if err != nil {
		return notThere("organization", err)
	}
	m, err := f.Outbox.Join(c.Request.Context(), auth.Account(c), organization, role, in.Text("note"))
	if err != nil {
		return err
	}
	return f.showMembership(c, m.ID)
}

// showMembership answers how the membership stands now.
func (f *Face) showMembership(c *gin.Context, id coop.ID) error {
	m, err := f.Store.Membership(c.Request.Context(), id)
	if err != nil {
		return err
	}
	out := f.membership(m, auth.Viewer(c))
	if err := f.complete(c.Request.Context(), out.Member, out.Organization); err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// stepMembership decides or ends: POST /api/v1/minga/memberships/:id/:step. Only
// its two sides find it.
func (f *Face) stepMembership(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	ctx, self := c.Request.Context(), auth.Account(c)
	m, err := f.Store.Membership(ctx, id)
	if err != nil {
		return err
	}
	if !party(m, auth.Viewer(c)) {
		return fmt.Errorf("membership %s of others: %w", id, coop.ErrNotFound)
	}
	leads := self.ID == m.Organization.ID
	step := c.Param("step")
	switch {
	case step == "accept" && leads:
		err = f.Outbox.DecideMembership(ctx, m, true, in.Text("note"))
	case step == "refuse" && leads:
		err = f.Outbox.DecideMembership(ctx, m, false, in.Text("note"))
	case step == "remove" && leads:
		err = f.Outbox.RemoveMember(ctx, m, in.Text("note"))
	case step == "leave" && !leads:
		err = f.Outbox.LeaveMembership(ctx, m)
	default:
		err = fmt.Errorf("step %.20q of a membership: %w", step, coop.ErrForbidden)
	}
	if err != nil {
		return err
	}
	return f.showMembership(c, id)
}
