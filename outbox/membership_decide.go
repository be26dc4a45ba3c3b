// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/outbox/text"
	"minga/storage"
)

// DecideMembership answers a Join to an organization of ours. Note is the reason of a
// refusal, plain text. The same answer twice changes nothing.
func (o *Outbox) DecideMembership(ctx context.Context, m *coop.Membership, accept bool, note string, also ...Also) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		now, err := o.ownMembership(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if err := o.mayDecide(ctx, tx, now, accept); err != nil {
			return err
		}
		if err := o.decideMembership(ctx, tx, now, accept, note); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
}

// mayDecide leaves an invitation to the co-op, and to the members what is theirs to
// decide. A petition that is no petition a coordinator may refuse at once, unless the
// members have it already.
func (o *Outbox) mayDecide(ctx context.Context, tx *storage.Tx, m *coop.Membership, accept bool) error {
	switch m.State {
	case coop.MembershipInvited:
		return fmt.Errorf("decide for %s: %w", m.Member.IRI, coop.ErrState)
	case coop.MembershipInDecision:
		return fmt.Errorf("decide about %s: %w", m.Member.IRI, ErrMembersDecide)
	case coop.MembershipAsked:
		if !accept || o.MembershipMethod(ctx) == "" {
			return nil
		}
		if n, err := o.electors(ctx, tx, m.Organization.ID); err != nil || n == 0 {
			return err
		}
		return fmt.Errorf("admit %s: %w", m.Member.IRI, ErrMembersDecide)
	}
	return nil
}

// decideMembership admits or refuses, and brings the answer.
func (o *Outbox) decideMembership(ctx context.Context, tx *storage.Tx, m *coop.Membership, accept bool, note string) error {
	action := coop.MembershipRefuse
	if accept {
		action = coop.MembershipAccept
	}
	next, err := m.State.Step(action)
	if err != nil || next == m.State {
		return err
	}
	invited := m.State == coop.MembershipInvited
	if m.State = next; accept {
		if err := o.admit(ctx, tx, m); err != nil {
			return err
		}
	} else {
		m.Note = coop.CleanText(note, coop.MaxPostLength)
	}
	if err := o.keepMembership(ctx, tx, m); err != nil {
		return err
	}
	if err := o.answerPetition(ctx, tx, m, invited); err != nil {
		return err
	}
	if !accept {
		return nil
	}
	if err := o.listed(ctx, tx, m, "Add", ""); err != nil {
		return err
	}
	return o.welcome(ctx, tx, m)
}

// answerPetition tells a co-op what became of its petition: by the answer to its Join, or,
// where it applied by the form because its software knows no Join, by a direct post. Then
// its half is in its profile, which is looked at now.
func (o *Outbox) answerPetition(ctx context.Context, tx *storage.Tx, m *coop.Membership, invited bool) error {
	if invited {
		return nil
	}
	if m.JoinIRI != "" || m.Member.Local {
		return o.AnswerJoin(ctx, tx, m)
	}
	key := "joining_refused"
	if m.State == coop.MembershipMember {
		key = "joining_admitted"
		if err := tx.CheckMembership(ctx, m.Member.IRI, m.Organization.IRI, o.now()); err != nil {
			return err
		}
	}
	return o.tellFrom(ctx, tx, m.Organization, m.Member, o.words.Say(languageFor(m.Member, m.Organization), key, map[string]string{
		"Federation": shownName(m.Organization), "Link": m.Organization.URL, "Why": m.Note,
	}))
}

// ownMembership finds a membership in an organization of ours.
func (o *Outbox) ownMembership(ctx context.Context, tx *storage.Tx, id coop.ID) (*coop.Membership, error) {
	m, err := tx.Membership(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("membership %s: %w", id, err)
	}
	if !m.Organization.Local {
		return nil, fmt.Errorf("membership %s in %s: %w", id, m.Organization.IRI, coop.ErrForbidden)
	}
	return m, nil
}

// AnswerJoin sends the answer to a decided Join, once more if need be. Note of a
// refused one is its reason.
func (o *Outbox) AnswerJoin(ctx context.Context, tx *storage.Tx, m *coop.Membership) error {
	accepted := m.State.Inside()
	if !m.Organization.Local || m.JoinIRI == "" || !accepted && m.State != coop.MembershipRefused {
		return nil
	}
	b := o.newInboxes(ctx, tx)
	b.account(m.Member, false)
	kind := "Reject"
	if accepted {
		kind = "Accept"
		b.followers(m.Organization.ID)
	}
	if b.err != nil {
		return b.err
	}
	iri, err := o.newIRI(ctx, tx, m.Organization.IRI, kind)
	if err != nil {
		return err
	}
	g := outgoing{activity: answerActivity(m, iri, kind), signer: m.Organization, public: accepted, object: m.JoinIRI, urgent: true}
	g.activity.Published = o.now()
	_, err = o.send(ctx, tx, g, b.list)
	return err
}

// answerActivity is wire example 09, or a Reject with its reason.
func answerActivity(m *coop.Membership, iri, kind string) vocabulary.Activity {
	a := vocabulary.Activity{ID: iri, Type: kind, Actor: string(m.Organization.IRI), Object: string(m.JoinIRI), To: []string{string(m.Member.IRI)}}
	if kind == "Reject" {
		a.Content = text.Typed{}.Write(m.Note).HTML
		return a
	}
	a.To, a.Cc = append(a.To, string(coop.Public)), []string{string(m.Organization.Followers)}
	a.Result = membershipMembers(m)
	return a
}
