// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// ReportCategory is what a report is about, in one word.
type ReportCategory string

// The words that clients know.
const (
	ReportSpam      ReportCategory = "spam"
	ReportLegal     ReportCategory = "legal"
	ReportViolation ReportCategory = "violation" // of rules of the instance
	ReportOther     ReportCategory = "other"
)

// MaxReportComment is how many characters a report made here may have.
const MaxReportComment = 1000

// Report is a complaint about accounts and posts: made here, or a Flag of another
// server. Nobody but moderators reads it.
type Report struct {
	ID        ID
	IRI       IRI // of the Flag; empty for one that stays here
	Reporter  ID  // the verified signer's account; zero for a whole server
	Host      string
	Accounts  []ID
	Posts     []ID
	Comment   string // plain text
	Category  ReportCategory
	Rules     []ID // rules of this instance that it names
	Forwarded bool // sent on to the server of whom it is about
	CreatedAt time.Time
	ClosedAt  time.Time
}

// Validate complains about a report made here as an [Invalid]: fields account_id,
// comment, category. An empty category is other, or violation where rules are named.
func (r *Report) Validate() error {
	c := &complaints{}
	if len(r.Accounts) != 1 {
		c.add("account_id", CodeRequired, "this is needed")
	}
	r.Comment = CleanText(r.Comment, 10*MaxReportComment)
	c.text("comment", r.Comment, 0, MaxReportComment)
	if r.Category == "" {
		r.Category = ReportOther
		if len(r.Rules) > 0 {
			r.Category = ReportViolation
		}
	}
	if !in([]ReportCategory{ReportSpam, ReportLegal, ReportViolation, ReportOther}, r.Category) {
		c.add("category", CodeUnknown, "%.40q is spam, legal, violation or other", string(r.Category))
	}
	return c.list.Or()
}
