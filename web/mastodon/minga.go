// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"encoding/json"

	"minga/coop"
)

// mingaJSON is what a status carries for clients that know minga; null for
// ordinary posts.
type mingaJSON struct {
	Kind           string       `json:"kind"`
	Title          string       `json:"title"`
	State          string       `json:"state"`
	Language       *string      `json:"language"`
	URL            string       `json:"url"`
	ClosesAt       *string      `json:"closes_at"`
	ConfirmedAt    *string      `json:"confirmed_at"`
	Version        int64        `json:"version"`
	Audience       string       `json:"audience"`
	Coop           *coopJSON    `json:"coop"`
	ReachedThrough []pathJSON   `json:"reached_through"`
	Job            *jobJSON     `json:"job,omitempty"`
	Article        *articleJSON `json:"article,omitempty"`
}

// coopJSON names who published.
type coopJSON struct {
	AccountID string `json:"account_id"`
	Name      string `json:"name"`
	Evidence  string `json:"evidence"`
}

// pathJSON is one way by which it reached this instance.
type pathJSON struct {
	AccountID string `json:"account_id"`
	Acct      string `json:"acct"`
	How       string `json:"how"`
}

// minga is the member of that name; nil for an ordinary post that has one of
// Mastodon's four audiences.
func (f *Face) minga(p *coop.Post) *mingaJSON {
	own := p.Visibility == coop.VisibleMembers || p.Visibility == coop.VisibleLocal
	if p.Job == nil && p.Article == nil && !own {
		return nil
	}
	m := &mingaJSON{
		Kind: string(p.Kind), Title: p.Title, Language: orNull(p.Language), URL: p.URL, Version: 1, Audience: string(p.Visibility), ReachedThrough: []pathJSON{},
	}
	if m.URL == "" {
		m.URL = string(p.IRI)
	}
	if a := p.Author; a != nil {
		m.Coop = &coopJSON{AccountID: a.ID.String(), Name: a.DisplayName, Evidence: "claimed"}
	}
	for _, path := range p.ReachedThrough {
		if via := path.Account; via != nil {
			m.ReachedThrough = append(m.ReachedThrough, pathJSON{via.ID.String(), via.Handle(f.AccountDomain).String(), path.How})
		}
	}
	if p.Job == nil && p.Article == nil {
		m.State = "published" // an ordinary post for readers that clients have no word for
		return m
	}
	if p.Job != nil {
		m.State, m.ClosesAt, m.ConfirmedAt = string(p.Job.Status), stampOrNull(p.Job.ValidThrough), stampOrNull(p.Job.ConfirmedAt)
		m.Title, m.Job = p.Job.Title, newJobJSON(p.Job)
	} else {
		m.State, m.Version, m.ConfirmedAt = string(p.Article.Status), p.Article.Version, stampOrNull(p.Article.ConfirmedAt)
		m.Article = newArticleJSON(p)
	}
	return m
}

// jobJSON holds every field of a job, null where nothing was said.
type jobJSON struct {
	TitleMap       map[string]string `json:"title_map"`
	Engagement     string            `json:"engagement"`
	Track          string            `json:"membership_track"`
	Probation      *string           `json:"probation"`
	EmploymentType []string          `json:"employment_type"`
	Openings       int               `json:"openings"`
	Start          *string           `json:"start"`
	Immediate      bool              `json:"immediate_start"`
	Duration       *string           `json:"duration"`
	DatePosted     *string           `json:"date_posted"`
	Place          placeJSON         `json:"place"`
	TimeOverlap    *overlapJSON      `json:"time_overlap"`
	Hours          *hoursJSON        `json:"hours"`
	WorkHours      *string           `json:"work_hours"`
	Pay            *payJSON          `json:"pay"`
	Deal           dealJSON          `json:"deal"`
	Skills         []skillJSON       `json:"skills"`
	Occupation     *termJSON         `json:"occupation"`
	Industry       *string           `json:"industry"`
	Unit           *string           `json:"employment_unit"`
	Languages      []languageJSON    `json:"languages"`
	HiringSteps    []string          `json:"hiring_steps"`
	AnswerWithin   *int              `json:"answer_within"`
	OpenToNew      *bool             `json:"open_to_new"`
	Apply          []applyJSON       `json:"apply"`
	DirectApply    bool              `json:"direct_apply"`
	Identifier     identifierJSON    `json:"identifier"`
	Benefits       *string           `json:"benefits"`
	Incentives     *string           `json:"incentive_compensation"`
	Education      *string           `json:"education_requirements"`
	Experience     *string           `json:"experience_requirements"`
	InPlace        bool              `json:"experience_in_place_of_education"`
	Eligibility    *string           `json:"eligibility_to_work"`
	Physical       *string           `json:"physical_requirement"`
	Duties         *string           `json:"responsibilities"`
	Qualifications *string           `json:"qualifications"`
	RepostOf       *string           `json:"repost_of"`
	ClosedAt       *string           `json:"closed_at"`
	Description    map[string]string `json:"description"`
	DescriptionMap map[string]string `json:"description_map"`
	Unknown        map[string]string `json:"unknown,omitempty"`
}

