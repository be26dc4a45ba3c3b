// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Factors says what a person has besides a password.
func (r reader) Factors(ctx context.Context, account coop.ID) (coop.Factors, error) {
	f, err := first(ctx, r, scanFactors, `
		SELECT
			(SELECT COUNT(*) FROM code_seeds WHERE account_id = $1 AND confirmed_at <> 0),
			(SELECT COUNT(*) FROM passkeys WHERE account_id = $1),
			(SELECT COUNT(*) FROM recovery_codes WHERE account_id = $1)`, int64(account))
	if err != nil {
		return f, fmt.Errorf("second factors of %s: %w", account, err)
	}
	return f, nil
}

// scanFactors reads the one row of Factors.
func scanFactors(row pgx.CollectableRow) (f coop.Factors, err error) {
	var seeds int
	err = row.Scan(&seeds, &f.Passkeys, &f.Recovery)
	f.Codes = seeds > 0
	return f, err
}

// seedAD binds a seed to its row.
func seedAD(account coop.ID) string { return "code_seeds:" + account.String() }

// CodeSeed is the seed of a person's codes, confirmed or not, or [coop.ErrNotFound].
func (r reader) CodeSeed(ctx context.Context, account coop.ID) (*coop.CodeSeed, error) {
	var sealed []byte
	s, err := first(ctx, r, func(row pgx.CollectableRow) (s coop.CodeSeed, err error) {
		var confirmed int64
		err = row.Scan(&sealed, &confirmed, &s.LastStep)
		s.ConfirmedAt = atMs(confirmed)
		return s, err
	}, `
		SELECT seed, confirmed_at, last_step
		FROM code_seeds
		WHERE account_id = $1`, int64(account))
	if err != nil {
		return nil, fmt.Errorf("seed of %s: %w", account, err)
	}
	plain, err := r.Unseal(seedAD(account), sealed)
	if err != nil {
		return nil, err
	}
	s.AccountID, s.Seed = account, string(plain)
	return &s, nil
}

// SetCodeSeed keeps a new seed that is not confirmed yet, in place of one that was
// not either. While one counts it is [coop.ErrConflict].
func (tx *Tx) SetCodeSeed(ctx context.Context, account coop.ID, seed string) error {
	sealed, err := tx.Seal(ctx, seedAD(account), []byte(seed))
	if err != nil {
		return err
	}
	n, err := tx.exec(ctx, `
		INSERT INTO code_seeds (account_id, seed, created_at, confirmed_at, last_step)
		VALUES ($1, $2, $3, 0, 0)
		ON CONFLICT (account_id) DO UPDATE
		SET seed = EXCLUDED.seed, created_at = EXCLUDED.created_at, last_step = 0
		WHERE code_seeds.confirmed_at = 0`, int64(account), sealed, msOf(tx.e.now()))
	if err == nil && n == 0 {
		err = coop.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("seed of %s: %w", account, err)
	}
	return nil
}

// TakeStep uses up a step of a person's codes and tells whether it could be: none
// before the last one and not that one again, on whatever node they come at once.
// confirm takes it of a seed that is not confirmed, and confirms it.
func (tx *Tx) TakeStep(ctx context.Context, account coop.ID, step int64, confirm bool) (bool, error) {
	n, err := tx.exec(ctx, `
		UPDATE code_seeds
		SET last_step = $1, confirmed_at = CASE WHEN confirmed_at = 0 THEN $2 ELSE confirmed_at END
		WHERE account_id = $3 AND last_step < $1 AND (confirmed_at = 0) = $4`, step, msOf(tx.e.now()), int64(account), confirm)
	if err != nil {
		return false, fmt.Errorf("code of %s: %w", account, err)
	}
	return n > 0, nil
}

// EndCodes forgets the seed of a person's codes.
func (tx *Tx) EndCodes(ctx context.Context, account coop.ID) error {
	if _, err := tx.exec(ctx, `DELETE FROM code_seeds WHERE account_id = $1`, int64(account)); err != nil {
		return fmt.Errorf("end codes of %s: %w", account, err)
	}
	return nil
}

// SetRecoveryCodes keeps the hashes of a person's codes on paper in place of all
// before; none takes them away.
func (tx *Tx) SetRecoveryCodes(ctx context.Context, account coop.ID, hashes [][]byte) error {
	if err := tx.alone(ctx, "recovery codes of "+account.String()); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `DELETE FROM recovery_codes WHERE account_id = $1`, int64(account)); err != nil {
		return fmt.Errorf("recovery codes of %s: %w", account, err)
	}
	for _, hash := range hashes[:min(len(hashes), coop.RecoveryCodes)] {
		if _, err := tx.insert(ctx, "recovery_codes", []column{{"account_id", int64(account)}, {"hash", hash}}, ""); err != nil {
			return fmt.Errorf("recovery codes of %s: %w", account, err)
		}
	}
	return nil
}

