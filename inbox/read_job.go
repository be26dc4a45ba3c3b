// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/sanitize"
)

// Bounds of lists and texts before [coop.Job.Admit] judges them: a little above
// its own, so that it is the rules that decide.
const (
	maxJobText = 60_000 // bytes of one HTML text
	maxJobLine = 2_000  // characters of one plain text
	maxJobList = 80     // entries of one list
)

// readJob reads the payload of a job and lets the rules judge it.
// nil means that it is none: a field that must hold is broken, or somebody else is
// said to hire. post is the note that carries it.
func readJob(doc *document.Object, post *coop.Post, author *coop.Account, now time.Time) *coop.Job {
	j := &coop.Job{
		HiringOrganization: coop.IRI(doc.Ref("hiringOrganization").ID),
		Status:             coop.JobStatus(line(doc, "status")),
		RepostOf:           ref(doc, "repostOf"),
	}
	if j.HiringOrganization != author.IRI {
		return nil
	}
	readJobTexts(j, doc, post)
	readJobTerms(j, doc)
	readJobWhere(j, doc)
	readJobWhen(j, doc, post)
	readJobPay(j, doc)
	readJobDeal(j, doc)
	readJobApply(j, doc)
	if _, err := j.Admit(now); err != nil {
		return nil
	}
	cleanJob(j)
	return j
}

// line is a plain text of one line.
func line(doc *document.Object, member string) string {
	return coop.CleanLine(doc.String(member), maxJobLine)
}

// texts is a plain or HTML text in its languages, main first.
func texts(doc *document.Object, member string, clean func(string) string) (string, map[string]string) {
	t := doc.Text(member)
	var m map[string]string
	for _, l := range t.All {
		tag := coop.CleanLanguage(l.Language)
		if tag == "" || len(l.Value) > maxJobText {
			continue
		}
		if m == nil {
			m = map[string]string{}
		}
		m[tag] = clean(l.Value)
	}
	if len(t.Value) > maxJobText {
		return "", m
	}
	return clean(t.Value), m
}

func readJobTexts(j *coop.Job, doc *document.Object, post *coop.Post) {
	plainLine := func(s string) string { return coop.CleanLine(s, maxJobLine) }
	j.Title, j.TitleMap = texts(doc, "title", plainLine)
	if j.Title == "" {
		j.Title = post.Title
	}
	if j.Title == "" {
		j.Title = firstStrong(post.Content)
	}
	j.Description, j.DescriptionMap = texts(doc, "description", sanitize.HTML)
	j.Responsibilities, _ = texts(doc, "responsibilities", sanitize.HTML)
	j.Qualifications, _ = texts(doc, "qualifications", sanitize.HTML)
}

// cleanJob cleans again what the rules may have cut in the middle of a tag.
func cleanJob(j *coop.Job) {
	for _, s := range []*string{&j.Description, &j.Responsibilities, &j.Qualifications} {
		*s = sanitize.HTML(*s)
	}
}

func readJobTerms(j *coop.Job, doc *document.Object) {
	for _, s := range doc.Objects("skills", maxJobList) {
		required, _ := s.Bool("required")
		j.Skills = append(j.Skills, coop.Skill{Term: term(s), Required: required})
	}
	if o := doc.Object("relevantOccupation"); o != nil {
		t := term(o)
		j.Occupation = &t
	}
	j.Industry, j.EmploymentUnit = line(doc, "industry"), line(doc, "employmentUnit")
	if id := doc.Object("identifier"); id != nil {
		j.Identifier = coop.Identifier{Name: line(id, "name"), Value: line(id, "value")}
	}
}

func term(doc *document.Object) coop.Term {
	return coop.Term{URI: webAddress(doc.ID()), Name: coop.CleanLine(doc.Text("name").Value, 200)}
}

func readJobWhere(j *coop.Job, doc *document.Object) {
	j.Remote = strings.EqualFold(doc.String("jobLocationType"), "TELECOMMUTE")
	for _, c := range doc.Objects("applicantLocationRequirements", maxJobList) {
		j.ApplicantsFrom = append(j.ApplicantsFrom, strings.ToUpper(line(c, "name")))
	}
	for _, p := range doc.Objects("jobLocation", maxJobList) {
		if place := readPlace(p); place != nil {
			j.Places = append(j.Places, *place)
		}
	}
	j.OfficeDays = whole(doc, "officeDays")
	if o := doc.Object("timeOverlap"); o != nil {
		j.TimeOverlap = &coop.TimeOverlap{Zone: line(o, "tz"), From: line(o, "from"), Until: line(o, "until")}
	}
}

// readPlace reads a Place with its PostalAddress; nil where it says nothing.
func readPlace(doc *document.Object) *coop.Place {
	if doc == nil {
		return nil
	}
	address := doc.Object("address")
	p := &coop.Place{
		Name: coop.CleanLine(doc.Text("name").Value, 200), Locality: line(address, "addressLocality"),
		Region: line(address, "addressRegion"), Country: strings.ToUpper(line(address, "addressCountry")),
		Street: line(address, "streetAddress"), PostCode: line(address, "postalCode"),
		Latitude: degrees(doc, "latitude", 90), Longitude: degrees(doc, "longitude", 180),
	}
	if p.Country != "" && !coop.ValidCountry(p.Country) {
		p.Country = ""
	}
	if (p.Latitude == nil) != (p.Longitude == nil) {
		p.Latitude, p.Longitude = nil, nil
	}
	if *p == (coop.Place{}) {
		return nil
	}
	return p
}

