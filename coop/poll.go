// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"slices"
	"strconv"
	"time"
)

// Bounds of the polls that are made here. Polls of other servers may be larger.
const (
	MinPollOptions = 2
	MaxPollOptions = 10
	MaxPollTitle   = 100 // characters of an option
	MinPollTime    = 5 * time.Minute
	MaxPollTime    = 30 * 24 * time.Hour
)

// UnknownVotes is a number of votes or voters that its server does not tell.
const UnknownVotes = -1

// Poll is the question of a post: what may be chosen and what was
// (ActivityStreams §Question, FEP-9967).
type Poll struct {
	Options  []PollOption
	Multiple bool // several options may be chosen (anyOf), else one (oneOf)
	// HideTotals keeps the counts to itself until the end.
	HideTotals bool
	Ends       time.Time // no vote from then on; zero: open for good
	Closed     time.Time // when it was closed before Ends, or at it; zero: it was not
	Voters     int       // UnknownVotes where the origin does not say
	FetchedAt  time.Time // of polls elsewhere: when their counts were read last
}

// PollOption is an answer to choose.
type PollOption struct {
	Title string // plain text
	Name  string // as the origin writes it, where Title was cleaned; else empty
	Votes int    // UnknownVotes where the origin does not say
}

// Ballot is how a ballot names the option: as its origin wrote it.
func (o PollOption) Ballot() string {
	if o.Name != "" {
		return o.Name
	}
	return o.Title
}

// NewPoll is a poll that runs for a time from now on. [Poll.Validate] says whether
// it may be asked.
func NewPoll(titles []string, runs time.Duration, multiple, hideTotals bool, now time.Time) *Poll {
	p := &Poll{Multiple: multiple, HideTotals: hideTotals, Ends: now.Add(runs).UTC()}
	for _, title := range titles {
		p.Options = append(p.Options, PollOption{Title: CleanLine(title, 10*MaxPollTitle)})
	}
	return p
}

// Validate complains about a poll of ours, as an [Invalid]: fields poll.options,
// poll.options[i], poll.expires_in.
func (p *Poll) Validate(now time.Time) error {
	c := &complaints{}
	c.count("poll.options", len(p.Options), MinPollOptions, MaxPollOptions)
	for i, o := range p.Options[:min(len(p.Options), MaxPollOptions)] {
		field := "poll.options[" + strconv.Itoa(i) + "]"
		c.text(field, o.Title, 1, MaxPollTitle)
		if p.Option(o.Title) != i {
			c.add(field, CodeNotAllowed, "the same answer stands there twice")
		}
	}
	switch runs := p.Ends.Sub(now); {
	case p.Ends.IsZero():
		c.add("poll.expires_in", CodeRequired, "this is needed")
	case runs < MinPollTime-time.Second:
		c.add("poll.expires_in", CodeRange, "at least five minutes")
	case runs > MaxPollTime+time.Second:
		c.add("poll.expires_in", CodeTooLate, "at most thirty days")
	}
	return c.list.Or()
}

// Option is the place of the option with that very title, negative for none.
func (p *Poll) Option(title string) int {
	return slices.IndexFunc(p.Options, func(o PollOption) bool { return o.Title == title })
}

// Over tells whether nobody may vote any more.
func (p *Poll) Over(now time.Time) bool {
	return !p.Closed.IsZero() && !now.Before(p.Closed) || !p.Ends.IsZero() && !now.Before(p.Ends)
}

// Hides tells whether the counts of the options are not shown yet.
func (p *Poll) Hides(now time.Time) bool { return p.HideTotals && !p.Over(now) }

// Votes is the sum over the options.
func (p *Poll) Votes() int {
	n := 0
	for _, o := range p.Options {
		n += max(o.Votes, 0)
	}
	return n
}

// SameQuestion tells whether both let choose among the same, so that votes for one
// are votes for the other.
func (p *Poll) SameQuestion(q *Poll) bool {
	return p.Multiple == q.Multiple && slices.EqualFunc(p.Options, q.Options, func(a, b PollOption) bool { return a.Title == b.Title })
}

// Count takes over the counts of a poll that asks the same.
func (p *Poll) Count(q *Poll) {
	for i := range p.Options {
		p.Options[i].Votes = q.Options[i].Votes
	}
	p.Voters, p.FetchedAt = q.Voters, q.FetchedAt
}

// Clone is a copy that shares nothing with the poll.
func (p *Poll) Clone() *Poll {
	c := *p
	c.Options = slices.Clone(p.Options)
	return &c
}

// MayChoose complains, as an *[InvalidError] on the field choices, where a voter who
// voted for some options before may not vote for those of choices now: the poll is
// over, an option is not there or chosen twice, or the voter had their vote.
func (p *Poll) MayChoose(choices, before []int, now time.Time) error {
	refuse := func(code, problem string) error {
		return &InvalidError{Field: "choices", Code: code, Problem: problem}
	}
	switch {
	case p.Over(now):
		return refuse(CodePast, "this poll has ended")
	case len(choices) == 0:
		return refuse(CodeRequired, "nothing was chosen")
	case len(before) > 0:
		return refuse(CodeNotAllowed, "you have voted in this poll")
	case len(choices) > 1 && !p.Multiple:
		return refuse(CodeTooMany, "one answer can be chosen")
	}
	for i, choice := range choices {
		if choice < 0 || choice >= len(p.Options) {
			return refuse(CodeRange, "there is no such answer")
		}
		if slices.Contains(choices[:i], choice) {
			return refuse(CodeNotAllowed, "an answer was chosen twice")
		}
	}
	return nil
}
