// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"

	"minga/coop"
	"minga/federation/document"
	"minga/storage"
)

// invite keeps an invitation of a federation or team to a co-op of ours; its people
// answer later. The same Invite again, once answered, gets the same answer again. Nobody
// invites to what is not theirs: the actor is the target.
func (w *work) invite(ctx context.Context) (effect, error) {
	member, err := w.localAccount(ctx, coop.IRI(w.doc.Ref("object").ID))
	if err != nil {
		return nil, err
	}
	if member.Kind != coop.Coop && member.Kind != coop.Federation {
		return nil, drop("not_for_us")
	}
	if target := coop.IRI(w.doc.Ref("target").ID); w.id == "" || target != w.actor {
		return nil, drop("not_owner")
	}
	organization, err := w.author(ctx)
	if err != nil {
		return nil, err
	}
	if !coop.TakesMembers(organization.Kind) || organization.Members == "" {
		return nil, drop("not_an_organization")
	}
	blocked, err := w.in.store.Blocked(ctx, organization.ID, member.ID)
	if err != nil {
		return nil, err
	}
	if blocked {
		return nil, drop("blocked")
	}
	asked := &coop.Membership{
		Member: member, Organization: organization, InviteIRI: w.id, State: coop.MembershipInvited,
		Role: roleOf(w.doc.String("role")), Note: plain(w.doc.Text("content").Value, maxNote),
	}
	return func(ctx context.Context, tx *storage.Tx) error { return w.keepInvite(ctx, tx, asked) }, nil
}

// keepInvite stores an invitation. One to who is a member or was asked by the same id
// before changes nothing; one that meets a petition of ours is kept as an invitation, which
// the co-op may then accept.
func (w *work) keepInvite(ctx context.Context, tx *storage.Tx, asked *coop.Membership) error {
	m, err := tx.MembershipOf(ctx, asked.Member.ID, asked.Organization.ID)
	switch {
	case errors.Is(err, coop.ErrNotFound):
		return tx.PutMembership(ctx, asked)
	case err != nil:
		return err
	case m.State == coop.MembershipSuspended:
		return nil
	case m.State == coop.MembershipMember || m.InviteIRI == w.id:
		if m.State == coop.MembershipInvited {
			return nil
		}
		m.InviteIRI = w.id
		return w.in.o.Answers.AnswerInviteAgain(ctx, tx, m)
	}
	asked.ID, asked.JoinIRI = m.ID, m.JoinIRI
	return tx.PutMembership(ctx, asked)
}

// ourInvite is an Invite of an organization of ours to the co-op that answers.
func (w *work) ourInvite(ctx context.Context, id coop.IRI, copy *document.Object) (*coop.Membership, error) {
	var m *coop.Membership
	err := error(coop.ErrNotFound)
	if w.in.local(id) {
		m, err = w.in.store.MembershipByInvite(ctx, id)
	}
	if errors.Is(err, coop.ErrNotFound) && copy.Type() == "Invite" {
		m, err = w.membershipBetween(ctx, coop.IRI(copy.Ref("object").ID), coop.IRI(copy.Ref("actor").ID))
	}
	if err != nil {
		return nil, err
	}
	if !m.Organization.Local || m.Member.IRI != w.actor {
		return nil, drop("not_asked")
	}
	return m, nil
}

// inviteAnswered makes a Membership of an accepted Invite, or keeps that it was
// declined, with its reason.
func (w *work) inviteAnswered(m *coop.Membership, yes bool) (effect, error) {
	if m.State != coop.MembershipInvited {
		return nil, drop("not_asked")
	}
	note := ""
	if !yes {
		note = plain(w.doc.Text("content").Value, maxNote)
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		now, err := tx.Membership(ctx, m.ID)
		if err != nil || now.State != coop.MembershipInvited {
			return storeFault("look up a membership", err) // taken back meanwhile
		}
		now.MemberSays = yes
		if err := w.in.o.Answers.InviteAnswered(ctx, tx, now, yes, note); err != nil || !yes {
			return err
		}
		return w.in.queueCheck(ctx, tx, now.Member.IRI, now.Organization.IRI, w.in.now())
	}, nil
}

// undoInvite takes an invitation back that was not answered.
func (w *work) undoInvite(ctx context.Context, id coop.IRI, copy *document.Object) (effect, error) {
	m, err := w.in.store.MembershipByInvite(ctx, id)
	if errors.Is(err, coop.ErrNotFound) && copy.Type() == "Invite" {
		m, err = w.membershipBetween(ctx, coop.IRI(copy.Ref("object").ID), w.actor)
	}
	if err != nil {
		return nil, err
	}
	if m.State != coop.MembershipInvited {
		return nil, drop("not_a_step")
	}
	return w.endMembership(m, m.Organization, coop.MembershipRemoved)
}