// degrees is a coordinate within its bounds.
func degrees(doc *document.Object, member string, most float64) *float64 {
	s, ok := doc.Number(member)
	if !ok || len(s) > 40 {
		return nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < -most || f > most {
		return nil
	}
	return &f
}

func readJobWhen(j *coop.Job, doc *document.Object, post *coop.Post) {
	j.DatePosted, j.Start = day(doc, "datePosted"), day(doc, "jobStartDate")
	if j.ValidThrough, _ = doc.Time("validThrough"); j.ValidThrough.IsZero() {
		j.ValidThrough = post.Ends
	}
	j.Immediate, _ = doc.Bool("jobImmediateStart")
	j.Duration, j.WorkHours = line(doc, "jobDuration"), line(doc, "workHours")
	j.EmploymentType = lines(doc, "employmentType")
	j.HoursFrom, j.HoursTo = number(doc, "hoursFrom"), number(doc, "hoursTo")
	j.Openings = whole(doc, "totalJobOpenings")
	j.Closed, _ = doc.Time("closed")
}

// day is the date of a member that is a date or an instant.
func day(doc *document.Object, member string) string {
	s := line(doc, member)
	if t, ok := doc.Time(member); ok {
		return t.Format(time.DateOnly)
	}
	return s
}

func readJobPay(j *coop.Job, doc *document.Object) {
	if salary := doc.Object("baseSalary"); salary != nil {
		value := salary.Object("value")
		pay := &coop.Pay{Currency: line(salary, "currency"), Unit: line(value, "unitText")}
		pay.Min, pay.Max = number(value, "minValue"), number(value, "maxValue")
		if value == nil {
			pay.Min = number(salary, "value")
			pay.Max, pay.Unit = pay.Min, line(salary, "unitText")
		} else if !value.Has("minValue") && !value.Has("maxValue") {
			pay.Min = number(value, "value")
			pay.Max = pay.Min
		} else if !value.Has("maxValue") {
			pay.Max = pay.Min
		}
		j.Pay = pay
	}
	if gross, ok := doc.Bool("gross"); ok {
		j.Gross = &gross
	}
	j.Benefits, j.Incentives = line(doc, "jobBenefits"), line(doc, "incentiveCompensation")
	j.Education, j.Experience = line(doc, "educationRequirements"), line(doc, "experienceRequirements")
	j.ExperienceForEducation, _ = doc.Bool("experienceInPlaceOfEducation")
	j.Eligibility, j.Physical = line(doc, "eligibilityToWorkRequirement"), line(doc, "physicalRequirement")
}

func readJobDeal(j *coop.Job, doc *document.Object) {
	j.Engagement, j.MembershipTrack = line(doc, "engagement"), line(doc, "membershipTrack")
	j.Probation, j.DecisionMethod = line(doc, "probation"), line(doc, "decisionMethod")
	j.SurplusSharing, j.PayModel = line(doc, "surplusSharing"), line(doc, "payModel")
	if share := doc.Object("memberShare"); share != nil {
		j.MemberShare = &coop.Share{
			Currency: line(share, "currency"), Value: number(share, "value"), Instalments: whole(share, "instalments"),
		}
		if !share.Has("instalments") {
			j.MemberShare.Instalments = whole(doc, "instalments")
		}
	}
	if doc.Has("payRatio") {
		ratio := number(doc, "payRatio")
		j.PayRatio = &ratio
	}
	if open, ok := doc.Bool("openToNew"); ok {
		j.OpenToNew = &open
	}
	j.HiringSteps = lines(doc, "hiringSteps")
	for _, l := range doc.Objects("languages", maxJobList) {
		required, _ := l.Bool("required")
		j.Languages = append(j.Languages, coop.LanguageNeed{
			Tag: coop.CleanLanguage(l.String("languageTag")), Level: line(l, "level"), Required: required,
		})
	}
}

func readJobApply(j *coop.Job, doc *document.Object) {
	j.AnswerWithin = whole(doc, "answerWithin")
	if contact := doc.Object("applicationContact"); contact != nil {
		j.ApplyEmail = strings.TrimPrefix(line(contact, "email"), "mailto:")
		j.ApplyURL = webAddress(contact.Ref("url").ID)
		if j.ApplyURL == "" {
			j.ApplyURL = webAddress(contact.String("url"))
		}
	}
	j.ApplyBy = ref(doc, "applyBy")
	j.DirectApply, _ = doc.Bool("directApply")
}

// lines are the strings of a list.
func lines(doc *document.Object, member string) []string {
	var out []string
	for _, s := range doc.Strings(member)[:min(len(doc.Strings(member)), maxJobList)] {
		if s = coop.CleanLine(s, maxJobLine); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// number is a decimal; zero where there is none. The rules judge it before
// anybody calculates with it.
func number(doc *document.Object, member string) decimal.Decimal {
	s, ok := doc.Number(member)
	if !ok || len(s) > 40 {
		return decimal.Zero
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return decimal.Zero
	}
	return d
}

// whole is a whole number that fits; negative one where it is there and does not,
// so that the rules see that something was wrong.
func whole(doc *document.Object, member string) int {
	if !doc.Has(member) {
		return 0
	}
	n, ok := doc.Int(member)
	if !ok || n < 0 || n > 1_000_000 {
		return -1
	}
	return int(n)
}
