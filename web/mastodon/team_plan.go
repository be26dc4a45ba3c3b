// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/web/auth"
	"minga/web/mastodon/input"
)

// runsTeam finds the team for its requester; other members may not.
func (f *Face) runsTeam(c *gin.Context) (*coop.Room, error) {
	t, err := f.team(c, coop.ActRequest.In(auth.Account(c).Kind))
	if err != nil {
		return nil, err
	}
	p, err := f.Store.RequestOf(c.Request.Context(), t.RequestID)
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
	plan := readPlan(in, outbox.WorkOf(records))
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.Outbox.SetPlan(c.Request.Context(), t.ID, plan); err != nil {
		return err
	}
	return f.showTeam(c, t.ID)
}

// readPlan reads a plan; each step names the agreements of which it is the work.
func readPlan(in input.Values, work []coop.PlanWork) *coop.Plan {
	plan := &coop.Plan{Name: in.Text("name"), Text: in.Text("text")}
	for _, s := range in.List("steps", "name") {
		step := coop.PlanStep{Name: s.Text("name"), From: s.Moment("from"), To: s.Moment("to")}
		named := s.Texts("agreements")
		for _, w := range work {
			if slices.Contains(named, strings.TrimSuffix(string(w.Commitment), "#primary")) {
				step.Work = append(step.Work, w)
			}
		}
		plan.Steps = append(plan.Steps, step)
	}
	return plan
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
