// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"strings"

	"minga/coop"
)

// facts collects rows; empty values stand nowhere.
type facts []fact

func (f *facts) add(name, value string) {
	if value != "" {
		*f = append(*f, fact{name, value})
	}
}

// deal is the co-op deal box: what a person gives and gets, side by side.
func (t *tongue) deal(j *coop.Job) []fact {
	var list facts
	list.add(t.T("deal_pay"), t.pay(j))
	list.add(t.T("deal_hours"), strings.Join(t.jobs.Facts(t.Lang, "", &coop.Job{HoursFrom: j.HoursFrom, HoursTo: j.HoursTo}), ""))
	list.add(t.T("deal_rhythm"), j.WorkHours)
	list.add(t.T("deal_track"), t.known("track_", j.MembershipTrack, coop.MembershipTracks()))
	list.add(t.T("deal_probation"), t.jobs.Duration(t.Lang, j.Probation))
	if s := j.MemberShare; s != nil {
		share := s.Currency + " " + t.Decimal(s.Value)
		if s.Instalments > 1 {
			share += ", " + t.N("instalments", s.Instalments)
		}
		list.add(t.T("deal_share"), share)
	}
	list.add(t.T("deal_decision"), t.known("decision_", j.DecisionMethod, coop.DecisionMethods()))
	list.add(t.T("deal_surplus"), t.known("surplus_", j.SurplusSharing, coop.SurplusSharings()))
	list.add(t.T("deal_model"), t.known("model_", j.PayModel, coop.PayModels()))
	if j.PayRatio != nil {
		list.add(t.T("deal_ratio"), t.Decimal(*j.PayRatio)+" : 1")
	}
	return list
}

// known is the word of a value of a closed list; any other value is none.
func (t *tongue) known(prefix, value string, values []string) string {
	for _, v := range values {
		if v == value {
			return t.T(prefix + value)
		}
	}
	return ""
}

// jobFacts is the list of facts. What the JSON-LD says is all in here, in the deal
// box or in the texts.
func (t *tongue) jobFacts(p *coop.Post) []fact {
	j := p.Job
	var list facts
	list.add(t.T("fact_place"), t.where(j))
	list.add(t.T("fact_from"), t.from(j))
	if j.OfficeDays > 0 {
		list.add(t.T("fact_office"), t.N("office_days", j.OfficeDays))
	}
	if o := j.TimeOverlap; o != nil {
		list.add(t.T("fact_overlap"), o.From+"–"+o.Until+" "+o.Zone)
	}
	list.add(t.T("fact_types"), t.types(j))
	list.add(t.T("fact_start"), t.start(j))
	list.add(t.T("fact_duration"), t.jobs.Duration(t.Lang, j.Duration))
	if j.Openings > 0 {
		list.add(t.T("fact_openings"), t.Number(j.Openings))
	}
	list.add(t.T("fact_languages"), t.needed(j))
	t.needs(&list, j)
	t.frameFacts(&list, p)
	return list
}

// needs are what a job asks for and offers, in words of its own.
func (t *tongue) needs(list *facts, j *coop.Job) {
	if j.Occupation != nil {
		list.add(t.T("fact_occupation"), j.Occupation.Name)
	}
	list.add(t.T("fact_industry"), j.Industry)
	list.add(t.T("fact_unit"), j.EmploymentUnit)
	list.add(t.T("fact_education"), j.Education)
	list.add(t.T("fact_experience"), j.Experience)
	if j.ExperienceForEducation {
		list.add(t.T("fact_instead"), t.T("yes"))
	}
	list.add(t.T("fact_eligibility"), j.Eligibility)
	list.add(t.T("fact_physical"), j.Physical)
	list.add(t.T("fact_benefits"), j.Benefits)
	list.add(t.T("fact_incentives"), j.Incentives)
	if j.OpenToNew != nil && *j.OpenToNew {
		list.add(t.T("fact_new"), t.T("yes"))
	}
}

// frameFacts are its dates and its reference.
func (t *tongue) frameFacts(list *facts, p *coop.Post) {
	j := p.Job
	list.add(t.T("fact_posted"), t.Date(j.DatePosted))
	if !j.Ended() {
		list.add(t.T("fact_closes"), t.Day(j.ValidThrough))
	}
	if j.Identifier.Value != "" {
		list.add(t.T("fact_reference"), strings.TrimSpace(j.Identifier.Name+" "+j.Identifier.Value))
	}
}

// where names the places of work.
func (t *tongue) where(j *coop.Job) string {
	var names []string
	for _, p := range j.Places {
		var parts []string
		for _, part := range []string{p.Name, p.Street, strings.TrimSpace(p.PostCode + " " + p.Locality), p.Region, t.Country(p.Country)} {
			if part != "" {
				parts = append(parts, part)
			}
		}
		names = append(names, strings.Join(parts, ", "))
	}
	if j.Remote {
		names = append(names, t.T("remote_1"))
	}
	return strings.Join(names, " / ")
}

// from says from where one may apply.
func (t *tongue) from(j *coop.Job) string {
	switch {
	case !j.Remote:
		return ""
	case len(j.ApplicantsFrom) > 0:
		return strings.Join(t.Countries(j.ApplicantsFrom), ", ")
	case j.Anywhere:
		return t.T("anywhere")
	}
	return ""
}

// types names the kinds of employment.
func (t *tongue) types(j *coop.Job) string {
	var names []string
	for _, word := range j.EmploymentType {
		if name := t.known("type_", word, coop.EmploymentTypes()); name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// start says when the work begins.
func (t *tongue) start(j *coop.Job) string {
	if j.Start != "" {
		return t.Date(j.Start)
	}
	if j.Immediate {
		return t.T("start_now")
	}
	return ""
}

// needed names the languages of the work with their levels.
func (t *tongue) needed(j *coop.Job) string {
	var names []string
	for _, l := range j.Languages {
		name := strings.TrimSpace(t.Language(l.Tag) + " " + l.Level)
		if !l.Required {
			name = t.T("language_nice", "Language", name)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}