type (
	placeJSON struct {
		Mode           string   `json:"mode"` // remote, onsite, hybrid
		Name           *string  `json:"name"`
		Country        *string  `json:"country"`
		Region         *string  `json:"region"`
		OfficeDays     *int     `json:"office_days"`
		ApplicantsFrom []string `json:"applicants_from"`
		Others         []string `json:"others,omitempty"`
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
		Currency string  `json:"currency"`
		Min      string  `json:"min"`
		Max      string  `json:"max"`
		Per      string  `json:"per"`
		Gross    bool    `json:"gross"`
		Model    *string `json:"model"`
	}
	dealJSON struct {
		MemberShare    *shareJSON `json:"member_share"`
		SurplusSharing *string    `json:"surplus_sharing"`
		PayRatio       *string    `json:"pay_ratio"`
		DecisionMethod *string    `json:"decision_method"`
	}
	shareJSON struct {
		Currency    string `json:"currency"`
		Value       string `json:"value"`
		Instalments *int   `json:"instalments"`
	}
	skillJSON struct {
		URI      *string `json:"uri"`
		Name     string  `json:"name"`
		Required bool    `json:"required"`
	}
	termJSON struct {
		URI  *string `json:"uri"`
		Name string  `json:"name"`
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
		TitleMap: j.TitleMap, Engagement: j.Engagement, Track: j.MembershipTrack, Probation: orNull(j.Probation), EmploymentType: append([]string{}, j.EmploymentType...),
		Openings: j.Openings, Start: orNull(j.Start), Immediate: j.Immediate, Duration: orNull(j.Duration), DatePosted: orNull(j.DatePosted), WorkHours: orNull(j.WorkHours),
		Skills: []skillJSON{}, Languages: []languageJSON{}, HiringSteps: append([]string{}, j.HiringSteps...), Apply: []applyJSON{}, DirectApply: j.DirectApply, OpenToNew: j.OpenToNew,
		Identifier: identifierJSON(j.Identifier), Industry: orNull(j.Industry), Unit: orNull(j.EmploymentUnit), Benefits: orNull(j.Benefits), Incentives: orNull(j.Incentives),
		Education: orNull(j.Education), Experience: orNull(j.Experience), InPlace: j.ExperienceForEducation, Eligibility: orNull(j.Eligibility), Physical: orNull(j.Physical),
		Duties: orNull(j.Responsibilities), Qualifications: orNull(j.Qualifications), RepostOf: orNull(string(j.RepostOf)), ClosedAt: stampOrNull(j.Closed),
		Description: map[string]string{"text/html": j.Description}, DescriptionMap: j.DescriptionMap, Unknown: j.Unknown,
		AnswerWithin: countOrNull(j.AnswerWithin), Place: newPlaceJSON(j), Deal: newDealJSON(j),
	}
	addTerms(out, j)
	if !j.HoursTo.IsZero() {
		out.Hours = &hoursJSON{json.Number(j.HoursFrom.String()), json.Number(j.HoursTo.String()), "week"}
	}
	if p := j.Pay; p != nil {
		out.Pay = &payJSON{p.Currency, p.Min.String(), p.Max.String(), units[p.Unit], j.Gross == nil || *j.Gross, orNull(j.PayModel)}
	}
	if o := j.TimeOverlap; o != nil {
		out.TimeOverlap = &overlapJSON{o.Zone, o.From, o.Until}
	}
	return out
}

