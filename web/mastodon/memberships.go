// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// membershipJSON is a membership as anybody may see it; the note is shown to its
// parties alone.
type membershipJSON struct {
	ID           string          `json:"id"`
	URI          string          `json:"uri,omitempty"`
	Member       *entity.Account `json:"member"`
	Organization *entity.Account `json:"organization"`
	Role         string          `json:"role"`
	State        string          `json:"state"`
	Verified     bool            `json:"verified"`
	Start        entity.Time     `json:"start"`
	End          entity.Time     `json:"end"`
	Decision     entity.Null     `json:"decision"`
	Note         string          `json:"note"`
	Petition     *petitionJSON   `json:"petition,omitempty"` // for who coordinates, of one membership alone
}

// petitionJSON is what came with a petition; a file is had from the page of the review.
type petitionJSON struct {
	Statutes entity.Null         `json:"statutes"`
	Evidence entity.List[string] `json:"evidence"`
	Contact  entity.Null         `json:"contact"`
	File     bool                `json:"file"`
}

// membership shows a membership to a viewer.
func (f *Face) membership(m *coop.Membership, viewer coop.Viewer) membershipJSON {
	out := membershipJSON{
		ID: m.ID.String(), URI: string(m.IRI), Member: f.account(m.Member), Organization: f.account(m.Organization),
		Role: string(m.Role), State: string(m.State), Verified: m.Verified(), Start: entity.Time(m.Start), End: entity.Time(m.End),
		Decision: entity.Null(string(m.Decision)),
	}
	if party(m, viewer) {
		out.Note = m.Note
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
	case self != nil && self.Kind.Cooperative() && q.Member == 0 && q.Organization == 0:
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
// `organization` (handle or address), `role`, `note`, `statutes`, `evidence` and `contact`,
// by a co-op's token; with `coop` it is an invitation, by a federation's.
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
	if in.Has("coop") {
		return f.inviteCoop(c, in, role)
	}
	petition := &coop.Petition{Statutes: in.Text("statutes"), Evidence: in.Texts("evidence"), Contact: in.Text("contact")}
	if err := in.Err(); err != nil {
		return err
	}
	organization, err := f.find(c.Request.Context(), in.Text("organization"))
	if err != nil {
		return notThere("organization", err)
	}
	m, err := f.Outbox.Petition(c.Request.Context(), auth.Account(c), organization, role, in.Text("note"), petition)
	if err != nil {
		return err
	}
	return f.showMembership(c, m.ID)
}

// inviteCoop is createMembership by a federation's token: it asks the co-op that `coop`
// names (handle or address) to become a member.
func (f *Face) inviteCoop(c *gin.Context, in input.Values, role coop.MembershipRole) error {
	self := auth.Account(c)
	if !coop.TakesMembers(self.Kind) {
		return fmt.Errorf("invite in the name of %s: %w", self.IRI, coop.ErrForbidden)
	}
	member, err := f.find(c.Request.Context(), in.Text("coop"))
	if err != nil {
		return notThere("coop", err)
	}
	m, err := f.Outbox.Invite(c.Request.Context(), self, member, role, in.Text("note"))
	if err != nil {
		return err
	}
	return f.showMembership(c, m.ID)
}

// getMembership answers GET /api/v1/minga/memberships/:id: to its two sides in every
// state, to anybody else where anybody may see it. What came with the petition is for who
// coordinates the federation.
func (f *Face) getMembership(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	m, err := f.Store.Membership(c.Request.Context(), id)
	if err == nil && !party(m, auth.Viewer(c)) && !slices.Contains(publicStates, m.State) {
		err = fmt.Errorf("membership %s of others: %w", id, coop.ErrNotFound)
	}
	if err != nil {
		return err
	}
	return f.showMembership(c, id)
}

// petition is what came with a petition, for who coordinates the federation.
func (f *Face) petition(c *gin.Context, m *coop.Membership) (*petitionJSON, error) {
	self := auth.Account(c)
	if self == nil || self.ID != m.Organization.ID || !auth.May(c, coop.ActCoordinate) {
		return nil, nil
	}
	p, err := f.Store.Petition(c.Request.Context(), m.ID)
	if errors.Is(err, coop.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &petitionJSON{entity.Null(p.Statutes), p.Evidence, entity.Null(p.Contact), p.File != nil}, nil
}

// showMembership answers how the membership stands now.
func (f *Face) showMembership(c *gin.Context, id coop.ID) error {
	m, err := f.Store.Membership(c.Request.Context(), id)
	if err != nil {
		return err
	}
	out := f.membership(m, auth.Viewer(c))
	if !auth.May(c, coop.ActJoin) {
		out.Note = ""
	}
	if out.Petition, err = f.petition(c, m); err != nil {
		return err
	}
	if err := f.complete(c.Request.Context(), out.Member, out.Organization); err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// layBefore lays a petition before the members: `method`, `quorum` (0 to 1), `ends_at` and
// `list_ballots`, each of which may be left out.
func (f *Face) layBefore(c *gin.Context, m *coop.Membership, in input.Values) error {
	d := outbox.JoinDecision{Method: coop.DecisionMethod(in.Text("method")), ListBallots: in.On("list_ballots")}
	if in.Has("ends_at") {
		d.Ends = in.Moment("ends_at")
	}
	if in.Has("quorum") {
		quorum := in.Decimal("quorum")
		d.Quorum = &quorum
	}
	if err := in.Err(); err != nil {
		return err
	}
	_, err := f.Outbox.LayBeforeMembers(c.Request.Context(), m, d)
	return err
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
	if err := f.memberStep(c, m, in, self.ID == m.Organization.ID); err != nil {
		return err
	}
	return f.showMembership(c, id)
}

// memberActs are what an organization does about a membership.
var memberActs = []string{"accept", "refuse", "remove", "suspend", "resume", "role"}

// memberStep does the step of the path, by the side that may: the organization leads.
func (f *Face) memberStep(c *gin.Context, m *coop.Membership, in input.Values, leads bool) error {
	ctx, step, note := c.Request.Context(), c.Param("step"), in.Text("note")
	switch {
	case (step == "accept" || step == "refuse") && !leads && m.InviteIRI != "":
		return f.Outbox.AnswerInvite(ctx, m, step == "accept", note)
	case step == "leave" && !leads:
		return f.Outbox.LeaveMembership(ctx, m)
	case step == "decide" && leads:
		return f.layBefore(c, m, in)
	case slices.Contains(memberActs, step) && leads:
		return f.Outbox.StepMember(ctx, m, outbox.MemberStep{Act: step, Role: coop.MembershipRole(in.Text("role")), Note: note})
	}
	return fmt.Errorf("step %.20q of a membership: %w", step, coop.ErrForbidden)
}
