// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"encoding/json"
	"maps"
	"slices"

	"minga/coop"
	"minga/federation/vocabulary"

	"github.com/shopspring/decimal"
)

// JobPosting is the payload of a job: the wire's `job`. [JobSchema] is made from it.
func JobPosting(p *coop.Post) vocabulary.Members {
	j := p.Job
	m := vocabulary.Members{{Name: "type", Value: "JobPosting"}, {Name: "id", Value: string(p.IRI) + "#job"}}
	m = m.Localized("title", languages(p.Language, j.Title, j.TitleMap)...)
	m = m.Localized("description", languages(p.Language, j.Description, j.DescriptionMap)...)
	m = m.Add("responsibilities", j.Responsibilities).Add("qualifications", j.Qualifications)
	m = m.Add("status", string(j.Status)).Add("datePosted", j.DatePosted)
	m = m.Add("validThrough", j.ValidThrough).Add("closed", j.Closed)
	m = m.Add("hiringOrganization", string(j.HiringOrganization)).Add("employmentUnit", j.EmploymentUnit)
	if j.Identifier.Value != "" {
		m = m.Add("identifier", vocabulary.PropertyValue(j.Identifier.Name, j.Identifier.Value))
	}
	m = m.Add("engagement", j.Engagement).Add("employmentType", j.EmploymentType)
	m = append(append(m, jobTime(j)...), jobWhere(j)...)
	m = append(append(m, jobPay(j)...), jobNeeds(j)...)
	return append(append(m, jobDeal(j)...), jobApply(j)...)
}

// languages lists a text with its main language first. A text whose language is not
// known is in und (BCP 47).
func languages(main, text string, all map[string]string) []vocabulary.Text {
	if text == "" {
		return nil
	}
	if main == "" {
		main = "und"
	}
	list := []vocabulary.Text{{Language: main, Value: text}}
	for _, tag := range slices.Sorted(maps.Keys(all)) {
		if tag != main && all[tag] != "" {
			list = append(list, vocabulary.Text{Language: tag, Value: all[tag]})
		}
	}
	return list
}

func jobTime(j *coop.Job) vocabulary.Members {
	m := vocabulary.Members{}.Add("workHours", j.WorkHours)
	if !j.HoursTo.IsZero() {
		m = m.Add("hoursFrom", number(j.HoursFrom)).Add("hoursTo", number(j.HoursTo))
	}
	m = positive(m, "totalJobOpenings", j.Openings)
	if t := j.TimeOverlap; t != nil {
		m = m.Add("timeOverlap", vocabulary.Members{{Name: "tz", Value: t.Zone}, {Name: "from", Value: t.From}, {Name: "until", Value: t.Until}})
	}
	m = m.Add("jobStartDate", j.Start)
	return truth(m, "jobImmediateStart", j.Immediate).Add("jobDuration", j.Duration)
}

func jobWhere(j *coop.Job) vocabulary.Members {
	var m vocabulary.Members
	if j.Remote {
		m = m.Add("jobLocationType", "TELECOMMUTE")
	}
	var from, places []vocabulary.Members
	for _, country := range j.ApplicantsFrom {
		from = append(from, vocabulary.Members{{Name: "type", Value: "Country"}, {Name: "name", Value: country}})
	}
	for _, p := range j.Places {
		places = append(places, place(p))
	}
	m = m.Add("applicantLocationRequirements", from).Add("jobLocation", places)
	return positive(m, "officeDays", j.OfficeDays)
}

// place is a place with its address.
func place(p coop.Place) vocabulary.Members {
	coordinate := func(f *float64) string {
		if f == nil {
			return ""
		}
		return decimal.NewFromFloat(*f).String()
	}
	var address vocabulary.Members
	if a := vocabulary.Address(p.Street, p.Locality, p.Region, p.PostCode, p.Country); len(a) > 1 {
		address = a
	}
	return vocabulary.Place(p.Name, coordinate(p.Latitude), coordinate(p.Longitude), address)
}

