// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/coop/jobtext"
)

// jobFields are the fields of the form, as they were typed.
type jobFields struct {
	moreFields
	Versions                                         []jobVersion // in other languages
	Boards                                           []string     // where else it is announced
	Like                                             string       // id of the job from which it was filled in; empty: none
	Language, Title, Description, Skills             string
	Mode, Town, Country, From, OfficeDays            string
	HoursMin, HoursMax, Engagement, Track, Probation string
	PayMin, PayMax, Currency, Per                    string
	Net                                              bool
	Closes, Mail, Link                               string
	Message, Form                                    bool
}

func lower(s string) string { return strings.ToLower(s) }

// emptyFields are those of a new job.
func emptyFields(author *coop.Account, lang string) jobFields {
	if author.Language != "" {
		lang = author.Language
	}
	return jobFields{Language: lang, Mode: "onsite", Engagement: "employment", Track: "possible", Per: "MONTH", Message: true, moreFields: moreFields{Openings: "1"}}
}

// fieldsOf are those of a job that is there.
func fieldsOf(p *coop.Post, lang string) jobFields {
	j := p.Job
	g := jobFields{
		Language: p.Language, Title: j.Title, Description: j.Markdown[p.Language], From: strings.Join(j.ApplicantsFrom, ", "), Engagement: j.Engagement, Track: j.MembershipTrack,
		HoursMin: amountOf(j.HoursFrom), HoursMax: amountOf(j.HoursTo), Per: "MONTH", Mail: j.ApplyEmail, Link: j.ApplyURL, Message: j.ApplyBy != "", Form: j.DirectApply, Net: j.Gross != nil && !*j.Gross,
	}
	if j.Anywhere {
		g.From = jobtext.Anywhere(lang)
	}
	if g.Description == "" {
		g.Description = coop.VisibleText(j.Description)
	}
	g.moreFields, g.Versions = moreOf(j), versionsOf(p)
	var skills []string
	for _, s := range j.Skills {
		skills = append(skills, s.Name)
	}
	g.Skills = strings.Join(skills, ", ")
	g.fillPlace(j)
	if d, err := coop.ParseDuration(j.Probation); err == nil && d == (coop.Duration{Years: d.Years, Months: d.Months}) {
		g.Probation = count(12*d.Years + d.Months)
	}
	if j.Pay != nil {
		g.PayMin, g.PayMax, g.Currency, g.Per = amountOf(j.Pay.Min), amountOf(j.Pay.Max), j.Pay.Currency, j.Pay.Unit
	}
	if !j.ValidThrough.IsZero() {
		g.Closes = j.ValidThrough.UTC().Format(time.DateOnly)
	}
	return g
}

// fillPlace fills in where the work is.
func (g *jobFields) fillPlace(j *coop.Job) {
	g.Mode, g.OfficeDays = "onsite", count(j.OfficeDays)
	switch {
	case j.Remote && len(j.Places) > 0:
		g.Mode = "hybrid"
	case j.Remote:
		g.Mode = "remote"
	}
	if len(j.Places) > 0 {
		g.Town, g.Country = j.Places[0].Locality, j.Places[0].Country
		if g.Town == "" {
			g.Town = j.Places[0].Name
		}
	}
}

