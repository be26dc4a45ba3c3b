// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// DepartureSecret is the name of the secret in the address of the page of a departure.
func DepartureSecret(account coop.ID) string { return "departure/" + account.String() }

const departureColumns = "x.account_id, x.asked_at, x.due_at, x.warned_at, x.done_at, x.ends_at, x.document_id"

// scanDeparture reads a row of [departureColumns].
func scanDeparture(row pgx.CollectableRow) (*coop.Departure, error) {
	return scanInto(row, departureTargets)
}

// departureTargets are where the columns go; finish completes the departure.
func departureTargets(d *coop.Departure) (targets []any, finish func()) {
	var account, asked, due, warned, done, ends, document int64
	return []any{&account, &asked, &due, &warned, &done, &ends, &document}, func() {
		d.AccountID, d.DocumentID = coop.ID(account), coop.ID(document)
		d.AskedAt, d.DueAt, d.WarnedAt, d.DoneAt, d.EndsAt = atMs(asked), atMs(due), atMs(warned), atMs(done), atMs(ends)
	}
}

// Departure is how an account goes or went, or [coop.ErrNotFound].
func (r reader) Departure(ctx context.Context, account coop.ID) (*coop.Departure, error) {
	d, err := first(ctx, r, scanDeparture, `SELECT `+departureColumns+` FROM departures x WHERE x.account_id = $1`, int64(account))
	if err != nil {
		return nil, fmt.Errorf("departure of account %s: %w", account, err)
	}
	return d, nil
}

// DepartureByHash is the same by the SHA-256 of what stands in the address of its page;
// one whose page has ended is [coop.ErrNotFound].
func (r reader) DepartureByHash(ctx context.Context, hash []byte) (*coop.Departure, error) {
	d, err := first(ctx, r, scanDeparture, `
		SELECT `+departureColumns+`
		FROM departures x
		WHERE x.hash = $1 AND (x.done_at = 0 OR x.ends_at > $2)`, hash, msOf(r.e.now()))
	if err != nil {
		return nil, fmt.Errorf("departure: %w", err)
	}
	return d, nil
}

// DepartureState is a departure and how many servers did not take its Delete.
type DepartureState struct {
	coop.Departure
	Waiting, Dead int
}

// Departures lists who goes or went, the newest account first.
func (r reader) Departures(ctx context.Context, page coop.Page) ([]DepartureState, error) {
	var a args
	where := "TRUE"
	if page.Max != 0 {
		where = "x.account_id < " + a.add(int64(page.Max))
	}
	list, err := all(ctx, r, scanDepartureState, `
		SELECT `+departureColumns+`,
			(SELECT COUNT(*) FROM deliveries d WHERE d.document_id = x.document_id),
			(SELECT COUNT(*) FROM dead_deliveries e WHERE e.document_id = x.document_id)
		FROM departures x
		WHERE `+where+`
		ORDER BY x.account_id DESC
		LIMIT `+a.add(page.Limit), a...)
	if err != nil {
		return nil, fmt.Errorf("departures: %w", err)
	}
	return list, nil
}

// scanDepartureState reads a row of them.
func scanDepartureState(row pgx.CollectableRow) (s DepartureState, err error) {
	targets, finish := departureTargets(&s.Departure)
	if err := row.Scan(append(targets, &s.Waiting, &s.Dead)...); err != nil {
		return s, err
	}
	finish()
	return s, nil
}

// DueDepartures lists up to limit accounts whose time is over at now, and after them
// those that are to be told that it is soon.
func (r reader) DueDepartures(ctx context.Context, now time.Time, limit int) ([]*coop.Departure, error) {
	list, err := all(ctx, r, scanDeparture, `
		SELECT `+departureColumns+`
		FROM departures x
		WHERE x.done_at = 0 AND (x.due_at <= $1 OR x.due_at <= $2 AND x.warned_at = 0)
		ORDER BY x.due_at, x.account_id
		LIMIT $3`, msOf(now), msOf(now.Add(coop.DepartureWarning)), limit)
	if err != nil {
		return nil, fmt.Errorf("departures that are due: %w", err)
	}
	return list, nil
}

// HoldDeparture reads a departure and keeps others from changing it until the
// transaction ends.
func (tx *Tx) HoldDeparture(ctx context.Context, account coop.ID) (*coop.Departure, error) {
	if _, err := tx.exec(ctx, `UPDATE departures SET due_at = due_at WHERE account_id = $1`, int64(account)); err != nil {
		return nil, fmt.Errorf("departure of account %s: %w", account, err)
	}
	return tx.Departure(ctx, account)
}

