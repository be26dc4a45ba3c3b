// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/storage"
)

// Who admits co-ops, by the setting membership_decision: a coordinator (the usual), or the
// members by consent or by a majority. Where the members do, a coordinator lays each
// petition before them; what comes out admits or refuses by itself, and the Membership
// names the decision. As long as there is no member who could vote, the coordinators decide.

// usualDecision is how long the members have, and usualQuorum which share of them must
// have spoken.
const usualDecision = 10 * 24 * time.Hour

var usualQuorum = decimal.New(5, -1)

// MembershipMethod is how the setting membership_decision wants petitions decided; empty:
// by a coordinator.
func (o *Outbox) MembershipMethod(ctx context.Context) coop.DecisionMethod {
	switch m := coop.DecisionMethod(o.setting(ctx, "membership_decision", "")); m {
	case coop.MethodConsent, coop.MethodConsensus, coop.MethodMajority, coop.MethodTwoThirds:
		return m
	}
	return ""
}

// ErrMembersDecide is said to a coordinator who would admit alone what the members decide
// ([coop.ErrForbidden]).
var ErrMembersDecide = fmt.Errorf("the members decide who is admitted: lay it before them: %w", coop.ErrForbidden)

// MayAdmitAlone tells whether a coordinator may admit without a decision of the members.
func (o *Outbox) MayAdmitAlone(ctx context.Context, organization coop.ID) (bool, error) {
	if o.MembershipMethod(ctx) == "" {
		return true, nil
	}
	n, err := o.electors(ctx, o.store, organization)
	return n == 0, err
}

// electors counts who could vote.
func (o *Outbox) electors(ctx context.Context, r relations, organization coop.ID) (int, error) {
	list, err := walkMemberships(ctx, r, storage.MembershipQuery{Organization: organization, Verified: true})
	n := 0
	for _, m := range list {
		if m.Role == coop.RoleFull {
			n++
		}
	}
	return n, err
}

// JoinDecision is how a petition is laid before the members. The zero value of a field
// stands for what is usual: the method of the setting or else consent, half of the members,
// ten days.
type JoinDecision struct {
	Method      coop.DecisionMethod
	Quorum      *decimal.Decimal
	Ends        time.Time
	ListBallots bool
}

// LayBeforeMembers opens the members' decision about a petition that waits and gives it.
// [coop.ErrState] says that it does not wait; complaints are [coop.Invalid], as of
// [Outbox.OpenDecision].
func (o *Outbox) LayBeforeMembers(ctx context.Context, m *coop.Membership, d JoinDecision, also ...Also) (*coop.Post, error) {
	var p *coop.Post
	err := o.store.Write(ctx, func(tx *storage.Tx) error {
		now, err := o.ownMembership(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if now.State == coop.MembershipInDecision {
			return fmt.Errorf("lay the petition of %s before the members: %w", now.Member.IRI, coop.ErrState)
		}
		if now.State, err = now.State.Step(coop.MembershipDecide); err != nil {
			return err
		}
		if p, err = o.OpenDecision(ctx, tx, o.joinDecision(ctx, now, d)); err != nil {
			return err
		}
		now.Decision = p.IRI
		if err := tx.PutMembership(ctx, now); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// joinDecision is the question that is put to the members. The petition itself and its
// files are not in it: they are for those who decide.
func (o *Outbox) joinDecision(ctx context.Context, m *coop.Membership, d JoinDecision) coop.NewDecision {
	n := coop.NewDecision{
		Author: m.Organization, Language: o.words.Closest(m.Organization.Language), Titles: map[string]string{}, Texts: map[string]string{},
		Method: d.Method, Unit: coop.UnitCoop, Quorum: usualQuorum, Ends: d.Ends, ListBallots: d.ListBallots,
		Subject: coop.Subject{Kind: coop.SubjectMembership, ID: m.ID},
	}
	if n.Method == "" {
		n.Method = o.MembershipMethod(ctx)
	}
	if n.Method == "" {
		n.Method = coop.MethodConsent
	}
	if d.Quorum != nil {
		n.Quorum = *d.Quorum
	}
	if n.Ends.IsZero() {
		n.Ends = o.now().Add(usualDecision)
	}
	data := map[string]string{"Coop": coop.Truncate(coop.CleanLine(shownName(m.Member), 100), 100), "Link": m.Member.URL}
	for _, lang := range []string{"es", "en", "ca", "it", "pt"} {
		n.Titles[lang] = o.words.Say(lang, "joining_question", data)
		n.Texts[lang] = o.words.Say(lang, "joining_question_"+roleWord(m.Role), data)
	}
	return n
}

// roleWord is a role as part of the key of a text.
func roleWord(role coop.MembershipRole) string {
	switch role {
	case coop.RolePreCoop:
		return "precoop"
	case coop.RoleObserver:
		return "observer"
	}
	return "full"
}

// membershipDecided admits or refuses a co-op by what the members decided; without an
// outcome the petition waits again. One that was taken back meanwhile stays so.
func (o *Outbox) membershipDecided(ctx context.Context, tx *storage.Tx, p *coop.Post, outcome coop.Stage) error {
	m, err := o.ownMembership(ctx, tx, p.Decision.Subject.ID)
	if isNotFound(err) {
		return nil
	}
	if err != nil || m.State != coop.MembershipInDecision || m.Decision != p.IRI {
		return err
	}
	switch outcome {
	case coop.StageAdopted:
		return o.decideMembership(ctx, tx, m, true, "")
	case coop.StageRejected:
		lang := languageFor(m.Member, m.Organization)
		return o.decideMembership(ctx, tx, m, false, o.words.Say(lang, "joining_rejected", map[string]string{"Link": p.URL}))
	}
	m.State, m.Decision = coop.MembershipAsked, ""
	return tx.PutMembership(ctx, m)
}

// withdrawPetition withdraws what the members still decide about a petition that was taken
// back, in the transaction that takes it back: nobody votes on what is over. It is told as
// every withdrawal is. A membership rests on no such decision.
func (o *Outbox) withdrawPetition(ctx context.Context, tx *storage.Tx, m *coop.Membership) error {
	if m.State != coop.MembershipLeft && m.State != coop.MembershipRemoved || m.Decision == "" {
		return nil
	}
	about, err := tx.PostByIRI(ctx, coop.As(m.Organization.ID), m.Decision)
	if isNotFound(err) || errors.Is(err, coop.ErrGone) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("withdraw the decision about %s: %w", m.Member.IRI, err)
	}
	if d := about.Decision; about.AuthorID != m.Organization.ID || d == nil || d.Subject != (coop.Subject{Kind: coop.SubjectMembership, ID: m.ID}) || !d.Stage.Running() {
		return nil
	}
	p, err := o.ownDecision(ctx, tx, about.ID)
	if err != nil {
		return err
	}
	if err := o.withdrawDecision(ctx, tx, p); err != nil {
		return fmt.Errorf("withdraw the decision about %s: %w", m.Member.IRI, err)
	}
	m.Decision = ""
	return tx.PutMembership(ctx, m)
}
