// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"maps"
	"slices"
	"strings"

	"minga/coop"
)

// fillJob writes what a client sent into a post: the head (title, language,
// closes_at, audience) and the fields of the job, which stand in `job` or beside
// the head. What was not sent stays as it is, so that an edit may send one field.
func fillJob(p *coop.Post, in input) {
	job := in.below("job")
	both := input{members: maps.Clone(in.members), wrong: in.wrong}
	maps.Copy(both.members, job.members)
	fillHead(p, both)
	if p.Job == nil {
		p.Job = &coop.Job{}
	}
	j := p.Job
	fillJobTexts(j, p.Language, both)
	fillJobWork(j, both)
	fillJobPlace(j, both)
	fillJobDeal(j, both)
	fillJobTerms(j, both)
	fillApply(j, both)
}

// fillHead writes what all kinds share.
func fillHead(p *coop.Post, in input) {
	if in.has("language") {
		p.Language = in.text("language")
	}
	if p.Language == "" {
		p.Language = p.Author.Language
	}
	if in.has("audience") || in.has("visibility") {
		p.Visibility = coop.Visibility(in.text("audience"))
		if p.Visibility == "" {
			p.Visibility = coop.Visibility(in.text("visibility"))
		}
	}
	if p.Visibility == "" {
		p.Visibility = coop.VisiblePublic
	}
	if in.has("tags") {
		p.Hashtags = nil
		for _, tag := range in.texts("tags") {
			p.Hashtags = append(p.Hashtags, strings.TrimPrefix(tag, "#"))
		}
	}
	for _, board := range in.texts("boards") {
		if !slices.Contains(p.Cc, coop.IRI(board)) {
			p.Cc = append(p.Cc, coop.IRI(board))
		}
	}
}

// fillJobTexts writes titles and descriptions in every language. A description
// is Markdown: a text, or an object by media type or by language.
func fillJobTexts(j *coop.Job, language string, in input) {
	if in.has("title") {
		j.Title = in.text("title")
	}
	for _, name := range []string{"title_map", "titles"} {
		if in.has(name) {
			j.TitleMap = in.words(name)
		}
	}
	if j.Title == "" {
		j.Title = j.TitleMap[language]
	}
	if j.TitleMap == nil {
		j.TitleMap = map[string]string{}
	}
	if language != "" && j.Title != "" {
		j.TitleMap[language] = j.Title
	}
	for lang, text := range descriptions(in, language) {
		if j.Markdown == nil {
			j.Markdown = map[string]string{}
		}
		j.Markdown[lang] = text
	}
	setText(in, "responsibilities", &j.Responsibilities)
	setText(in, "qualifications", &j.Qualifications)
}

// descriptions are the Markdown texts by language that a client sent.
func descriptions(in input, language string) map[string]string {
	out := map[string]string{}
	for _, name := range []string{"description_map", "descriptions"} {
		if in.has(name) {
			maps.Copy(out, in.words(name))
		}
	}
	switch in.members["description"].(type) {
	case nil:
	case map[string]any:
		for key, text := range in.words("description") {
			switch key {
			case "text/markdown", "text/plain":
				out[language] = text
			case "text/html": // made here, never taken
			default:
				out[key] = text
			}
		}
	default:
		out[language] = in.text("description")
	}
	return out
}

// setText writes a text that was sent.
func setText(in input, name string, to *string) {
	if in.has(name) {
		*to = in.text(name)
	}
}

// fillJobWork writes kind, hours, times and pay.
func fillJobWork(j *coop.Job, in input) {
	setText(in, "engagement", &j.Engagement)
	setText(in, "membership_track", &j.MembershipTrack)
	setText(in, "probation", &j.Probation)
	setText(in, "start", &j.Start)
	setText(in, "duration", &j.Duration)
	setText(in, "work_hours", &j.WorkHours)
	setText(in, "employment_unit", &j.EmploymentUnit)
	if in.has("employment_type") {
		j.EmploymentType = nil
		for _, t := range in.texts("employment_type") {
			j.EmploymentType = append(j.EmploymentType, strings.ToUpper(t))
		}
	}
	if in.has("openings") {
		j.Openings = in.number("openings")
	}
	if b := in.flag("immediate_start"); b != nil {
		j.Immediate = *b
	}
	if in.has("hours") {
		h := in.below("hours")
		j.HoursFrom, j.HoursTo = h.decimal("min"), h.decimal("max")
		if !h.has("min") {
			j.HoursFrom = j.HoursTo
		}
		if !h.has("max") {
			j.HoursTo = j.HoursFrom
		}
	}
	if in.has("closes_at") {
		j.ValidThrough = in.moment("closes_at")
	}
	if in.has("pay") {
		fillPay(j, in.below("pay"), in.members["pay"] == nil)
	}
}

// fillPay writes the pay, or takes it away.
func fillPay(j *coop.Job, in input, none bool) {
	if none {
		j.Pay = nil
		return
	}
	unit := strings.ToUpper(in.text("per"))
	if unit == "" {
		unit = strings.ToUpper(in.text("unit"))
	}
	j.Pay = &coop.Pay{Currency: strings.ToUpper(in.text("currency")), Min: in.decimal("min"), Max: in.decimal("max"), Unit: unit}
	if !in.has("min") {
		j.Pay.Min = j.Pay.Max
	}
	if !in.has("max") {
		j.Pay.Max = j.Pay.Min
	}
	j.Gross = in.flag("gross")
	setText(in, "model", &j.PayModel)
}

