// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"maps"
	"slices"
	"strings"

	"minga/coop"
	"minga/web/mastodon/input"
)

// fillJob writes what a client sent into a post: the head (title, language,
// closes_at, audience) and the fields of the job, which stand in `job` or beside
// the head. What was not sent stays as it is, so that an edit may send one field.
func fillJob(p *coop.Post, in input.Values) {
	both := in.Beside("job")
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
func fillHead(p *coop.Post, in input.Values) {
	if in.Has("language") {
		p.Language = in.Text("language")
	}
	if p.Language == "" {
		p.Language = p.Author.Language
	}
	if in.Has("audience") || in.Has("visibility") {
		p.Visibility = coop.Visibility(in.Text("audience"))
		if p.Visibility == "" {
			p.Visibility = coop.Visibility(in.Text("visibility"))
		}
	}
	if p.Visibility == "" {
		p.Visibility = coop.VisiblePublic
	}
	if in.Has("tags") {
		p.Hashtags = nil
		for _, tag := range in.Texts("tags") {
			p.Hashtags = append(p.Hashtags, strings.TrimPrefix(tag, "#"))
		}
	}
	for _, board := range in.Texts("boards") {
		if !slices.Contains(p.Cc, coop.IRI(board)) {
			p.Cc = append(p.Cc, coop.IRI(board))
		}
	}
}

// fillJobTexts writes titles and descriptions in every language. A description
// is Markdown: a text, or an object by media type or by language.
func fillJobTexts(j *coop.Job, language string, in input.Values) {
	if in.Has("title") {
		j.Title = in.Text("title")
	}
	for _, name := range []string{"title_map", "titles"} {
		if in.Has(name) {
			j.TitleMap = in.Words(name)
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
func descriptions(in input.Values, language string) map[string]string {
	out := map[string]string{}
	for _, name := range []string{"description_map", "descriptions"} {
		if in.Has(name) {
			maps.Copy(out, in.Words(name))
		}
	}
	switch {
	case in.Null("description"):
	case in.IsObject("description"):
		for key, text := range in.Words("description") {
			switch key {
			case "text/markdown", "text/plain":
				out[language] = text
			case "text/html": // made here, never taken
			default:
				out[key] = text
			}
		}
	default:
		out[language] = in.Text("description")
	}
	return out
}

// fillJobWork writes kind, hours, times and pay.
func fillJobWork(j *coop.Job, in input.Values) {
	setText(in, "engagement", &j.Engagement)
	setText(in, "membership_track", &j.MembershipTrack)
	setText(in, "probation", &j.Probation)
	setText(in, "start", &j.Start)
	setText(in, "duration", &j.Duration)
	setText(in, "work_hours", &j.WorkHours)
	setText(in, "employment_unit", &j.EmploymentUnit)
	if in.Has("employment_type") {
		j.EmploymentType = nil
		for _, t := range in.Texts("employment_type") {
			j.EmploymentType = append(j.EmploymentType, strings.ToUpper(t))
		}
	}
	if in.Has("openings") {
		j.Openings = in.Number("openings")
	}
	if b := in.Flag("immediate_start"); b != nil {
		j.Immediate = *b
	}
	if in.Has("hours") {
		h := in.Below("hours")
		j.HoursFrom, j.HoursTo = h.Decimal("min"), h.Decimal("max")
		if !h.Has("min") {
			j.HoursFrom = j.HoursTo
		}
		if !h.Has("max") {
			j.HoursTo = j.HoursFrom
		}
	}
	if in.Has("closes_at") {
		j.ValidThrough = in.Moment("closes_at")
	}
	if in.Has("pay") {
		fillPay(j, in.Below("pay"), in.Null("pay"))
	}
}

// fillPay writes the pay, or takes it away.
func fillPay(j *coop.Job, in input.Values, none bool) {
	if none {
		j.Pay = nil
		return
	}
	unit := strings.ToUpper(in.Text("per"))
	if unit == "" {
		unit = strings.ToUpper(in.Text("unit"))
	}
	j.Pay = &coop.Pay{Currency: strings.ToUpper(in.Text("currency")), Min: in.Decimal("min"), Max: in.Decimal("max"), Unit: unit}
	if !in.Has("min") {
		j.Pay.Min = j.Pay.Max
	}
	if !in.Has("max") {
		j.Pay.Max = j.Pay.Min
	}
	j.Gross = in.Flag("gross")
	setText(in, "model", &j.PayModel)
}

// fillJobPlace writes where and when people work together.
func fillJobPlace(j *coop.Job, in input.Values) {
	if in.Has("place") {
		fillPlace(j, in)
	}
	if b := in.Flag("remote"); b != nil {
		j.Remote = *b
	}
	if in.Has("time_overlap") {
		j.TimeOverlap = nil
		if o := in.Below("time_overlap"); !o.Empty() {
			j.TimeOverlap = &coop.TimeOverlap{Zone: o.Text("tz"), From: o.Text("from"), Until: o.Text("until")}
		}
	}
}

// fillPlace writes the place; a bare text is the name of a town.
func fillPlace(j *coop.Job, in input.Values) {
	if in.IsText("place") {
		j.Places = []coop.Place{{Locality: in.Text("place"), Country: strings.ToUpper(in.Text("country"))}}
		return
	}
	p := in.Below("place")
	mode := p.Text("mode")
	if mode != "" && mode != "remote" && mode != "onsite" && mode != "hybrid" {
		p.Complain("mode", "inclusion", "is remote, onsite or hybrid")
	}
	j.Remote = mode == "remote" || mode == "hybrid"
	// Remote without countries is a question unanswered: "anywhere" is said in so many words.
	j.ApplicantsFrom, j.Anywhere = nil, false
	for _, country := range p.Texts("applicants_from") {
		j.ApplicantsFrom = append(j.ApplicantsFrom, strings.ToUpper(country))
	}
	j.OfficeDays = p.Number("office_days")
	j.Places = nil
	if name := p.Text("name"); name != "" {
		j.Places = append(j.Places, coop.Place{Locality: name, Country: strings.ToUpper(p.Text("country")), Region: p.Text("region"), Street: p.Text("street"), PostCode: p.Text("post_code")})
	}
}

// fillJobDeal writes what a member pays in and shares in.
func fillJobDeal(j *coop.Job, in input.Values) {
	d := in
	if in.Has("deal") {
		d = in.Below("deal")
	}
	setText(d, "surplus_sharing", &j.SurplusSharing)
	setText(d, "decision_method", &j.DecisionMethod)
	if d.Has("pay_ratio") {
		j.PayRatio = nil
		if d.Text("pay_ratio") != "" {
			ratio := d.Decimal("pay_ratio")
			j.PayRatio = &ratio
		}
	}
	if d.Has("member_share") {
		j.MemberShare = nil
		if s := d.Below("member_share"); !s.Empty() {
			if s.Text("value") == "" {
				s.Complain("value", "blank", "is needed: how much a member pays in")
			}
			j.MemberShare = &coop.Share{Currency: strings.ToUpper(s.Text("currency")), Value: s.Decimal("value"), Instalments: s.Number("instalments")}
		}
	}
}
