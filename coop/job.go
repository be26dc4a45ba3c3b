// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"time"

	"github.com/shopspring/decimal"
)

// JobStatus is where an opening stands. Draft and Review never cross the wire.
type JobStatus string

// draft → (review) → open ⇄ paused; open, paused → filled | withdrawn | closed;
// open, paused → expired at ValidThrough.
const (
	JobDraft     JobStatus = "draft"
	JobReview    JobStatus = "review"
	JobOpen      JobStatus = "open"
	JobPaused    JobStatus = "paused"
	JobFilled    JobStatus = "filled"
	JobWithdrawn JobStatus = "withdrawn"
	JobClosed    JobStatus = "closed"
	JobExpired   JobStatus = "expired"
)

// Job is an opening at a co-op: schema.org's JobPosting with minga's terms. The
// JSON form is the store's own; the wire's is made by outbox and read by inbox.
type Job struct {
	Title          string            `json:"title"`
	TitleMap       map[string]string `json:"title_map,omitempty"`
	Description    string            `json:"description"` // HTML, main language
	DescriptionMap map[string]string `json:"description_map,omitempty"`
	// Markdown is what a person typed, by language; local jobs only.
	Markdown         map[string]string `json:"markdown,omitempty"`
	Responsibilities string            `json:"responsibilities,omitempty"` // HTML
	Qualifications   string            `json:"qualifications,omitempty"`   // HTML

	Skills     []Skill `json:"skills,omitempty"`
	Occupation *Term   `json:"occupation,omitempty"`
	Industry   string  `json:"industry,omitempty"`

	HiringOrganization IRI        `json:"hiring_organization"`
	EmploymentUnit     string     `json:"employment_unit,omitempty"`
	Identifier         Identifier `json:"identifier"`

	Remote         bool         `json:"remote,omitempty"`          // jobLocationType TELECOMMUTE
	ApplicantsFrom []string     `json:"applicants_from,omitempty"` // ISO 3166-1 alpha-2; empty and remote: see Anywhere
	Anywhere       bool         `json:"anywhere,omitempty"`        // remote from everywhere, said on purpose; on the wire there is then no list
	Places         []Place      `json:"places,omitempty"`
	OfficeDays     int          `json:"office_days,omitempty"` // a week; hybrid only
	TimeOverlap    *TimeOverlap `json:"time_overlap,omitempty"`

	DatePosted     string          `json:"date_posted"` // ISO 8601 date, never moved
	ValidThrough   time.Time       `json:"valid_through"`
	Start          string          `json:"start,omitempty"` // ISO 8601 date
	Immediate      bool            `json:"immediate,omitempty"`
	Duration       string          `json:"duration,omitempty"` // ISO 8601
	EmploymentType []string        `json:"employment_type,omitempty"`
	HoursFrom      decimal.Decimal `json:"hours_from"` // a week; zero with HoursTo zero: not stated
	HoursTo        decimal.Decimal `json:"hours_to"`
	WorkHours      string          `json:"work_hours,omitempty"`
	Openings       int             `json:"openings,omitempty"`

	Pay                    *Pay           `json:"pay,omitempty"`
	Gross                  *bool          `json:"gross,omitempty"` // nil: true by default
	Benefits               string         `json:"benefits,omitempty"`
	Incentives             string         `json:"incentives,omitempty"`
	Education              string         `json:"education,omitempty"`
	Experience             string         `json:"experience,omitempty"`
	ExperienceForEducation bool           `json:"experience_for_education,omitempty"`
	Eligibility            string         `json:"eligibility,omitempty"`
	Physical               string         `json:"physical,omitempty"`
	Languages              []LanguageNeed `json:"languages,omitempty"`

	Engagement      string           `json:"engagement"`
	MembershipTrack string           `json:"membership_track"`
	Probation       string           `json:"probation,omitempty"` // ISO 8601 duration
	MemberShare     *Share           `json:"member_share,omitempty"`
	DecisionMethod  string           `json:"decision_method,omitempty"`
	SurplusSharing  string           `json:"surplus_sharing,omitempty"`
	PayModel        string           `json:"pay_model,omitempty"`
	PayRatio        *decimal.Decimal `json:"pay_ratio,omitempty"`
	OpenToNew       *bool            `json:"open_to_new,omitempty"`
	HiringSteps     []string         `json:"hiring_steps,omitempty"`
	AnswerWithin    int              `json:"answer_within,omitempty"` // days

	ApplyEmail  string `json:"apply_email,omitempty"`
	ApplyURL    string `json:"apply_url,omitempty"`
	ApplyBy     IRI    `json:"apply_by,omitempty"` // an actor that takes direct messages
	DirectApply bool   `json:"direct_apply,omitempty"`

	Status   JobStatus `json:"status"`
	Closed   time.Time `json:"closed,omitzero"`
	RepostOf IRI       `json:"repost_of,omitempty"`

	// Version counts the states of a job of ours, the first being 1: who sends another
	// than the last edits something else. Zero where nobody counted.
	Version int64 `json:"version,omitempty"`
	// ConfirmedAt is when we last saw it at its origin, or published it.
	ConfirmedAt time.Time `json:"confirmed_at,omitzero"`
	// Unknown keeps wire values outside our enumerations, by wire property, as text.
	Unknown map[string]string `json:"unknown,omitempty"`
}

// Term is an entry of a list of terms: ESCO's, a federation's, or an own word.
type Term struct {
	URI  string `json:"uri,omitempty"`
	Name string `json:"name"`
}

// Skill is a term that a job asks for.
type Skill struct {
	Term
	Required bool `json:"required"`
}

// Identifier is the co-op's own reference; with the co-op it is the key to
// recognise the same job reached by two paths.
type Identifier struct {
	Name  string `json:"name"`  // the co-op's domain, or its handle
	Value string `json:"value"` // unique in the co-op
}

// TimeOverlap is the part of the day in which people of a job work together.
type TimeOverlap struct {
	Zone  string `json:"tz"`    // IANA
	From  string `json:"from"`  // HH:MM
	Until string `json:"until"` // HH:MM, may cross midnight
}

// Pay is a range of money for a unit of time.
type Pay struct {
	Currency string          `json:"currency"` // ISO 4217
	Min      decimal.Decimal `json:"min"`
	Max      decimal.Decimal `json:"max"`
	Unit     string          `json:"unit"` // HOUR, DAY, WEEK, MONTH, YEAR
}

// Share is what a member pays in.
type Share struct {
	Currency    string          `json:"currency"`
	Value       decimal.Decimal `json:"value"`
	Instalments int             `json:"instalments,omitempty"` // 1 to 60
}

// LanguageNeed is a language of the work.
type LanguageNeed struct {
	Tag      string `json:"tag"`   // BCP 47
	Level    string `json:"level"` // A1 … C2
	Required bool   `json:"required"`
}
