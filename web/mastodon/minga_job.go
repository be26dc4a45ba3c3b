// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"encoding/json"

	"minga/coop"
	"minga/web/mastodon/entity"
)

// jobJSON holds every field of a job, null where nothing was said.
type jobJSON struct {
	TitleMap       map[string]string `json:"title_map"`
	Engagement     string            `json:"engagement"`
	Track          string            `json:"membership_track"`
	Probation      entity.Null       `json:"probation"`
	EmploymentType []string          `json:"employment_type"`
	Openings       int               `json:"openings"`
	Start          entity.Null       `json:"start"`
	Immediate      bool              `json:"immediate_start"`
	Duration       entity.Null       `json:"duration"`
	DatePosted     entity.Null       `json:"date_posted"`
	Place          placeJSON         `json:"place"`
	TimeOverlap    *overlapJSON      `json:"time_overlap"`
	Hours          *hoursJSON        `json:"hours"`
	WorkHours      entity.Null       `json:"work_hours"`
	Pay            *payJSON          `json:"pay"`
	Deal           dealJSON          `json:"deal"`
	Skills         []skillJSON       `json:"skills"`
	Occupation     *termJSON         `json:"occupation"`
	Industry       entity.Null       `json:"industry"`
	Unit           entity.Null       `json:"employment_unit"`
	Languages      []languageJSON    `json:"languages"`
	HiringSteps    []string          `json:"hiring_steps"`
	AnswerWithin   *int              `json:"answer_within"`
	OpenToNew      *bool             `json:"open_to_new"`
	Apply          []applyJSON       `json:"apply"`
	DirectApply    bool              `json:"direct_apply"`
	Identifier     identifierJSON    `json:"identifier"`
	Benefits       entity.Null       `json:"benefits"`
	Incentives     entity.Null       `json:"incentive_compensation"`
	Education      entity.Null       `json:"education_requirements"`
	Experience     entity.Null       `json:"experience_requirements"`
	InPlace        bool              `json:"experience_in_place_of_education"`
	Eligibility    entity.Null       `json:"eligibility_to_work"`
	Physical       entity.Null       `json:"physical_requirement"`
	Duties         entity.Null       `json:"responsibilities"`
	Qualifications entity.Null       `json:"qualifications"`
	RepostOf       entity.Null       `json:"repost_of"`
	ClosedAt       entity.Time       `json:"closed_at"`
	Description    map[string]string `json:"description"`
	DescriptionMap map[string]string `json:"description_map"`
	Unknown        map[string]string `json:"unknown,omitempty"`
}

type (
	placeJSON struct {
		Mode           string      `json:"mode"` // remote, onsite, hybrid
		Name           entity.Null `json:"name"`
		Country        entity.Null `json:"country"`
		Region         entity.Null `json:"region"`
		OfficeDays     *int        `json:"office_days"`
		ApplicantsFrom []string    `json:"applicants_from"`
		Others         []string    `json:"others,omitempty"`
	}
	overlapJSON struct {
		TZ    string `json:"tz"`
		From  string `json:"from"`
		Until string `json:"until"`
	}
	hoursJSON struct {
		Min json.Number `json:"min"`
		Max json.Number `json:"max"`
		Per string      `json:"per"`
	}
	payJSON struct {
		Currency string      `json:"currency"`
		Min      string      `json:"min"`
		Max      string      `json:"max"`
		Per      string      `json:"per"`
		Gross    bool        `json:"gross"`
		Model    entity.Null `json:"model"`
	}
	dealJSON struct {
		MemberShare    *shareJSON  `json:"member_share"`
		SurplusSharing entity.Null `json:"surplus_sharing"`
		PayRatio       entity.Null `json:"pay_ratio"`
		DecisionMethod entity.Null `json:"decision_method"`
	}
	shareJSON struct {
		Currency    string `json:"currency"`
		Value       string `json:"value"`
		Instalments *int   `json:"instalments"`
	}
	skillJSON struct {
		URI      entity.Null `json:"uri"`
		Name     string      `json:"name"`
		Required bool        `json:"required"`
	}
	termJSON struct {
		URI  entity.Null `json:"uri"`
		Name string      `json:"name"`
	}
	languageJSON struct {
		Tag      string `json:"tag"`
		Level    string `json:"level"`
		Required bool   `json:"required"`
	}
	applyJSON struct {
		Way   string `json:"way"` // mail, url, message, form
		Value string `json:"value"`
	}
	identifierJSON struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)

// units are the API's words for schema.org's units of time.
var units = map[string]string{"HOUR": "hour", "DAY": "day", "WEEK": "week", "MONTH": "month", "YEAR": "year"}

