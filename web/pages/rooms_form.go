// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"

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
	return f.show(c, http.StatusOK, "room-plan", f.planView(c, at, plan, work))
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
	var work []coop.PlanWork
	for _, r := range records {
		if g := outbox.ReadAgreement(r); !g.Over {
			work = append(work, coop.PlanWork{Commitment: g.IRI + "#primary", Slot: g.Slot, Provider: g.Provider, Hours: g.Hours})
		}
	}
	return work, err
}

// planView fills the form.
func (f *Face) planView(c *gin.Context, at *roomAt, plan *coop.Plan, work []coop.PlanWork) *planView {
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
			row.Work = append(row.Work, choice{strconv.Itoa(i), who(w.Provider).Name + " · " + slotWord(w.Slot) + " · " + strconv.Itoa(w.Hours) + " h", in})
		}
		view.Rows = append(view.Rows, row)
	}
	return view
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
	if isInvalid(err) {
		view := f.planView(c, at, plan, work)
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

// splitRow is a line as the form has it.
type splitRow struct {
	N, For, Hours, Amount string
	Provider, Payee       []choice
}

// splitView is the form of the split.
type splitView struct {
	formFrame
	Path, Team, As  string
	Currency, Price string
	NoMargin, Whole bool
	Rows            []splitRow
}

// splitPage answers GET /rooms/ID/split, for who runs the team.
func (f *Face) splitPage(c *gin.Context) error {
	at, err := f.runsRoom(c)
	if err != nil {
		return err
	}
	split := at.room.Split
	if split == nil {
		if split, err = f.firstSplit(c, at); err != nil {
			return err
		}
	}
	view, err := f.splitView(c, at, split)
	if err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "room-split", view)
}

// firstSplit pays each co-op what was agreed with it.
func (f *Face) firstSplit(c *gin.Context, at *roomAt) (*coop.Split, error) {
	split := &coop.Split{Currency: "EUR"}
	if p, err := f.Store.Post(c.Request.Context(), coop.System(), at.room.RequestID); err == nil && p.Request != nil && p.Request.Budget != nil {
		split.Currency, split.Price = p.Request.Budget.Currency, p.Request.Budget.Max
	}
	records, err := f.Store.Records(c.Request.Context(), at.room.ID, coop.RecordAgreement)
	for _, r := range records {
		if g := outbox.ReadAgreement(r); !g.Over {
			split.Lines = append(split.Lines, coop.SplitLine{For: slotWord(g.Slot), Provider: g.Provider, Hours: g.Hours, Payee: g.Provider, Amount: g.Amount})
		}
	}
	return split, err
}

// splitView fills the form.
func (f *Face) splitView(c *gin.Context, at *roomAt, split *coop.Split) (*splitView, error) {
	view := &splitView{formFrame: f.formFrame(c, "room_split_title", nil), Path: at.path, Team: at.room.Account.DisplayName, As: at.me.ID.String(), Currency: split.Currency}
	if !split.Price.IsZero() {
		view.Price = split.Price.String()
	}
	if p, err := f.Store.Post(c.Request.Context(), coop.System(), at.room.RequestID); err == nil && p.Request != nil {
		view.NoMargin, view.Whole = p.Request.Promises(coop.NoMargin), p.Request.Promises(coop.SplitPublished)
	}
	members := func(chosen coop.IRI) []choice {
		list := []choice{{"", "–", chosen == ""}}
		for _, m := range at.members {
			list = append(list, choice{string(m.IRI), f.person(m).Name, m.IRI == chosen})
		}
		return list
	}
	for n := range min(len(split.Lines)+spareRows, coop.MaxSplitLines) {
		row := splitRow{N: strconv.Itoa(n)}
		var line coop.SplitLine
		if n < len(split.Lines) {
			line = split.Lines[n]
			row.For, row.Amount = line.For, line.Amount.String()
			if line.Hours > 0 {
				row.Hours = strconv.Itoa(line.Hours)
			}
		}
		row.Provider, row.Payee = members(line.Provider), members(line.Payee)
		view.Rows = append(view.Rows, row)
	}
	return view, nil
}

// setSplit answers POST /rooms/ID/split.
func (f *Face) setSplit(c *gin.Context) error {
	at, err := f.runsRoom(c)
	if err != nil {
		return err
	}
	if _, err := auth.ActAs(c, at.me.ID, coop.ActRequest.In(at.me.Kind)); err != nil {
		return err
	}
	split, unread := readSplitForm(c.Request.PostForm)
	if unread == "" {
		err = f.Outbox.SetSplit(c.Request.Context(), at.room.ID, split)
	}
	if unread != "" || isInvalid(err) {
		view, errView := f.splitView(c, at, split)
		if errView != nil {
			return errView
		}
		view.complainSplit(unread, err)
		return f.show(c, http.StatusUnprocessableEntity, "room-split", view)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, at.path+"?done=split#split")
	return nil
}

// complainSplit says what is wrong, once for each field.
func (v *splitView) complainSplit(unread string, err error) {
	if unread != "" {
		v.complain(unread, v.T("room_problem_amount"))
	}
	for _, e := range invalids(err) {
		field, key := "lines", "room_problem_line"
		switch {
		case e.Field == "currency" || e.Field == "price":
			field, key = e.Field, "room_problem_"+e.Field
		case e.Code == coop.CodeNotAllowed:
			key = "room_problem_margin"
		case e.Field == "lines" && e.Code == coop.CodeRange:
			key = "room_problem_sum"
		}
		if v.Problem(field) == "" {
			v.complain(field, v.T(key))
		}
	}
}

// readSplitForm reads the rows in which something was typed; unread names what is no
// number.
func readSplitForm(form url.Values) (split *coop.Split, unread string) {
	number := func(name, field string) decimal.Decimal {
		text := strings.ReplaceAll(strings.TrimSpace(form.Get(name)), ",", ".")
		if text == "" {
			return decimal.Zero
		}
		value, err := decimal.NewFromString(coop.Truncate(text, 20))
		if err != nil || len(text) > 20 {
			unread = field
		}
		return value
	}
	split = &coop.Split{Currency: strings.ToUpper(coop.CleanLine(form.Get("currency"), 5)), Price: number("price", "price")}
	for n := range coop.MaxSplitLines {
		prefix := "line." + strconv.Itoa(n) + "."
		line := coop.SplitLine{
			For: coop.CleanLine(form.Get(prefix+"for"), 300), Provider: coop.IRI(coop.CleanLine(form.Get(prefix+"provider"), 2048)),
			Payee: coop.IRI(coop.CleanLine(form.Get(prefix+"payee"), 2048)), Amount: number(prefix+"amount", "lines"),
		}
		hours := number(prefix+"hours", "lines")
		if line.Hours = int(hours.IntPart()); !hours.IsInteger() || hours.GreaterThan(decimal.NewFromInt(100_000)) {
			line.Hours, unread = 0, "lines"
		}
		if line.For != "" || line.Payee != "" || !line.Amount.IsZero() {
			split.Lines = append(split.Lines, line)
		}
	}
	return split, unread
}

// invalids are the complaints of an error.
func invalids(err error) coop.Invalid {
	var list coop.Invalid
	var one *coop.InvalidError
	switch {
	case errors.As(err, &list):
	case errors.As(err, &one):
		list = coop.Invalid{one}
	}
	return list
}
