// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"
	"html"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/outbox/text"
	"minga/storage"
)

// Teams
//
// When all required roles of a request are covered its requester gets a team: a Group on
// the requester's server with a members collection, whose members are the requester and
// the co-ops whose offers were accepted, by Invite and Accept. What they say goes to the
// team alone, which forwards it, and what the team shares (the plan, the split of the
// price, the agreements) it sends to each of them. All of it carries proofs: the members
// have to show to each other, and later, who said what, also when the team's server is
// gone.

// maxTeamNames is how many names are tried for a team.
const maxTeamNames = 20

// formTeam makes the team of a request of ours, where there is none yet, shares what the
// parties agreed to, and invites those that are neither in nor invited. Calling it again is right: that is how a
// co-op whose offer was accepted later gets in.
func (o *Outbox) formTeam(ctx context.Context, tx *storage.Tx, request *coop.Post, parties []teamParty) error {
	team, err := tx.TeamOfRequest(ctx, request.ID)
	if isNotFound(err) {
		team, err = o.newTeam(ctx, tx, request)
	}
	if err != nil {
		return fmt.Errorf("team of %s: %w", request.IRI, err)
	}
	if err := o.shareAgreements(ctx, tx, team, parties); err != nil {
		return err
	}
	for _, p := range parties {
		if err := o.inviteToTeam(ctx, tx, team.Account, p.By, request); err != nil {
			return err
		}
	}
	return nil
}

