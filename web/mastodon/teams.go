// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// teamJSON is a team as its members see it.
type teamJSON struct {
	ID         string              `json:"id"`
	URI        string              `json:"uri"`
	Name       string              `json:"name"`
	Local      bool                `json:"local"` // it is run by a requester of this instance
	Request    entity.Null         `json:"request_id"`
	Created    entity.Time         `json:"created_at"`
	Ended      entity.Time         `json:"ended_at"` // its server has deleted it; what is here stays
	Members    []*entity.Account   `json:"members,omitempty"`
	Plan       *coop.Plan          `json:"plan"`
	Split      *coop.Split         `json:"split"`
	Agreements []teamAgreementJSON `json:"agreements,omitempty"`
	Files      []teamFileJSON      `json:"files,omitempty"`
}

// teamAgreementJSON is an agreement in a team; document is it byte for byte.
type teamAgreementJSON struct {
	URI      string          `json:"uri"`
	Provider string          `json:"provider"`
	Slot     string          `json:"slot"`
	Hours    int             `json:"hours"`
	Amount   decimal.Decimal `json:"amount"`
	Released bool            `json:"released"`
	Document string          `json:"document"`
}

// teamFileJSON is a file of a room.
type teamFileJSON struct {
	ID       string      `json:"id"`
	Title    string      `json:"title"`
	By       string      `json:"by"`
	Size     int64       `json:"size"`
	Contract bool        `json:"contract"`
	Here     bool        `json:"here"` // its bytes are on this server
	At       entity.Time `json:"created_at"`
}

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

func newTeam(t *coop.Room) teamJSON {
	out := teamJSON{ID: t.ID.String(), URI: string(t.Account.IRI), Name: t.Account.DisplayName, Local: t.Account.Local, Created: entity.Time(t.CreatedAt), Ended: entity.Time(t.EndedAt), Plan: t.Plan, Split: t.Split}
	if t.RequestID != 0 {
		out.Request = entity.Null(t.RequestID.String())
	}
	return out
}

// getTeam answers GET /api/v1/minga/teams/:id.
func (f *Face) getTeam(c *gin.Context) error {
	t, err := f.team(c, "")
	if err != nil {
		return err
	}
	return f.showTeam(c, t.ID)
}

