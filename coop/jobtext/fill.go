// SPDX-License-Identifier: AGPL-3.0-or-later

package jobtext

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"minga/coop"
)

// Fill writes what was read into a new job. lang is the language of the job, message
// the account that takes messages where the text names no other way to apply.
func (r *Reading) Fill(j *coop.Job, lang string, message coop.IRI) {
	for _, part := range parts() {
		part.write(r, j, lang)
	}
	r.writeApply(j, message)
	j.EmploymentType, j.MembershipTrack = []string{r.EmploymentType()}, r.Track()
	j.Skills = []coop.Skill{{Term: coop.Term{Name: r.skill()}, Required: true}}
}

// Change writes into a job what a new text says otherwise than the one before, which
// is of the same job. What no text can say stays as it is.
func (r *Reading) Change(before *Reading, j *coop.Job, lang string, message coop.IRI) {
	for _, part := range parts() {
		if !same(part.of(r), part.of(before)) {
			part.write(r, j, lang)
		}
	}
	if !same(r.wayToApply(), before.wayToApply()) {
		r.writeApply(j, message)
	}
	if r.EmploymentType() != before.EmploymentType() {
		j.EmploymentType = []string{r.EmploymentType()}
	}
	if r.Track() != before.Track() {
		j.MembershipTrack, j.Probation = r.Track(), ""
	}
	r.changeSkills(before, j)
}

// Same tells whether two readings say the same of a job, its state aside.
func (r *Reading) Same(other *Reading) bool {
	for _, part := range parts() {
		if !same(part.of(r), part.of(other)) {
			return false
		}
	}
	return same(r.wayToApply(), other.wayToApply()) && slices.Equal(r.Hashtags, other.Hashtags)
}

// part is what a text says in one place: to compare it, and to write it into a job.
type part struct {
	of    func(*Reading) any
	write func(r *Reading, j *coop.Job, lang string)
}

func parts() []part {
	return []part{
		{func(r *Reading) any { return r.Title }, (*Reading).writeTitle},
		{func(r *Reading) any {
			return []any{r.Remote, r.Anywhere, r.ApplicantsFrom, r.Places, r.OfficeDays}
		}, func(r *Reading, j *coop.Job, _ string) {
			j.Remote, j.Anywhere, j.ApplicantsFrom = r.Remote, r.Anywhere, slices.Clone(r.ApplicantsFrom)
			j.Places, j.OfficeDays = slices.Clone(r.Places), r.OfficeDays
		}},
		{func(r *Reading) any { return r.HoursFrom.String() + "-" + r.HoursTo.String() }, func(r *Reading, j *coop.Job, _ string) { j.HoursFrom, j.HoursTo = r.HoursFrom, r.HoursTo }},
		{(*Reading).money, (*Reading).writePay},
		{func(r *Reading) any { return r.Until.Unix() }, func(r *Reading, j *coop.Job, _ string) { j.ValidThrough = r.Until }},
		{func(r *Reading) any { return r.Engagement }, func(r *Reading, j *coop.Job, _ string) { j.Engagement = r.Engagement }},
		{func(r *Reading) any { return r.Description }, (*Reading).writeDescription},
	}
}

// same tells whether two readings say the same in one place.
func same(a, b any) bool { return reflect.DeepEqual(a, b) }

// money is the pay as it is compared: 100 is 100.00.
func (r *Reading) money() any {
	if r.Pay == nil {
		return "none"
	}
	gross := "not said"
	if r.Gross != nil {
		gross = map[bool]string{true: "gross", false: "net"}[*r.Gross]
	}
	return strings.Join([]string{r.Pay.Currency, r.Pay.Min.StringFixed(2), r.Pay.Max.StringFixed(2), r.Pay.Unit, gross}, " ")
}

func (r *Reading) writePay(j *coop.Job, _ string) {
	j.Pay, j.Gross = nil, r.Gross
	if r.Pay != nil {
		pay := *r.Pay
		j.Pay = &pay
	}
}

func (r *Reading) writeTitle(j *coop.Job, lang string) {
	j.Title = r.Title
	if len(j.TitleMap) > 0 {
		j.TitleMap = maps.Clone(j.TitleMap)
		j.TitleMap[lang] = r.Title
	}
}

// writeDescription takes the HTML of before away, from which the text was not made.
func (r *Reading) writeDescription(j *coop.Job, lang string) {
	j.Markdown, j.DescriptionMap = maps.Clone(j.Markdown), maps.Clone(j.DescriptionMap)
	if j.Markdown == nil {
		j.Markdown = map[string]string{}
	}
	j.Markdown[lang], j.Description = r.Description, ""
	delete(j.DescriptionMap, lang)
}

// wayToApply is how one applies, as it is compared.
func (r *Reading) wayToApply() any { return []string{r.ApplyMail, r.ApplyURL, r.ApplyTo.String()} }

func (r *Reading) writeApply(j *coop.Job, message coop.IRI) {
	j.ApplyEmail, j.ApplyURL, j.ApplyBy = r.ApplyMail, r.ApplyURL, ""
	if r.ApplyMail == "" && r.ApplyURL == "" {
		j.ApplyBy = message
	}
}

// skill is what is asked for: the first hashtag as an own term, or the title where
// there is none, so that nobody is stuck.
func (r *Reading) skill() string {
	for _, tag := range r.Hashtags {
		if !strings.EqualFold(tag, "coopjobs") {
			return tag
		}
	}
	return r.Title
}

// changeSkills puts the skill of the text in the place of the one before, where that
// is still among the job's.
func (r *Reading) changeSkills(before *Reading, j *coop.Job) {
	if r.skill() == before.skill() {
		return
	}
	i := slices.IndexFunc(j.Skills, func(s coop.Skill) bool { return s.URI == "" && strings.EqualFold(s.Name, before.skill()) })
	if i < 0 {
		return
	}
	j.Skills = slices.Clone(j.Skills)
	j.Skills[i].Name = r.skill()
}