// fillJobPlace writes where and when people work together.
func fillJobPlace(j *coop.Job, in input) {
	if in.has("place") {
		fillPlace(j, in)
	}
	if b := in.flag("remote"); b != nil {
		j.Remote = *b
	}
	if in.has("time_overlap") {
		j.TimeOverlap = nil
		if o := in.below("time_overlap"); len(o.members) > 0 {
			j.TimeOverlap = &coop.TimeOverlap{Zone: o.text("tz"), From: o.text("from"), Until: o.text("until")}
		}
	}
}

// fillPlace writes the place; a bare text is the name of a town.
func fillPlace(j *coop.Job, in input) {
	if text, ok := in.members["place"].(string); ok {
		j.Places = []coop.Place{{Locality: text, Country: strings.ToUpper(in.text("country"))}}
		return
	}
	p := in.below("place")
	mode := p.text("mode")
	if mode != "" && mode != "remote" && mode != "onsite" && mode != "hybrid" {
		p.complain("mode", "inclusion", "is remote, onsite or hybrid")
	}
	j.Remote = mode == "remote" || mode == "hybrid"
	// Remote without countries is a question unanswered: "anywhere" is said in so many words.
	j.ApplicantsFrom, j.Anywhere = nil, false
	for _, country := range p.texts("applicants_from") {
		j.ApplicantsFrom = append(j.ApplicantsFrom, strings.ToUpper(country))
	}
	j.OfficeDays = p.number("office_days")
	j.Places = nil
	if name := p.text("name"); name != "" {
		j.Places = append(j.Places, coop.Place{Locality: name, Country: strings.ToUpper(p.text("country")), Region: p.text("region"), Street: p.text("street"), PostCode: p.text("post_code")})
	}
}

// fillJobDeal writes what a member pays in and shares in.
func fillJobDeal(j *coop.Job, in input) {
	d := in
	if in.has("deal") {
		d = in.below("deal")
	}
	setText(d, "surplus_sharing", &j.SurplusSharing)
	setText(d, "decision_method", &j.DecisionMethod)
	if d.has("pay_ratio") {
		j.PayRatio = nil
		if d.text("pay_ratio") != "" {
			ratio := d.decimal("pay_ratio")
			j.PayRatio = &ratio
		}
	}
	if d.has("member_share") {
		j.MemberShare = nil
		if s := d.below("member_share"); len(s.members) > 0 {
			if s.text("value") == "" {
				s.complain("value", "blank", "is needed: how much a member pays in")
			}
			j.MemberShare = &coop.Share{Currency: strings.ToUpper(s.text("currency")), Value: s.decimal("value"), Instalments: s.number("instalments")}
		}
	}
}

// fillJobTerms writes skills, languages, steps and the plain texts.
func fillJobTerms(j *coop.Job, in input) {
	if in.has("skills") {
		j.Skills = nil
		for _, s := range in.list("skills", "name") {
			required := s.flag("required")
			j.Skills = append(j.Skills, coop.Skill{Term: coop.Term{URI: s.text("uri"), Name: s.text("name")}, Required: required == nil || *required})
		}
	}
	if in.has("languages") {
		j.Languages = nil
		for _, l := range in.list("languages", "tag") {
			required := l.flag("required")
			j.Languages = append(j.Languages, coop.LanguageNeed{Tag: l.text("tag"), Level: strings.ToUpper(l.text("level")), Required: required == nil || *required})
		}
	}
	if in.has("occupation") {
		j.Occupation = nil
		if o := in.below("occupation"); len(o.members) > 0 {
			j.Occupation = &coop.Term{URI: o.text("uri"), Name: o.text("name")}
		}
	}
	if in.has("hiring_steps") {
		j.HiringSteps = in.texts("hiring_steps")
	}
	if in.has("answer_within") {
		j.AnswerWithin = in.number("answer_within")
	}
	if in.has("open_to_new") {
		j.OpenToNew = in.flag("open_to_new")
	}
	for name, to := range map[string]*string{
		"industry": &j.Industry, "benefits": &j.Benefits, "incentive_compensation": &j.Incentives, "education_requirements": &j.Education,
		"experience_requirements": &j.Experience, "eligibility_to_work": &j.Eligibility, "physical_requirement": &j.Physical,
	} {
		setText(in, name, to)
	}
	if b := in.flag("experience_in_place_of_education"); b != nil {
		j.ExperienceForEducation = *b
	}
	if in.has("identifier") {
		j.Identifier.Value = in.below("identifier").text("value")
	}
	if in.has("repost_of") {
		j.RepostOf = coop.IRI(in.text("repost_of"))
	}
}

// fillApply writes the ways to apply.
func fillApply(j *coop.Job, in input) {
	if b := in.flag("direct_apply"); b != nil {
		j.DirectApply = *b
	}
	if !in.has("apply") {
		return
	}
	j.ApplyEmail, j.ApplyURL, j.ApplyBy = "", "", ""
	for _, a := range in.list("apply", "value") {
		value := a.text("value")
		way := a.text("way")
		if way == "" {
			way = guessWay(value)
		}
		switch way {
		case "mail":
			j.ApplyEmail = strings.TrimPrefix(value, "mailto:")
		case "url":
			j.ApplyURL = value
		case "message":
			j.ApplyBy = coop.IRI(value)
		case "form":
			j.DirectApply = true
		default:
			a.complain("way", "inclusion", "is mail, url, message or form")
		}
	}
}

// guessWay says how a bare value is meant.
func guessWay(value string) string {
	switch {
	case strings.HasPrefix(value, "http://"), strings.HasPrefix(value, "https://"):
		return "url"
	case strings.Contains(value, "@"):
		return "mail"
	}
	return ""
}

// sortApply keeps the order of ways stable.
func sortApply(list []applyJSON) {
	slices.SortFunc(list, func(a, b applyJSON) int { return strings.Compare(a.Way, b.Way) })
}
