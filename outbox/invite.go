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

// The other door to a membership: the organization, a federation or a team, sends an
// Invite whose object is the co-op and whose target is itself. The co-op answers by
// Accept or Reject of that Invite. On an Accept the organization admits it and says so by
// an Add to its members, whose result is the Membership: there was no Join that an Accept
// could answer.

// Invite asks a co-op, here or elsewhere, to become a member of an organization of ours, a
// federation or a team. Role is empty for a full member, note plain text. Who is a member
// gets the membership back as it is; who has asked to join is admitted by that. An
// invitation that waits is sent again. [coop.ErrForbidden] says that one blocks the other
// or that this is no organization of ours.
func (o *Outbox) Invite(ctx context.Context, organization, member *coop.Account, role coop.MembershipRole, note string, also ...Also) (*coop.Membership, error) {
	var m *coop.Membership
	err := o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		if m, err = o.invite(ctx, tx, organization, member, role, note); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
	return m, err
}

// invite is [Outbox.Invite] in a transaction.
func (o *Outbox) invite(ctx context.Context, tx *storage.Tx, organization, member *coop.Account, role coop.MembershipRole, note string) (*coop.Membership, error) {
	if err := o.mayInvite(ctx, tx, organization, member); err != nil {
		return nil, fmt.Errorf("invite %s to %s: %w", member.IRI, organization.IRI, err)
	}
	m, err := tx.MembershipOf(ctx, member.ID, organization.ID)
	switch {
	case isNotFound(err):
		m = &coop.Membership{}
	case err != nil:
		return nil, fmt.Errorf("invite %s to %s: %w", member.IRI, organization.IRI, err)
	case m.State.Inside():
		return m, nil
	case m.State == coop.MembershipAsked || m.State == coop.MembershipInDecision:
		return m, o.decideMembership(ctx, tx, m, true, "")
	}
	if m.State, err = m.State.Step(coop.MembershipInvite); err != nil {
		return nil, err
	}
	iri, err := o.newIRI(ctx, tx, organization.IRI, "Invite")
	if err != nil {
		return nil, err
	}
	*m = coop.Membership{
		ID: m.ID, InviteIRI: coop.IRI(iri), Member: member, Organization: organization, Role: roleOr(role), State: m.State,
		Note: coop.CleanText(note, coop.MaxPostLength), CreatedAt: m.CreatedAt,
	}
	if err := tx.PutMembership(ctx, m); err != nil {
		return nil, err
	}
	return m, o.sendInvite(ctx, tx, m)
}

// roleOr is a full member where nothing is said.
func roleOr(role coop.MembershipRole) coop.MembershipRole {
	if role == "" {
		return coop.RoleFull
	}
	return role
}

// mayInvite refuses what can be no membership, and who blocks or is blocked.
func (o *Outbox) mayInvite(ctx context.Context, tx *storage.Tx, organization, member *coop.Account) error {
	if !organization.Local || !coop.TakesMembers(organization.Kind) || organization.ID == member.ID || member.Gone() {
		return coop.ErrForbidden
	}
	if member.Kind != coop.Coop && member.Kind != coop.Federation {
		return &coop.InvalidError{Field: "coop", Code: coop.CodeNotAllowed, Problem: "is no co-op that can answer an invitation"}
	}
	blocked, err := tx.Blocked(ctx, organization.ID, member.ID)
	if err == nil && blocked {
		err = coop.ErrForbidden
	}
	return err
}

// sendInvite brings an invitation to the co-op, which alone sees it.
func (o *Outbox) sendInvite(ctx context.Context, tx *storage.Tx, m *coop.Membership) error {
	to, err := o.toOne(ctx, tx, m.Member)
	if err != nil {
		return err
	}
	_, err = o.send(ctx, tx, outgoing{activity: inviteActivity(m, o.now()), signer: m.Organization, object: m.InviteIRI, urgent: true}, to)
	return err
}

