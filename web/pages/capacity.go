// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// featuredTerms asks for the shop window; mostFeatured is how many terms of it a form has.
var featuredTerms = storage.TermQuery{States: []coop.ServiceState{coop.ServiceFeatured}}

const mostFeatured = 200

// Sizes of the form for capacity.
const (
	monthsShown  = 6 // months beside each other
	emptySkills  = 3 // lines for more
	skillsInForm = 20
)

// capacityView is the form of what time a co-op has.
type capacityView struct {
	formFrame
	Coop     person
	Path     string
	Services string
	Months   []string // in words
	Lines    []capacityLine
	Audience []choice
	Until    string // the day until which what was said is believed; empty: nothing was said
	Done     string
}

// capacityLine is a skill with its hours, month by month.
type capacityLine struct {
	N, Skill string
	Cells    []capacityCell
	Problem  string
}

// capacityCell are the hours of a month.
type capacityCell struct{ Name, Label, Hours string }

// capacityPage answers GET /settings/co-ops/NAME/capacity.
func (f *Face) capacityPage(c *gin.Context) error {
	a, err := f.actFor(c, coop.ActServices)
	if err != nil {
		return err
	}
	list, err := f.Store.CapacityOf(c.Request.Context(), a.ID)
	if err != nil {
		return err
	}
	view, err := f.capacityView(c, a, list)
	if err != nil {
		return err
	}
	view.lines(list, f.months())
	if c.Query("done") == "capacity" {
		view.Done = view.T("services_capacity_done")
	}
	return f.show(c, http.StatusOK, "capacity", view)
}

// months are those that the form shows.
func (f *Face) months() []string { return coop.CapacityMonthsFrom(f.Now())[:monthsShown] }

// capacityView makes the page without its lines.
func (f *Face) capacityView(c *gin.Context, a *coop.Account, list coop.CapacityList) (*capacityView, error) {
	if a.Kind != coop.Coop {
		return nil, coop.ErrNotFound
	}
	view := &capacityView{formFrame: f.formFrame(c, "services_capacity_title", nil), Coop: f.person(a), Path: speakPath + "/" + a.Name + "/capacity", Services: servicesPath(a)}
	for _, m := range f.months() {
		view.Months = append(view.Months, view.month(m))
	}
	for _, one := range []coop.CapacityAudience{coop.CapacityPublic, coop.CapacityMembers} {
		view.Audience = append(view.Audience, choice{string(one), view.T("services_audience_" + string(one)), one == list.Audience})
	}
	if len(list.Entries) > 0 {
		view.Until = view.Day(list.NotedAt.AddDate(0, 0, coop.CapacityDays))
	}
	return view, nil
}

// lines makes a line for each skill, and a few empty ones.
func (v *capacityView) lines(list coop.CapacityList, months []string) {
	var skills []string
	hours := map[string]map[string]string{}
	for _, e := range list.Entries {
		if hours[e.Skill.Name] == nil {
			hours[e.Skill.Name] = map[string]string{}
			skills = append(skills, e.Skill.Name)
		}
		hours[e.Skill.Name][e.Month] = strconv.Itoa(e.Hours)
	}
	for range min(emptySkills, skillsInForm-len(skills)) {
		skills = append(skills, "")
	}
	for n, skill := range skills[:min(len(skills), skillsInForm)] {
		v.line(n, skill, months, func(month string) string { return hours[skill][month] })
	}
}

// line adds a line.
func (v *capacityView) line(n int, skill string, months []string, hours func(month string) string) {
	l := capacityLine{N: strconv.Itoa(n), Skill: skill}
	for i, month := range months {
		l.Cells = append(l.Cells, capacityCell{"hours_" + l.N + "_" + strconv.Itoa(i), v.Months[i], hours(month)})
	}
	v.Lines = append(v.Lines, l)
}

// changeCapacity answers POST /settings/co-ops/NAME/capacity. Months that the form does not
// show stay as they were.
func (f *Face) changeCapacity(c *gin.Context) error {
	a, err := f.actFor(c, coop.ActServices)
	if err != nil {
		return err
	}
	ctx, months := c.Request.Context(), f.months()
	known, err := f.Store.CapacityOf(ctx, a.ID)
	if err != nil {
		return err
	}
	list := coop.CapacityList{Audience: coop.CapacityAudience(c.PostForm("audience"))}
	view, err := f.capacityView(c, a, list)
	if err != nil {
		return err
	}
	for n := range skillsInForm {
		view.read(c, n, months, &list)
	}
	if list.Audience != coop.CapacityPublic && list.Audience != coop.CapacityMembers {
		view.complain("audience", view.T("problem_required"))
	}
	if len(view.Problems) > 0 {
		return f.show(c, http.StatusUnprocessableEntity, "capacity", view)
	}
	for _, e := range known.Entries {
		kept := slices.ContainsFunc(list.Entries, func(x coop.Capacity) bool { return x.Skill.Name == e.Skill.Name })
		if kept && !slices.Contains(months, e.Month) {
			list.Entries = append(list.Entries, e)
		}
	}
	list.Entries = list.Entries[:min(len(list.Entries), coop.MaxCapacities)]
	if err := f.Outbox.SetCapacity(ctx, a, list); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, view.Path+"?done=capacity")
	return nil
}

// read reads a line of the form into the list, and shows it again.
func (v *capacityView) read(c *gin.Context, n int, months []string, list *coop.CapacityList) {
	id := strconv.Itoa(n)
	skill := formLine(c, "skill_"+id)
	field := func(i int) string { return "hours_" + id + "_" + strconv.Itoa(i) }
	typed, wrong := 0, ""
	for i, month := range months {
		text := formLine(c, field(i))
		if text == "" {
			continue
		}
		typed++
		hours, err := strconv.Atoi(text)
		if err != nil || hours < 0 || hours > coop.MaxCapacityHours {
			wrong = v.T("services_wrong_hours", "Most", v.Number(coop.MaxCapacityHours))
			continue
		}
		if hours > 0 && skill != "" {
			list.Entries = append(list.Entries, coop.Capacity{Skill: coop.Term{Name: skill}, Month: month, Hours: hours})
		}
	}
	twice := slices.ContainsFunc(v.Lines, func(l capacityLine) bool { return skill != "" && coop.FoldService(l.Skill) == coop.FoldService(skill) })
	switch {
	case typed > 0 && skill == "":
		wrong = v.T("services_wrong_skill")
	case twice:
		wrong = v.T("services_wrong_twice")
	case coop.FoldService(skill) == "" && skill != "" || len(skill) > 400:
		wrong = v.T("services_wrong_skill")
	}
	if skill == "" && typed == 0 && n >= emptySkills && len(v.Lines) >= emptySkills {
		return
	}
	v.line(n, skill, months, func(month string) string { return formLine(c, field(slices.Index(months, month))) })
	if wrong != "" {
		v.Lines[len(v.Lines)-1].Problem = wrong
		v.complain("skill_"+id, wrong)
	}
}