func jobPay(j *coop.Job) vocabulary.Members {
	var m vocabulary.Members
	if p := j.Pay; p != nil {
		value := vocabulary.Members{
			{Name: "type", Value: "QuantitativeValue"},
			{Name: "minValue", Value: number(p.Min)},
			{Name: "maxValue", Value: number(p.Max)},
			{Name: "unitText", Value: p.Unit},
		}
		m = m.Add("baseSalary", vocabulary.Members{{Name: "type", Value: "MonetaryAmount"}, {Name: "currency", Value: p.Currency}, {Name: "value", Value: value}})
	}
	m = stated(m, "gross", j.Gross)
	return m.Add("jobBenefits", j.Benefits).Add("incentiveCompensation", j.Incentives)
}

func jobNeeds(j *coop.Job) vocabulary.Members {
	var m vocabulary.Members
	if j.Occupation != nil {
		m = m.Add("relevantOccupation", term("Occupation", *j.Occupation))
	}
	m = m.Add("industry", j.Industry)
	var skills, tongues []vocabulary.Members
	for _, s := range j.Skills {
		skills = append(skills, append(term("DefinedTerm", s.Term), vocabulary.Member{Name: "required", Value: s.Required}))
	}
	for _, l := range j.Languages {
		tongue := vocabulary.Members{{Name: "languageTag", Value: l.Tag}}.Add("level", l.Level)
		tongues = append(tongues, append(tongue, vocabulary.Member{Name: "required", Value: l.Required}))
	}
	m = m.Add("skills", skills).Add("educationRequirements", j.Education).Add("experienceRequirements", j.Experience)
	m = truth(m, "experienceInPlaceOfEducation", j.ExperienceForEducation)
	return m.Add("eligibilityToWorkRequirement", j.Eligibility).Add("physicalRequirement", j.Physical).Add("languages", tongues)
}

// term is an entry of a list of terms; an own word has no id.
func term(kind string, t coop.Term) vocabulary.Members {
	return vocabulary.Members{{Name: "type", Value: kind}}.Add("id", t.URI).Add("name", t.Name)
}

func jobDeal(j *coop.Job) vocabulary.Members {
	m := vocabulary.Members{}.Add("membershipTrack", j.MembershipTrack).Add("probation", j.Probation)
	if s := j.MemberShare; s != nil {
		share := vocabulary.Members{{Name: "type", Value: "MonetaryAmount"}, {Name: "currency", Value: s.Currency}, {Name: "value", Value: number(s.Value)}}
		m = m.Add("memberShare", positive(share, "instalments", s.Instalments))
	}
	m = m.Add("surplusSharing", j.SurplusSharing).Add("payModel", j.PayModel)
	if j.PayRatio != nil {
		m = m.Add("payRatio", number(*j.PayRatio))
	}
	m = stated(m.Add("decisionMethod", j.DecisionMethod), "openToNew", j.OpenToNew)
	return positive(m.Add("hiringSteps", j.HiringSteps), "answerWithin", j.AnswerWithin)
}

func jobApply(j *coop.Job) vocabulary.Members {
	var m vocabulary.Members
	if j.ApplyEmail != "" || j.ApplyURL != "" {
		m = m.Add("applicationContact", vocabulary.Members{{Name: "type", Value: "ContactPoint"}}.Add("email", j.ApplyEmail).Add("url", j.ApplyURL))
	}
	m = m.Add("applyBy", string(j.ApplyBy))
	m = append(m, vocabulary.Member{Name: "directApply", Value: j.DirectApply})
	return m.Add("repostOf", string(j.RepostOf))
}

// number is a decimal as a JSON number.
func number(d decimal.Decimal) json.Number { return vocabulary.Decimal(d.String()) }

// positive adds a count that was stated.
func positive(m vocabulary.Members, name string, n int) vocabulary.Members {
	if n > 0 {
		m = append(m, vocabulary.Member{Name: name, Value: n})
	}
	return m
}

// truth adds what is true.
func truth(m vocabulary.Members, name string, b bool) vocabulary.Members {
	if b {
		m = append(m, vocabulary.Member{Name: name, Value: true})
	}
	return m
}

// stated adds what was stated, true or false.
func stated(m vocabulary.Members, name string, b *bool) vocabulary.Members {
	if b != nil {
		m = append(m, vocabulary.Member{Name: name, Value: *b})
	}
	return m
}