// AnswerInvite accepts or declines an invitation to a co-op of ours; note, plain text, is
// the reason of a refusal. [coop.ErrState] says that no invitation waits.
func (o *Outbox) AnswerInvite(ctx context.Context, m *coop.Membership, accept bool, note string, also ...Also) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		now, err := tx.Membership(ctx, m.ID)
		if err != nil {
			return fmt.Errorf("answer an invitation: %w", err)
		}
		if !now.Member.Local {
			return fmt.Errorf("answer an invitation of %s: %w", now.Member.IRI, coop.ErrForbidden)
		}
		if accept && now.State == coop.MembershipMember || !accept && now.State == coop.MembershipRefused {
			return nil
		}
		if now.State != coop.MembershipInvited {
			return fmt.Errorf("answer an invitation of a membership that is %s: %w", now.State, coop.ErrState)
		}
		if err := o.answerInvite(ctx, tx, now, accept, note); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
}

// answerInvite takes effect here at once where the organization is of this instance too;
// else the co-op says memberOf, and the organization's Add completes it.
func (o *Outbox) answerInvite(ctx context.Context, tx *storage.Tx, m *coop.Membership, accept bool, note string) error {
	if m.Organization.Local {
		return o.InviteAnswered(ctx, tx, m, accept, note)
	}
	if err := o.sendInviteAnswer(ctx, tx, m, accept, note); err != nil {
		return err
	}
	if accept {
		m.State, m.Start, m.Note, m.OrganizationSays = coop.MembershipMember, o.now().UTC(), "", false
	} else {
		m.State, m.Note = coop.MembershipRefused, coop.CleanText(note, coop.MaxPostLength)
	}
	return o.keepMembership(ctx, tx, m)
}

// sendInviteAnswer is the Accept or Reject of an Invite, to the organization alone.
func (o *Outbox) sendInviteAnswer(ctx context.Context, tx *storage.Tx, m *coop.Membership, accept bool, note string) error {
	kind := "Reject"
	if accept {
		kind, note = "Accept", ""
	}
	iri, err := o.newIRI(ctx, tx, m.Member.IRI, kind)
	if err != nil {
		return err
	}
	to, err := o.toOne(ctx, tx, m.Organization)
	if err != nil {
		return err
	}
	a := vocabulary.Activity{
		ID: iri, Type: kind, Actor: string(m.Member.IRI), Object: string(m.InviteIRI), To: []string{string(m.Organization.IRI)}, Published: o.now(),
		Content: text.Typed{}.Write(note).HTML,
	}
	_, err = o.send(ctx, tx, outgoing{activity: a, signer: m.Member, object: m.InviteIRI, urgent: true}, to)
	return err
}

// InviteAnswered is what an organization of ours does when a co-op has answered its
// invitation: an Accept makes the Membership, a Reject is kept with its reason. An answer
// to an invitation that waits no more changes nothing.
func (o *Outbox) InviteAnswered(ctx context.Context, tx *storage.Tx, m *coop.Membership, accepted bool, note string) error {
	if m.State != coop.MembershipInvited {
		return nil
	}
	return o.decideMembership(ctx, tx, m, accepted, note)
}

// AnswerInviteAgain sends the answer to an invitation that was answered before.
func (o *Outbox) AnswerInviteAgain(ctx context.Context, tx *storage.Tx, m *coop.Membership) error {
	if !m.Member.Local || m.InviteIRI == "" || m.State != coop.MembershipMember && m.State != coop.MembershipRefused {
		return nil
	}
	return o.sendInviteAnswer(ctx, tx, m, m.State == coop.MembershipMember, m.Note)
}

// unask is an Undo of a petition or invitation, to the other side alone.
func (o *Outbox) unask(ctx context.Context, tx *storage.Tx, by, from *coop.Account, asked coop.IRI) error {
	to, err := o.toOne(ctx, tx, from)
	if err != nil {
		return err
	}
	iri, err := o.newIRI(ctx, tx, by.IRI, "Undo")
	if err != nil {
		return err
	}
	a := vocabulary.Activity{ID: iri, Type: "Undo", Actor: string(by.IRI), Object: string(asked), To: []string{string(from.IRI)}, Published: o.now()}
	_, err = o.send(ctx, tx, outgoing{activity: a, signer: by, object: asked, urgent: true}, to)
	return err
}
