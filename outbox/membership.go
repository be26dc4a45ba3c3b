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
	member, err := tx.Account(ctx, m.Member.ID)
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
