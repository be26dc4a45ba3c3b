// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"slices"
	"strings"

	"minga/coop"
)

// What each reader makes of a job, line by line: minga itself, search engines and job
// sites by the mark-up of its page, and apps such as Mastodon by its post.

// checkRow is a line of that table.
type checkRow struct {
	Field string // of the form, to lead there
	Name  string
	Cells []checkCell // minga, search engines, apps
}

// checkCell says how a reader takes it.
type checkCell struct{ Class, Sign, Word string }

// The signs of cells; each has its words.
func (t *tongue) good(word string) checkCell { return checkCell{"is-open", "●", word} }
func (t *tongue) bad(word string) checkCell  { return checkCell{"is-bad", "✗", word} }
func (t *tongue) hint(word string) checkCell { return checkCell{"is-paused", "◐", word} }
func (t *tongue) none(word string) checkCell { return checkCell{"", "–", word} }

// checkedFields are the lines, and by what the hints of a job are theirs.
var checkedFields = []struct {
	field, name string
	hints       []string
}{
	{"title", "job_form_title", []string{"title"}},
	{"description", "job_form_description", []string{"description"}},
	{"skills", "job_form_skills", nil},
	{"town", "fact_place", []string{"time_overlap"}},
	{"hours_min", "deal_hours", nil},
	{"pay_min", "deal_pay", []string{"pay.gross"}},
	{"track", "job_form_track", nil},
	{"closes", "fact_closes", nil},
	{"mail", "job_form_apply", []string{"hiring_steps", "answer_within"}},
	{"language", "fact_languages", []string{"languages"}},
}

// lineOfField is the line to which a field of the form belongs.
var lineOfField = map[string]string{
	"country": "town", "from_where": "town", "office_days": "town", "zone": "town", "hours_max": "hours_min", "pay_max": "pay_min", "currency": "pay_min", "per": "pay_min",
	"ratio": "pay_min", "share": "pay_min", "engagement": "track", "probation": "track", "link": "mail", "steps": "mail", "answer": "mail", "work_1": "language", "form": "mail",
}

// checkJob is the table. found is what minga refuses, list already in fields of the form.
func (v *jobFormView) checkJob(p *coop.Post, found []complaint, count int) []checkRow {
	hints := p.Job.Hints(p.Language)
	rows := make([]checkRow, 0, len(checkedFields))
	for _, line := range checkedFields {
		row := checkRow{Field: line.field, Name: v.T(line.name)}
		row.Cells = []checkCell{v.mingaTakes(line.field, line.hints, found, hints), v.enginesTake(line.field, p), v.appsTake(line.field, count)}
		rows = append(rows, row)
	}
	return rows
}

// mingaTakes says whether minga publishes it, and what would make it better.
func (v *jobFormView) mingaTakes(line string, mine []string, found []complaint, hints []coop.Hint) checkCell {
	for _, one := range found {
		field, _, _ := strings.Cut(one.Field, "_2")
		if other := lineOfField[field]; other != "" {
			field = other
		}
		if field == line {
			return v.bad(one.Text)
		}
	}
	for _, hint := range hints {
		if slices.Contains(mine, hint.Field) {
			return v.hint(v.T("check_hint_" + strings.ReplaceAll(hint.Field, ".", "_")))
		}
	}
	return v.good(v.T("check_good"))
}

// enginesTake says what search engines and job sites make of it.
func (v *jobFormView) enginesTake(line string, p *coop.Post) checkCell {
	j := p.Job
	if j.Engagement == "inter-coop" || p.Visibility != coop.VisiblePublic {
		return v.none(v.T("check_engines_none"))
	}
	switch line {
	case "title":
		if j.Title == "" {
			return v.bad(v.T("check_needed"))
		}
	case "description":
		if coop.VisibleLength(j.Description) < 50 {
			return v.bad(v.T("check_needed"))
		}
	case "town":
		switch {
		case !j.Remote && len(j.Places) == 0, len(j.Places) > 0 && j.Places[0].Country == "":
			return v.bad(v.T("check_engines_place"))
		case j.Remote && len(j.Places) == 0 && len(j.ApplicantsFrom) == 0:
			return v.hint(v.T("check_engines_country"))
		}
	case "pay_min":
		if j.Pay == nil {
			return v.hint(v.T("check_engines_pay"))
		}
	case "track", "mail", "language":
		return v.none(v.T("check_unread"))
	}
	return v.good(v.T("check_good"))
}

// appsTake says what stands in the post itself.
func (v *jobFormView) appsTake(line string, count int) checkCell {
	switch line {
	case "description", "language":
		return v.none(v.T("check_apps_link"))
	case "title":
		if count > 0 {
			return v.good(v.N("job_form_characters", count))
		}
	}
	return v.good(v.T("check_good"))
}