// showTeam answers a team as it is now.
func (f *Face) showTeam(c *gin.Context, id coop.ID) error {
	ctx := c.Request.Context()
	t, err := f.Store.Team(ctx, id)
	if err != nil {
		return err
	}
	out := newTeam(t)
	members, err := f.Store.Memberships(ctx, storage.MembershipQuery{Organization: id, Verified: true}, coop.Page{Limit: 80})
	if err != nil {
		return err
	}
	for _, m := range slices.Backward(members) {
		out.Members = append(out.Members, f.account(m.Member))
	}
	if err := f.complete(ctx, out.Members...); err != nil {
		return err
	}
	records, err := f.Store.Records(ctx, id, "")
	if err != nil {
		return err
	}
	for _, r := range records {
		switch r.Kind {
		case coop.RecordAgreement:
			g := outbox.ReadAgreement(r)
			out.Agreements = append(out.Agreements, teamAgreementJSON{string(g.IRI), string(g.Provider), string(g.Slot), g.Hours, g.Amount, g.Over, string(r.Body)})
		case coop.RecordFile:
			out.Files = append(out.Files, teamFileJSON{r.ID.String(), r.Title, string(r.Author), r.Size, r.Contract, r.Sealed != "", entity.Time(r.CreatedAt)})
		}
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// listTeamMessages answers GET /api/v1/minga/teams/:id/messages: statuses, newest first.
func (f *Face) listTeamMessages(c *gin.Context) error {
	t, err := f.team(c, "")
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	posts, err := f.Store.Posts(ctx, auth.Viewer(c), storage.PostQuery{Room: t.ID}, pageOf(c, 20, 40))
	if err != nil {
		return err
	}
	if len(posts) > 0 {
		f.link(c, posts[0].ID, posts[len(posts)-1].ID)
	}
	out, err := f.statuses(ctx, auth.Viewer(c), posts)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// sayInTeam answers POST /api/v1/minga/teams/:id/messages with `text`, and `in_reply_to_id`
// for an answer: the status.
func (f *Face) sayInTeam(c *gin.Context) error {
	t, err := f.team(c, memberAct(c))
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	said := in.Text("text")
	reply, _ := coop.ParseID(in.Text("in_reply_to_id"))
	if said == "" {
		in.Complain("text", coop.CodeRequired, "this is needed")
	}
	if err := in.Err(); err != nil {
		return err
	}
	return f.answerSaid(c, t, said, max(reply, 0), nil)
}

// teamArchive answers GET /api/v1/minga/teams/:id/archive.zip.
func (f *Face) teamArchive(c *gin.Context) error {
	t, err := f.team(c, "")
	if err != nil {
		return err
	}
	c.Header("Content-Type", "application/zip")
	c.Header("Content-Disposition", `attachment; filename="`+t.Account.Name+`.zip"`)
	return f.Outbox.ExportTeam(c.Request.Context(), c.Writer, t.ID, f.Media.OpenSealed)
}

// teamFile answers GET /api/v1/minga/teams/:id/files/:file: a PDF.
func (f *Face) teamFile(c *gin.Context) error {
	t, err := f.team(c, "")
	if err != nil {
		return err
	}
	id, err := coop.ParseID(c.Param("file"))
	if err != nil {
		return fmt.Errorf("file %.40q: %w", c.Param("file"), coop.ErrNotFound)
	}
	r, err := f.Store.RecordByID(c.Request.Context(), auth.Viewer(c), t.ID, id)
	if err != nil {
		return err
	}
	if r.Sealed == "" {
		return fmt.Errorf("file %s: %w", id, coop.ErrNotFound)
	}
	body, err := f.Media.OpenSealed(c.Request.Context(), r.Sealed)
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", "attachment")
	c.Header("X-Content-Type-Options", "nosniff")
	c.Data(http.StatusOK, r.MediaType, body)
	return nil
}

// runsTeam finds the team for its requester; other members may not.
func (f *Face) runsTeam(c *gin.Context) (*coop.Room, error) {
	t, err := f.team(c, coop.ActRequest.In(auth.Account(c).Kind))
	if err != nil {
		return nil, err
	}
	p, err := f.Store.Post(c.Request.Context(), coop.System(), t.RequestID)
	if err != nil || p.AuthorID != auth.Account(c).ID {
		return nil, fmt.Errorf("plan of team %s: %w", t.ID, coop.ErrForbidden)
	}
	return t, nil
}

// putTeamPlan answers PUT /api/v1/minga/teams/:id/plan with `name`, `text` and `steps` of
// `name`, `from`, `to` and `agreements` (their addresses).
func (f *Face) putTeamPlan(c *gin.Context) error {
	t, err := f.runsTeam(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	records, err := f.Store.Records(c.Request.Context(), t.ID, coop.RecordAgreement)
	if err != nil {
		return err
	}
	plan := &coop.Plan{Name: in.Text("name"), Text: in.Text("text")}
	for _, s := range in.List("steps", "name") {
		step := coop.PlanStep{Name: s.Text("name"), From: s.Moment("from"), To: s.Moment("to")}
		named := s.Texts("agreements")
		for _, r := range records {
			if g := outbox.ReadAgreement(r); !g.Over && slices.Contains(named, string(g.IRI)) {
				step.Work = append(step.Work, coop.PlanWork{Commitment: g.IRI + "#primary", Slot: g.Slot, Provider: g.Provider, Hours: g.Hours})
			}
		}
		plan.Steps = append(plan.Steps, step)
	}
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.Outbox.SetPlan(c.Request.Context(), t.ID, plan); err != nil {
		return err
	}
	return f.showTeam(c, t.ID)
}

// putTeamSplit answers PUT /api/v1/minga/teams/:id/split with `currency`, `price` and
// `lines` of `for`, `provider`, `hours`, `payee` and `amount`.
func (f *Face) putTeamSplit(c *gin.Context) error {
	t, err := f.runsTeam(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	split := &coop.Split{Currency: in.Text("currency"), Price: in.Decimal("price")}
	for _, line := range in.List("lines", "for") {
		split.Lines = append(split.Lines, coop.SplitLine{
			For: line.Text("for"), Provider: coop.IRI(line.Text("provider")), Hours: line.Number("hours"), Payee: coop.IRI(line.Text("payee")), Amount: line.Decimal("amount"),
		})
	}
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.Outbox.SetSplit(c.Request.Context(), t.ID, split); err != nil {
		return err
	}
	return f.showTeam(c, t.ID)
}

// agreeTeamSplit answers POST /api/v1/minga/teams/:id/split/agree with `version`.
func (f *Face) agreeTeamSplit(c *gin.Context) error {
	t, err := f.team(c, memberAct(c))
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	version := in.Number("version")
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.Outbox.AgreeSplit(c.Request.Context(), auth.Account(c), t.ID, version); err != nil {
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
