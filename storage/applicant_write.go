// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"minga/coop"
)

// SetForm turns the form of a co-op on or off.
func (tx *Tx) SetForm(ctx context.Context, account coop.ID, on bool) error {
	_, err := tx.exec(ctx, `
		INSERT INTO hiring (account_id, form, due, kept, updated_at)
		VALUES ($1, $2, 0, 0, $3)
		ON CONFLICT (account_id) DO UPDATE SET form = excluded.form, updated_at = excluded.updated_at`, int64(account), on, msOf(tx.e.now()))
	if err != nil {
		return fmt.Errorf("form of %s: %w", account, err)
	}
	return nil
}

// AddApplication keeps an application with its files and the SHA-256 of the first link
// to it, and fills in its ID and CreatedAt. The same link again is [coop.ErrConflict]:
// somebody pressed twice. More than [coop.MaxApplications] are [coop.ErrApplications],
// more than most bytes of files of the co-op (0: no bound) [coop.ErrFull].
func (tx *Tx) AddApplication(ctx context.Context, a *coop.Application, link []byte, most int64) (err error) {
	if err := tx.applicationRoom(ctx, a, most); err != nil {
		return err
	}
	if a.ID, err = tx.NextID(ctx, tx.e.now()); err != nil {
		return err
	}
	a.CreatedAt = tx.e.now()
	plain, err := json.Marshal(applicationText{a.Name, a.Email, a.Message, a.Language, a.Title, a.Files})
	if err != nil {
		return fmt.Errorf("application: %w", err)
	}
	sealed, err := tx.Seal(ctx, applicationAD(a.ID), plain)
	if err != nil {
		return err
	}
	if _, err := tx.insert(ctx, "applications", []column{
		{"id", int64(a.ID)},
		{"post_id", int64(a.PostID)},
		{"account_id", int64(a.AccountID)},
		{"sealed", sealed},
		{"created_at", msOf(a.CreatedAt)},
		{"answer_by", msOf(a.AnswerBy)},
		{"answered_at", int64(0)},
		{"ended_at", int64(0)},
	}, ""); err != nil {
		return err
	}
	if err := tx.LinkApplication(ctx, a.ID, link); err != nil {
		return err
	}
	return tx.addApplicationFiles(ctx, a)
}

// applicationRoom says whether one more may be kept.
func (tx *Tx) applicationRoom(ctx context.Context, a *coop.Application, most int64) error {
	if err := tx.alone(ctx, "applications to "+a.AccountID.String()); err != nil {
		return err
	}
	n, err := tx.number(ctx, `SELECT COUNT(*) FROM applications WHERE post_id = $1`, int64(a.PostID))
	if err != nil {
		return err
	}
	if n >= coop.MaxApplications {
		return coop.ErrApplications
	}
	if most == 0 || len(a.Files) == 0 {
		return nil
	}
	held, err := tx.number(ctx, `SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM application_files WHERE account_id = $1`, int64(a.AccountID))
	for _, f := range a.Files {
		held += f.Size
	}
	if err == nil && held > most {
		err = fmt.Errorf("files of applications to %s: %w", a.AccountID, coop.ErrFull)
	}
	return err
}

// addApplicationFiles names the files, so that they are known and removed with it.
func (tx *Tx) addApplicationFiles(ctx context.Context, a *coop.Application) error {
	for _, f := range a.Files {
		if _, err := tx.insert(ctx, "application_files", []column{
			{"name", f.Name}, {"application_id", int64(a.ID)}, {"account_id", int64(a.AccountID)}, {"bytes", f.Size},
		}, ""); err != nil {
			return err
		}
	}
	return nil
}

// LinkApplication keeps the SHA-256 of one more link to an application; one that is
// there gives [coop.ErrConflict].
func (tx *Tx) LinkApplication(ctx context.Context, id coop.ID, hash []byte) error {
	n, err := tx.insert(ctx, "application_links", []column{{"hash", hash}, {"application_id", int64(id)}}, "ON CONFLICT (hash) DO NOTHING")
	if err == nil && n == 0 {
		err = coop.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("link to application %s: %w", id, err)
	}
	return nil
}

// AnswerApplication notes that a co-op has answered, or with the zero time that it has
// not. A missing one gives [coop.ErrNotFound].
func (tx *Tx) AnswerApplication(ctx context.Context, account, id coop.ID, at time.Time) error {
	n, err := tx.exec(ctx, `
		UPDATE applications
		SET answered_at = $1
		WHERE account_id = $2 AND id = $3`, msOf(at), int64(account), int64(id))
	if err == nil && n == 0 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("application %s: %w", id, err)
	}
	tx.about("application " + id.String())
	return nil
}

// RemoveApplication deletes an application at once. What its answer says of the co-op
// stays as a number; its files are removed by the next sweep ([Tx.SweepApplicationFiles]).
// A missing one gives [coop.ErrNotFound].
func (tx *Tx) RemoveApplication(ctx context.Context, id coop.ID) error {
	// One that two end at once counts once.
	if err := tx.holdRow(ctx, "applications", "id", "FOR UPDATE", int64(id)); err != nil {
		return err
	}
	row, err := first(ctx, tx.reader, scanApplication, `SELECT `+applicationColumns+` FROM applications b WHERE b.id = $1`, int64(id))
	if err != nil {
		return fmt.Errorf("application %s: %w", id, err)
	}
	if row.answerBy != 0 && (row.answered != 0 || row.answerBy < msOf(tx.e.now())) {
		kept := 0
		if row.answered != 0 && row.answered <= row.answerBy {
			kept = 1
		}
		if _, err := tx.exec(ctx, `
			INSERT INTO hiring (account_id, form, due, kept, updated_at)
			VALUES ($1, FALSE, 1, $2, $3)
			ON CONFLICT (account_id) DO UPDATE SET due = hiring.due + 1, kept = hiring.kept + excluded.kept`,
			row.account, kept, msOf(tx.e.now())); err != nil {
			return fmt.Errorf("answers of %d: %w", row.account, err)
		}
	}
	if _, err := tx.exec(ctx, `DELETE FROM applications WHERE id = $1`, int64(id)); err != nil {
		return fmt.Errorf("application %s: %w", id, err)
	}
	tx.about("application " + id.String())
	return nil
}

// EndApplication notes when the job of an application ended, once; false: it was noted.
func (tx *Tx) EndApplication(ctx context.Context, id coop.ID, at time.Time) (bool, error) {
	n, err := tx.exec(ctx, `UPDATE applications SET ended_at = $1 WHERE id = $2 AND ended_at = 0`, msOf(at), int64(id))
	if err != nil {
		return false, fmt.Errorf("application %s: %w", id, err)
	}
	return n > 0, nil
}

// SweepApplicationFiles forgets up to limit files whose application is gone and returns
// their names: who calls it removes them then.
func (tx *Tx) SweepApplicationFiles(ctx context.Context, limit int) ([]string, error) {
	names, err := tx.lines(ctx, `
		DELETE FROM application_files
		WHERE name IN (SELECT name FROM application_files WHERE application_id IS NULL ORDER BY name LIMIT $1)
		RETURNING name`, limit)
	if err != nil {
		return nil, fmt.Errorf("files of applications: %w", err)
	}
	return names, nil
}
