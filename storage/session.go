// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// sessionColumns are those that [scanSession] reads, of the table named s.
const sessionColumns = "s.id, s.hash, s.account_id, s.browser, s.created_at, s.seen_at, s.proved_at, s.strong"

// scanSession reads a row of [sessionColumns].
func scanSession(row pgx.CollectableRow) (s coop.Session, err error) {
	var id, account, created, seen, proved int64
	err = row.Scan(&id, &s.Hash, &account, &s.Browser, &created, &seen, &proved, &s.Strong)
	s.ID, s.AccountID, s.CreatedAt, s.SeenAt, s.ProvedAt = coop.ID(id), coop.ID(account), atMs(created), atMs(seen), atMs(proved)
	return s, err
}

// SessionByHash finds a session by the SHA-256 of what its cookie holds, or gives
// [coop.ErrNotFound]: also of one without a visit for [coop.SessionIdle], and of
// people who are gone.
func (r reader) SessionByHash(ctx context.Context, hash []byte) (*coop.Session, error) {
	s, err := first(ctx, r, scanSession, `
		SELECT `+sessionColumns+`
		FROM sessions s
		JOIN accounts a ON a.id = s.account_id
		WHERE s.hash = $1 AND s.seen_at > $2 AND a.suspended_at = 0 AND a.deleted_at = 0`, hash, msOf(r.e.now().Add(-coop.SessionIdle)))
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	return &s, nil
}

// Sessions lists the sessions of a person that live, newest first, 1,000 at most.
func (r reader) Sessions(ctx context.Context, account coop.ID) ([]coop.Session, error) {
	list, err := all(ctx, r, scanSession, `
		SELECT `+sessionColumns+`
		FROM sessions s
		WHERE s.account_id = $1 AND s.seen_at > $2
		ORDER BY s.id DESC
		LIMIT 1000`, int64(account), msOf(r.e.now().Add(-coop.SessionIdle)))
	if err != nil {
		return nil, fmt.Errorf("sessions of %s: %w", account, err)
	}
	return list, nil
}

// AddSession stores a session and fills in its ID, CreatedAt and SeenAt.
func (tx *Tx) AddSession(ctx context.Context, s *coop.Session) (err error) {
	if len(s.Hash) != 32 {
		return &coop.InvalidError{Field: "hash", Problem: "a session is kept by its SHA-256"}
	}
	now := tx.e.now()
	if s.ID, err = tx.NextID(ctx, now); err != nil {
		return err
	}
	s.CreatedAt, s.SeenAt = atMs(msOf(now)), atMs(msOf(now))
	_, err = tx.insert(ctx, "sessions", []column{
		{"id", int64(s.ID)},
		{"hash", s.Hash},
		{"account_id", int64(s.AccountID)},
		{"browser", coop.Truncate(s.Browser, 100)},
		{"created_at", msOf(now)},
		{"seen_at", msOf(now)},
		{"proved_at", msOf(s.ProvedAt)},
		{"strong", s.Strong},
	}, "")
	return err
}

// RenewSession keeps a session under another hash, with its ProvedAt and Strong as
// they are given: what was in the cookie before is worth nothing from now on. A session
// that is over gives [coop.ErrNotFound].
func (tx *Tx) RenewSession(ctx context.Context, s *coop.Session, hash []byte) error {
	if len(hash) != 32 {
		return &coop.InvalidError{Field: "hash", Problem: "a session is kept by its SHA-256"}
	}
	n, err := tx.exec(ctx, `
		UPDATE sessions
		SET hash = $1, proved_at = $2, strong = $3
		WHERE id = $4 AND hash = $5`, hash, msOf(s.ProvedAt), s.Strong, int64(s.ID), s.Hash)
	if err == nil && n == 0 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("renew session %s: %w", s.ID, err)
	}
	s.Hash = hash
	return nil
}

// TouchSession notes a visit, once an hour at most. Callers ask [SessionStale] first
// and spare the transaction.
func (tx *Tx) TouchSession(ctx context.Context, id coop.ID, at time.Time) error {
	_, err := tx.exec(ctx, `
		UPDATE sessions
		SET seen_at = $1
		WHERE id = $2 AND seen_at <= $3`, msOf(at), int64(id), msOf(at.Add(-time.Hour)))
	return err
}

// SessionStale tells whether [Tx.TouchSession] would write.
func SessionStale(s *coop.Session, now time.Time) bool { return now.Sub(s.SeenAt) >= time.Hour }

// EndSession signs one browser of a person out; of somebody else's session it says
// [coop.ErrNotFound].
func (tx *Tx) EndSession(ctx context.Context, account, id coop.ID) error {
	n, err := tx.exec(ctx, `DELETE FROM sessions WHERE id = $1 AND account_id = $2`, int64(id), int64(account))
	if err == nil && n == 0 {
		err = fmt.Errorf("session %s: %w", id, coop.ErrNotFound)
	}
	return err
}

// EndSessions signs a person out everywhere but in one session; zero: everywhere.
func (tx *Tx) EndSessions(ctx context.Context, account, except coop.ID) error {
	_, err := tx.exec(ctx, `DELETE FROM sessions WHERE account_id = $1 AND id <> $2`, int64(account), int64(except))
	if err != nil {
		return fmt.Errorf("end sessions of %s: %w", account, err)
	}
	return nil
}

// PersonByEmail finds the person of this instance who has an address, in any case.
// Where there is none, or where several have it, it gives [coop.ErrNotFound].
func (r reader) PersonByEmail(ctx context.Context, email string) (*coop.Account, error) {
	found, err := all(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts a
		WHERE lower(a.email) = lower($1) AND a.local AND a.email <> '' AND a.kind = 'person' AND a.deleted_at = 0
		LIMIT 2`, cleanText(email))
	if err == nil && len(found) != 1 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("person by address: %w", err)
	}
	return found[0], nil
}
