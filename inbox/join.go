// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"time"

	"minga/coop"
	"minga/federation/document"
	"minga/storage"
)

// maxNote is how many characters of a petition or a reason are kept.
const maxNote = 5_000

// join keeps a petition of a co-op for our federation; people decide later. The
// same Join again gets the same answer again. Nobody asks for
// somebody else: the actor is who joins.
func (w *work) join(ctx context.Context) (effect, error) {
	organization, err := w.localAccount(ctx, coop.IRI(w.doc.Ref("object").ID))
	if err != nil {
		return nil, err
	}
	if organization.Kind != coop.Federation {
		return nil, drop("not_for_us")
	}
	member, err := w.author(ctx)
	if err != nil {
		return nil, err
	}
	if member.Kind != coop.Coop && member.Kind != coop.Federation {
		return func(ctx context.Context, tx *storage.Tx) error {
			return w.in.o.Answers.Refuse(ctx, tx, organization, member, w.id, "refused_join_person")
		}, nil
	}
	note := plain(w.doc.Text("content").Value, maxNote)
	return func(ctx context.Context, tx *storage.Tx) error {
		return w.keepJoin(ctx, tx, member, organization, note)
	}, nil
}

func (w *work) keepJoin(ctx context.Context, tx *storage.Tx, member, organization *coop.Account, note string) error {
	m, err := tx.MembershipOf(ctx, member.ID, organization.ID)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	if err == nil && (m.JoinIRI == w.id || m.State.Inside() || m.State.Waiting()) {
		return w.joinAgain(ctx, tx, m)
	}
	asked := &coop.Membership{
		Member: member, Organization: organization, JoinIRI: w.id, Note: note,
		Role: roleOf(w.doc.String("role")), State: coop.MembershipAsked,
	}
	if m != nil {
		asked.ID = m.ID
	}
	return tx.PutMembership(ctx, asked)
}

// joinAgain answers a Join of who has asked, or is in, or was refused, before: once it was
// decided by the same answer, which names the id under which it came last. Who was invited
// accepts by it.
func (w *work) joinAgain(ctx context.Context, tx *storage.Tx, m *coop.Membership) error {
	if m.JoinIRI != w.id {
		m.JoinIRI = w.id
		if err := tx.PutMembership(ctx, m); err != nil {
			return err
		}
	}
	switch m.State {
	case coop.MembershipAsked, coop.MembershipInDecision:
		return nil
	case coop.MembershipInvited:
		if err := w.in.o.Answers.InviteAnswered(ctx, tx, m, true, ""); err != nil {
			return err
		}
	}
	return w.in.o.Answers.AnswerJoin(ctx, tx, m)
}

// roleOf reads a role; what is none of ours is a full member.
func roleOf(s string) coop.MembershipRole {
	for _, r := range coop.MembershipRoles() {
		if string(r) == s {
			return r
		}
	}
	return coop.RoleFull
}

// leave ends a membership by its member.
func (w *work) leave(ctx context.Context) (effect, error) {
	m, err := w.membershipBetween(ctx, w.actor, coop.IRI(w.doc.Ref("object").ID))
	if err != nil {
		return nil, err
	}
	return w.endMembership(m, m.Member, coop.MembershipLeft)
}

// endMembership ends a membership by one of its sides, at once.
func (w *work) endMembership(m *coop.Membership, by *coop.Account, state coop.MembershipState) (effect, error) {
	if by.IRI != w.actor {
		return nil, drop("not_owner")
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		m, err := tx.Membership(ctx, m.ID)
		if err != nil || m.State == coop.MembershipLeft || m.State == coop.MembershipRemoved {
			return storeFault("look up a membership", err)
		}
		now := w.in.now()
		m.State, m.End, m.MemberSays, m.OrganizationSays, m.CheckedAt = state, now, false, false, now
		if err := tx.PutMembership(ctx, m); err != nil {
			return err
		}
		return w.in.membershipChanged(ctx, tx, m)
	}, nil
}

// membershipChanged tells the network, where a side of it is ours to speak for.
func (in *Inbox) membershipChanged(ctx context.Context, tx *storage.Tx, m *coop.Membership) error {
	if !m.Member.Local && !m.Organization.Local {
		return nil
	}
	return in.o.Answers.MembershipChanged(ctx, tx, m)
}

// joinAnswered ends the waiting of a Join of ours: member with the Membership of
// the organization's own host, or refused with its reason.
func (w *work) joinAnswered(m *coop.Membership, yes bool) (effect, error) {
	waits := m.State == coop.MembershipAsked || m.State == coop.MembershipInDecision
	if !waits && !(yes && m.State == coop.MembershipMember) {
		return nil, drop("not_asked")
	}
	before := m.State
	if yes {
		if err := w.readMembership(m, w.doc.Ref("result")); err != nil {
			return nil, err
		}
	} else {
		m.State, m.Note = coop.MembershipRefused, plain(w.doc.Text("content").Value, maxNote)
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		if now, err := tx.Membership(ctx, m.ID); err != nil || now.State != before {
			return storeFault("look up a membership", err) // decided otherwise meanwhile
		}
		if err := tx.PutMembership(ctx, m); err != nil || !yes {
			return err
		}
		if err := w.in.membershipChanged(ctx, tx, m); err != nil {
			return err
		}
		return w.in.queueCheck(ctx, tx, m.Member.IRI, m.Organization.IRI, w.in.now())
	}, nil
}

