// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"slices"
	"strings"

	"minga/coop"
	"minga/web/mastodon/input"
)

// fillJobTerms writes skills, languages, steps and the plain texts.
func fillJobTerms(j *coop.Job, in input.Values) {
	fillJobNeeds(j, in)
	sent(in, "hiring_steps", in.Texts, &j.HiringSteps)
	sent(in, "answer_within", in.Number, &j.AnswerWithin)
	sent(in, "open_to_new", in.Flag, &j.OpenToNew)
	for name, to := range map[string]*string{
		"industry": &j.Industry, "benefits": &j.Benefits, "incentive_compensation": &j.Incentives, "education_requirements": &j.Education,
		"experience_requirements": &j.Experience, "eligibility_to_work": &j.Eligibility, "physical_requirement": &j.Physical,
	} {
		setText(in, name, to)
	}
	if b := in.Flag("experience_in_place_of_education"); b != nil {
		j.ExperienceForEducation = *b
	}
	if in.Has("identifier") {
		j.Identifier.Value = in.Below("identifier").Text("value")
	}
	if in.Has("repost_of") {
		j.RepostOf = coop.IRI(in.Text("repost_of"))
	}
}

// fillJobNeeds writes what somebody is to know, speak and be.
func fillJobNeeds(j *coop.Job, in input.Values) {
	if in.Has("skills") {
		j.Skills = nil
		for _, s := range in.List("skills", "name") {
			j.Skills = append(j.Skills, coop.Skill{Term: coop.Term{URI: s.Text("uri"), Name: s.Text("name")}, Required: required(s)})
		}
	}
	if in.Has("languages") {
		j.Languages = nil
		for _, l := range in.List("languages", "tag") {
			j.Languages = append(j.Languages, coop.LanguageNeed{Tag: l.Text("tag"), Level: strings.ToUpper(l.Text("level")), Required: required(l)})
		}
	}
	if in.Has("occupation") {
		j.Occupation = nil
		if o := in.Below("occupation"); !o.Empty() {
			j.Occupation = &coop.Term{URI: o.Text("uri"), Name: o.Text("name")}
		}
	}
}

// required tells whether a need is one that must be met: it is unless it says otherwise.
func required(in input.Values) bool {
	b := in.Flag("required")
	return b == nil || *b
}

// fillApply writes the ways to apply.
func fillApply(j *coop.Job, in input.Values) {
	if b := in.Flag("direct_apply"); b != nil {
		j.DirectApply = *b
	}
	if !in.Has("apply") {
		return
	}
	j.ApplyEmail, j.ApplyURL, j.ApplyBy = "", "", ""
	for _, a := range in.List("apply", "value") {
		value := a.Text("value")
		way := a.Text("way")
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
			a.Complain("way", "inclusion", "is mail, url, message or form")
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
