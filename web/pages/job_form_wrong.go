// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"slices"
	"strings"

	"minga/coop"
)

// complainAll turns complaints about a job into those of fields of the form, in the
// order of the form, one for each.
func (v *jobFormView) complainAll(list coop.Invalid) {
	for _, field := range formFields {
		for _, e := range list {
			if v.versionField(e.Field) == "" && fieldFor(e.Field) == field.name && v.Problem(field.name) == "" {
				v.complain(field.name, v.problemOf(field.name, e.Code))
			}
		}
		if field.name == "description" {
			v.complainOfVersions(list)
		}
	}
	if len(v.Problems) == 0 {
		v.complain("title", v.problemOf("title", ""))
	}
}

// complainOfVersions does it for the texts in other languages.
func (v *jobFormView) complainOfVersions(list coop.Invalid) {
	for _, e := range list {
		name := v.versionField(e.Field)
		if name == "" || v.Problem(name) != "" {
			continue
		}
		what, _, _ := strings.Cut(name, "_")
		if text := v.problemOf(what, e.Code); e.Code == coop.CodeTaken {
			v.complain(name, v.T("hiring_language_twice"))
		} else {
			v.complain(name, text)
		}
	}
}

// formFields are the fields in the order of the form, and what of a job they write.
var formFields = []struct {
	name   string
	prefix []string
}{
	{"language", []string{"language"}},
	{"title", []string{"title"}},
	{"description", []string{"description", "markdown", "responsibilities", "qualifications"}},
	{"skills", []string{"skills"}},
	{"engagement", []string{"engagement"}},
	{"track", []string{"membership_track"}},
	{"probation", []string{"probation", "deal"}},
	{"from_where", []string{"place.applicants_from"}},
	{"office_days", []string{"place.office_days"}},
	{"country", []string{"place.country"}},
	{"town", []string{"place"}},
	{"hours_max", []string{"hours.max"}},
	{"hours_min", []string{"hours", "employment_type"}},
	{"pay_max", []string{"pay.max"}},
	{"currency", []string{"pay.currency"}},
	{"per", []string{"pay.per"}},
	{"pay_min", []string{"pay"}},
	{"closes", []string{"closes_at"}},
	{"mail", []string{"apply.mail"}},
	{"link", []string{"apply.url"}},
	{"form", []string{"apply.form"}},
	{"mail", []string{"apply"}},
	{"board", []string{"boards"}},
	{"steps", []string{"hiring_steps"}},
	{"answer", []string{"answer_within"}},
	{"openings", []string{"openings"}},
	{"start", []string{"start"}},
	{"rhythm", []string{"work_hours"}},
	{"work_1", []string{"languages"}},
	{"zone", []string{"time_overlap"}},
	{"decision", []string{"deal.decision_method"}},
	{"surplus", []string{"deal.surplus_sharing"}},
	{"model", []string{"pay.model"}},
	{"ratio", []string{"deal.pay_ratio"}},
	{"share", []string{"deal.member_share"}},
	{"instalments", []string{"deal.member_share.instalments"}},
	{"benefits", []string{"benefits"}},
	{"industry", []string{"industry"}},
}

// fieldFor is the field of the form that writes a field of a job: that of the longest
// beginning.
func fieldFor(field string) string {
	name, longest := "title", 0
	for _, f := range formFields {
		for _, prefix := range f.prefix {
			if strings.HasPrefix(field, prefix) && len(prefix) > longest {
				name, longest = f.name, len(prefix)
			}
		}
	}
	return name
}

// labels are the names of fields that have none of their own on the form.
var labels = map[string]string{
	"form": "hiring_form", "board": "hiring_boards", "steps": "hiring_steps", "answer": "hiring_answer", "openings": "fact_openings", "start": "fact_start", "rhythm": "deal_rhythm",
	"work_1": "fact_languages", "zone": "hiring_zone", "zone_from": "hiring_zone_from", "zone_until": "hiring_zone_until", "decision": "deal_decision", "surplus": "deal_surplus", "model": "deal_model", "ratio": "deal_ratio",
	"share": "deal_share", "instalments": "hiring_instalments", "benefits": "fact_benefits", "industry": "fact_industry", "url": "hiring_import_url",
}

// fieldCodes are the complaints that have words of their own.
var fieldCodes = []string{
	coop.CodeRequired, coop.CodeTooShort, coop.CodeTooLong, coop.CodeTooMany, coop.CodeRange, coop.CodeOrder, coop.CodePast, coop.CodeNotAllowed, coop.CodeCapitals, coop.CodeHTML,
}

// problemOf says in words what is wrong with a field.
func (v *jobFormView) problemOf(field, code string) string {
	label := v.labelOf(field)
	switch {
	case field == "description" && code == coop.CodeTooShort:
		return label + ": " + v.T("problem_description")
	case field == "from_where":
		return label + ": " + v.T("problem_from")
	case field == "closes" && code == coop.CodeTooLate:
		return label + ": " + v.T("problem_closes")
	case field == "mail" && code == coop.CodeRequired:
		return label + ": " + v.T("problem_apply")
	}
	if slices.Contains(fieldCodes, code) {
		return label + ": " + v.T("problem_"+code)
	}
	return label + ": " + v.T("problem_format")
}
