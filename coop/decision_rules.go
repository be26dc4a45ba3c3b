// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// Bounds of decisions.
const (
	MinDecisionTime   = 24 * time.Hour
	MaxDecisionTime   = 90 * 24 * time.Hour
	MaxDecisionText   = 20_000 // characters of Markdown in one language
	MaxBallotReason   = 2_000  // characters
	maxDecisionTitle  = 150
	mostAdviceOptions = 10
)

// What a ballot or a decision is refused for, beside the codes of forms. They are words
// that faces translate, and that an answer to another server is made of.
const (
	CodeNoElector = "no_elector" // outside the electorate
	CodeLate      = "late"       // the decision is over
	CodeNoOption  = "no_option"  // no such option
	CodeReason    = "reason"     // an objection or block without its reason
	CodeNobody    = "nobody"     // an electorate in which there is nobody
)

// Validate complains about a decision to be opened, as an [Invalid]: fields title, text,
// method, options, unit, quorum, ends.
func (n *NewDecision) Validate(now time.Time) error {
	c := &complaints{}
	c.text("title", n.Titles[n.Language], 3, maxDecisionTitle)
	for lang, title := range n.Titles {
		if lang != n.Language {
			c.text("title."+lang, title, 3, maxDecisionTitle)
		}
		if markup.MatchString(title) {
			c.add("title", CodeHTML, "a title is plain text")
		}
	}
	c.text("text", n.Texts[n.Language], 1, MaxDecisionText)
	for lang, text := range n.Texts {
		if lang != n.Language {
			c.text("text."+lang, text, 0, MaxDecisionText)
		}
	}
	c.oneOf("method", string(n.Method), DecisionMethods())
	n.options(c)
	if !slices.Contains(BallotUnits(), n.Unit) {
		c.add("unit", CodeUnknown, "is co-op or person")
	}
	if !soundDecimal(n.Quorum) || n.Quorum.IsNegative() || n.Quorum.GreaterThan(decimal.NewFromInt(1)) {
		c.add("quorum", CodeRange, "a share between 0 and 1")
	}
	decisionEnd(c, n.Ends, now)
	return c.list.Or()
}

// options complains about the answers of advice; other methods have their own.
func (n *NewDecision) options(c *complaints) {
	if n.Method != MethodAdvice {
		return
	}
	c.count("options", len(n.Options), MinPollOptions, mostAdviceOptions)
	for i, o := range n.Options[:min(len(n.Options), mostAdviceOptions)] {
		c.text("options["+strconv.Itoa(i)+"]", o, 1, MaxPollTitle)
		if slices.Index(n.Options, o) != i {
			c.add("options["+strconv.Itoa(i)+"]", CodeNotAllowed, "the same answer stands there twice")
		}
	}
}

// decisionEnd complains about a time that is too near or too far.
func decisionEnd(c *complaints, ends, now time.Time) {
	switch runs := ends.Sub(now); {
	case ends.IsZero():
		c.add("ends", CodeRequired, "this is needed")
	case runs < MinDecisionTime-time.Minute:
		c.add("ends", CodePast, "at least one day from now")
	case runs > MaxDecisionTime+time.Minute:
		c.add("ends", CodeTooLate, "at most ninety days from now")
	}
}

// ValidDecisionEnd complains about the end of a decision, as an [Invalid] of field ends.
func ValidDecisionEnd(ends, now time.Time) error {
	c := &complaints{}
	decisionEnd(c, ends, now)
	return c.list.Or()
}

// MayCast complains, as an *[InvalidError], of a ballot that cannot count at a time: it is
// late, its option is none, or it objects without saying why. Ends is the end of the
// decision. Who casts it is asked elsewhere.
func (d *Decision) MayCast(option, reason string, ends, at time.Time) error {
	switch {
	case d.Over(ends, at):
		return &InvalidError{Field: "option", Code: CodeLate, Problem: "this decision takes no more ballots"}
	case d.Option(option) < 0:
		return &InvalidError{Field: "option", Code: CodeNoOption, Problem: "there is no such option"}
	case d.Method.Objects(option) && reason == "":
		return &InvalidError{Field: "reason", Code: CodeReason, Problem: "an objection or a block needs its reason"}
	case runes(reason) > MaxBallotReason:
		return &InvalidError{Field: "reason", Code: CodeTooLong, Problem: fmt.Sprintf("at most %d characters", MaxBallotReason)}
	}
	return nil
}

// Admit judges what another server says a decision is: false where it is none, since a
// field that must hold is broken.
func (d *Decision) Admit() bool {
	if d.Title == "" || !in(DecisionMethods(), string(d.Method)) || !in(Stages(), d.Stage) || d.Stage == StageDraft || len(d.Options) < MinPollOptions {
		return false
	}
	if !in(BallotUnits(), d.Unit) || !ValidIRI(d.Electorate) {
		return false
	}
	for i, o := range d.Options {
		if o == "" || slices.Index(d.Options, o) != i || d.Method != MethodAdvice && !in(d.Method.Options(), o) {
			return false
		}
	}
	if !soundDecimal(d.Quorum) || d.Quorum.IsNegative() || d.Quorum.GreaterThan(decimal.NewFromInt(1)) {
		d.Quorum = decimal.Zero // of no importance here: the origin counts
	}
	return true
}

// StageAction is something that is done to a decision, by people or the clock.
type StageAction string

// What may be done to a decision.
const (
	DecisionOpen     StageAction = "open"
	DecisionObject   StageAction = "object"
	DecisionSettle   StageAction = "settle" // the last objection was taken back
	DecisionAmend    StageAction = "amend"
	DecisionAdopt    StageAction = "adopt"
	DecisionReject   StageAction = "reject"
	DecisionMiss     StageAction = "miss" // the quorum
	DecisionWithdraw StageAction = "withdraw"
	DecisionPublish  StageAction = "publish"
)

// Step is where a decision is after an action; [ErrState] when the action is not possible,
// the stage itself when it is there already.
func (s Stage) Step(action StageAction) (Stage, error) {
	running := []Stage{StageOpen, StageObjection}
	a, ok := map[StageAction]arrow[Stage]{
		DecisionOpen:     {[]Stage{StageDraft}, StageOpen},
		DecisionObject:   {[]Stage{StageOpen}, StageObjection},
		DecisionSettle:   {[]Stage{StageObjection}, StageOpen},
		DecisionAmend:    {running, StageOpen},
		DecisionAdopt:    {[]Stage{StageOpen}, StageAdopted},
		DecisionReject:   {running, StageRejected},
		DecisionMiss:     {[]Stage{StageOpen}, StageNoQuorum},
		DecisionWithdraw: {running, StageWithdrawn},
		DecisionPublish:  {[]Stage{StageOpen, StageAdopted, StageRejected}, StagePublished},
	}[action]
	if !ok {
		return s, fmt.Errorf("%q is nothing that is done to a decision: %w", action, ErrState)
	}
	return a.step("decision", s, string(action))
}

// StageMayBecome tells whether an Update may change a decision of another server from one
// stage to another.
func StageMayBecome(from, to Stage) bool {
	if from == to {
		return true
	}
	switch from {
	case StageDraft:
		return to == StageOpen
	case StageOpen:
		return to != StageDraft
	case StageObjection:
		return to != StageDraft && to != StageNoQuorum
	case StageAdopted, StageRejected:
		return to == StagePublished
	}
	return false
}
