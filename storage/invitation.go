// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// guestLives is true of a link l of a member, whose account is a, as long as it lets
// somebody in: the member is suspended, closed or deleted, and it does not.
const guestLives = "l.purpose = 'guest' AND a.suspended_at = 0 AND a.deleted_at = 0"

// Guests lists the invitations of members that are open, newest first; by 0: of all.
func (r reader) Guests(ctx context.Context, by coop.ID, page coop.Page) ([]coop.Link, error) {
	a := args{msOf(r.e.now())}
	whose := a.whose("l.account_id", by)
	p := a.page("l.id", page)
	list, err := all(ctx, r, scanLink, `
		SELECT `+linkColumns+`
		FROM links l
		JOIN accounts a ON a.id = l.account_id
		WHERE `+guestLives+` AND l.ends_at > $1 AND `+whose+` AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("open invitations: %w", err)
	}
	return newestFirst(p, list), nil
}

// whose is the condition that a column names one account; 0: it names any.
func (a *args) whose(column string, account coop.ID) string {
	if account == 0 {
		return "TRUE"
	}
	return column + " = " + a.add(int64(account))
}

// scanInvitation reads a row of one.
func scanInvitation(row pgx.CollectableRow) (i coop.Invitation, err error) {
	var account, by, joined int64
	err = row.Scan(&account, &by, &joined)
	i.AccountID, i.ByID, i.JoinedAt = coop.ID(account), coop.ID(by), atMs(joined)
	return i, err
}

// Invitations lists who came by the invitation of a member, newest first; by 0: of any.
func (r reader) Invitations(ctx context.Context, by coop.ID, page coop.Page) ([]coop.Invitation, error) {
	var a args
	whose := a.whose("i.by_id", by)
	p := a.page("i.account_id", page)
	list, err := all(ctx, r, scanInvitation, `
		SELECT i.account_id, i.by_id, i.joined_at
		FROM invitations i
		WHERE `+whose+` AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("invitations: %w", err)
	}
	return newestFirst(p, list), nil
}

// InvitationOf says who invited somebody, or gives [coop.ErrNotFound].
func (r reader) InvitationOf(ctx context.Context, account coop.ID) (coop.Invitation, error) {
	i, err := first(ctx, r, scanInvitation, `
		SELECT i.account_id, i.by_id, i.joined_at
		FROM invitations i
		WHERE i.account_id = $1`, int64(account))
	if err != nil {
		return i, fmt.Errorf("invitation of %s: %w", account, err)
	}
	return i, nil
}

// MayInvite tells whether a member may make another invitation. Who may not gets an
// [coop.InvalidError] of the field invite with one of the codes beside
// [coop.CodeInviteOpen]. In a transaction it holds others of the same member back.
func (tx *Tx) MayInvite(ctx context.Context, member coop.ID) error {
	if err := tx.alone(ctx, "invitations of "+member.String()); err != nil {
		return err
	}
	now := tx.e.now()
	soon, err := tx.number(ctx, `
		SELECT COUNT(*)
		FROM invitations
		WHERE account_id = $1 AND joined_at > $2`, int64(member), msOf(now.Add(-coop.InviteRest)))
	if err != nil {
		return fmt.Errorf("invitation of %s: %w", member, err)
	}
	open, err := tx.number(ctx, `
		SELECT COUNT(*)
		FROM links
		WHERE account_id = $1 AND purpose = 'guest' AND ends_at > $2`, int64(member), msOf(now))
	if err != nil {
		return fmt.Errorf("open invitations of %s: %w", member, err)
	}
	came, err := tx.number(ctx, `
		SELECT COUNT(*)
		FROM invitations
		WHERE by_id = $1 AND joined_at > $2`, int64(member), msOf(now.Add(-coop.InviteMonth)))
	if err != nil {
		return fmt.Errorf("invited by %s: %w", member, err)
	}
	switch {
	case soon > 0:
		return &coop.InvalidError{Field: "invite", Code: coop.CodeInviteSoon, Problem: "who was invited invites after a week"}
	case open >= coop.MaxInvites:
		return &coop.InvalidError{Field: "invite", Code: coop.CodeInviteOpen, Problem: fmt.Sprintf("at most %d invitations are open at once", coop.MaxInvites)}
	case open+came >= coop.MaxInvitesMonth:
		return &coop.InvalidError{Field: "invite", Code: coop.CodeInviteMonth, Problem: fmt.Sprintf("at most %d invitations in a month", coop.MaxInvitesMonth)}
	}
	return nil
}

