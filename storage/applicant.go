// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// What people write by the form to apply for a job lies sealed: a copy of the database
// without its key tells that there are applications, and of nobody's.

// applicationColumns are those that [applicationRow] reads, of the table named b.
const applicationColumns = "b.id, b.post_id, b.account_id, b.sealed, b.created_at, b.answer_by, b.answered_at, b.ended_at"

// applicationRow is an application as it is kept.
type applicationRow struct {
	id, post, account                int64
	sealed                           []byte
	created, answerBy, answered, end int64
}

// scanApplication reads a row of [applicationColumns].
func scanApplication(row pgx.CollectableRow) (a applicationRow, err error) {
	err = row.Scan(&a.id, &a.post, &a.account, &a.sealed, &a.created, &a.answerBy, &a.answered, &a.end)
	return a, err
}

// applicationText is what is sealed of an application.
type applicationText struct {
	Name     string                 `json:"name"`
	Email    string                 `json:"email"`
	Message  string                 `json:"message"`
	Language string                 `json:"language"`
	Title    string                 `json:"title"`
	Files    []coop.ApplicationFile `json:"files,omitempty"`
}

// applicationAD binds what is sealed to its row.
func applicationAD(id coop.ID) string { return "application:" + id.String() }

// openApplication opens a row.
func (r reader) openApplication(row applicationRow) (*coop.Application, error) {
	a := &coop.Application{
		ID: coop.ID(row.id), PostID: coop.ID(row.post), AccountID: coop.ID(row.account),
		CreatedAt: atMs(row.created), AnswerBy: atMs(row.answerBy), AnsweredAt: atMs(row.answered), EndedAt: atMs(row.end),
	}
	plain, err := r.Unseal(applicationAD(a.ID), row.sealed)
	if err != nil {
		return nil, err
	}
	var text applicationText
	if err := json.Unmarshal(plain, &text); err != nil {
		return nil, fmt.Errorf("application %s: %w", a.ID, err)
	}
	a.Name, a.Email, a.Message, a.Language, a.Title, a.Files = text.Name, text.Email, text.Message, text.Language, text.Title, text.Files
	return a, nil
}

// application finds one by a condition on b.
func (r reader) application(ctx context.Context, where string, values ...any) (*coop.Application, error) {
	row, err := first(ctx, r, scanApplication, `
		SELECT `+applicationColumns+`
		FROM applications b
		WHERE `+where, values...)
	if err != nil {
		return nil, fmt.Errorf("application: %w", err)
	}
	return r.openApplication(row)
}

// ApplicationByLink finds an application by the SHA-256 of what stands in its address,
// or gives [coop.ErrNotFound].
func (r reader) ApplicationByLink(ctx context.Context, hash []byte) (*coop.Application, error) {
	return r.application(ctx, `b.id = (SELECT l.application_id FROM application_links l WHERE l.hash = $1)`, hash)
}

// ApplicationByID finds an application for the program itself: to write a mail of it.
func (r reader) ApplicationByID(ctx context.Context, id coop.ID) (*coop.Application, error) {
	return r.application(ctx, `b.id = $1`, int64(id))
}

// Application finds an application to a co-op, or gives [coop.ErrNotFound]. Who asks has
// been judged: only a [coop.Hirer] of the co-op may see it.
func (r reader) Application(ctx context.Context, account, id coop.ID) (*coop.Application, error) {
	return r.application(ctx, `b.account_id = $1 AND b.id = $2`, int64(account), int64(id))
}

