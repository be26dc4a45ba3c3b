// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"net/http"
	"slices"

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

// listMemberships answers GET /api/v1/minga/memberships: to a co-op or federation its own
// on both sides, in every state; to anybody else those that anybody may see. `member`,
// `organization` (ids) and `state` narrow.
func (f *Face) listMemberships(c *gin.Context) error {
	ctx, viewer := c.Request.Context(), auth.Viewer(c)
	list, err := f.Store.Memberships(ctx, membershipQuery(c), pageOf(c, 40, 80))
	if err != nil {
		return fmt.Errorf("list memberships: %w", err)
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	out, both := make([]membershipJSON, len(list)), []*entity.Account{}
	for i, m := range list {
		out[i] = f.membership(m, viewer)
		if !auth.May(c, coop.ActJoin) {
			out[i].Note = "" // the application is for those who decide
		}
		both = append(both, out[i].Member, out[i].Organization)
	}
	if err := f.complete(ctx, both...); err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// membershipQuery reads what is asked for. What waits or was refused is shown to its
// sides alone: who asks for others gets what anybody may see.
func membershipQuery(c *gin.Context) storage.MembershipQuery {
	narrow := func(name string) coop.ID {
		id, err := coop.ParseID(c.Query(name))
		if err != nil && c.Query(name) != "" {
			return -1 // nobody's
		}
		return id
	}
	q := storage.MembershipQuery{Member: narrow("member"), Organization: narrow("organization")}
	for _, state := range valuesOf(c, "state") {
		q.States = append(q.States, coop.MembershipState(state))
	}
	self := auth.Account(c)
	switch {
	case self != nil && (q.Member == self.ID || q.Organization == self.ID):
		return q
	case self != nil && (self.Kind == coop.Coop || self.Kind == coop.Federation) && q.Member == 0 && q.Organization == 0:
		q.Side = self.ID
		return q
	case q.States == nil:
		q.States = publicStates
		return q
	}
	q.States = slices.DeleteFunc(q.States, func(s coop.MembershipState) bool { return !slices.Contains(publicStates, s) })
	if len(q.States) == 0 {
		q.Member = -1 // what is asked for is shown to its sides alone
	}
	return q
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
	if !slices.Contains(coop.MembershipRoles(), role) {
		return &coop.InvalidError{Field: "role", Code: coop.CodeUnknown, Problem: "is full, pre-co-op or observer"}
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
	case (step == "suspend" || step == "resume") && leads:
		err = f.Outbox.SuspendMember(ctx, m, coop.MembershipAction(step), in.Text("note"))
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