// EndGuest ends an open invitation and gives whose it was; by 0: of any member. One that
// is not there, was used or is another's gives [coop.ErrNotFound].
func (tx *Tx) EndGuest(ctx context.Context, id, by coop.ID) (*coop.Account, error) {
	l, err := tx.guest(ctx, id)
	if err == nil && by != 0 && l.AccountID != by {
		err = coop.ErrNotFound
	}
	if err == nil {
		err = tx.UseLink(ctx, l.ID)
	}
	if err != nil {
		return nil, fmt.Errorf("end invitation %s: %w", id, err)
	}
	return tx.Account(ctx, l.AccountID)
}

// endGuestsOf ends the invitations of a member who may not invite any more.
func (tx *Tx) endGuestsOf(ctx context.Context, member coop.ID) error {
	_, err := tx.exec(ctx, `DELETE FROM links WHERE account_id = $1 AND purpose = 'guest'`, int64(member))
	return err
}

// bindGuest prepares a sign-up by an invitation: it takes the place of one that came by
// the same before, whose address may have been mistyped, and has its whole time to be
// confirmed, though the invitation would end before, but no more than that. An invitation
// that is open no more gives [coop.ErrNotFound].
func (tx *Tx) bindGuest(ctx context.Context, s *coop.SignUp) error {
	if s.InviteID == 0 {
		return nil
	}
	l, err := tx.guest(ctx, s.InviteID)
	if err != nil {
		return err
	}
	if most := l.CreatedAt.Add(coop.InviteLife + coop.SignUpLife); s.EndsAt.After(most) {
		s.EndsAt = most
	}
	if s.EndsAt.After(l.EndsAt) {
		if _, err := tx.exec(ctx, `UPDATE links SET ends_at = $2 WHERE id = $1`, int64(l.ID), msOf(s.EndsAt)); err != nil {
			return err
		}
	}
	_, err = tx.exec(ctx, `DELETE FROM sign_ups WHERE invite_id = $1`, int64(s.InviteID))
	return err
}

// guest finds an open invitation, or gives [coop.ErrNotFound].
func (r reader) guest(ctx context.Context, id coop.ID) (coop.Link, error) {
	l, err := first(ctx, r, scanLink, `
		SELECT `+linkColumns+`
		FROM links l
		JOIN accounts a ON a.id = l.account_id
		WHERE l.id = $1 AND l.ends_at > $2 AND `+guestLives, int64(id), msOf(r.e.now()))
	if err != nil {
		return l, fmt.Errorf("invitation %s: %w", id, err)
	}
	return l, nil
}

// takeGuest uses up the invitation by which an account was made, and notes who invited.
// Of two who come with one invitation the second gets [coop.ErrNotFound].
func (tx *Tx) takeGuest(ctx context.Context, s *coop.SignUp, account coop.ID) error {
	if s.InviteID == 0 {
		return nil
	}
	l, err := tx.guest(ctx, s.InviteID)
	if err != nil {
		return err
	}
	if err := tx.UseLink(ctx, l.ID); err != nil {
		return err
	}
	_, err = tx.insert(ctx, "invitations", []column{
		{"account_id", int64(account)},
		{"by_id", int64(l.AccountID)},
		{"joined_at", msOf(tx.e.now())},
	}, "")
	return err
}
