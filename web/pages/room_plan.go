// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/web/auth"
)

// planRow is a step as the form has it.
type planRow struct {
	N, Name, From, To string
	Work              []choice // agreements, by their number in the list
}

// planView is the form of the plan.
type planView struct {
	formFrame
	Path, Team, As string
	Name, Text     string
	Rows           []planRow
}

// spareRows is how many empty rows a form has.
const spareRows = 3

// planPage answers GET /rooms/ID/plan, for who runs the team.
func (f *Face) planPage(c *gin.Context) error {
	at, err := f.runsRoom(c)
	if err != nil {
		return err
	}
	work, err := f.workOf(c, at)
	if err != nil {
		return err
	}
	plan := at.room.Plan
	if plan == nil {
		plan = &coop.Plan{Name: at.room.Account.DisplayName}
	}
	view, err := f.planView(c, at, plan, work)
	if err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "room-plan", view)
}

// runsRoom finds the room for the requester; to other members the form is not there.
func (f *Face) runsRoom(c *gin.Context) (*roomAt, error) {
	at, err := f.roomFor(c)
	if err == nil && !at.runs() {
		err = coop.ErrNotFound
	}
	return at, err
}

// workOf are the agreements that hold, as the plan names them.
func (f *Face) workOf(c *gin.Context, at *roomAt) ([]coop.PlanWork, error) {
	records, err := f.Store.Records(c.Request.Context(), at.room.ID, coop.RecordAgreement)
	return outbox.WorkOf(records), err
}

// planView fills the form.
func (f *Face) planView(c *gin.Context, at *roomAt, plan *coop.Plan, work []coop.PlanWork) (*planView, error) {
	called, err := f.slotWords(c.Request.Context(), at)
	if err != nil {
		return nil, err
	}
	view := &planView{formFrame: f.formFrame(c, "room_plan_title", nil), Path: at.path, Team: at.room.Account.DisplayName, As: at.me.ID.String(), Name: plan.Name, Text: plan.Text}
	who := f.callers(at)
	for n := range min(len(plan.Steps)+spareRows, coop.MaxPlanSteps) {
		row := planRow{N: strconv.Itoa(n)}
		var step coop.PlanStep
		if n < len(plan.Steps) {
			step = plan.Steps[n]
			row.Name, row.From, row.To = step.Name, dateOf(step.From), dateOf(step.To)
		}
		for i, w := range work {
			in := slices.ContainsFunc(step.Work, func(o coop.PlanWork) bool { return o.Commitment == w.Commitment })
			row.Work = append(row.Work, choice{strconv.Itoa(i), who(w.Provider).Name + " · " + called(w.Slot) + " · " + strconv.Itoa(w.Hours) + " h", in})
		}
		view.Rows = append(view.Rows, row)
	}
	return view, nil
}

// dateOf is a day as an input of a form has it.
func dateOf(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.DateOnly)
}

// setPlan answers POST /rooms/ID/plan.
func (f *Face) setPlan(c *gin.Context) error {
	at, err := f.runsRoom(c)
	if err != nil {
		return err
	}
	work, err := f.workOf(c, at)
	if err != nil {
		return err
	}
	if _, err := auth.ActAs(c, at.me.ID, coop.ActRequest.In(at.me.Kind)); err != nil {
		return err
	}
	plan := readPlanForm(c.Request.PostForm, work)
	err = f.Outbox.SetPlan(c.Request.Context(), at.room.ID, plan)
	if coop.Complaints(err) != nil {
		view, err := f.planView(c, at, plan, work)
		if err != nil {
			return err
		}
		field := "steps"
		if plan.Name == "" {
			field = "name"
		}
		view.complain(field, view.T("room_problem_"+field))
		return f.show(c, http.StatusUnprocessableEntity, "room-plan", view)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, at.path+"?done=plan#plan")
	return nil
}

// readPlanForm reads the rows in which something was typed.
func readPlanForm(form url.Values, work []coop.PlanWork) *coop.Plan {
	plan := &coop.Plan{Name: coop.CleanLine(form.Get("name"), 300), Text: coop.CleanText(form.Get("text"), 6000)}
	for n := range coop.MaxPlanSteps {
		prefix := "step." + strconv.Itoa(n) + "."
		step := coop.PlanStep{Name: coop.CleanLine(form.Get(prefix+"name"), 300)}
		step.From, _ = time.Parse(time.DateOnly, form.Get(prefix+"from"))
		step.To, _ = time.Parse(time.DateOnly, form.Get(prefix+"to"))
		for _, text := range form[prefix+"work"] {
			if i, err := strconv.Atoi(text); err == nil && i >= 0 && i < len(work) {
				step.Work = append(step.Work, work[i])
			}
		}
		if step.Name != "" || !step.From.IsZero() || !step.To.IsZero() || len(step.Work) > 0 {
			plan.Steps = append(plan.Steps, step)
		}
	}
	return plan
}
