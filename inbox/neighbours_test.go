// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"minga/coop"
	"minga/storage"
)

// answers writes down what the outbox was asked for.
type answers struct {
	mu   sync.Mutex
	said []string
}

func (a *answers) say(format string, args ...any) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.said = append(a.said, fmt.Sprintf(format, args...))
	return nil
}

// take gives what was said since the last time.
func (a *answers) take() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	said := a.said
	a.said = nil
	return said
}

func (a *answers) AnswerFollow(_ context.Context, _ *storage.Tx, f *coop.Follow, accept bool, _ string) error {
	return a.say("follow %s → %s: %t", f.Follower.Name, f.Target.Name, accept)
}

func (a *answers) BoardAnnounce(_ context.Context, _ *storage.Tx, board *coop.Account, activity *coop.Document, _ *coop.Post, first bool) error {
	var d doc
	if err := json.Unmarshal(activity.Body, &d); err != nil {
		return err
	}
	return a.say("board %s: %s first=%t", board.Name, d["type"], first)
}

func (a *answers) FederationAnnounce(_ context.Context, _ *storage.Tx, p *coop.Post) error {
	return a.say("federation: %s", p.Kind)
}

func (a *answers) Forward(_ context.Context, _ *storage.Tx, activity *coop.Document, p *coop.Post, from string) error {
	return a.say("forward %d bytes from %s", len(activity.Body), from)
}

func (a *answers) FollowInstead(_ context.Context, _ *storage.Tx, follower, old, target *coop.Account) error {
	return a.say("%s follows %s instead of %s", follower.Name, target.Name, old.Name)
}

func (a *answers) BlockToo(_ context.Context, _ *storage.Tx, blocker, target *coop.Account) error {
	return a.say("%s blocks %s too", blocker.Name, target.Name)
}

func (a *answers) UndoLost(_ context.Context, _ *storage.Tx, follower, target *coop.Account) error {
	return a.say("undo lost %s %s", follower.IRI, target.IRI)
}

func (a *answers) AnswerJoin(_ context.Context, _ *storage.Tx, m *coop.Membership) error {
	return a.say("join %s: %s", m.Member.Name, m.State)
}

func (a *answers) Refuse(_ context.Context, _ *storage.Tx, by, to *coop.Account, _ coop.IRI, reason string) error {
	return a.say("%s refuses %s: %s", by.Name, to.Name, reason)
}

func (a *answers) InviteAnswered(_ context.Context, _ *storage.Tx, m *coop.Membership, accepted bool, note string) error {
	return a.say("invited %s: %t %s", m.Member.Name, accepted, note)
}

func (a *answers) AnswerInviteAgain(_ context.Context, _ *storage.Tx, m *coop.Membership) error {
	return a.say("invite again %s: %s", m.Member.Name, m.State)
}

func (a *answers) MembershipChanged(_ context.Context, _ *storage.Tx, m *coop.Membership) error {
	return a.say("membership %s: %s", m.Member.Name, m.State)
}

func (a *answers) Translated(_ context.Context, _ *storage.Tx, p *coop.Post) error {
	return a.say("translation %s of %s", p.IRI, p.Article.TranslationOf)
}

func (a *answers) Suggested(_ context.Context, _ *storage.Tx, s *coop.Suggestion) error {
	return a.say("suggestion of %s from version %d: %s", s.By.Name, s.BaseVersion, s.Text.Title)
}

func (a *answers) SuggestionDecided(_ context.Context, _ *storage.Tx, s *coop.Suggestion) error {
	return a.say("suggestion %s, version %d: %s", s.State, s.ResultVersion, s.Answer)
}

func (a *answers) KeepBallot(ctx context.Context, tx *storage.Tx, p *coop.Post, b *coop.Ballot) error {
	if err := tx.PutBallot(ctx, p, b); err != nil {
		return err
	}
	return a.say("ballot of %s: %s %s", b.Voter.Name, b.Option, b.Reason)
}

func (a *answers) RefuseBallot(_ context.Context, _ *storage.Tx, _ *coop.Post, voter *coop.Account, _ coop.IRI, code string) error {
	return a.say("ballot of %s refused: %s", voter.Name, code)
}

func (a *answers) DecisionCame(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	if err := tx.TellOfDecision(ctx, p); err != nil {
		return err
	}
	return a.say("decision %s: %s", p.Decision.Title, p.Decision.Stage)
}

func (a *answers) ForwardInRoom(_ context.Context, _ *storage.Tx, team *coop.Account, activity *coop.Document, from string) error {
	return a.say("in room %s: %s by %s", team.Name, activity.IRI, from)
}

func (a *answers) RefuseInRoom(_ context.Context, _ *storage.Tx, team, to *coop.Account, activity coop.IRI, reason string) error {
	return a.say("refused in %s to %s: %s: %s", team.Name, to.Name, activity, reason)
}

func (a *answers) RefusedInRoom(_ context.Context, _ *storage.Tx, team *coop.Account, p *coop.Post, reason string) error {
	return a.say("%s refused %s: %s", team.Name, p.IRI, reason)
}

func (a *answers) SplitAgreed(_ context.Context, _ *storage.Tx, team *coop.Account, split, by coop.IRI) error {
	return a.say("%s agreed to %s of %s", by, split, team.Name)
}

func (a *answers) AnswerQuote(_ context.Context, _ *storage.Tx, p *coop.Post, by *coop.Account, _, quote coop.IRI, accept bool) error {
	return a.say("quote of %s by %s, %t: %s", p.IRI, by.Name, accept, quote)
}

func (a *answers) Offered(_ context.Context, _ *storage.Tx, f *coop.Offer, p *coop.Post, body []byte) error {
	return a.say("offer of %s for %s of %s: %d h, %s, replaces %q, %d bytes", f.By.Name, f.Slot, p.Request.Title, f.Hours, f.Amount, f.Replaces, len(body))
}

func (a *answers) RefuseOffer(_ context.Context, _ *storage.Tx, owner, by *coop.Account, _ coop.IRI, fault *coop.OfferError) error {
	return a.say("%s refuses %s: %s", owner.Name, by.Name, fault.Fault)
}

func (a *answers) OfferUndone(_ context.Context, _ *storage.Tx, f *coop.Offer, _ coop.IRI, reason string, _ []byte) error {
	return a.say("offer of %s undone: %s", f.By.Name, reason)
}

func (a *answers) OfferAccepted(_ context.Context, _ *storage.Tx, f *coop.Offer, g *coop.Agreement, _ coop.IRI, _ []byte) error {
	return a.say("offer of %s accepted: %s", f.By.Name, g.IRI)
}

func (a *answers) OfferRejected(_ context.Context, _ *storage.Tx, f *coop.Offer, _ coop.IRI, reason string, _ []byte) error {
	return a.say("offer of %s rejected: %s", f.By.Name, reason)
}

func (a *answers) Disagree(_ context.Context, _ *storage.Tx, f *coop.Offer, accepted coop.IRI) error {
	return a.say("offer of %s taken back: %s", f.By.Name, accepted)
}

// counts writes down refusals and outcomes.
type counts struct {
	mu       sync.Mutex
	refused  []string
	outcomes []string
}

func (c *counts) Refused(_, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = append(c.refused, reason)
}

func (c *counts) Handled(activity, outcome string, _ time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outcomes = append(c.outcomes, activity+" "+outcome)
}

// last is the reason of the last refusal, of the gate or the worker.
func (c *counts) last() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.refused) == 0 {
		return ""
	}
	return c.refused[len(c.refused)-1]
}
