// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
)

// jobColumns are the columns of a table of jobs.
func jobColumns() []jobColumn {
	columns := []jobColumn{
		{"identifier", func(j *FileJob, c string) { j.Key = coop.CleanLine(c, maxTarget) }},
		{"title", func(j *FileJob, c string) { j.Job.Title = coop.CleanLine(c, maxTarget) }},
		{"description", func(j *FileJob, c string) { j.describe(c, "") }},
		{"language", func(j *FileJob, c string) {
			if j.Language = languageOr(c, ""); j.Language == "" {
				j.wrong("language", coop.CodeUnknown, "the tag of a language, such as es or pt-BR, not %.40q", c)
			}
		}},
		{"skills", func(j *FileJob, c string) { j.skillNamed(list(c, ";")...) }},
		{"industry", func(j *FileJob, c string) { j.Job.Industry = c }},
		{"employment_type", func(j *FileJob, c string) {
			types, strange := employment(c)
			if j.Job.EmploymentType = types; strange != "" {
				j.wrong("employment_type", coop.CodeUnknown, "of %s, not %.40q", strings.Join(coop.EmploymentTypes(), ", "), strange)
			}
		}},
		{"engagement", func(j *FileJob, c string) { j.oneWord("engagement", c, coop.Engagements(), &j.Job.Engagement) }},
		{"membership_track", func(j *FileJob, c string) {
			j.oneWord("membership_track", c, coop.MembershipTracks(), &j.Job.MembershipTrack)
		}},
		{"probation", func(j *FileJob, c string) { j.Job.Probation = c }},
		{"benefits", func(j *FileJob, c string) { j.Job.Benefits = c }},
		{"apply_mail", func(j *FileJob, c string) { j.Job.ApplyEmail = strings.TrimPrefix(c, "mailto:") }},
		{"apply_url", func(j *FileJob, c string) { j.Job.ApplyURL = c }},
		{"status", (*FileJob).state},
		{"id", (*FileJob).identified},
		{"url", (*FileJob).identified},
	}
	return append(append(columns, whereColumns()...), append(whenColumns(), payColumns()...)...)
}

// whereColumns say where the work is.
func whereColumns() []jobColumn {
	return []jobColumn{
		{"places", (*FileJob).placesOf},
		{"remote", func(j *FileJob, c string) { j.yes("remote", c, &j.Job.Remote) }},
		{"applicants_from", func(j *FileJob, c string) {
			for _, code := range list(c, ", ;") {
				if strings.EqualFold(code, "anywhere") {
					j.Job.Anywhere = true
				} else if code = strings.ToUpper(code); coop.ValidCountry(code) {
					j.Job.ApplicantsFrom = append(j.Job.ApplicantsFrom, code)
				} else {
					j.wrong("applicants_from", coop.CodeUnknown, "codes of countries, such as AR UY, or anywhere, not %.20q", code)
				}
			}
		}},
		{"office_days", func(j *FileJob, c string) { j.count("office_days", c, &j.Job.OfficeDays) }},
		{"languages", (*FileJob).languagesOf},
	}
}

// whenColumns are days and hours.
func whenColumns() []jobColumn {
	return []jobColumn{
		{"posted", func(j *FileJob, c string) {
			if at, _, ok := momentOf(c); ok {
				j.Posted = at.Format(time.DateOnly)
			} else {
				j.noDay("posted", c)
			}
		}},
		{"closes", func(j *FileJob, c string) {
			if at, day, ok := momentOf(c); ok {
				j.Job.ValidThrough = lastMoment(at, day)
			} else {
				j.noDay("closes", c)
			}
		}},
		{"start", func(j *FileJob, c string) {
			if at, _, ok := momentOf(c); ok {
				j.Job.Start = at.Format(time.DateOnly)
			} else {
				j.noDay("start", c)
			}
		}},
		{"hours_from", func(j *FileJob, c string) { j.number("hours_from", c, &j.Job.HoursFrom) }},
		{"hours_to", func(j *FileJob, c string) { j.number("hours_to", c, &j.Job.HoursTo) }},
		{"work_hours", func(j *FileJob, c string) { j.Job.WorkHours = c }},
		{"openings", func(j *FileJob, c string) { j.count("openings", c, &j.Job.Openings) }},
	}
}

// payColumns are what it pays.
func payColumns() []jobColumn {
	pay := func(j *FileJob) *coop.Pay {
		if j.Job.Pay == nil {
			j.Job.Pay = &coop.Pay{}
		}
		return j.Job.Pay
	}
	return []jobColumn{
		{"pay_min", func(j *FileJob, c string) { j.number("pay_min", c, &pay(j).Min) }},
		{"pay_max", func(j *FileJob, c string) { j.number("pay_max", c, &pay(j).Max) }},
		{"pay_unit", func(j *FileJob, c string) { j.oneWord("pay_unit", c, coop.PayUnits(), &pay(j).Unit) }},
		{"currency", func(j *FileJob, c string) { pay(j).Currency = strings.ToUpper(c) }},
		{"gross", func(j *FileJob, c string) {
			gross := true
			j.yes("gross", c, &gross)
			j.Job.Gross = &gross
		}},
	}
}

// state reads whether one may still apply.
func (j *FileJob) state(cell string) {
	switch coop.JobStatus(strings.ToLower(cell)) {
	case coop.JobOpen, coop.JobDraft, coop.JobReview:
	case coop.JobPaused, coop.JobFilled, coop.JobWithdrawn, coop.JobClosed, coop.JobExpired:
		j.Ended = true
	default:
		j.wrong("status", coop.CodeUnknown, "open, draft, paused, filled, withdrawn, closed or expired, not %.40q", cell)
	}
}

func (j *FileJob) noDay(column, cell string) {
	j.wrong(column, coop.CodeFormat, "a day such as 2030-01-31, not %.40q", cell)
}

// number reads a sum or hours: digits, with a point or, where no other sign is, a comma
// before two digits at most. Nobody guesses what 1.200 means where it could be either.
func (j *FileJob) number(column, cell string, into *decimal.Decimal) {
	plain := strings.ReplaceAll(cell, " ", "")
	if whole, part, ok := strings.Cut(plain, ","); ok && len(part) <= 2 && !strings.ContainsAny(whole+part, ".,") {
		plain = whole + "." + part
	}
	_, part, _ := strings.Cut(plain, ".")
	d, err := decimal.NewFromString(plain)
	if err != nil || len(plain) > 20 || len(part) > 2 || strings.ContainsAny(plain, "eE+-") {
		j.wrong(column, coop.CodeFormat, "a number such as 1200.50, without a sign for thousands, not %.40q", cell)
		return
	}
	*into = d
}

// count reads a small number.
func (j *FileJob) count(column, cell string, into *int) {
	n, err := strconv.Atoi(cell)
	if err != nil || n < 0 || n > 1000 {
		j.wrong(column, coop.CodeFormat, "a number such as 2, not %.40q", cell)
		return
	}
	*into = n
}
