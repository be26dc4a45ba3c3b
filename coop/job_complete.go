// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The lengths of a job's life in days.
const (
	usualJobDays = 45
	maxJobDays   = 90
)

// JobDefaults is what a job says when its author does not.
type JobDefaults struct {
	Days         int    // from posting to closing; zero: 45, and never above 90
	Organization IRI    // the co-op in whose name it is posted
	Reference    string // a reference unique in the co-op
	Domain       string // the co-op's domain, or its handle
}

// Complete tidies the texts of a job of ours and fills in what the author left
// out: the day of posting, the end, one opening, the state draft, the co-op and
// its reference. What is there stays.
func (j *Job) Complete(now time.Time, defaults JobDefaults) {
	j.tidy()
	fill(&j.DatePosted, now.UTC().Format(time.DateOnly))
	if j.ValidThrough.IsZero() {
		j.ValidThrough = endOfDay(j.posted(now), usualDays(defaults.Days))
	}
	j.ValidThrough = j.ValidThrough.UTC().Truncate(time.Second)
	fill(&j.Openings, 1)
	fill(&j.Status, JobDraft)
	fill(&j.HiringOrganization, defaults.Organization)
	fill(&j.Identifier.Name, defaults.Domain)
	fill(&j.Identifier.Value, defaults.Reference)
}

// fill sets what is not set.
func fill[T comparable](at *T, value T) {
	var none T
	if *at == none {
		*at = value
	}
}

// usualDays is how long a job stays open without a word.
func usualDays(days int) int {
	if days <= 0 {
		return usualJobDays
	}
	return min(days, maxJobDays)
}

// posted is the day of posting, today when it cannot be read.
func (j *Job) posted(now time.Time) time.Time {
	if day, ok := ParseDate(j.DatePosted); ok {
		return day
	}
	return now.UTC().Truncate(24 * time.Hour)
}

// Roof is the last moment that ValidThrough may name: the end of the ninetieth
// day after posting, UTC. It is zero when DatePosted is no date.
func (j *Job) Roof() time.Time {
	day, ok := ParseDate(j.DatePosted)
	if !ok {
		return time.Time{}
	}
	return endOfDay(day, maxJobDays)
}

// endOfDay is the last second of the day that lies days after day.
func endOfDay(day time.Time, days int) time.Time {
	return day.AddDate(0, 0, days+1).Add(-time.Second)
}

// tidy cleans texts without cutting them: what is too long must be told.
func (j *Job) tidy() {
	for _, line := range []*string{
		&j.Title, &j.Industry, &j.EmploymentUnit, &j.Identifier.Name, &j.Identifier.Value, &j.WorkHours,
		&j.ApplyEmail, &j.ApplyURL, &j.Start, &j.Duration, &j.Probation, &j.DatePosted,
	} {
		*line = tidyLine(*line)
	}
	for _, text := range []*string{&j.Benefits, &j.Incentives, &j.Education, &j.Experience, &j.Eligibility, &j.Physical} {
		*text = CleanText(*text, len(*text))
	}
	for _, html := range []*string{&j.Description, &j.Responsibilities, &j.Qualifications} {
		*html = tidyHTML(*html)
	}
	j.TitleMap = mapValues(j.TitleMap, tidyLine)
	j.DescriptionMap = mapValues(j.DescriptionMap, tidyHTML)
	j.tidyLists()
	j.tidyAnywhere()
	j.tidyApply()
	if moment, err := time.Parse(time.RFC3339, j.DatePosted); err == nil {
		j.DatePosted = moment.UTC().Format(time.DateOnly)
	}
}

// tidyLists cleans the names in lists; the lists become the job's own, so that
// nothing that shares them changes.
func (j *Job) tidyLists() {
	j.Skills = append([]Skill(nil), j.Skills...)
	for i := range j.Skills {
		j.Skills[i].Name = tidyLine(j.Skills[i].Name)
	}
	j.HiringSteps = append([]string(nil), j.HiringSteps...)
	for i := range j.HiringSteps {
		j.HiringSteps[i] = tidyLine(j.HiringSteps[i])
	}
	j.Places = append([]Place(nil), j.Places...)
	for i := range j.Places {
		p := &j.Places[i]
		for _, line := range []*string{&p.Name, &p.Locality, &p.Region, &p.Country, &p.Street, &p.PostCode} {
			*line = tidyLine(*line)
		}
	}
	j.Languages = append([]LanguageNeed(nil), j.Languages...)
}

// tidyAnywhere reads the word "anywhere" among the countries, as forms and the API
// say it on purpose: an empty list may only have been forgotten.
func (j *Job) tidyAnywhere() {
	countries := slices.DeleteFunc(slices.Clone(j.ApplicantsFrom), func(s string) bool {
		return strings.EqualFold(strings.TrimSpace(s), "anywhere")
	})
	if len(countries) < len(j.ApplicantsFrom) {
		j.ApplicantsFrom, j.Anywhere = countries, true
	}
	if len(j.ApplicantsFrom) == 0 {
		j.ApplicantsFrom = nil
	}
}

// tidyApply makes a mail address of a mailto link.
func (j *Job) tidyApply() {
	if mail, ok := mailOnly(j.ApplyURL); ok {
		j.ApplyURL = ""
		fill(&j.ApplyEmail, mail)
	}
}

// tidyLine is CleanLine without a limit.
func tidyLine(s string) string { return CleanLine(s, len(s)) }

// tidyHTML takes out what no database and no browser likes.
func tidyHTML(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "")))
}

// mapValues is a new map with each value changed; none stays none.
func mapValues(m map[string]string, change func(string) string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	changed := make(map[string]string, len(m))
	for key, value := range m {
		changed[key] = change(value)
	}
	return changed
}
