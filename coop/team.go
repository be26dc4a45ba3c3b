// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// A team is the co-ops that do a request together: an account of kind [Team] on the
// requester's server, whose verified members are the team. What its members wrote into
// its room are posts to its members collection; its plan, the split of the price, the
// agreements and the files are kept beside, on the server of each member.

// Room is what is kept beside a team's account.
type Room struct {
	ID        ID // of the account
	Account   *Account
	RequestID ID // the request that it does; 0 where that is not known here
	Plan      *Plan
	Split     *Split
	CreatedAt time.Time
	UpdatedAt time.Time
	EndedAt   time.Time // when the server of a team elsewhere deleted it; zero while it runs
}

// Plan says who does what until when (FEP-3264).
type Plan struct {
	Name      string     `json:"name"`
	Text      string     `json:"text,omitempty"` // plain text
	Steps     []PlanStep `json:"steps,omitempty"`
	Published time.Time  `json:"published"`
	Updated   time.Time  `json:"updated,omitzero"`
}

// PlanStep is one process of a plan.
type PlanStep struct {
	Name string     `json:"name"`
	From time.Time  `json:"from,omitzero"`
	To   time.Time  `json:"to,omitzero"`
	Work []PlanWork `json:"work,omitempty"`
}

// PlanWork is what goes into a step: hours that a co-op has agreed to, or hours that
// nobody has taken yet, whose Provider is empty.
type PlanWork struct {
	Commitment IRI    `json:"commitment"` // the #primary of the agreement, or of the slot
	Slot       IRI    `json:"slot,omitempty"`
	Name       string `json:"name,omitempty"` // of the slot, where it is known
	Skill      string `json:"skill,omitempty"`
	Provider   IRI    `json:"provider,omitempty"`
	Hours      int    `json:"hours"`
}

// Split says what each co-op gets of the price. A new version is another document; whom
// an earlier one pleased has to agree anew.
type Split struct {
	Version   int             `json:"version"`
	IRI       IRI             `json:"iri"`
	Currency  string          `json:"currency"` // ISO 4217
	Price     decimal.Decimal `json:"price"`
	Lines     []SplitLine     `json:"lines"`
	Published time.Time       `json:"published"`
	Agreed    []IRI           `json:"agreed,omitempty"` // co-ops that agreed to this version
}

// SplitLine pays one co-op; where it pays hours, Provider is the co-op that works them.
type SplitLine struct {
	For      string          `json:"for"`
	Provider IRI             `json:"provider,omitempty"`
	Hours    int             `json:"hours,omitempty"`
	Payee    IRI             `json:"payee"`
	Amount   decimal.Decimal `json:"amount"`
}

// Bounds of plans and splits.
const (
	MaxPlanSteps  = 30
	MaxSplitLines = 60
	MaxTeamFile   = 8 << 20 // bytes of a file in a room
	MaxSaidFiles  = 3       // files that one message brings
)

// ValidatePlan complains about a plan as an [Invalid]: fields name, text, steps.
func ValidatePlan(p *Plan) error {
	c := complaints{}
	c.text("name", p.Name, 1, 150)
	c.text("text", p.Text, 0, 5000)
	c.count("steps", len(p.Steps), 0, MaxPlanSteps)
	for _, s := range p.Steps {
		c.text("steps", s.Name, 1, 150)
		if !s.From.IsZero() && !s.To.IsZero() && s.To.Before(s.From) {
			c.add("steps", CodeOrder, "%.40q ends before it begins", s.Name)
		}
	}
	return c.list.Or()
}

// SplitRules are what a split is held against.
type SplitRules struct {
	NoMargin bool        // nobody is paid for hours that another works
	Complete bool        // the lines add up to the price
	Members  []IRI       // who may be paid
	Agreed   map[IRI]int // hours that each co-op has agreed to; nil: not looked at
}

// ValidateSplit complains about a split as an [Invalid]: fields currency, price, lines.
// A split that breaks a rule can be neither published nor agreed to.
func ValidateSplit(s *Split, rules SplitRules) error {
	c := complaints{}
	c.currency("currency", s.Currency)
	c.amount("price", s.Price)
	c.count("lines", len(s.Lines), 1, MaxSplitLines)
	sum := decimal.Zero
	hours := map[IRI]int{}
	for i, line := range s.Lines {
		c.splitLine(i, line, rules)
		if soundDecimal(line.Amount) {
			sum = sum.Add(line.Amount)
		}
		hours[line.Provider] += line.Hours
	}
	if rules.NoMargin && rules.Agreed != nil {
		c.hoursOfOthers(hours, rules.Agreed)
	}
	if rules.Complete && soundDecimal(s.Price) && !sum.Equal(s.Price) {
		c.add("lines", CodeRange, "the lines add up to %s, and the price is %s", sum, s.Price)
	}
	return c.list.Or()
}

