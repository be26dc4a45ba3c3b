// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"strings"
	"time"
)

// Bounds of what somebody writes by the form to apply for a job.
const (
	MaxApplicantName      = 200
	MaxApplicationMessage = 5000
	MaxApplicationFiles   = 3
	MaxApplicationFile    = 5 << 20 // bytes of one PDF
)

// Application is what somebody wrote by the form to apply for a job of this instance.
// It is seen by who holds the role [Hirer] in the co-op, and by the applicant, who
// holds a secret link; never on the wire, in a list of others, or in a log.
type Application struct {
	ID        ID
	PostID    ID // the job; it may be gone
	AccountID ID // the co-op

	Name, Email, Message string // as the person wants them
	Language             string // of the page on which it was written: mails are in it
	Title                string // of the job, as it was then
	Files                []ApplicationFile

	CreatedAt  time.Time
	AnswerBy   time.Time // until when an answer was promised; zero: it was not
	AnsweredAt time.Time // zero: not yet
	EndedAt    time.Time // when the job ended; zero: it has not
}

// ApplicationFile is a PDF that came with an application.
type ApplicationFile struct {
	Name  string // ours: random, it says nothing
	Title string // what the person called it
	Size  int64  // bytes, as it was sent
}

// Validate says what is wrong with what was typed, as [Invalid] with the fields name,
// email and message.
func (a *Application) Validate() error {
	c := &complaints{}
	c.text("name", a.Name, 1, MaxApplicantName)
	switch {
	case a.Email == "":
		c.add("email", CodeRequired, "an address is needed")
	case !ValidMail(a.Email):
		c.add("email", CodeFormat, "this is no mail address")
	}
	c.text("message", a.Message, 1, MaxApplicationMessage)
	return c.list.Or()
}

// DeletedOn is when the application is deleted by itself: [ApplicationLife] after the
// job has ended; zero as long as it has not.
func (a *Application) DeletedOn() time.Time {
	if a.EndedAt.IsZero() {
		return time.Time{}
	}
	return a.EndedAt.Add(ApplicationLife)
}

// AnswerRecord is how a co-op keeps its word to answer who applies by the form: of Due
// applications whose time to be answered is over, Kept were answered in that time.
type AnswerRecord struct{ Due, Kept int }

// minAnswers is how many applications there must be before their share says something,
// and before it says nothing of a single person.
const minAnswers = 5

// Share is the part that was answered in time, in percent; false: there are too few.
func (r AnswerRecord) Share() (percent int, ok bool) {
	if r.Due < minAnswers {
		return 0, false
	}
	return r.Kept * 100 / r.Due, true
}

// TakesForm tells whether the job is one to which people may apply now by the form of
// this instance; on says that its co-op has turned the form on.
func (p *Post) TakesForm(on bool, now time.Time) bool {
	return on && p.Local && p.Job != nil && p.Job.DirectApply && p.Job.Applicable(now)
}

// ValidSecret tells whether a text looks like the secret of a link of ours: 26 letters of
// base32, which hold 128 random bits.
func ValidSecret(s string) bool {
	return len(s) == 26 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// MaxApplications bounds the applications of one job by the form: beyond it somebody
// fills the disk, or nobody reads them.
const MaxApplications = 2000

// ErrApplications is said where a job has [MaxApplications] of them ([ErrFull]).
var ErrApplications = fmt.Errorf("this job takes no more applications by the form: %w", ErrFull)