// CloseAccount hides an account of a person until due, when it is to be deleted, and signs
// every browser and app out. hash is the SHA-256 of what stands in the address of its page.
// An account that is closed or suspended gives [coop.ErrConflict].
func (tx *Tx) CloseAccount(ctx context.Context, a *coop.Account, hash []byte, due time.Time) error {
	now, id := tx.e.now(), int64(a.ID)
	n, err := tx.exec(ctx, `
		UPDATE accounts
		SET closed_at = $1
		WHERE id = $2 AND local AND deleted_at = 0 AND suspended_at = 0`, msOf(now), id)
	if err == nil && n == 0 {
		err = coop.ErrConflict
	}
	if err == nil {
		err = tx.SuspendAccount(ctx, a.ID, now)
	}
	if err == nil {
		err = errors.Join(tx.EndSessions(ctx, a.ID, 0), tx.RevokeTokensOf(ctx, a.ID, now))
	}
	if err == nil {
		err = tx.putDeparture(ctx, &coop.Departure{AccountID: a.ID, AskedAt: now, DueAt: due}, hash)
	}
	if err != nil {
		return fmt.Errorf("close account %s: %w", a.ID, err)
	}
	return nil
}

// OpenAccount lets an account come back that was closed by its person; it tells false
// where it was not, or where the staff suspended it meanwhile.
func (tx *Tx) OpenAccount(ctx context.Context, id coop.ID) (bool, error) {
	n, err := tx.exec(ctx, `
		UPDATE accounts
		SET closed_at = 0
		WHERE id = $1 AND closed_at <> 0 AND suspended_at = closed_at AND deleted_at = 0`, int64(id))
	if err != nil || n == 0 {
		return false, err
	}
	if err := tx.SuspendAccount(ctx, id, time.Time{}); err != nil {
		return false, err
	}
	if _, err := tx.exec(ctx, `DELETE FROM departures WHERE account_id = $1 AND done_at = 0`, int64(id)); err != nil {
		return false, fmt.Errorf("open account %s: %w", id, err)
	}
	return true, tx.DeleteSecret(ctx, DepartureSecret(id))
}

// putDeparture writes a departure; one that is known keeps its address and its times.
func (tx *Tx) putDeparture(ctx context.Context, d *coop.Departure, hash []byte) error {
	_, err := tx.insert(ctx, "departures", []column{
		{"account_id", int64(d.AccountID)},
		{"hash", hash},
		{"asked_at", msOf(d.AskedAt)},
		{"due_at", msOf(d.DueAt)},
		{"warned_at", msOf(d.WarnedAt)},
		{"done_at", msOf(d.DoneAt)},
		{"ends_at", msOf(d.EndsAt)},
		{"document_id", int64(d.DocumentID)},
	}, ` ON CONFLICT (account_id) DO UPDATE SET done_at = excluded.done_at, ends_at = excluded.ends_at, document_id = excluded.document_id`)
	return err
}

// Departed notes that an account was deleted, and with which document other servers were
// told. hash is taken where nobody knew that it would go.
func (tx *Tx) Departed(ctx context.Context, id coop.ID, hash []byte, document coop.ID) error {
	now := tx.e.now()
	err := tx.putDeparture(ctx, &coop.Departure{AccountID: id, AskedAt: now, DueAt: now, DoneAt: now, EndsAt: now.Add(coop.DeparturePage), DocumentID: document}, hash)
	if err != nil {
		return fmt.Errorf("departure of account %s: %w", id, err)
	}
	return nil
}

// endDeparture ends a departure without a word about what was sent, as the account is
// deleted; [Tx.Departed] may say more.
func (tx *Tx) endDeparture(ctx context.Context, a *coop.Account, at time.Time) error {
	_, err := tx.exec(ctx, `
		UPDATE departures
		SET done_at = $1, ends_at = $2
		WHERE account_id = $3 AND done_at = 0`, msOf(at), msOf(at.Add(coop.DeparturePage)), int64(a.ID))
	return err
}

// WarnedDeparture notes that a person was told that their account goes soon.
func (tx *Tx) WarnedDeparture(ctx context.Context, id coop.ID) error {
	_, err := tx.exec(ctx, `UPDATE departures SET warned_at = $1 WHERE account_id = $2`, msOf(tx.e.now()), int64(id))
	if err != nil {
		return fmt.Errorf("departure of account %s: %w", id, err)
	}
	return nil
}