// addTerms adds the lists of a job: skills, languages, ways to apply.
func addTerms(out *jobJSON, j *coop.Job) {
	for _, s := range j.Skills {
		out.Skills = append(out.Skills, skillJSON{orNull(s.URI), s.Name, s.Required})
	}
	for _, l := range j.Languages {
		out.Languages = append(out.Languages, languageJSON(l))
	}
	if j.Occupation != nil {
		out.Occupation = &termJSON{orNull(j.Occupation.URI), j.Occupation.Name}
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
			p.Name, p.Country, p.Region = orNull(name), orNull(place.Country), orNull(place.Region)
			continue
		}
		p.Others = append(p.Others, name)
	}
	return p
}

// newDealJSON is the rest of what a member shares in.
func newDealJSON(j *coop.Job) dealJSON {
	d := dealJSON{SurplusSharing: orNull(j.SurplusSharing), DecisionMethod: orNull(j.DecisionMethod)}
	if j.PayRatio != nil {
		d.PayRatio = orNull(j.PayRatio.String())
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

// articleJSON is the part of an article that a status has no place for.
type articleJSON struct {
	Summary           string            `json:"summary"`
	License           *string           `json:"license"`
	Authors           []contributorJSON `json:"authors"`
	Version           int64             `json:"version"`
	TranslationOf     *string           `json:"translation_of"`
	TranslatedVersion int64             `json:"translated_version,omitempty"`
	Translations      []string          `json:"translations"`
	Topics            []termJSON        `json:"topics"`
	Series            *termJSON         `json:"series"`
	Position          *int              `json:"position"`
	Citations         []string          `json:"citations"`
	CheckedOn         *string           `json:"checked_on"`
	SupersededBy      *string           `json:"superseded_by"`
	PublishedAt       string            `json:"published_at"`
	UpdatedAt         *string           `json:"updated_at"`
	Markdown          *string           `json:"markdown"`
	HTML              string            `json:"html"`
}

// contributorJSON is an author; until confirmed, an article only names them.
type contributorJSON struct {
	URI       string `json:"uri"`
	Confirmed bool   `json:"confirmed"`
}

// newArticleJSON shows an article.
func newArticleJSON(p *coop.Post) *articleJSON {
	a := p.Article
	out := &articleJSON{
		Summary: p.Summary, License: orNull(a.License), Version: a.Version, TranslationOf: orNull(string(a.TranslationOf)), TranslatedVersion: a.TranslatedVersion,
		Translations: texts(a.Translations), Topics: []termJSON{}, Position: countOrNull(a.Position), Citations: texts(a.Citations), CheckedOn: orNull(a.CheckedOn),
		SupersededBy: orNull(string(a.SupersededBy)), PublishedAt: stamp(p.Published), UpdatedAt: stampOrNull(p.Updated), Markdown: orNull(p.Source), HTML: p.Content,
		Authors: []contributorJSON{},
	}
	if p.Author != nil {
		out.Authors = append(out.Authors, contributorJSON{string(p.Author.IRI), true})
	}
	for _, c := range a.Contributors {
		out.Authors = append(out.Authors, contributorJSON{string(c.IRI), c.Confirmed})
	}
	for _, t := range a.Topics {
		out.Topics = append(out.Topics, termJSON{orNull(t.URI), t.Name})
	}
	if a.Series != nil {
		out.Series = &termJSON{orNull(a.Series.URI), a.Series.Name}
	}
	return out
}

// texts are IRIs as plain strings, never null.
func texts(iris []coop.IRI) []string {
	out := make([]string, 0, len(iris))
	for _, iri := range iris {
		out = append(out, string(iri))
	}
	return out
}
