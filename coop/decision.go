// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Stage is how far a decision has come.
type Stage string

// draft → open → (objection → amended → open)* → adopted | rejected → published; open →
// withdrawn | no-quorum. Amended is no stage in which a decision stays: it is open again
// at once, without ballots.
const (
	StageDraft     Stage = "draft"
	StageOpen      Stage = "open"
	StageObjection Stage = "objection" // open, and an objection or a block stands
	StageAdopted   Stage = "adopted"
	StageRejected  Stage = "rejected"
	StageNoQuorum  Stage = "no-quorum"
	StageWithdrawn Stage = "withdrawn"
	StagePublished Stage = "published"
)

// Stages are all of them, in the order of a decision's life.
func Stages() []Stage {
	return []Stage{StageDraft, StageOpen, StageObjection, StageAdopted, StageRejected, StageNoQuorum, StageWithdrawn, StagePublished}
}

// Running tells whether ballots are taken in this stage, as far as the time allows.
func (s Stage) Running() bool { return s == StageOpen || s == StageObjection }

// DecisionMethod is the rule by which ballots become an outcome; [DecisionMethods] are
// all of them.
type DecisionMethod string

// The methods.
const (
	MethodConsent   DecisionMethod = "consent"
	MethodConsensus DecisionMethod = "consensus"
	MethodMajority  DecisionMethod = "majority"
	MethodTwoThirds DecisionMethod = "two-thirds"
	MethodAdvice    DecisionMethod = "advice"
)

// Options are the fixed words of a method, in the order in which they are offered; none
// of advice, whose options are free.
func (m DecisionMethod) Options() []string {
	switch m {
	case MethodConsent:
		return []string{"consent", "stand aside", OptionAbstain, OptionObject}
	case MethodConsensus:
		return []string{"agree", "stand aside", OptionAbstain, OptionBlock}
	case MethodMajority, MethodTwoThirds:
		return []string{OptionYes, OptionNo, OptionAbstain}
	}
	return nil
}

// Options that the rules know.
const (
	OptionYes     = "yes"
	OptionNo      = "no"
	OptionAbstain = "abstain"
	OptionObject  = "object"
	OptionBlock   = "block"
)

// Objects tells whether an option stands in the way of a decision by consent or consensus,
// and so needs a reason.
func (m DecisionMethod) Objects(option string) bool {
	return m == MethodConsent && option == OptionObject || m == MethodConsensus && option == OptionBlock
}

// BallotUnit says who has a ballot.
type BallotUnit string

// The units: one co-op, one vote, by a delegate; or the people of one co-op or instance,
// whose ballots never leave it.
const (
	UnitCoop   BallotUnit = "co-op"
	UnitPerson BallotUnit = "person"
)

// BallotUnits are both.
func BallotUnits() []BallotUnit { return []BallotUnit{UnitCoop, UnitPerson} }

// SubjectKind says what kind of thing a decision is about.
type SubjectKind string

// What a decision can hang on; the zero value stands alone.
const (
	SubjectNone       SubjectKind = ""
	SubjectMembership SubjectKind = "membership"
	SubjectRequest    SubjectKind = "request"
	SubjectPlan       SubjectKind = "plan"
)

// Subject is what a decision hangs on. It never crosses the wire.
type Subject struct {
	Kind SubjectKind `json:"kind,omitempty"`
	ID   ID          `json:"id,omitempty"`
}

// Decision is a proposal with an electorate, a method and a result that can be counted
// again. The poll beside it in the post has the same options, in the same order, with
// their words in the first language of the decision, and the counts.
type Decision struct {
	Title    string            `json:"title"`
	TitleMap map[string]string `json:"title_map,omitempty"` // every language, Title's included; nil when one
	// Markdown is what was typed, by language; of ours alone.
	Markdown map[string]string `json:"markdown,omitempty"`

	Method     DecisionMethod  `json:"method"`
	Unit       BallotUnit      `json:"unit"`
	Quorum     decimal.Decimal `json:"quorum"` // share of the electorate, 0 to 1
	Stage      Stage           `json:"stage"`
	Options    []string        `json:"options"`    // keys, in the order of the poll's options
	Electorate IRI             `json:"electorate"` // the collection that was frozen
	// Electors is how many may vote; zero where the origin does not say.
	Electors int `json:"electors,omitempty"`
	// ListBallots says that who votes agreed beforehand that the ballots are published.
	ListBallots bool `json:"list_ballots,omitempty"`
	// Result is what came out, and stays when the stage is published; empty until then.
	Result  Stage     `json:"result,omitempty"`
	Outcome string    `json:"outcome,omitempty"` // what was said when it was published; plain text
	Amended time.Time `json:"amended,omitzero"`  // the last time
	// Ballots and Roll are the list of ballots and who could have voted, once published.
	Ballots []OpenBallot `json:"ballots,omitempty"`
	Roll    []IRI        `json:"roll,omitempty"`

	Subject Subject `json:"subject,omitzero"`
}

// Over tells whether a decision takes no ballots at a time: its stage has ended, or its
// time is past and only nobody has counted yet.
func (d *Decision) Over(ends, now time.Time) bool {
	return !d.Stage.Running() || !ends.IsZero() && !now.Before(ends)
}

// Option is the place of an option by its key, negative for none.
func (d *Decision) Option(key string) int { return slices.Index(d.Options, key) }

// TitleIn is the title in a language, the first one where there is none.
func (d *Decision) TitleIn(language string) string {
	if t := d.TitleMap[language]; t != "" {
		return t
	}
	return d.Title
}

// Clone is a copy that shares no list with the decision.
func (d *Decision) Clone() *Decision {
	c := *d
	c.Options, c.Ballots, c.Roll = slices.Clone(d.Options), slices.Clone(d.Ballots), slices.Clone(d.Roll)
	return &c
}

// OpenBallot is a line of the published list of ballots.
type OpenBallot struct {
	Voter  IRI    `json:"voter"`
	Option string `json:"option"`
	Reason string `json:"reason,omitempty"`
}

// Ballot is the word of one elector: the last one before the end counts.
type Ballot struct {
	PostID  ID
	VoterID ID
	Voter   *Account // filled by reads
	Option  string   // a key of the decision's options
	Reason  string   // plain text
	IRI     IRI      // of the Create that brought it or took it; empty where it never crossed
	At      time.Time
	// Refused is why the other server did not count a ballot of ours; empty: it did not
	// say so.
	Refused string
}

// NewDecision is what is needed to open a decision.
type NewDecision struct {
	Author   *Account // a federation or co-op of this instance, in whose name
	Language string   // the first language; empty: the author's
	Titles   map[string]string
	Texts    map[string]string // Markdown, by language
	Method   DecisionMethod
	Options  []string // of advice alone: the answers, as they are shown
	Unit     BallotUnit
	Quorum   decimal.Decimal
	Members  bool // for the members alone, not public
	Ends     time.Time
	// ListBallots publishes the ballots at the end.
	ListBallots bool
	Subject     Subject
}

// ShowsBallots tells whether who reads may see the ballots one by one: who may vote and who
// opened it always, others once the list is published. Of people only those may.
func (d *Decision) ShowsBallots(insider bool) bool {
	return insider || d.ListBallots && !d.Stage.Running() && d.Unit == UnitCoop
}