// amountOf is a number that is no nothing.
func amountOf(d decimal.Decimal) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// count is a number that is no nothing.
func count(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// formReader turns fields into a job; what cannot be read is complained about.
type formReader struct {
	jobFields
	list coop.Invalid
}

func (r *formReader) complain(field, code string) {
	r.list = append(r.list, &coop.InvalidError{Field: field, Code: code, Problem: code})
}

// decimal reads a number with a point or a comma.
func (r *formReader) decimal(field, value string) decimal.Decimal {
	value = strings.ReplaceAll(strings.TrimSpace(value), ",", ".")
	if value == "" {
		return decimal.Zero
	}
	if d, err := decimal.NewFromString(value); err == nil && len(value) < 20 && !strings.ContainsAny(value, "eE") {
		return d
	}
	r.complain(field, coop.CodeFormat)
	return decimal.Zero
}

// whole reads a whole number; nothing is zero.
func (r *formReader) whole(field, value string) int {
	if strings.TrimSpace(value) == "" {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil || n < 0 || n > 999 {
		r.complain(field, coop.CodeFormat)
		return 0
	}
	return n
}

// write writes the fields into a job and says what could not be read.
func (r *formReader) write(p *coop.Post) coop.Invalid {
	j := p.Job
	r.writeVersions(p)
	r.writeSkills(j)
	r.writePlace(j)
	j.HoursFrom, j.HoursTo = r.decimal("hours.min", r.HoursMin), r.decimal("hours.max", r.HoursMax)
	if r.HoursMin == "" {
		j.HoursFrom = j.HoursTo
	} else if r.HoursMax == "" {
		j.HoursTo = j.HoursFrom
	}
	r.writeDeal(j)
	r.writePay(j)
	r.writeMore(j)
	r.writeEnd(p)
	return r.list
}

func (r *formReader) writeSkills(j *coop.Job) {
	before := j.Skills
	j.Skills = nil
	for name := range strings.SplitSeq(r.Skills, ",") {
		name = strings.TrimPrefix(coop.CleanLine(name, 300), "#")
		if name == "" {
			continue
		}
		skill := coop.Skill{Term: coop.Term{Name: name}, Required: true}
		if i := slices.IndexFunc(before, func(s coop.Skill) bool { return strings.EqualFold(s.Name, name) }); i >= 0 {
			skill = before[i]
		}
		j.Skills = append(j.Skills, skill)
	}
}

// writePlace writes where the work is; places beyond the first stay.
func (r *formReader) writePlace(j *coop.Job) {
	rest := j.Places
	if len(rest) > 0 {
		rest = rest[1:]
	}
	first := coop.Place{}
	if len(j.Places) > 0 && j.Places[0].Locality == r.Town {
		first = j.Places[0]
	}
	first.Locality, first.Country = r.Town, r.Country
	j.Remote, j.Anywhere, j.ApplicantsFrom, j.OfficeDays, j.Places = r.Mode != "onsite", false, nil, 0, nil
	if r.Mode != "remote" && (r.Town != "" || r.Country != "") {
		j.Places = append([]coop.Place{first}, rest...)
	}
	if r.Mode == "hybrid" {
		if j.OfficeDays = r.whole("place.office_days", r.OfficeDays); len(j.Places) == 0 {
			r.complain("place", coop.CodeRequired)
		}
	}
	if !j.Remote {
		return
	}
	if r.Mode == "hybrid" && strings.TrimSpace(r.From) == "" && r.Country != "" {
		j.ApplicantsFrom = []string{r.Country}
		return
	}
	read := jobtext.Remote(r.From)
	j.ApplicantsFrom, j.Anywhere = read.ApplicantsFrom, read.Anywhere
	if len(read.Problems) > 0 {
		r.complain("place.applicants_from", coop.CodeUnknown)
	}
}

func (r *formReader) writeDeal(j *coop.Job) {
	reading := &jobtext.Reading{Engagement: r.Engagement, HoursTo: j.HoursTo}
	if len(j.EmploymentType) == 0 || j.Engagement != r.Engagement {
		j.EmploymentType = []string{reading.EmploymentType()}
	}
	j.Engagement, j.MembershipTrack, j.Probation = r.Engagement, r.Track, ""
	if r.Engagement == "inter-coop" {
		j.MembershipTrack = "co-ops-only"
	}
	if months := r.whole("probation", r.Probation); months > 0 && j.MembershipTrack != "none" {
		j.Probation = "P" + strconv.Itoa(months) + "M"
	}
}

func (r *formReader) writePay(j *coop.Job) {
	j.Pay = nil
	if r.PayMin == "" && r.PayMax == "" {
		return
	}
	low, high := r.decimal("pay.min", r.PayMin), r.decimal("pay.max", r.PayMax)
	if r.PayMin == "" {
		low = high
	} else if r.PayMax == "" {
		high = low
	}
	j.Pay = &coop.Pay{Currency: strings.ToUpper(strings.TrimSpace(r.Currency)), Min: low, Max: high, Unit: r.Per}
	if gross := !r.Net; r.Net || j.Gross != nil {
		j.Gross = &gross
	}
}

// writeEnd writes until when and how one applies.
func (r *formReader) writeEnd(p *coop.Post) {
	j := p.Job
	j.ApplyEmail, j.ApplyURL, j.DirectApply = strings.TrimSpace(r.Mail), strings.TrimSpace(r.Link), r.Form
	switch {
	case !r.Message:
		j.ApplyBy = ""
	case j.ApplyBy == "":
		j.ApplyBy = p.Author.IRI
	}
	if r.Closes == "" {
		j.ValidThrough = time.Time{}
		return
	}
	day, ok := coop.ParseDate(r.Closes)
	if !ok {
		r.complain("closes_at", coop.CodeFormat)
		return
	}
	j.ValidThrough = day.AddDate(0, 0, 1).Add(-time.Second)
}
