// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"html"

	"minga/coop"
)

// notice writes to one account of this instance, in the name of the instance, what
// has happened: a direct post that never leaves, so that a client that knows nothing
// of memberships has something to show. It returns the post; zero where the
// instance has no account yet, or the reader is no account of ours.
func (tx *Tx) notice(ctx context.Context, to *coop.Account, words string) (coop.ID, error) {
	if !to.Local || to.Gone() {
		return 0, nil
	}
	instance, err := tx.InstanceAccount(ctx)
	if errors.Is(err, coop.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	now := tx.e.now()
	id, err := tx.NextID(ctx, now)
	if err != nil {
		return 0, err
	}
	iri := instance.IRI + coop.IRI("/notices/"+id.String())
	p := &coop.Post{
		ID: id, IRI: iri, URL: string(iri), AuthorID: instance.ID, Local: true, Kind: coop.KindNote, Type: "Note",
		Visibility: coop.VisibleDirect, To: []coop.IRI{to.IRI}, Language: to.Language, Content: "<p>" + html.EscapeString(words) + "</p>", Published: now,
	}
	if _, err := tx.AddPost(ctx, p, Arrival{Quiet: true}); err != nil {
		return 0, fmt.Errorf("write a notice: %w", err)
	}
	return id, nil
}

// tellOfMembership tells the federation what the co-op did and the other way round; an
// invitation is answered by the co-op.
func (tx *Tx) tellOfMembership(ctx context.Context, m, before *coop.Membership) error {
	from, to := m.Organization.ID, m.Member.ID
	answered := before != nil && before.State == coop.MembershipInvited && (m.State == coop.MembershipMember || m.State == coop.MembershipRefused)
	if m.State == coop.MembershipAsked || m.State == coop.MembershipLeft || answered {
		from, to = to, from
	}
	accounts, err := tx.Accounts(ctx, []coop.ID{m.Member.ID, m.Organization.ID})
	if err != nil {
		return err
	}
	member, organization, reader := accounts[m.Member.ID], accounts[m.Organization.ID], accounts[to]
	if member == nil || organization == nil || !reader.Local {
		return nil
	}
	post, err := tx.notice(ctx, reader, coop.MembershipNotice(reader.Language, m.State, calledName(member), calledName(organization)))
	if err != nil {
		return err
	}
	return tx.tell(ctx, coop.Event{Kind: coop.EventMembership, From: from, Post: post}, coop.Concerned{Account: to, Target: true})
}

// TellOffer tells an account of this instance what became of an offer, in words for who
// knows only messages; from is the other side.
func (tx *Tx) TellOffer(ctx context.Context, to *coop.Account, from coop.ID, words string) error {
	post, err := tx.notice(ctx, to, words)
	if err != nil || post == 0 {
		return err
	}
	return tx.tell(ctx, coop.Event{Kind: coop.EventOffer, From: from, Post: post}, coop.Concerned{Account: to.ID, Target: true})
}

// TellOfKeys tells a person of this instance that all keys were changed and everybody was
// signed out, in words that every client shows.
func (tx *Tx) TellOfKeys(ctx context.Context, to *coop.Account, words string) error {
	post, err := tx.notice(ctx, to, words)
	if err != nil || post == 0 {
		return err
	}
	instance, err := tx.InstanceAccount(ctx)
	if err != nil {
		return err
	}
	return tx.Notify(ctx, coop.Notification{AccountID: to.ID, Kind: coop.NotifyMention, FromID: instance.ID, PostID: post, CreatedAt: tx.e.now()})
}

// calledName is how an account is called.
func calledName(a *coop.Account) string {
	if a.DisplayName != "" {
		return a.DisplayName
	}
	return "@" + a.Handle("").String()
}
