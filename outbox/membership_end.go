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

// listed tells the followers of an organization that its members collection has
// changed: Add, or Remove with a reason.
func (o *Outbox) listed(ctx context.Context, tx *storage.Tx, m *coop.Membership, kind, note string) error {
	iri, err := o.newIRI(ctx, tx, m.Organization.IRI, kind)
	if err != nil {
		return err
	}
	b := o.concernedBy(ctx, tx, m)
	if b.err != nil {
		return b.err
	}
	a := vocabulary.Activity{
		ID: iri, Type: kind, Actor: string(m.Organization.IRI), Object: string(m.Member.IRI), Target: string(m.Organization.Members),
		Published: o.now(), Content: text.Typed{}.Write(note).HTML,
	}
	if kind == "Add" && m.InviteIRI != "" {
		a.Result = membershipMembers(m) // who was invited had no Accept of a Join that could tell it
	}
	a.To, a.Cc = heardBy(m)
	_, err = o.send(ctx, tx, outgoing{signer: m.Organization, public: m.Organization.Kind == coop.Federation, object: m.Member.IRI, activity: a}, b.list)
	return err
}

// concernedBy are the inboxes of those who hear what an organization says of a
// membership: its followers, of a team its members alone.
func (o *Outbox) concernedBy(ctx context.Context, tx *storage.Tx, m *coop.Membership) *inboxes {
	b := o.newInboxes(ctx, tx)
	b.account(m.Member, false)
	if m.Organization.Kind == coop.Federation {
		b.circle(m.Organization)
	} else {
		b.members(m.Organization.ID)
	}
	return b
}

// heardBy is how that is addressed.
func heardBy(m *coop.Membership) (to, cc []string) {
	to = []string{string(m.Member.IRI)}
	if m.Organization.Kind == coop.Federation {
		return append(to, string(coop.Public)), []string{string(m.Organization.Followers)}
	}
	return to, []string{string(m.Organization.Members)}
}

// LeaveMembership ends the membership of a member of ours, or takes back its petition.
func (o *Outbox) LeaveMembership(ctx context.Context, m *coop.Membership, also ...Also) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		now, err := tx.Membership(ctx, m.ID)
		if err != nil {
			return fmt.Errorf("leave: %w", err)
		}
		if !now.Member.Local {
			return fmt.Errorf("leave for %s: %w", now.Member.IRI, coop.ErrForbidden)
		}
		before := now.State
		next, err := now.State.Step(coop.MembershipLeave)
		if err != nil || next == now.State {
			return err
		}
		o.end(now, next)
		if before.Inside() {
			err = o.sendLeave(ctx, tx, now)
		} else {
			err = o.unask(ctx, tx, now.Member, now.Organization, now.JoinIRI)
		}
		if err != nil {
			return err
		}
		if err := o.keepMembership(ctx, tx, now); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
}

// end writes what becomes true when a membership is over.
func (o *Outbox) end(m *coop.Membership, state coop.MembershipState) {
	m.State, m.End, m.MemberSays, m.OrganizationSays = state, o.now().UTC(), false, false
}

func (o *Outbox) sendLeave(ctx context.Context, tx *storage.Tx, m *coop.Membership) error {
	iri, err := o.newIRI(ctx, tx, m.Member.IRI, "Leave")
	if err != nil {
		return err
	}
	b := o.newInboxes(ctx, tx)
	b.account(m.Organization, false)
	b.followers(m.Member.ID)
	if b.err != nil {
		return b.err
	}
	_, err = o.send(ctx, tx, outgoing{signer: m.Member, public: true, object: m.JoinIRI, urgent: true, activity: vocabulary.Activity{
		ID: iri, Type: "Leave", Actor: string(m.Member.IRI), Object: string(m.Organization.IRI), Published: o.now(),
		To: []string{string(m.Organization.IRI), string(coop.Public)}, Cc: []string{string(m.Member.Followers)},
	}}, b.list)
	return err
}

// RemoveMember ends a membership in an organization of ours, or takes back its
// invitation; note is the reason, plain text.
func (o *Outbox) RemoveMember(ctx context.Context, m *coop.Membership, note string, also ...Also) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		now, err := o.ownMembership(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if now.State == coop.MembershipRemoved {
			return nil
		}
		if err := o.removeMember(ctx, tx, now, note); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
}

// removeMember is RemoveMember in a transaction, of a membership as it is now.
func (o *Outbox) removeMember(ctx context.Context, tx *storage.Tx, now *coop.Membership, note string) error {
	before := now.State
	next, err := now.State.Step(coop.MembershipRemove)
	if err != nil || next == now.State {
		return err
	}
	o.end(now, next)
	if before == coop.MembershipInvited {
		err = o.unask(ctx, tx, now.Organization, now.Member, now.InviteIRI)
	} else {
		err = o.listed(ctx, tx, now, "Remove", note)
	}
	if err != nil {
		return err
	}
	return o.keepMembership(ctx, tx, now)
}

// SuspendMember takes the rights of a member of an organization of ours for a while, or
// gives them back where action is [coop.MembershipResume]: the followers and the member
// get an Update of the Membership. Note is the reason, plain text.
func (o *Outbox) SuspendMember(ctx context.Context, m *coop.Membership, action coop.MembershipAction, note string, also ...Also) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		now, err := o.ownMembership(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if action != coop.MembershipSuspend && action != coop.MembershipResume {
			return fmt.Errorf("%s a membership by an Update: %w", action, coop.ErrState)
		}
		next, err := now.State.Step(action)
		if err != nil || next == now.State {
			return err
		}
		now.State, now.OrganizationSays = next, true
		if err := o.keepMembership(ctx, tx, now); err != nil {
			return err
		}
		if err := o.sendMembership(ctx, tx, now, note); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
}

// sendMembership is the Update of a Membership, to the member and everybody who
// follows the organization.
func (o *Outbox) sendMembership(ctx context.Context, tx *storage.Tx, m *coop.Membership, note string) error {
	iri, err := o.newIRI(ctx, tx, m.Organization.IRI, "Update")
	if err != nil {
		return err
	}
	b := o.concernedBy(ctx, tx, m)
	if b.err != nil {
		return b.err
	}
	a := vocabulary.Activity{
		ID: iri, Type: "Update", Actor: string(m.Organization.IRI), Object: membershipMembers(m), Published: o.now(), Content: text.Typed{}.Write(note).HTML,
	}
	a.To, a.Cc = heardBy(m)
	_, err = o.send(ctx, tx, outgoing{signer: m.Organization, public: m.Organization.Kind == coop.Federation, object: m.IRI, urgent: true, activity: a}, b.list)
	return err
}
