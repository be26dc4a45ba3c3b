// SPDX-License-Identifier: AGPL-3.0-or-later

package jobtext

import (
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
)

// Field names a line of the text, or a part of it.
type Field string

// The fields. Text and Tags are what stands beside the lines with a word before them.
const (
	Title   Field = "job"
	Where   Field = "where"
	Hours   Field = "hours"
	Pay     Field = "pay"
	ApplyBy Field = "until"
	ApplyAt Field = "apply"
	Kind    Field = "kind"
	Text    Field = "text"
	Tags    Field = "tags"
)

// Fields are all, in the order in which they are written.
func Fields() []Field {
	return []Field{Title, Where, Hours, Pay, ApplyBy, ApplyAt, Kind, Text, Tags}
}

// The codes of a [Problem] that are not among those of [coop.InvalidError].
const (
	CodeTwice    = "twice"    // the line is there twice
	CodeWord     = "word"     // a word that is not understood: Problem.Word
	CodeAmount   = "amount"   // no number, or too many
	CodeCurrency = "currency" // no currency, or one that could be several
	CodeWeek     = "week"     // hours of something other than a week
	CodeCountry  = "country"  // a country is missing, or not one: Problem.Word
	CodePlace    = "place"    // a town is missing
)

// Problem is a line that cannot be read, or that is missing.
type Problem struct {
	Field Field
	Line  int    // of the text, from 1; 0: there is none
	Code  string // of coop, or one of the above
	Typed string // what stands in the line, cut to 100 characters
	Word  string // the word that it is about; empty for none
}

// Reading is what a text says of a job. What a problem is about is not filled in.
type Reading struct {
	Language string         // of most of the words before the colons: es, en, ca, it, pt
	State    coop.JobStatus // what the first line says became of it; open where it says nothing
	Stated   bool           // whether the first line says so
	Title    string

	Remote         bool
	Anywhere       bool
	ApplicantsFrom []string // ISO 3166-1 alpha-2, in the order of the text
	Places         []coop.Place
	OfficeDays     int

	HoursFrom, HoursTo decimal.Decimal // a week
	Pay                *coop.Pay       // nil: unpaid, or not read
	Gross              *bool
	Until              time.Time // the last second of the day, UTC

	ApplyMail string
	ApplyURL  string
	ApplyTo   coop.Handle // an account that takes messages

	Engagement  string // employment where nothing is said
	Description string // Markdown
	Hashtags    []string

	Lines    map[Field]int // where each line with a word stands, from 1
	Problems []Problem     // in the order of [Fields]
}

// Typed is what was typed in a line, for a person to recognise it.
type lineOf struct {
	number int
	value  string
}

// Track is the way to membership that goes with the engagement when nothing is said.
func (r *Reading) Track() string {
	if r.Engagement == "inter-coop" {
		return "co-ops-only"
	}
	return "possible"
}

// fullTime is from how many hours a week on work is full-time.
const fullTime = 35

// EmploymentType is schema.org's word for the engagement and the hours.
func (r *Reading) EmploymentType() string {
	switch r.Engagement {
	case "freelance", "inter-coop":
		return "CONTRACTOR"
	case "volunteer":
		return "VOLUNTEER"
	case "internship":
		return "INTERN"
	}
	if r.HoursTo.GreaterThanOrEqual(decimal.NewFromInt(fullTime)) {
		return "FULL_TIME"
	}
	return "PART_TIME"
}
