// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// MembershipQuery says which memberships are wanted. Empty fields do not narrow.
type MembershipQuery struct {
	Member       coop.ID
	Organization coop.ID
	Side         coop.ID // one of the two sides, whichever
	States       []coop.MembershipState
	Verified     bool // both sides say so now
	LocalOnly    bool // the organization is of this instance
}

// membershipColumns are those that [scanMembership] reads, of the table named m.
const membershipColumns = `m.id, m.iri, m.join_iri, m.member_id, m.organization_id, m.role, m.state, m.decision, m.note,
	m.start_at, m.end_at, m.member_says, m.organization_says, m.checked_at, m.created_at, m.updated_at, m.invite_iri`

// scanMembership reads a row of [membershipColumns]; its accounts have only ids.
func scanMembership(row pgx.CollectableRow) (*coop.Membership, error) {
	m := &coop.Membership{Member: &coop.Account{}, Organization: &coop.Account{}}
	var id, member, organization, start, end, checked, created, updated int64
	var iri, join, role, state, decision, invite string
	err := row.Scan(&id, &iri, &join, &member, &organization, &role, &state, &decision, &m.Note,
		&start, &end, &m.MemberSays, &m.OrganizationSays, &checked, &created, &updated, &invite)
	m.ID, m.IRI, m.JoinIRI, m.Member.ID, m.Organization.ID = coop.ID(id), coop.IRI(iri), coop.IRI(join), coop.ID(member), coop.ID(organization)
	m.InviteIRI = coop.IRI(invite)
	m.Role, m.State, m.Decision = coop.MembershipRole(role), coop.MembershipState(state), coop.IRI(decision)
	m.Start, m.End, m.CheckedAt, m.CreatedAt, m.UpdatedAt = atMs(start), atMs(end), atMs(checked), atMs(created), atMs(updated)
	return m, err
}

// fillMembers gives memberships their accounts, by one statement.
func (r reader) fillMembers(ctx context.Context, list []*coop.Membership) error {
	var ids []coop.ID
	for _, m := range list {
		ids = append(ids, m.Member.ID, m.Organization.ID)
	}
	accounts, err := r.Accounts(ctx, ids)
	for _, m := range list {
		m.Member, m.Organization = accounts[m.Member.ID], accounts[m.Organization.ID]
	}
	return err
}

// oneMembership finds one membership with its accounts.
func (r reader) oneMembership(ctx context.Context, where string, values ...any) (*coop.Membership, error) {
	m, err := first(ctx, r, scanMembership, `
		SELECT `+membershipColumns+`
		FROM memberships m
		WHERE `+where, values...)
	if err != nil {
		return nil, fmt.Errorf("membership: %w", err)
	}
	return m, r.fillMembers(ctx, []*coop.Membership{m})
}

// Membership finds a membership with both accounts, or gives [coop.ErrNotFound].
func (r reader) Membership(ctx context.Context, id coop.ID) (*coop.Membership, error) {
	return r.oneMembership(ctx, "m.id = $1", int64(id))
}

// MembershipByIRI finds it by its id on the federation's host.
func (r reader) MembershipByIRI(ctx context.Context, iri coop.IRI) (*coop.Membership, error) {
	return r.oneMembership(ctx, "m.iri = $1 AND m.iri <> ''", cleanText(string(iri)))
}

// MembershipByJoin finds it by the id of the co-op's Join.
func (r reader) MembershipByJoin(ctx context.Context, iri coop.IRI) (*coop.Membership, error) {
	return r.oneMembership(ctx, "m.join_iri = $1 AND m.join_iri <> ''", cleanText(string(iri)))
}

// MembershipByInvite finds it by the id of the organization's Invite.
func (r reader) MembershipByInvite(ctx context.Context, iri coop.IRI) (*coop.Membership, error) {
	return r.oneMembership(ctx, "m.invite_iri = $1 AND m.invite_iri <> ''", cleanText(string(iri)))
}

// MembershipOf finds the membership of one in the other, in any state.
func (r reader) MembershipOf(ctx context.Context, member, organization coop.ID) (*coop.Membership, error) {
	return r.oneMembership(ctx, "m.member_id = $1 AND m.organization_id = $2", int64(member), int64(organization))
}