// Applications lists those for a job of a co-op, newest first. Who asks has been judged.
func (r reader) Applications(ctx context.Context, account, post coop.ID, page coop.Page) ([]*coop.Application, error) {
	a := args{int64(account), int64(post)}
	p := a.page("b.id", page)
	rows, err := all(ctx, r, scanApplication, `
		SELECT `+applicationColumns+`
		FROM applications b
		WHERE b.account_id = $1 AND b.post_id = $2 AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("applications: %w", err)
	}
	list := make([]*coop.Application, 0, len(rows))
	for _, row := range newestFirst(p, rows) {
		one, err := r.openApplication(row)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// ApplicationCount is how many applications there are for a job, and how many of them
// wait for an answer.
type ApplicationCount struct{ All, Waiting int }

// ApplicationCounts counts the applications to a co-op by job. It is for its hirers.
func (r reader) ApplicationCounts(ctx context.Context, account coop.ID) (map[coop.ID]ApplicationCount, error) {
	counts := map[coop.ID]ApplicationCount{}
	_, err := all(ctx, r, func(row pgx.CollectableRow) (int, error) {
		var post int64
		var n ApplicationCount
		err := row.Scan(&post, &n.All, &n.Waiting)
		counts[coop.ID(post)] = n
		return 0, err
	}, `
		SELECT post_id, COUNT(*), COUNT(CASE WHEN answered_at = 0 THEN 1 END)
		FROM applications
		WHERE account_id = $1
		GROUP BY post_id`, int64(account))
	if err != nil {
		return nil, fmt.Errorf("applications of %s: %w", account, err)
	}
	return counts, nil
}

// AnswerRecord is how a co-op has kept its word to answer.
func (r reader) AnswerRecord(ctx context.Context, account coop.ID) (coop.AnswerRecord, error) {
	record, err := first(ctx, r, func(row pgx.CollectableRow) (n coop.AnswerRecord, err error) {
		err = row.Scan(&n.Due, &n.Kept)
		return n, err
	}, `
		SELECT CAST(COALESCE(SUM(t.due), 0) AS BIGINT), CAST(COALESCE(SUM(t.kept), 0) AS BIGINT)
		FROM (
			SELECT due, kept FROM hiring WHERE account_id = $1
			UNION ALL
			SELECT `+answerTotals+` FROM applications WHERE account_id = $1) t`, int64(account), msOf(r.e.now()))
	if err != nil {
		return record, fmt.Errorf("answers of %s: %w", account, err)
	}
	return record, nil
}

// answerTotals are due and kept of some applications; $2 is now. One that was answered
// counts at once, one that was not when its time is over.
const answerTotals = `
	COUNT(CASE WHEN answer_by <> 0 AND (answered_at <> 0 OR answer_by < $2) THEN 1 END) AS due,
	COUNT(CASE WHEN answer_by <> 0 AND answered_at <> 0 AND answered_at <= answer_by THEN 1 END) AS kept`

// TakesForm tells whether a co-op has turned the form for applications on.
func (r reader) TakesForm(ctx context.Context, account coop.ID) (bool, error) {
	n, err := r.number(ctx, `SELECT COUNT(*) FROM hiring WHERE account_id = $1 AND form`, int64(account))
	return n > 0, err
}

// AppliedSince tells whether somebody applied for a job after a time.
func (r reader) AppliedSince(ctx context.Context, post coop.ID, since time.Time) (bool, error) {
	n, err := r.number(ctx, `SELECT COUNT(*) FROM applications WHERE post_id = $1 AND created_at > $2`, int64(post), msOf(since))
	return n > 0, err
}

// ApplicationsOfEnded are the ids of applications for jobs that have ended, or are gone,
// since they were last looked at; limit at most.
func (r reader) ApplicationsOfEnded(ctx context.Context, limit int) ([]coop.ID, error) {
	ids, err := all(ctx, r, scanID, `
		SELECT b.id
		FROM applications b
		LEFT JOIN jobs j ON j.post_id = b.post_id
		WHERE b.ended_at = 0 AND (j.post_id IS NULL OR j.status IN ('filled', 'withdrawn', 'closed', 'expired'))
		ORDER BY b.id
		LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("applications for jobs that ended: %w", err)
	}
	return ids, nil
}

// OldFormApplications are the ids of applications whose job ended before a time, the
// oldest first; limit at most.
func (r reader) OldFormApplications(ctx context.Context, ended time.Time, limit int) ([]coop.ID, error) {
	ids, err := all(ctx, r, scanID, `
		SELECT id
		FROM applications
		WHERE ended_at <> 0 AND ended_at < $1
		ORDER BY ended_at, id
		LIMIT $2`, msOf(ended), limit)
	if err != nil {
		return nil, fmt.Errorf("old applications: %w", err)
	}
	return ids, nil
}
