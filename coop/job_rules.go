// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"slices"
	"time"
)

// How a job is checked. One table holds a rule per field,
// in the order of the form. A form or an API call is told everything that is
// wrong. A job from another server is judged more kindly: a broken field that a
// job cannot do without makes the object an ordinary post, any other broken
// field is dropped alone and noted.

// jobRule is what must hold of one field or of a few that go together.
type jobRule struct {
	check func(*Job, *complaints)
	// drop takes the field away; nil for what a job cannot do without.
	drop func(*Job)
}

// jobRules is the table.
func jobRules() []jobRule {
	return slices.Concat(jobTextRules(), jobWhereRules(), jobWhenRules(), jobPayRules(), jobDealRules(), jobApplyRules())
}

// Validate complains about everything that keeps a job of ours from being
// published; the error is an [Invalid] in the order of the form. now decides
// what has gone by. Call [Job.Complete] before.
func (j *Job) Validate(now time.Time) error {
	c := &complaints{now: now}
	j.check(c)
	return c.list.Or()
}

// check applies every rule.
func (j *Job) check(c *complaints) {
	for _, rule := range jobRules() {
		rule.check(j, c)
	}
}

// ValidateDraft is [Job.Validate] for what is not to be published yet: whatever
// is missing may come later, what is there must be right.
func (j *Job) ValidateDraft(now time.Time) error {
	c := &complaints{now: now}
	j.check(c)
	return slices.DeleteFunc(c.list, func(e *InvalidError) bool {
		return e.Code == CodeRequired || e.Code == CodeTooShort
	}).Or()
}

// Admit judges a job that another server sent, and cleans it in place. An error,
// an [Invalid], means that it is no job but an ordinary post. notes are what was
// broken and is dropped. Unknown words of closed lists move to Unknown; a
// ValidThrough beyond the roof is cut to it. The caller compares
// HiringOrganization with the author: they must be equal.
func (j *Job) Admit(now time.Time) (notes Invalid, err error) {
	j.tidy()
	j.Anywhere = j.Remote && len(j.ApplicantsFrom) == 0
	j.keepUnknown()
	notes = j.prune(now)
	var broken Invalid
	for _, rule := range jobRules() {
		c := &complaints{now: now, wire: true}
		if rule.check(j, c); len(c.list) == 0 {
			continue
		}
		if rule.drop == nil {
			broken = append(broken, c.list...)
			continue
		}
		rule.drop(j)
		notes = append(notes, c.list...)
	}
	if broken != nil {
		return notes, broken
	}
	if roof := j.Roof(); j.ValidThrough.After(roof) {
		j.ValidThrough = roof
	}
	return notes, nil
}

// prune drops broken entries of lists, each alone, and cuts what is too long.
func (j *Job) prune(now time.Time) Invalid {
	c := &complaints{now: now, wire: true}
	j.TitleMap = keepLanguages(c, "title_map", j.TitleMap, checkTitle)
	j.DescriptionMap = keepLanguages(c, "description_map", j.DescriptionMap, checkDescription)
	j.Skills = keep(c, "skills", j.Skills, maxSkills, checkSkill)
	j.ApplicantsFrom = keep(c, "place.applicants_from", j.ApplicantsFrom, maxApplicantsFrom, checkApplicants)
	j.Places = keep(c, "places", j.Places, maxPlaces, checkPlace)
	j.EmploymentType = keep(c, "employment_type", j.EmploymentType, len(EmploymentTypes()), checkEmployment)
	j.Languages = keep(c, "languages", j.Languages, maxLanguages, checkLanguageNeed)
	j.HiringSteps = keep(c, "hiring_steps", j.HiringSteps, maxHiringSteps, checkHiringStep)
	return c.list
}

// keepLanguages is keep for a text in several languages.
func keepLanguages(c *complaints, field string, texts map[string]string, check func(*complaints, string, string)) map[string]string {
	var good map[string]string
	for _, tag := range sortedKeys(texts) {
		before := len(c.list)
		checkTranslation(c, field, tag, texts[tag], check)
		if len(c.list) > before || len(good) == maxTranslations {
			continue
		}
		if good == nil {
			good = map[string]string{}
		}
		good[tag] = texts[tag]
	}
	return good
}