// readMembership reads the result of an Accept: its id is on the organization's
// host, its sides are those that we know.
func (w *work) readMembership(m *coop.Membership, r document.Ref) error {
	id, doc := coop.IRI(r.ID), r.Object()
	if id == "" || !sameOrigin(id, m.Organization.IRI) {
		return drop("foreign_membership")
	}
	if doc != nil {
		if coop.IRI(doc.Ref("member").ID) != m.Member.IRI || coop.IRI(doc.Ref("organization").ID) != m.Organization.IRI {
			return drop("foreign_membership")
		}
		m.Role = roleOf(doc.String("role"))
		m.Start = w.pastTime(doc, "startTime")
		m.End, _ = doc.Time("endTime")
		m.Decision = ref(doc, "decision")
	}
	m.IRI, m.State, m.Note = id, coop.MembershipMember, ""
	m.MemberSays, m.OrganizationSays = true, true
	return nil
}

// pastTime is a time of a document, now where there is none or it is ahead.
func (w *work) pastTime(doc *document.Object, member string) time.Time {
	if t, ok := doc.Time(member); ok && t.Before(w.in.now()) {
		return t
	}
	return w.in.now()
}

// inForce tells whether somebody was admitted and did not go.
func inForce(m *coop.Membership) bool {
	return m.State == coop.MembershipMember || m.State == coop.MembershipSuspended
}

// updateMembership takes over a new role or a suspension, by the organization
// alone.
func (w *work) updateMembership(ctx context.Context, doc *document.Object) (effect, error) {
	m, err := w.in.store.MembershipByIRI(ctx, coop.IRI(doc.ID()))
	if errors.Is(err, coop.ErrNotFound) { // of others, found by reading both ends
		if m, err = w.membershipBetween(ctx, coop.IRI(doc.Ref("member").ID), coop.IRI(doc.Ref("organization").ID)); err == nil && m.IRI == "" {
			m.IRI = coop.IRI(doc.ID())
		}
	}
	if err != nil {
		return nil, err
	}
	if m.Organization.IRI != w.actor || !sameOrigin(m.IRI, w.actor) {
		return nil, drop("not_owner")
	}
	if !inForce(m) {
		return nil, drop("not_a_step")
	}
	if end, ok := doc.Time("endTime"); ok && end.Before(w.in.now()) {
		return w.endMembership(m, m.Organization, coop.MembershipRemoved)
	}
	state := coop.MembershipMember
	if doc.String("status") == string(coop.MembershipSuspended) {
		state = coop.MembershipSuspended
	}
	iri, role := m.IRI, roleOf(doc.String("role"))
	return func(ctx context.Context, tx *storage.Tx) error {
		m, err := tx.Membership(ctx, m.ID)
		if err != nil {
			return err
		}
		if !inForce(m) {
			return drop("not_a_step")
		}
		m.IRI, m.Role, m.State = iri, role, state
		if err := tx.PutMembership(ctx, m); err != nil {
			return err
		}
		if err := w.in.membershipChanged(ctx, tx, m); err != nil {
			return err
		}
		return w.in.queueCheck(ctx, tx, m.Member.IRI, m.Organization.IRI, w.in.now())
	}, nil
}

// membershipSide is Add to or Remove from an organization's own members: its half
// of a membership. Removal ends it at once; an entry alone is only a claim, so
// both ends are then read.
func (w *work) membershipSide(ctx context.Context, organization *coop.Account, member coop.IRI, in bool) (effect, error) {
	m, err := w.membershipBetween(ctx, member, organization.IRI)
	if err == nil && !in {
		return w.endMembership(m, m.Organization, coop.MembershipRemoved)
	}
	if err == nil && m.Member.Local && m.State == coop.MembershipMember && w.doc.Object("result").Type() == "Membership" {
		return w.admitted(m)
	}
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return nil, err
	}
	if !in {
		return nil, drop("unknown_object")
	}
	if err := w.mayConcern(ctx, member, organization); err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return w.in.queueCheck(ctx, tx, member, organization.IRI, w.in.now())
	}, nil
}

// mayConcern demands that somebody here knows the member, follows the organization,
// or is in the team.
func (w *work) mayConcern(ctx context.Context, member coop.IRI, organization *coop.Account) error {
	_, err := w.in.store.AccountByIRI(ctx, member)
	if !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	if organization.Kind == coop.Team {
		if here, err := w.in.store.MemberHere(ctx, organization.ID); err != nil || here {
			return err
		}
	}
	followed, ferr := w.in.store.FollowedHere(ctx, organization.ID)
	if ferr != nil || followed {
		return ferr
	}
	return err
}

// admitted completes the membership of a co-op of ours that accepted an invitation: the
// organization names its Membership with the Add.
func (w *work) admitted(m *coop.Membership) (effect, error) {
	if err := w.readMembership(m, w.doc.Ref("result")); err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		if now, err := tx.Membership(ctx, m.ID); err != nil || now.State != coop.MembershipMember {
			return storeFault("look up a membership", err) // it left meanwhile
		}
		if err := tx.PutMembership(ctx, m); err != nil {
			return err
		}
		return w.in.queueCheck(ctx, tx, m.Member.IRI, m.Organization.IRI, w.in.now())
	}, nil
}