// splitLine complains about one line.
func (c *complaints) splitLine(i int, line SplitLine, rules SplitRules) {
	field := "lines." + strconv.Itoa(i)
	c.text(field+".for", line.For, 1, 150)
	c.amount(field+".amount", line.Amount)
	c.number(field+".hours", line.Hours, 0, 100_000)
	if !slices.Contains(rules.Members, line.Payee) {
		c.add(field+".payee", CodeUnknown, "is no member of the team")
	}
	if line.Hours == 0 && line.Provider == "" {
		return
	}
	if !slices.Contains(rules.Members, line.Provider) {
		c.add(field+".provider", CodeUnknown, "is no member of the team")
	}
	if rules.NoMargin && line.Provider != line.Payee {
		c.add(field+".payee", CodeNotAllowed, "pays a co-op for hours that another works")
	}
}

// hoursOfOthers complains where a co-op is down for more hours than it has agreed to work:
// those are another's.
func (c *complaints) hoursOfOthers(hours, agreed map[IRI]int) {
	var over []string
	for who, n := range hours {
		if n > agreed[who] {
			over = append(over, string(who))
		}
	}
	if len(over) > 0 {
		slices.Sort(over)
		c.add("lines", CodeNotAllowed, "more hours than were agreed on: %s", strings.Join(over, ", "))
	}
}

// AgreedByAll tells whether each of the co-ops has agreed to the split.
func (s *Split) AgreedByAll(members []IRI) bool {
	return s != nil && !slices.ContainsFunc(members, func(m IRI) bool { return !slices.Contains(s.Agreed, m) })
}

// Sum is what the lines add up to.
func (s *Split) Sum() decimal.Decimal {
	sum := decimal.Zero
	for _, line := range s.Lines {
		sum = sum.Add(line.Amount)
	}
	return sum
}

// RecordKind is what a record of a team is.
type RecordKind string

// The kinds of records.
const (
	RecordPlan      RecordKind = "plan"
	RecordSplit     RecordKind = "split"
	RecordAgreement RecordKind = "agreement"
	RecordConsent   RecordKind = "consent" // a member's Accept of a split
	RecordFile      RecordKind = "file"
)

// AgreementOver is the title of an agreement's record once it was released.
const AgreementOver = "released"

// Record is a document of a team as it was sent, or a file of its room.
type Record struct {
	ID        ID
	TeamID    ID
	Kind      RecordKind
	IRI       IRI
	Author    IRI    // who wrote it
	PostID    ID     // of a file: the message that brought it
	Title     string // of a file: what it is called
	Body      []byte // of a document: its bytes, with their proof
	Sealed    string // of a file: its name in the library; empty: it was not fetched yet
	Size      int64  // of a file, in bytes
	MediaType string // of a file
	Contract  bool   // of a file: it is the client's contract
	CreatedAt time.Time
}

// TeamName makes the name of a team out of the title of its request: lower-case letters
// and digits with single hyphens, 3 to 26 characters; empty where nothing is left.
func TeamName(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(Fold(title)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name := strings.TrimLeft(Truncate(b.String(), 26), "0123456789-")
	if cut := strings.LastIndexByte(name, '-'); b.Len() > 26 && cut > 8 {
		name = name[:cut]
	}
	if name = strings.Trim(name, "-"); len(name) < 3 {
		return ""
	}
	return name
}

// ByAmount orders the lines of a split for people: the most first.
func (s *Split) ByAmount() []SplitLine {
	lines := slices.Clone(s.Lines)
	slices.SortStableFunc(lines, func(a, b SplitLine) int {
		return cmp.Or(b.Amount.Cmp(a.Amount), cmp.Compare(a.For, b.For))
	})
	return lines
}

// TeamAct is the act that acts within a team are, by the kind of the member: a delegate's
// of a co-op, a coordinator's of a federation.
func TeamAct(kind AccountKind) RoleAct {
	if kind == Federation {
		return ActCoordinate
	}
	return ActOffer
}
