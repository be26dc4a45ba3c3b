// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/outbox"
)

// usualDays is how long the members have, unless somebody says otherwise.
const usualDays = 10

// review answers POST /admin/coops/ID/STEP, one of reviewDones. What is not possible any
// more leads back to the page, which says how it stands.
func (f *Face) review(c *gin.Context) error {
	own, err := f.coordinates(c)
	if err != nil {
		return err
	}
	m, err := f.reviewed(c, own)
	if err != nil {
		return err
	}
	act := c.Param("step")
	err = f.reviewStep(c, m, act)
	switch {
	case err == nil:
		c.Redirect(http.StatusSeeOther, reviewPath+"/"+m.ID.String()+"?done="+act)
		return nil
	case !errors.Is(err, coop.ErrState) && !errors.Is(err, outbox.ErrMembersDecide) && coop.Complaints(err) == nil:
		return err
	}
	return f.reviewUnfit(c, m, act, err)
}

// reviewUnfit shows the page as it stands, with why the step was not taken.
func (f *Face) reviewUnfit(c *gin.Context, m *coop.Membership, act string, err error) error {
	view, verr := f.reviewView(c, m)
	if verr != nil {
		return verr
	}
	field, problem := reviewProblem(act, err)
	if act == "role" && field != "act" {
		view.Roles, view.Why = view.roleChoices(c.PostForm("role")), coop.CleanText(c.PostForm("note"), 2000)
	}
	view.Days = coop.CleanLine(c.PostForm("days"), 10)
	view.complain(field, view.T(problem))
	return f.show(c, http.StatusUnprocessableEntity, "co-op-review", view)
}

// reviewProblem is the field that is wrong, and the key of the words that say why.
func reviewProblem(act string, err error) (field, key string) {
	list := coop.Complaints(err)
	switch {
	case errors.Is(err, outbox.ErrMembersDecide):
		return "act", "joining_problem_members"
	case len(list) == 0:
		return "act", "joining_problem_state"
	case list[0].Code == coop.CodeNobody:
		return "act", "joining_problem_nobody"
	case act == "role":
		return list[0].Field, "joining_problem_" + list[0].Field
	}
	return "days", "joining_problem_days"
}

// reviewStep does it. Who is admitted needs no reason.
func (f *Face) reviewStep(c *gin.Context, m *coop.Membership, act string) error {
	ctx := c.Request.Context()
	if act == "decide" {
		_, err := f.Outbox.LayBeforeMembers(ctx, m, f.joinDecision(c))
		return err
	}
	step := outbox.MemberStep{Act: act, Role: coop.MembershipRole(coop.Truncate(c.PostForm("role"), 20))}
	if act != "accept" {
		step.Note = coop.CleanText(c.PostForm("note"), 2000)
	}
	return f.Outbox.StepMember(ctx, m, step)
}

// joinDecision reads how a petition is laid before the members. A number that is none
// becomes one that the decision complains of.
func (f *Face) joinDecision(c *gin.Context) outbox.JoinDecision {
	d := outbox.JoinDecision{Method: coop.DecisionMethod(coop.Truncate(c.PostForm("method"), 20)), ListBallots: c.PostForm("list") == "1"}
	days, err := strconv.Atoi(c.PostForm("days"))
	if err != nil {
		days = usualDays
	}
	d.Ends = f.Now().Add(time.Duration(min(max(days, 0), 1000)) * 24 * time.Hour).Add(time.Minute)
	if percent, err := strconv.Atoi(c.PostForm("quorum")); err == nil && percent >= 0 && percent <= 100 {
		quorum := decimal.New(int64(percent), -2)
		d.Quorum = &quorum
	}
	return d
}