// UseRecoveryCode uses up a code on paper and tells whether there was such a one.
func (tx *Tx) UseRecoveryCode(ctx context.Context, account coop.ID, hash []byte) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM recovery_codes WHERE account_id = $1 AND hash = $2`, int64(account), hash)
	if err != nil {
		return false, fmt.Errorf("recovery code of %s: %w", account, err)
	}
	return n > 0, nil
}

// CodesPaused locks what is known of a person's wrong codes until the transaction
// ends, so that two who try at once are counted one after the other, and says until
// when no code is looked at; the zero time: they are.
func (tx *Tx) CodesPaused(ctx context.Context, account coop.ID) (time.Time, error) {
	until, err := first(ctx, tx.reader, pgx.RowTo[int64], `
		INSERT INTO code_pauses (account_id, wrong, pauses, until_at)
		VALUES ($1, 0, 0, 0)
		ON CONFLICT (account_id) DO UPDATE SET wrong = code_pauses.wrong
		RETURNING until_at`, int64(account))
	if err != nil {
		return time.Time{}, fmt.Errorf("wrong codes of %s: %w", account, err)
	}
	if until <= msOf(tx.e.now()) {
		return time.Time{}, nil
	}
	return atMs(until), nil
}

// WrongCode counts a wrong code. After [coop.MostWrongCodes] of them a pause begins,
// and it tells so.
func (tx *Tx) WrongCode(ctx context.Context, account coop.ID) (paused bool, err error) {
	var pauses int
	wrong, err := first(ctx, tx.reader, func(row pgx.CollectableRow) (wrong int, err error) { return wrong, row.Scan(&wrong, &pauses) }, `
		UPDATE code_pauses
		SET wrong = wrong + 1
		WHERE account_id = $1
		RETURNING wrong, pauses`, int64(account))
	if err == nil && wrong >= coop.MostWrongCodes {
		paused = true
		_, err = tx.exec(ctx, `
			UPDATE code_pauses
			SET wrong = 0, pauses = pauses + 1, until_at = $1
			WHERE account_id = $2`, msOf(tx.e.now().Add(coop.CodePause(pauses))), int64(account))
	}
	if err != nil {
		return false, fmt.Errorf("wrong code of %s: %w", account, err)
	}
	return paused, nil
}

// RightCode forgets the wrong codes of a person.
func (tx *Tx) RightCode(ctx context.Context, account coop.ID) error {
	if _, err := tx.exec(ctx, `DELETE FROM code_pauses WHERE account_id = $1`, int64(account)); err != nil {
		return fmt.Errorf("right code of %s: %w", account, err)
	}
	return nil
}

// EndFactors takes everything from a person by which they could prove who they are
// besides a password: codes, passkeys, other providers.
func (tx *Tx) EndFactors(ctx context.Context, account coop.ID) error {
	for _, sql := range []string{
		`DELETE FROM code_seeds WHERE account_id = $1`,
		`DELETE FROM recovery_codes WHERE account_id = $1`,
		`DELETE FROM code_pauses WHERE account_id = $1`,
		`DELETE FROM passkeys WHERE account_id = $1`,
		`DELETE FROM identities WHERE account_id = $1`,
		`DELETE FROM ceremonies WHERE account_id = $1`,
	} {
		if _, err := tx.exec(ctx, sql, int64(account)); err != nil {
			return fmt.Errorf("end second factors of %s: %w", account, err)
		}
	}
	return nil
}

// EndOthers ends what a person let in before a password, an address or a second factor
// changed: all tokens, codes for apps, links, halves of proofs, and sessions but the one
// named, where the change was made; zero: all.
func (tx *Tx) EndOthers(ctx context.Context, account, except coop.ID) error {
	if err := tx.AtTheDoor(ctx, account); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `DELETE FROM ceremonies WHERE account_id = $1`, int64(account)); err != nil {
		return fmt.Errorf("end ceremonies of %s: %w", account, err)
	}
	if err := tx.EndSessions(ctx, account, except); err != nil {
		return err
	}
	if err := tx.EndLinksOf(ctx, account); err != nil {
		return err
	}
	return tx.RevokeTokensOf(ctx, account, tx.e.now())
}
