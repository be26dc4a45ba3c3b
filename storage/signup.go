// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// signUpColumns are those that [scanSignUp] reads, of the table named u.
const signUpColumns = "u.id, u.handle, u.email, u.password, u.language, u.reason, u.token_id, u.link, u.created_at, u.ends_at, u.confirmed_at, u.approved_at, u.invite_id"

// scanSignUp reads a row of [signUpColumns].
func scanSignUp(row pgx.CollectableRow) (*coop.SignUp, error) {
	s := &coop.SignUp{}
	var id, token, created, ends, confirmed, approved, invite int64
	err := row.Scan(&id, &s.Name, &s.Email, &s.Password, &s.Language, &s.Reason, &token, &s.Link, &created, &ends, &confirmed, &approved, &invite)
	s.ID, s.TokenID, s.CreatedAt, s.EndsAt = coop.ID(id), coop.ID(token), atMs(created), atMs(ends)
	s.ConfirmedAt, s.ApprovedAt, s.InviteID = atMs(confirmed), atMs(approved), coop.ID(invite)
	return s, err
}

// signUp finds one that has not ended, by a condition on u; $1 is now.
func (r reader) signUp(ctx context.Context, where string, value any) (*coop.SignUp, error) {
	s, err := first(ctx, r, scanSignUp, `
		SELECT `+signUpColumns+`
		FROM sign_ups u
		WHERE u.ends_at > $1 AND `+where, msOf(r.e.now()), value)
	if err != nil {
		return nil, fmt.Errorf("sign-up: %w", err)
	}
	return s, nil
}

// SignUp finds a sign-up by its id, or gives [coop.ErrNotFound].
func (r reader) SignUp(ctx context.Context, id coop.ID) (*coop.SignUp, error) {
	return r.signUp(ctx, "u.id = $2", int64(id))
}

// SignUpByName finds a sign-up by the name that is kept for it, in any case, or gives
// [coop.ErrNotFound].
func (r reader) SignUpByName(ctx context.Context, name string) (*coop.SignUp, error) {
	return r.signUp(ctx, "u.handle = $2", strings.ToLower(cleanText(name)))
}

// SignUpByToken finds the sign-up that an app's token came of, or gives
// [coop.ErrNotFound].
func (r reader) SignUpByToken(ctx context.Context, token coop.ID) (*coop.SignUp, error) {
	return r.signUp(ctx, "u.token_id <> 0 AND u.token_id = $2", int64(token))
}

// SignUpByLink finds a sign-up by the SHA-256 of what stands in its mail, or gives
// [coop.ErrNotFound].
func (r reader) SignUpByLink(ctx context.Context, hash []byte) (*coop.SignUp, error) {
	return r.signUp(ctx, "u.link = $2", hash)
}

