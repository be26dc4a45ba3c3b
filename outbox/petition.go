// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"strings"

	"minga/coop"
	"minga/storage"
)

// Petition asks for the membership of a co-op with what shows that it is one: of an account
// of ours in an organization of anywhere, by a Join, or of an account elsewhere whose
// software knows no Join, by a form of ours, in an organization of ours. Note is plain
// text. The links of the petition go with the Join; a file and a mail address stay here,
// so that a federation elsewhere gets links alone: a file for it is an
// [coop.InvalidError]. Complaints are [coop.Invalid]: fields account, note, statutes,
// evidence, contact, file. [coop.ErrFull] says that too many wait. A petition that is
// repeated while it waits takes the place of the first one; who is a member gets the
// membership back as it is.
func (o *Outbox) Petition(ctx context.Context, member, organization *coop.Account, role coop.MembershipRole, note string, p *coop.Petition, also ...Also) (*coop.Membership, error) {
	note = coop.CleanText(note, len(note))
	if err := p.Validate(note); err != nil {
		return nil, err
	}
	if p != nil && p.File != nil && !organization.Local {
		return nil, coop.Invalid{{Field: "file", Code: coop.CodeNotAllowed, Problem: "a federation elsewhere gets a link"}}
	}
	var m *coop.Membership
	err := o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		if member.Local {
			m, err = o.join(ctx, tx, member, organization, role, o.withLinks(organization, note, p))
		} else {
			m, err = o.petitionByForm(ctx, tx, member, organization, role, note)
		}
		if err != nil {
			return err
		}
		if m.State == coop.MembershipAsked {
			if err := tx.PutPetition(ctx, m.ID, p); err != nil {
				return err
			}
		}
		return besides(ctx, tx, also)
	})
	return m, err
}

// withLinks is what crosses of a petition [wire example 08].
func (o *Outbox) withLinks(organization *coop.Account, note string, p *coop.Petition) string {
	parts := []string{note}
	if p != nil && p.Statutes != "" {
		parts = append(parts, o.words.Say(o.words.Closest(organization.Language), "joining_statutes", map[string]string{"Link": p.Statutes}))
	}
	if p != nil {
		parts = append(parts, p.Evidence...)
	}
	return strings.TrimSpace(strings.Join(parts, "\n\n"))
}

// petitionByForm keeps what was asked by the form for an account elsewhere. It proves
// nothing of who filled it in: the account's own half is the link in its profile.
func (o *Outbox) petitionByForm(ctx context.Context, tx *storage.Tx, member, organization *coop.Account, role coop.MembershipRole, note string) (*coop.Membership, error) {
	if err := o.mayPetition(ctx, tx, member, organization); err != nil {
		return nil, err
	}
	m, err := tx.MembershipOf(ctx, member.ID, organization.ID)
	switch {
	case isNotFound(err):
		m = &coop.Membership{}
	case err != nil:
		return nil, fmt.Errorf("petition of %s: %w", member.IRI, err)
	case m.State.Inside() || m.State.Waiting():
		return m, nil // what waits is not another's to change
	}
	if err := tx.RoomForPetition(ctx, organization.ID); err != nil {
		return nil, err
	}
	*m = coop.Membership{
		ID: m.ID, CreatedAt: m.CreatedAt, Member: member, Organization: organization, Role: roleOr(role), State: coop.MembershipAsked, Note: note,
	}
	return m, tx.PutMembership(ctx, m)
}

// mayPetition refuses accounts that have a better way, or none.
func (o *Outbox) mayPetition(ctx context.Context, tx *storage.Tx, member, organization *coop.Account) error {
	complain := func(code, problem string) error {
		return coop.Invalid{{Field: "account", Code: code, Problem: problem}}
	}
	switch {
	case !organization.Local || organization.Kind != coop.Federation:
		return fmt.Errorf("petition to %s: %w", organization.IRI, coop.ErrForbidden)
	case member.Gone():
		return complain(coop.CodeUnknown, "there is no such account")
	case !member.SaysByLink():
		return complain(CodeAsksItself, "asks by its own server")
	}
	blocked, err := tx.Blocked(ctx, member.ID, organization.ID)
	if err == nil && blocked {
		err = complain(coop.CodeNotAllowed, "may not ask")
	}
	return err
}

// CodeAsksItself is said of an account whose own server can ask in its name.
const CodeAsksItself = "asks_itself"

// forgetPetitions deletes what came with petitions that were decided [coop.PetitionLife]
// ago.
func (o *Outbox) forgetPetitions(ctx context.Context) (n int, err error) {
	err = o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		n, err = tx.SweepPetitions(ctx)
		return err
	})
	return n, err
}

// endPetition says when what came with a decided petition goes: of who was refused, or has
// taken it back, at once.
func (o *Outbox) endPetition(ctx context.Context, tx *storage.Tx, m *coop.Membership) error {
	if !m.State.Inside() {
		return tx.PutPetition(ctx, m.ID, nil)
	}
	return tx.EndPetition(ctx, m.ID, o.now().Add(coop.PetitionLife))
}