// MakeTeam makes the team of a request of ours before all of it is covered, or invites more
// co-ops into it: who came to an agreement by other ways. The team is returned.
func (o *Outbox) MakeTeam(ctx context.Context, request coop.ID, coops []*coop.Account, also ...Also) (*coop.Room, error) {
	var t *coop.Room
	err := o.store.Write(ctx, func(tx *storage.Tx) error {
		post, err := o.ownPost(ctx, tx, request)
		if err != nil {
			return err
		}
		if post.Request == nil || post.Request.Status.Ended() {
			return fmt.Errorf("team of %s: %w", post.IRI, coop.ErrState)
		}
		parties, err := o.partiesOf(ctx, tx, post)
		if err != nil {
			return err
		}
		for _, one := range coops {
			parties = append(parties, teamParty{By: one})
		}
		if err := o.formTeam(ctx, tx, post, parties); err != nil {
			return err
		}
		if t, err = tx.TeamOfRequest(ctx, request); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
	return t, err
}

// partiesOf are the co-ops whose offers for a request were accepted.
func (o *Outbox) partiesOf(ctx context.Context, tx *storage.Tx, request *coop.Post) ([]teamParty, error) {
	var parties []teamParty
	for page := (coop.Page{Limit: mostParties}); ; {
		list, err := tx.Agreements(ctx, storage.AgreementQuery{Post: request.ID, Active: true}, page)
		if err != nil {
			return nil, err
		}
		for _, g := range list {
			parties = append(parties, teamParty{By: g.By, Agreement: g.IRI, Body: g.Body})
		}
		if len(list) < mostParties {
			return parties, nil
		}
		page.Max = list[len(list)-1].ID
	}
}

// mostParties is how many agreements are read at once.
const mostParties = 40

// inviteToTeam asks a co-op whose offer was accepted into the team; the requester needs
// no invitation, who is blocked gets none.
func (o *Outbox) inviteToTeam(ctx context.Context, tx *storage.Tx, team, one *coop.Account, request *coop.Post) error {
	if one == nil || one.ID == request.AuthorID {
		return nil
	}
	m, err := tx.MembershipOf(ctx, one.ID, team.ID)
	if err == nil && (m.State.Inside() || m.State == coop.MembershipInvited) {
		return nil
	}
	if err != nil && !isNotFound(err) {
		return err
	}
	_, err = o.invite(ctx, tx, team, one, coop.RoleFull, titleOf(request))
	if errors.Is(err, coop.ErrForbidden) {
		return nil
	}
	return err
}

// titleOf is the title of a request.
func titleOf(request *coop.Post) string {
	if request.Request != nil && request.Request.Title != "" {
		return request.Request.Title
	}
	return request.Title
}

// newTeam makes the account of a team and its requester the first member. Its keys are
// made inside the transaction: a team is made a few times a month, and together with the
// offer that completes it or not at all.
func (o *Outbox) newTeam(ctx context.Context, tx *storage.Tx, request *coop.Post) (*coop.Room, error) {
	name, err := o.teamName(ctx, tx, titleOf(request), request.ID)
	if err != nil {
		return nil, err
	}
	a := o.local(coop.Team, name)
	a.ActorType, a.Locked, a.Members, a.Language = "Group", true, below(a.IRI, "members"), request.Language
	a.DisplayName, a.HideCollections = coop.CleanLine(titleOf(request), 100), true
	link := html.EscapeString(string(request.IRI))
	a.Fields = []coop.Field{{Name: "Request", Value: `<a href="` + link + `">` + html.EscapeString(text.Bare(string(request.IRI))) + `</a>`, Source: string(request.IRI)}}
	pair, err := o.newKeys()
	if err != nil {
		return nil, err
	}
	a.HasEd25519 = true
	if err := tx.AddAccount(ctx, a, pair); err != nil {
		return nil, err
	}
	t := &coop.Room{ID: a.ID, Account: a, RequestID: request.ID}
	if err := tx.PutTeam(ctx, t); err != nil {
		return nil, err
	}
	return t, o.requesterJoins(ctx, tx, a, request.Author)
}

// requesterJoins makes the requester a member of its own team.
func (o *Outbox) requesterJoins(ctx context.Context, tx *storage.Tx, team, requester *coop.Account) error {
	m := &coop.Membership{Member: requester, Organization: team, Role: coop.RoleFull, State: coop.MembershipMember}
	if err := tx.PutMembership(ctx, m); err != nil {
		return err
	}
	if err := o.admit(ctx, tx, m); err != nil {
		return err
	}
	return o.keepMembership(ctx, tx, m)
}

// teamName finds a name that nobody has or had.
func (o *Outbox) teamName(ctx context.Context, tx *storage.Tx, title string, request coop.ID) (string, error) {
	base := coop.TeamName(title)
	if base == "" {
		base = "team-" + request.String()
	}
	for n := range maxTeamNames {
		name := base
		if n > 0 {
			name = fmt.Sprintf("%s-%d", base, n+1)
		}
		if coop.ValidateName(coop.Team, name, o.reserved(ctx, coop.Team)...) != nil {
			continue
		}
		_, err := tx.AccountByHandle(ctx, name, "")
		if errors.Is(err, coop.ErrNotFound) {
			return name, nil
		}
		if ignoreGone(err) != nil {
			return "", err
		}
	}
	return coop.Truncate("team-"+request.String(), 30), nil
}

// room is the team to whose members alone a post is addressed; nil for none.
func (o *Outbox) room(ctx context.Context, tx *storage.Tx, p *coop.Post) (*coop.Account, error) {
	if p.Visibility != coop.VisibleMembers {
		return nil, nil
	}
	team, err := tx.TeamByMembers(ctx, p.To)
	if isNotFound(err) {
		return nil, nil
	}
	return team, err
}

// circle adds those who hear of what changes in an organization beside its followers: the
// members of a team, which nobody follows.
func (b *inboxes) circle(organization *coop.Account) {
	b.followers(organization.ID)
	if organization.Kind == coop.Team {
		b.members(organization.ID)
	}
}

// ForwardInRoom sends what was said in the room of a team of ours to the personal inboxes
// of its members, as it came, but not to the servers that brought or wrote it. The team
// signs the requests: who wrote it is what its proof says.
func (o *Outbox) ForwardInRoom(ctx context.Context, tx *storage.Tx, team *coop.Account, activity *coop.Document, from string) error {
	kept, err := tx.Document(ctx, activity.IRI)
	if isNotFound(err) {
		doc := storage.Document{IRI: activity.IRI, OwnerID: team.ID, Body: activity.Body}
		if doc.ID, err = tx.PutDocument(ctx, doc); err == nil {
			kept = &doc
		}
	}
	if err != nil {
		return fmt.Errorf("forward %s: %w", activity.IRI, err)
	}
	b := o.newInboxes(ctx, tx)
	b.members(team.ID)
	if b.err != nil {
		return fmt.Errorf("forward %s: %w", activity.IRI, b.err)
	}
	to := b.list[:0]
	for _, inbox := range b.list {
		if host := inbox.Host(); host != from && host != activity.IRI.Host() {
			to = append(to, inbox)
		}
	}
	g := outgoing{activity: vocabulary.Activity{ID: string(activity.IRI), Type: "Forward"}, signer: team, object: team.IRI}
	return o.enqueue(ctx, tx, g, &coop.Document{ID: coop.ID(kept.ID), IRI: kept.IRI}, to)
}

// RefuseInRoom is a Reject of what somebody wrote into the room of a team of ours.
func (o *Outbox) RefuseInRoom(ctx context.Context, tx *storage.Tx, team, to *coop.Account, activity coop.IRI, reason string) error {
	iri, err := o.newIRI(ctx, tx, team.IRI, "Reject")
	if err != nil {
		return err
	}
	inboxes, err := o.toOne(ctx, tx, to)
	if err != nil {
		return err
	}
	_, err = o.send(ctx, tx, outgoing{signer: team, object: activity, urgent: true, activity: vocabulary.Activity{
		ID: iri, Type: "Reject", Actor: string(team.IRI), To: []string{string(to.IRI)}, Object: string(activity), Published: o.now(),
		Content: text.Typed{}.Write(reason).HTML,
	}}, inboxes)
	return err
}

// RefusedInRoom tells an author of ours that a team did not take what it wrote.
func (o *Outbox) RefusedInRoom(ctx context.Context, tx *storage.Tx, team *coop.Account, post *coop.Post, reason string) error {
	said := o.words.Say(post.Author.Language, "team_refused", map[string]string{"Team": team.DisplayName, "Reason": reason})
	return o.tell(ctx, tx, post.Author, said)
}

// toTeam sends an activity of a team to its members.
func (o *Outbox) toTeam(ctx context.Context, tx *storage.Tx, team *coop.Account, a vocabulary.Activity, object coop.IRI) error {
	b := o.newInboxes(ctx, tx)
	b.members(team.ID)
	if b.err != nil {
		return b.err
	}
	a.Actor, a.To, a.Published = string(team.IRI), []string{string(team.Members)}, o.now()
	_, err := o.send(ctx, tx, outgoing{activity: a, signer: team, proven: true, object: object, keep: true}, b.list)
	return err
}
