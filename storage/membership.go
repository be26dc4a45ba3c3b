// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"

	"minga/coop"
)

// MembershipQuery says which memberships are wanted. Empty fields do not narrow.
type MembershipQuery struct {
	Member       coop.ID
	Organization coop.ID
	States       []coop.MembershipState
	Verified     bool // both sides say so now
	// LocalOnly keeps those in which the organization is of this instance.
	LocalOnly bool
}

// Membership finds a membership with both accounts, or gives [coop.ErrNotFound].
func (r reader) Membership(ctx context.Context, id coop.ID) (*coop.Membership, error) {
	return nil, errNotBuilt
}

// MembershipByIRI finds it by its id on the federation's host.
func (r reader) MembershipByIRI(ctx context.Context, iri coop.IRI) (*coop.Membership, error) {
	return nil, errNotBuilt
}

// MembershipByJoin finds it by the id of the co-op's Join.
func (r reader) MembershipByJoin(ctx context.Context, iri coop.IRI) (*coop.Membership, error) {
	return nil, errNotBuilt
}

// MembershipOf finds the membership of one in the other, in any state.
func (r reader) MembershipOf(ctx context.Context, member, organization coop.ID) (*coop.Membership, error) {
	return nil, errNotBuilt
}

// Memberships lists memberships, newest first, those of gone accounts left out.
func (r reader) Memberships(ctx context.Context, q MembershipQuery, page coop.Page) ([]*coop.Membership, error) {
	return nil, errNotBuilt
}

// CountMemberships counts what [reader.Memberships] would list without a page.
func (r reader) CountMemberships(ctx context.Context, q MembershipQuery) (int, error) {
	return 0, errNotBuilt
}

// VerifiedMember tells whether both sides say that member belongs to organization.
func (r reader) VerifiedMember(ctx context.Context, member, organization coop.ID) (bool, error) {
	return false, errNotBuilt
}

// PutMembership stores a membership by its member and organization, new or known,
// and fills in ID, CreatedAt and UpdatedAt. An IRI or JoinIRI that belongs to
// another membership gives [coop.ErrConflict].
func (tx *Tx) PutMembership(ctx context.Context, m *coop.Membership) error { return errNotBuilt }
