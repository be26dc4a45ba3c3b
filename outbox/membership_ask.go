// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"time"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/outbox/text"
	"minga/storage"
)

// Membership: Join by the co-op, then Accept with the Membership,
// which has its id at the federation's host, or Reject with a reason. From then on the
// co-op says memberOf and the federation lists it in members; both together make it
// verified. Leave and Remove end it at once. Where both sides are of this instance,
// the same steps happen without the wire.

// Join asks for membership of a local account in organization, here or elsewhere. Note
// is plain text. A repeated Join is sent again; who is a member gets the membership
// back as it is.
func (o *Outbox) Join(ctx context.Context, member, organization *coop.Account, role coop.MembershipRole, note string) (*coop.Membership, error) {
	var m *coop.Membership
	err := o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		m, err = o.join(ctx, tx, member, organization, role, note)
		return err
	})
	return m, err
}

func (o *Outbox) join(ctx context.Context, tx *storage.Tx, member, organization *coop.Account, role coop.MembershipRole, note string) (*coop.Membership, error) {
	if !member.Local || member.ID == organization.ID {
		return nil, fmt.Errorf("%s joins %s: %w", member.IRI, organization.IRI, coop.ErrForbidden)
	}
	m, err := tx.MembershipOf(ctx, member.ID, organization.ID)
	switch {
	case isNotFound(err):
		m = &coop.Membership{}
	case err != nil:
		return nil, fmt.Errorf("%s joins %s: %w", member.IRI, organization.IRI, err)
	case m.State.Inside() || m.State == coop.MembershipInDecision:
		return m, nil
	case m.State == coop.MembershipInvited:
		return m, o.answerInvite(ctx, tx, m, true, "")
	}
	if err := o.ask(ctx, tx, m, member, organization, role, note); err != nil {
		return nil, fmt.Errorf("%s joins %s: %w", member.IRI, organization.IRI, err)
	}
	return m, o.sendJoin(ctx, tx, m)
}

// ask stores the petition; one that waits keeps its id.
func (o *Outbox) ask(ctx context.Context, tx *storage.Tx, m *coop.Membership, member, organization *coop.Account, role coop.MembershipRole, note string) error {
	if role == "" {
		role = coop.RoleFull
	}
	if m.State != coop.MembershipAsked {
		iri, err := o.newIRI(ctx, tx, member.IRI, "Join")
		if err != nil {
			return err
		}
		*m = coop.Membership{ID: m.ID, JoinIRI: coop.IRI(iri), CreatedAt: m.CreatedAt}
	}
	m.Member, m.Organization, m.Role, m.State, m.Note = member, organization, role, coop.MembershipAsked, coop.CleanText(note, coop.MaxPostLength)
	return tx.PutMembership(ctx, m)
}

// sendJoin is wire example 08.
func (o *Outbox) sendJoin(ctx context.Context, tx *storage.Tx, m *coop.Membership) error {
	to, err := o.toOne(ctx, tx, m.Organization)
	if err != nil {
		return err
	}
	_, err = o.send(ctx, tx, outgoing{activity: joinActivity(m, o.now()), signer: m.Member, object: m.JoinIRI, urgent: true}, to)
	return err
}

// inviteActivity is the other door: its object is the co-op, its target the organization.
func inviteActivity(m *coop.Membership, at time.Time) vocabulary.Activity {
	return vocabulary.Activity{
		ID: string(m.InviteIRI), Type: "Invite", Actor: string(m.Organization.IRI), Object: string(m.Member.IRI), Target: string(m.Organization.IRI),
		To: []string{string(m.Member.IRI)}, Published: at, Content: text.Typed{}.Write(m.Note).HTML,
		Extra: vocabulary.Members{{Name: "role", Value: string(m.Role)}},
	}
}

func joinActivity(m *coop.Membership, at time.Time) vocabulary.Activity {
	return vocabulary.Activity{
		ID: string(m.JoinIRI), Type: "Join", Actor: string(m.Member.IRI), Object: string(m.Organization.IRI),
		To: []string{string(m.Organization.IRI)}, Published: at, Content: text.Typed{}.Write(m.Note).HTML,
	}
}