// Memberships lists memberships, newest first, those of gone accounts left out.
func (r reader) Memberships(ctx context.Context, q MembershipQuery, page coop.Page) ([]*coop.Membership, error) {
	var a args
	from := membershipsFrom(&a, q)
	p := a.page("m.id", page)
	list, err := all(ctx, r, scanMembership, `
		SELECT `+membershipColumns+from+` AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("memberships: %w", err)
	}
	list = newestFirst(p, list)
	return list, r.fillMembers(ctx, list)
}

// CountMemberships counts what [reader.Memberships] would list without a page.
func (r reader) CountMemberships(ctx context.Context, q MembershipQuery) (int, error) {
	var a args
	n, err := r.number(ctx, "SELECT COUNT(*)"+membershipsFrom(&a, q), a...)
	return int(n), err
}

// membershipsFrom is the rest of a question about memberships.
func membershipsFrom(a *args, q MembershipQuery) string {
	where := []string{"c.suspended_at = 0", "c.deleted_at = 0", "o.suspended_at = 0", "o.deleted_at = 0"}
	if q.Member != 0 {
		where = append(where, "m.member_id = "+a.add(int64(q.Member)))
	}
	if q.Organization != 0 {
		where = append(where, "m.organization_id = "+a.add(int64(q.Organization)))
	}
	if q.Side != 0 {
		side := a.add(int64(q.Side))
		where = append(where, "(m.member_id = "+side+" OR m.organization_id = "+side+")")
	}
	if len(q.States) > 0 {
		where = append(where, "m.state IN "+in(a, texts(q.States)))
	}
	if q.Verified {
		where = append(where, "m.state = 'member' AND m.member_says AND m.organization_says")
	}
	if q.LocalOnly {
		where = append(where, "o.local")
	}
	return `
		FROM memberships m
		JOIN accounts c ON c.id = m.member_id
		JOIN accounts o ON o.id = m.organization_id
		WHERE ` + strings.Join(where, " AND ")
}

// VerifiedIn tells of which federations accounts are verified members, newest membership
// first; who is of none is left out. Teams are no federations: they vouch for nobody.
func (r reader) VerifiedIn(ctx context.Context, members []coop.ID) (map[coop.ID][]coop.ID, error) {
	var a args
	from := membershipsFrom(&a, MembershipQuery{Verified: true})
	type pair struct{ member, organization int64 }
	list, err := all(ctx, r, func(row pgx.CollectableRow) (p pair, err error) {
		err = row.Scan(&p.member, &p.organization)
		return p, err
	}, `
		SELECT m.member_id, m.organization_id`+from+` AND o.kind = 'federation' AND m.member_id IN `+in(&a, members)+`
		ORDER BY m.id DESC`, a...)
	if err != nil {
		return nil, fmt.Errorf("verified members: %w", err)
	}
	found := map[coop.ID][]coop.ID{}
	for _, p := range list {
		found[coop.ID(p.member)] = append(found[coop.ID(p.member)], coop.ID(p.organization))
	}
	return found, nil
}

// VerifiedMember tells whether both sides say that member belongs to organization,
// and neither is gone.
func (r reader) VerifiedMember(ctx context.Context, member, organization coop.ID) (bool, error) {
	n, err := r.CountMemberships(ctx, MembershipQuery{Member: member, Organization: organization, Verified: true})
	return n > 0, err
}

// PutMembership stores a membership by its member and organization, new or known,
// and fills in ID, CreatedAt and UpdatedAt. A change of state tells the side of this
// instance that did not make it. An IRI, JoinIRI or InviteIRI that belongs to another membership
// gives [coop.ErrConflict].
func (tx *Tx) PutMembership(ctx context.Context, m *coop.Membership) error {
	if m.Member == nil || m.Organization == nil || m.Member.ID == m.Organization.ID {
		return &coop.InvalidError{Field: "organization", Problem: "an account belongs to another"}
	}
	if err := tx.membershipFree(ctx, m); err != nil {
		return err
	}
	before, err := tx.MembershipOf(ctx, m.Member.ID, m.Organization.ID)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	if err := tx.writeMembership(ctx, m, before); err != nil {
		return fmt.Errorf("membership of %s in %s: %w", m.Member.IRI, m.Organization.IRI, err)
	}
	if m.Member.Kind == coop.Person {
		tx.about("membership " + m.ID.String())
	} else {
		tx.about(string(m.Member.IRI))
	}
	if before != nil && before.State == m.State {
		return nil
	}
	return tx.tellOfMembership(ctx, m, before)
}

// membershipFree checks that the ids are not those of another membership.
func (tx *Tx) membershipFree(ctx context.Context, m *coop.Membership) error {
	n, err := tx.number(ctx, `
		SELECT COUNT(*)
		FROM memberships
		WHERE (iri <> '' AND iri = $1 OR join_iri <> '' AND join_iri = $2 OR invite_iri <> '' AND invite_iri = $3)
			AND NOT (member_id = $4 AND organization_id = $5)`,
		cleanText(string(m.IRI)), cleanText(string(m.JoinIRI)), cleanText(string(m.InviteIRI)), int64(m.Member.ID), int64(m.Organization.ID))
	if err == nil && n > 0 {
		err = fmt.Errorf("membership %s: %w", m.IRI, coop.ErrConflict)
	}
	return err
}

// writeMembership inserts or changes the row.
func (tx *Tx) writeMembership(ctx context.Context, m, before *coop.Membership) (err error) {
	m.UpdatedAt = tx.e.now()
	if before != nil {
		m.ID, m.CreatedAt = before.ID, before.CreatedAt
		return tx.update(ctx, "memberships", membershipRow(m), "id", int64(m.ID))
	}
	m.CreatedAt = m.UpdatedAt
	if m.ID, err = tx.NextID(ctx, m.CreatedAt); err != nil {
		return err
	}
	row := append(membershipRow(m), column{"id", int64(m.ID)}, column{"member_id", int64(m.Member.ID)},
		column{"organization_id", int64(m.Organization.ID)}, column{"created_at", msOf(m.CreatedAt)})
	n, err := tx.insert(ctx, "memberships", row, "ON CONFLICT DO NOTHING")
	if err == nil && n == 0 {
		err = coop.ErrConflict
	}
	return err
}

// membershipRow is what may change of a membership, as columns.
func membershipRow(m *coop.Membership) []column {
	return []column{
		{"iri", string(m.IRI)},
		{"join_iri", string(m.JoinIRI)},
		{"invite_iri", string(m.InviteIRI)},
		{"role", string(m.Role)},
		{"state", string(m.State)},
		{"decision", string(m.Decision)},
		{"note", coop.Truncate(m.Note, 20_000)},
		{"start_at", msOf(m.Start)},
		{"end_at", msOf(m.End)},
		{"member_says", m.MemberSays},
		{"organization_says", m.OrganizationSays},
		{"checked_at", msOf(m.CheckedAt)},
		{"updated_at", msOf(m.UpdatedAt)},
	}
}