// SignUps lists those that have not ended, newest first.
func (r reader) SignUps(ctx context.Context, page coop.Page) ([]*coop.SignUp, error) {
	a := args{msOf(r.e.now())}
	p := a.page("u.id", page)
	list, err := all(ctx, r, scanSignUp, `
		SELECT `+signUpColumns+`
		FROM sign_ups u
		WHERE u.ends_at > $1 AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("sign-ups: %w", err)
	}
	return newestFirst(p, list), nil
}

// NameFree tells whether a name of this instance is nobody's, was nobody's and is kept
// for nobody, in any case.
func (r reader) NameFree(ctx context.Context, name string) (bool, error) {
	for _, find := range []func() error{
		func() error { _, err := r.AccountByHandle(ctx, name, ""); return err },
		func() error { _, err := r.SignUpByName(ctx, name); return err },
	} {
		if err := find(); err == nil || !errors.Is(err, coop.ErrNotFound) {
			return false, err
		}
	}
	return true, nil
}

// AddSignUp keeps a sign-up and fills in its ID, CreatedAt and EndsAt. It gives
// [coop.ErrConflict] when the name is kept for another or is of an account,
// [coop.ErrNotFound] when the invitation by which it came is open no more.
func (tx *Tx) AddSignUp(ctx context.Context, s *coop.SignUp) (err error) {
	now := tx.e.now()
	if s.ID, err = tx.NextID(ctx, now); err != nil {
		return err
	}
	s.CreatedAt, s.EndsAt = atMs(msOf(now)), atMs(msOf(now.Add(coop.SignUpLife)))
	if err := tx.bindGuest(ctx, s); err != nil {
		return err
	}
	if _, err := tx.AccountByHandle(ctx, s.Name, ""); !errors.Is(err, coop.ErrNotFound) {
		return errors.Join(err, coop.ErrConflict)
	}
	handle := strings.ToLower(s.Name)
	if _, err := tx.exec(ctx, `DELETE FROM sign_ups WHERE handle = $1 AND ends_at <= $2`, cleanText(handle), msOf(now)); err != nil {
		return err
	}
	n, err := tx.insert(ctx, "sign_ups", []column{
		{"id", int64(s.ID)},
		{"handle", handle},
		{"email", s.Email},
		{"password", s.Password},
		{"language", coop.Truncate(s.Language, 35)},
		{"reason", coop.Truncate(s.Reason, 2000)},
		{"token_id", int64(s.TokenID)},
		{"link", nil},
		{"created_at", msOf(now)},
		{"ends_at", msOf(s.EndsAt)},
		{"confirmed_at", msOf(s.ConfirmedAt)},
		{"approved_at", msOf(s.ApprovedAt)},
		{"invite_id", int64(s.InviteID)},
	}, "ON CONFLICT (handle) DO NOTHING")
	if err == nil && n == 0 {
		err = fmt.Errorf("name %s: %w", handle, coop.ErrConflict)
	}
	return err
}

// LinkSignUp keeps the SHA-256 of what stands in the mail that is written now; older
// mails lead nowhere from then on.
func (tx *Tx) LinkSignUp(ctx context.Context, id coop.ID, hash []byte) error {
	return tx.changeSignUp(ctx, id, `UPDATE sign_ups SET link = $2 WHERE id = $1`, hash)
}

// ReaddressSignUp gives a sign-up that is not confirmed another address.
func (tx *Tx) ReaddressSignUp(ctx context.Context, id coop.ID, email string) error {
	return tx.changeSignUp(ctx, id, `UPDATE sign_ups SET email = $2, link = NULL WHERE id = $1 AND confirmed_at = 0`, cleanText(email))
}

// ConfirmSignUp notes that the address is right; the sign-up then waits for longer.
func (tx *Tx) ConfirmSignUp(ctx context.Context, id coop.ID, at time.Time) error {
	return tx.changeSignUp(ctx, id, `
		UPDATE sign_ups
		SET confirmed_at = CASE WHEN confirmed_at = 0 THEN $2 ELSE confirmed_at END, ends_at = $3
		WHERE id = $1`, msOf(at), msOf(at.Add(coop.SignUpWait)))
}

// ApproveSignUp notes that the staff approved.
func (tx *Tx) ApproveSignUp(ctx context.Context, id coop.ID, at time.Time) error {
	return tx.changeSignUp(ctx, id, `
		UPDATE sign_ups
		SET approved_at = CASE WHEN approved_at = 0 THEN $2 ELSE approved_at END
		WHERE id = $1`, msOf(at))
}

// changeSignUp changes one sign-up, whose id is $1. A missing one gives
// [coop.ErrNotFound].
func (tx *Tx) changeSignUp(ctx context.Context, id coop.ID, sql string, values ...any) error {
	n, err := tx.exec(ctx, sql, append([]any{int64(id)}, values...)...)
	if err == nil && n == 0 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("sign-up %s: %w", id, err)
	}
	return nil
}

// removeSignUp takes a sign-up away. Of two who come for the same one the second gets
// [coop.ErrNotFound].
func (tx *Tx) removeSignUp(ctx context.Context, id coop.ID) error {
	return tx.changeSignUp(ctx, id, `DELETE FROM sign_ups WHERE id = $1`)
}

// EndSignUp refuses a sign-up; its token, which acts for nobody, ends with it.
func (tx *Tx) EndSignUp(ctx context.Context, s *coop.SignUp) error {
	if err := tx.removeSignUp(ctx, s.ID); err != nil || s.TokenID == 0 {
		return err
	}
	_, err := tx.exec(ctx, `
		UPDATE tokens
		SET revoked_at = $1
		WHERE id = $2 AND account_id IS NULL AND revoked_at = 0`, msOf(tx.e.now()), int64(s.TokenID))
	return err
}

// FinishSignUp turns a sign-up into the account that was made of it, in the same
// transaction: it keeps the password, and the token that acted for nobody acts for the
// account. [coop.ErrConflict] says that somebody else has the address meanwhile,
// [coop.ErrNotFound] that the invitation by which it came is open no more.
func (tx *Tx) FinishSignUp(ctx context.Context, s *coop.SignUp, account coop.ID) error {
	if err := tx.removeSignUp(ctx, s.ID); err != nil {
		return err
	}
	if err := tx.takeGuest(ctx, s, account); err != nil {
		return err
	}
	if err := tx.aloneWithAddress(ctx, s.Email); err != nil {
		return err
	}
	others, err := tx.number(ctx, `
		SELECT COUNT(*)
		FROM accounts a
		WHERE lower(a.email) = lower($1) AND a.local AND a.email <> '' AND a.deleted_at = 0 AND a.id <> $2`, cleanText(s.Email), int64(account))
	if err == nil && others > 0 {
		err = fmt.Errorf("address of sign-up %s: %w", s.ID, coop.ErrConflict)
	}
	if err != nil {
		return err
	}
	if err := tx.SetPassword(ctx, account, s.Password); err != nil || s.TokenID == 0 {
		return err
	}
	_, err = tx.exec(ctx, `
		UPDATE tokens
		SET account_id = $1, person_id = $1
		WHERE id = $2 AND account_id IS NULL AND revoked_at = 0`, int64(account), int64(s.TokenID))
	return err
}
