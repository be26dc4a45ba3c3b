// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/storage"
)

// admit writes what becomes true with the Accept.
func (o *Outbox) admit(ctx context.Context, tx *storage.Tx, m *coop.Membership) error {
	if m.IRI == "" {
		iri, err := freeMembership(ctx, tx, m)
		if err != nil {
			return err
		}
		m.IRI = iri
	}
	m.Start, m.End, m.OrganizationSays = o.now().UTC(), time.Time{}, true
	m.Role = roleOr(m.Role)
	return nil
}

// freeMembership is the address of a Membership: it ends in the name of the co-op, or in a
// number where another of that name, of another server, has it.
func freeMembership(ctx context.Context, tx *storage.Tx, m *coop.Membership) (coop.IRI, error) {
	numbered := below(m.Organization.IRI, "memberships/"+m.ID.String())
	odd := func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789_-", r) }
	if strings.ContainsFunc(strings.ToLower(m.Member.Name), odd) {
		return numbered, nil
	}
	named := below(m.Organization.IRI, "memberships/"+strings.ToLower(m.Member.Name))
	_, err := tx.MembershipByIRI(ctx, named)
	if isNotFound(err) {
		return named, nil
	}
	return numbered, err
}

// keepMembership stores a membership and brings both local sides in line with it.
func (o *Outbox) keepMembership(ctx context.Context, tx *storage.Tx, m *coop.Membership) error {
	if err := tx.PutMembership(ctx, m); err != nil {
		return fmt.Errorf("keep the membership of %s: %w", m.Member.IRI, err)
	}
	if !m.State.Waiting() {
		if err := o.endPetition(ctx, tx, m); err != nil {
			return err
		}
	}
	if m.Organization.Local && m.IRI != "" {
		if err := o.putMembershipDocument(ctx, tx, m); err != nil {
			return err
		}
	}
	return o.MembershipChanged(ctx, tx, m)
}

// putMembershipDocument keeps the Membership where its id leads.
func (o *Outbox) putMembershipDocument(ctx context.Context, tx *storage.Tx, m *coop.Membership) error {
	body, err := o.encodeObject(ctx, tx, membershipMembers(m), m.Organization, true)
	if err != nil {
		return err
	}
	_, err = tx.PutDocument(ctx, storage.Document{IRI: m.IRI, OwnerID: m.Organization.ID, Public: true, Body: body})
	return err
}

// membershipMembers is a Membership as an object [wire example 09].
func membershipMembers(m *coop.Membership) vocabulary.Members {
	v := vocabulary.Members{
		{Name: "type", Value: "Membership"},
		{Name: "id", Value: string(m.IRI)},
		{Name: "member", Value: string(m.Member.IRI)},
		{Name: "organization", Value: string(m.Organization.IRI)},
		{Name: "role", Value: string(m.Role)},
	}
	if m.State == coop.MembershipSuspended {
		v = v.Add("status", string(m.State))
	}
	return v.Add("startTime", m.Start).Add("endTime", m.End).Add("decision", string(m.Decision))
}

// MembershipChanged brings the documents of ours in line with a membership that was
// just stored, and tells those who need to know: a member of ours says memberOf, or no
// more; a federation of ours follows its member, or no more, and tells its followers
// when a member has left.
func (o *Outbox) MembershipChanged(ctx context.Context, tx *storage.Tx, m *coop.Membership) error {
	inside := m.State.Inside()
	if m.Member.Local {
		if err := o.sayMemberOf(ctx, tx, m, inside); err != nil {
			return err
		}
	}
	if !m.Organization.Local || m.State.Waiting() || m.State == coop.MembershipRefused {
		return nil
	}
	if err := o.withdrawPetition(ctx, tx, m); err != nil {
		return err
	}
	if m.State == coop.MembershipLeft && m.IRI != "" {
		if err := o.listed(ctx, tx, m, "Remove", ""); err != nil {
			return err
		}
	}
	if m.Organization.Kind != coop.Federation {
		return nil
	}
	if !inside {
		return o.unfollow(ctx, tx, m.Organization, m.Member)
	}
	blocked, err := tx.Blocked(ctx, m.Organization.ID, m.Member.ID)
	if err != nil || blocked {
		return err
	}
	if _, err := tx.Follow(ctx, m.Organization.ID, m.Member.ID); !isNotFound(err) {
		return err
	}
	_, err = o.follow(ctx, tx, m.Organization, m.Member)
	return err
}

// sayMemberOf changes the actor of a member of ours where it has to change.
func (o *Outbox) sayMemberOf(ctx context.Context, tx *storage.Tx, m *coop.Membership, inside bool) error {
	member, err := tx.HoldAccount(ctx, m.Member.ID)
	if err != nil {
		return err
	}
	says := slices.Contains(member.MemberOf, m.Organization.IRI)
	if says != inside {
		member.MemberOf = slices.DeleteFunc(slices.Clone(member.MemberOf), func(i coop.IRI) bool { return i == m.Organization.IRI })
		if inside {
			member.MemberOf = append(member.MemberOf, m.Organization.IRI)
		}
		if err := o.saveActor(ctx, tx, member, m.Organization); err != nil {
			return err
		}
		m.Member = member
	}
	if m.MemberSays == inside {
		return nil
	}
	m.MemberSays = inside
	return tx.PutMembership(ctx, m)
}