// newJobJSON groups the fields of a job as clients read them.
func newJobJSON(j *coop.Job) *jobJSON {
	out := &jobJSON{
		TitleMap: j.TitleMap, Engagement: j.Engagement, Track: j.MembershipTrack, Probation: entity.Null(j.Probation), EmploymentType: append([]string{}, j.EmploymentType...),
		Openings: j.Openings, Start: entity.Null(j.Start), Immediate: j.Immediate, Duration: entity.Null(j.Duration), DatePosted: entity.Null(j.DatePosted), WorkHours: entity.Null(j.WorkHours),
		Skills: []skillJSON{}, Languages: []languageJSON{}, HiringSteps: append([]string{}, j.HiringSteps...), Apply: []applyJSON{}, DirectApply: j.DirectApply, OpenToNew: j.OpenToNew,
		Identifier: identifierJSON(j.Identifier), Industry: entity.Null(j.Industry), Unit: entity.Null(j.EmploymentUnit), Benefits: entity.Null(j.Benefits), Incentives: entity.Null(j.Incentives),
		Education: entity.Null(j.Education), Experience: entity.Null(j.Experience), InPlace: j.ExperienceForEducation, Eligibility: entity.Null(j.Eligibility), Physical: entity.Null(j.Physical),
		Duties: entity.Null(j.Responsibilities), Qualifications: entity.Null(j.Qualifications), RepostOf: entity.Null(string(j.RepostOf)), ClosedAt: entity.Time(j.Closed),
		Description: map[string]string{"text/html": j.Description}, DescriptionMap: j.DescriptionMap, Unknown: j.Unknown,
		AnswerWithin: countOrNull(j.AnswerWithin), Place: newPlaceJSON(j), Deal: newDealJSON(j),
	}
	addTerms(out, j)
	if !j.HoursTo.IsZero() {
		out.Hours = &hoursJSON{json.Number(j.HoursFrom.String()), json.Number(j.HoursTo.String()), "week"}
	}
	if p := j.Pay; p != nil {
		out.Pay = &payJSON{p.Currency, p.Min.String(), p.Max.String(), units[p.Unit], j.Gross == nil || *j.Gross, entity.Null(j.PayModel)}
	}
	if o := j.TimeOverlap; o != nil {
		out.TimeOverlap = &overlapJSON{o.Zone, o.From, o.Until}
	}
	return out
}

// addTerms adds the lists of a job: skills, languages, ways to apply.
func addTerms(out *jobJSON, j *coop.Job) {
	for _, s := range j.Skills {
		out.Skills = append(out.Skills, skillJSON{entity.Null(s.URI), s.Name, s.Required})
	}
	for _, l := range j.Languages {
		out.Languages = append(out.Languages, languageJSON(l))
	}
	if j.Occupation != nil {
		out.Occupation = &termJSON{entity.Null(j.Occupation.URI), j.Occupation.Name}
	}
	for way, value := range map[string]string{"mail": j.ApplyEmail, "url": j.ApplyURL, "message": string(j.ApplyBy)} {
		if value != "" {
			out.Apply = append(out.Apply, applyJSON{way, value})
		}
	}
	sortApply(out.Apply)
	for lang, text := range j.Markdown {
		if len(j.Markdown) == 1 || lang == mainOf(j) {
			out.Description["text/markdown"] = text
		}
	}
}

// mainOf is the language whose title is the main title.
func mainOf(j *coop.Job) string {
	for lang, title := range j.TitleMap {
		if title == j.Title {
			return lang
		}
	}
	return ""
}

// newPlaceJSON says where the work is.
func newPlaceJSON(j *coop.Job) placeJSON {
	p := placeJSON{Mode: "onsite", OfficeDays: countOrNull(j.OfficeDays), ApplicantsFrom: append([]string{}, j.ApplicantsFrom...)}
	switch {
	case j.Remote && len(j.Places) > 0:
		p.Mode = "hybrid"
	case j.Remote:
		p.Mode = "remote"
	}
	for n, place := range j.Places {
		name := place.Name
		if name == "" {
			name = place.Locality
		}
		if n == 0 {
			p.Name, p.Country, p.Region = entity.Null(name), entity.Null(place.Country), entity.Null(place.Region)
			continue
		}
		p.Others = append(p.Others, name)
	}
	return p
}

// newDealJSON is the rest of what a member shares in.
func newDealJSON(j *coop.Job) dealJSON {
	d := dealJSON{SurplusSharing: entity.Null(j.SurplusSharing), DecisionMethod: entity.Null(j.DecisionMethod)}
	if j.PayRatio != nil {
		d.PayRatio = entity.Null(j.PayRatio.String())
	}
	if s := j.MemberShare; s != nil {
		d.MemberShare = &shareJSON{s.Currency, s.Value.String(), countOrNull(s.Instalments)}
	}
	return d
}

// countOrNull is a number, or null for none.
func countOrNull(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}
