// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// teamRoutes are those of teams and their rooms. Which act a step is depends on what kind
// of member asks, so it is judged by each.
func (f *Face) teamRoutes() []auth.Route {
	const base = "/v1/minga/teams"
	step := func(method, path string, limit auth.Limit, h func(*gin.Context) error) auth.Route {
		return f.write(method, base+path, scopeWrite, limit, h).For(coop.ActRead)
	}
	files := step("POST", "/:id/files", auth.LimitMedia, f.sendTeamFiles)
	files.Parts, files.Body = true, teamUpload
	return []auth.Route{
		files, f.own(base, scopeRead, f.listTeams),
		f.own(base+"/:id", scopeRead, f.getTeam),
		f.own(base+"/:id/messages", scopeRead, f.listTeamMessages),
		f.own(base+"/:id/archive.zip", scopeRead, f.teamArchive),
		f.own(base+"/:id/files/:file", scopeRead, f.teamFile),
		step("POST", "/:id/messages", auth.LimitPosts, f.sayInTeam),
		step("PUT", "/:id/plan", auth.LimitAPI, f.putTeamPlan), step("PATCH", "/:id/plan", auth.LimitAPI, f.putTeamPlan),
		step("PUT", "/:id/split", auth.LimitAPI, f.putTeamSplit), step("PATCH", "/:id/split", auth.LimitAPI, f.putTeamSplit),
		step("POST", "/:id/split/agree", auth.LimitAPI, f.agreeTeamSplit),
		step("POST", "/:id/accept", auth.LimitAPI, f.acceptTeam),
		step("POST", "/:id/decline", auth.LimitAPI, f.declineTeam),
		step("POST", "/:id/leave", auth.LimitAPI, f.leaveTeam),
	}
}

// team finds the team of the address for a member; to others there is none. act is what
// the member's roles must allow, with an empty one reading.
func (f *Face) team(c *gin.Context, act coop.RoleAct) (*coop.Room, error) {
	ctx := c.Request.Context()
	missing := fmt.Errorf("team %.40q: %w", c.Param("id"), coop.ErrNotFound)
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, missing
	}
	in, err := f.Store.InTeam(ctx, auth.Viewer(c), id)
	if err != nil {
		return nil, err
	}
	if !in {
		return nil, missing
	}
	if act != "" && !auth.May(c, act) {
		return nil, &coop.RoleError{Act: act}
	}
	return f.Store.Team(ctx, id)
}

// memberAct is the act of a member in its team.
func memberAct(c *gin.Context) coop.RoleAct { return coop.TeamAct(auth.Account(c).Kind) }

// listTeams answers GET /api/v1/minga/teams: those of the account, newest first.
func (f *Face) listTeams(c *gin.Context) error {
	list, err := f.Store.TeamsOf(c.Request.Context(), auth.Account(c).ID, pageOf(c, 20, 80))
	if err != nil {
		return err
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	out := make([]teamJSON, len(list))
	for i, t := range list {
		out[i] = newTeam(t)
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// getTeam answers GET /api/v1/minga/teams/:id.
func (f *Face) getTeam(c *gin.Context) error {
	t, err := f.team(c, "")
	if err != nil {
		return err
	}
	return f.showTeam(c, t.ID)
}

// acceptTeam answers POST /api/v1/minga/teams/:id/accept: the account takes an invitation.
func (f *Face) acceptTeam(c *gin.Context) error { return f.answerTeam(c, true) }

// declineTeam answers POST /api/v1/minga/teams/:id/decline.
func (f *Face) declineTeam(c *gin.Context) error { return f.answerTeam(c, false) }

func (f *Face) answerTeam(c *gin.Context, accept bool) error {
	ctx := c.Request.Context()
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return fmt.Errorf("team %.40q: %w", c.Param("id"), coop.ErrNotFound)
	}
	m, err := f.Store.MembershipOf(ctx, auth.Account(c).ID, id)
	if err != nil {
		return err
	}
	if m.Organization.Kind != coop.Team {
		return fmt.Errorf("team %s: %w", id, coop.ErrNotFound)
	}
	if act := memberAct(c); !auth.May(c, act) {
		return &coop.RoleError{Act: act}
	}
	if err := f.Outbox.AnswerInvite(ctx, m, accept, ""); err != nil {
		return err
	}
	return f.showMembership(c, m.ID)
}

// leaveTeam answers POST /api/v1/minga/teams/:id/leave.
func (f *Face) leaveTeam(c *gin.Context) error {
	t, err := f.team(c, memberAct(c))
	if err != nil {
		return err
	}
	m, err := f.Store.MembershipOf(c.Request.Context(), auth.Account(c).ID, t.ID)
	if err != nil {
		return err
	}
	if err := f.Outbox.LeaveMembership(c.Request.Context(), m); err != nil {
		return err
	}
	return f.showMembership(c, m.ID)
}
