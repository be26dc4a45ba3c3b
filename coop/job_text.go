// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Bounds of a job's texts and lists.
const (
	maxSkills           = 15
	maxTranslations     = 20
	maxDescriptionBytes = 200_000
	maxMarkdownBytes    = 100_000
)

// jobTextRules are what the job is about.
func jobTextRules() []jobRule {
	rules := []jobRule{
		{func(j *Job, c *complaints) { checkTitle(c, "title", j.Title) }, nil},
		{func(j *Job, c *complaints) { checkTranslations(c, "title_map", j.TitleMap, checkTitle) }, func(j *Job) { j.TitleMap = nil }},
		{func(j *Job, c *complaints) { checkDescription(c, "description", j.mainDescription()) }, nil},
		{func(j *Job, c *complaints) {
			checkTranslations(c, "description_map", j.DescriptionMap, checkDescription)
		}, func(j *Job) { j.DescriptionMap = nil }},
		{func(j *Job, c *complaints) { checkTranslations(c, "markdown", j.Markdown, checkMarkdown) }, func(j *Job) { j.Markdown = nil }},
		{(*Job).checkSkills, nil},
		{(*Job).checkOccupation, func(j *Job) { j.Occupation = nil }},
		{(*Job).checkOrganization, nil},
		{(*Job).checkIdentifier, nil},
	}
	return append(rules, shortTextRules()...)
}

// shortTextRules are the texts that may be left out: HTML is measured as it is
// seen, the rest as it is.
func shortTextRules() []jobRule {
	var rules []jobRule
	plain := func(field string, most int, at func(*Job) *string) {
		rules = append(rules, jobRule{
			func(j *Job, c *complaints) { c.text(field, *at(j), 0, most) },
			func(j *Job) { *at(j) = "" },
		})
	}
	rich := func(field string, most int, at func(*Job) *string) {
		rules = append(rules, jobRule{
			func(j *Job, c *complaints) { checkHTML(c, field, *at(j), 0, most) },
			func(j *Job) { *at(j) = "" },
		})
	}
	rich("responsibilities", 5000, func(j *Job) *string { return &j.Responsibilities })
	rich("qualifications", 5000, func(j *Job) *string { return &j.Qualifications })
	plain("industry", 200, func(j *Job) *string { return &j.Industry })
	plain("employment_unit", 200, func(j *Job) *string { return &j.EmploymentUnit })
	plain("work_hours", 200, func(j *Job) *string { return &j.WorkHours })
	plain("benefits", 1000, func(j *Job) *string { return &j.Benefits })
	plain("incentives", 1000, func(j *Job) *string { return &j.Incentives })
	plain("education", 500, func(j *Job) *string { return &j.Education })
	plain("experience", 500, func(j *Job) *string { return &j.Experience })
	plain("eligibility", 500, func(j *Job) *string { return &j.Eligibility })
	plain("physical", 500, func(j *Job) *string { return &j.Physical })
	return rules
}

// markup finds what a browser would read as mark-up.
var markup = regexp.MustCompile(`<[a-zA-Z/!?]`)

// checkTitle: 3–100 characters of plain text. Capitals are a matter of manners,
// no reason to refuse what another server let pass.
func checkTitle(c *complaints, field, s string) {
	c.text(field, s, 3, 100)
	if markup.MatchString(s) {
		c.add(field, CodeHTML, "a title is plain text")
	}
	if !c.wire && shouts(s) {
		c.add(field, CodeCapitals, "not all in capitals, please")
	}
}

// shouts tells texts in capitals alone; short ones may be abbreviations.
func shouts(s string) bool {
	upper := 0
	for _, r := range s {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsUpper(r) {
			upper++
		}
	}
	return upper > 5
}

// checkDescription: 50–20,000 characters as seen.
func checkDescription(c *complaints, field, s string) { checkHTML(c, field, s, 50, 20_000) }

// checkHTML measures HTML as it is seen; its bytes are bounded as well, since
// tags are not seen.
func checkHTML(c *complaints, field, s string, least, most int) {
	if len(s) > maxDescriptionBytes {
		c.add(field, CodeTooLong, "at most %d bytes with its mark-up", maxDescriptionBytes)
		return
	}
	c.length(field, VisibleLength(s), least, most)
}

// checkMarkdown bounds what a person typed.
func checkMarkdown(c *complaints, field, s string) {
	if len(s) > maxMarkdownBytes {
		c.add(field, CodeTooLong, "at most %d bytes", maxMarkdownBytes)
	}
}

// mainDescription is what there is of the text before Markdown was rendered.
func (j *Job) mainDescription() string {
	if j.Description == "" && len(j.Markdown) > 0 {
		first := j.Markdown[sortedKeys(j.Markdown)[0]]
		return strings.ReplaceAll(first, "<", "&lt;")
	}
	return j.Description
}

// checkTranslations checks a text in each language.
func checkTranslations(c *complaints, field string, texts map[string]string, check func(*complaints, string, string)) {
	c.count(field, len(texts), 0, maxTranslations)
	for _, tag := range sortedKeys(texts) {
		checkTranslation(c, field, tag, texts[tag], check)
	}
}

// checkTranslation checks a text in one language, field title_map.es.
func checkTranslation(c *complaints, field, tag, text string, check func(*complaints, string, string)) {
	field += "." + Truncate(tag, 35)
	if !ValidLanguage(tag) {
		c.add(field, CodeUnknown, "%.40q is no BCP 47 language", tag)
		return
	}
	check(c, field, text)
}

// checkSkills: 1–15.
func (j *Job) checkSkills(c *complaints) {
	c.count("skills", len(j.Skills), 1, maxSkills)
	for i, skill := range j.Skills {
		checkSkill(c, i, skill)
	}
}

// checkSkill checks skills[i].
func checkSkill(c *complaints, i int, s Skill) { checkTerm(c, fmt.Sprintf("skills[%d]", i), s.Term) }

// checkTerm: a name, and an address where it is from a list.
func checkTerm(c *complaints, field string, t Term) {
	c.iri(field+".uri", IRI(t.URI))
	c.text(field+".name", t.Name, 1, 200)
}

// checkOccupation checks the occupation where there is one.
func (j *Job) checkOccupation(c *complaints) {
	if j.Occupation != nil {
		checkTerm(c, "occupation", *j.Occupation)
	}
}

// checkIdentifier: the co-op's own reference, key to recognise copies.
func (j *Job) checkIdentifier(c *complaints) {
	c.text("identifier.name", j.Identifier.Name, 1, 253)
	c.text("identifier.value", j.Identifier.Value, 1, 100)
}

// checkOrganization: who hires, as the actor that it is.
func (j *Job) checkOrganization(c *complaints) {
	const field = "hiring_organization"
	if j.HiringOrganization == "" {
		c.add(field, CodeRequired, "this is needed")
	}
	c.iri(field, j.HiringOrganization)
}
