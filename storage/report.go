// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// ReportQuery says which reports are wanted.
type ReportQuery struct {
	Closed bool // closed ones too
}

// mostReported bounds what one report names.
const mostReported = 100

// AddReport stores a report and tells the moderators; the same IRI again is
// ignored and returns false. It fills in ID and CreatedAt.
func (tx *Tx) AddReport(ctx context.Context, x *coop.Report) (added bool, err error) {
	if x.ID, err = tx.NextID(ctx, tx.e.now()); err != nil {
		return false, err
	}
	x.CreatedAt = tx.e.now()
	if x.Category == "" {
		x.Category = coop.ReportOther
	}
	if err := tx.nameAuthors(ctx, x); err != nil {
		return false, err
	}
	x.Accounts, x.Posts = x.Accounts[:min(len(x.Accounts), mostReported)], x.Posts[:min(len(x.Posts), mostReported)]
	accounts, errA := jsonText(numbers(x.Accounts))
	posts, errP := jsonText(numbers(x.Posts))
	rules, errR := jsonText(numbers(x.Rules[:min(len(x.Rules), coop.MaxRules)]))
	if err := errors.Join(errA, errP, errR); err != nil {
		return false, err
	}
	n, err := tx.insert(ctx, "reports", []column{
		{"id", int64(x.ID)},
		{"iri", string(x.IRI)},
		{"reporter_id", int64(x.Reporter)},
		{"host", x.Host},
		{"accounts", accounts},
		{"posts", posts},
		{"comment", coop.Truncate(x.Comment, 10_000)},
		{"category", string(x.Category)},
		{"rules", rules},
		{"forwarded", x.Forwarded},
		{"created_at", msOf(x.CreatedAt)},
		{"closed_at", msOf(x.ClosedAt)},
	}, "ON CONFLICT DO NOTHING")
	if err != nil || n == 0 {
		return false, err
	}
	return true, tx.tellModerators(ctx, x)
}

// nameAuthors adds who wrote the posts that a report is about.
func (tx *Tx) nameAuthors(ctx context.Context, x *coop.Report) error {
	if len(x.Posts) == 0 {
		return nil
	}
	var a args
	authors, err := all(ctx, tx.reader, scanID, `
		SELECT DISTINCT p.author_id
		FROM posts p
		WHERE p.id IN `+in(&a, numbers(x.Posts[:min(len(x.Posts), mostReported)]))+`
		ORDER BY p.author_id`, a...)
	if err == nil {
		x.Accounts = unique(append(slices.Clone(x.Accounts), authors...))
	}
	return err
}

// tellModerators tells who looks after this instance.
func (tx *Tx) tellModerators(ctx context.Context, x *coop.Report) error {
	moderators, err := all(ctx, tx.reader, scanID, `
		SELECT id
		FROM accounts
		WHERE local AND kind = 'person' AND deleted_at = 0 AND rank IN ('moderator', 'admin', 'owner')
		LIMIT 100`)
	if err != nil {
		return err
	}
	concerned := make([]coop.Concerned, len(moderators))
	for i, id := range moderators {
		concerned[i] = coop.Concerned{Account: id, Moderator: true}
	}
	from := x.Reporter
	if from == 0 {
		instance, err := tx.InstanceAccount(ctx)
		if err != nil && !errors.Is(err, coop.ErrNotFound) {
			return err
		}
		if err == nil {
			from = instance.ID // a whole server reports: it is told in the name of ours
		}
	}
	return tx.tell(ctx, coop.Event{Kind: coop.EventReported, From: from, About: x.ID}, concerned...)
}

// Reports lists reports, newest first.
func (r reader) Reports(ctx context.Context, q ReportQuery, page coop.Page) ([]coop.Report, error) {
	var a args
	p := a.page("id", page)
	open := "closed_at = 0"
	if q.Closed {
		open = "TRUE"
	}
	list, err := all(ctx, r, scanReport, `
		SELECT `+reportColumns+`
		FROM reports
		WHERE `+open+` AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("reports: %w", err)
	}
	return newestFirst(p, list), nil
}

// OpenReports counts the reports of other servers that wait: those of a domain and of all
// names below it, and of all together. Names may bear a port.
func (r reader) OpenReports(ctx context.Context, domain string) (from, all int, err error) {
	err = r.q.QueryRow(ctx, `
		SELECT COUNT(*) FILTER (WHERE host = $1 OR host LIKE $2 OR host LIKE $3 OR host LIKE $4), COUNT(*)
		FROM reports
		WHERE closed_at = 0 AND host <> ''`, domain, "%."+domain, domain+":%", "%."+domain+":%").Scan(&from, &all)
	if err != nil {
		return 0, 0, fmt.Errorf("open reports: %w", err)
	}
	return from, all, nil
}

// ReportsByID finds reports, in any state; those that are not there are missing.
func (r reader) ReportsByID(ctx context.Context, ids []coop.ID) (map[coop.ID]coop.Report, error) {
	var a args
	list, err := all(ctx, r, scanReport, `
		SELECT `+reportColumns+`
		FROM reports
		WHERE id IN `+in(&a, numbers(ids[:min(len(ids), mostIn)])), a...)
	if err != nil {
		return nil, fmt.Errorf("reports: %w", err)
	}
	found := make(map[coop.ID]coop.Report, len(list))
	for _, x := range list {
		found[x.ID] = x
	}
	return found, nil
}

// reportColumns are those that [scanReport] reads.
const reportColumns = "id, iri, reporter_id, host, accounts, posts, comment, category, rules, forwarded, created_at, closed_at"

// scanReport reads a row of [reportColumns].
func scanReport(row pgx.CollectableRow) (x coop.Report, err error) {
	var id, reporter, created, closed int64
	var iri, accounts, posts, category, rules string
	if err = row.Scan(&id, &iri, &reporter, &x.Host, &accounts, &posts, &x.Comment, &category, &rules, &x.Forwarded, &created, &closed); err != nil {
		return x, err
	}
	x.Category = coop.ReportCategory(category)
	x.ID, x.IRI, x.Reporter, x.CreatedAt, x.ClosedAt = coop.ID(id), coop.IRI(iri), coop.ID(reporter), atMs(created), atMs(closed)
	var named [3][]int64
	err = errors.Join(json.Unmarshal([]byte(accounts), &named[0]), json.Unmarshal([]byte(posts), &named[1]), json.Unmarshal([]byte(rules), &named[2]))
	for _, n := range named[2] {
		x.Rules = append(x.Rules, coop.ID(n))
	}
	for _, n := range named[0] {
		x.Accounts = append(x.Accounts, coop.ID(n))
	}
	for _, n := range named[1] {
		x.Posts = append(x.Posts, coop.ID(n))
	}
	return x, err
}

// CloseReport ends a report; a missing one gives [coop.ErrNotFound].
func (tx *Tx) CloseReport(ctx context.Context, id coop.ID, at time.Time) error {
	n, err := tx.exec(ctx, `UPDATE reports SET closed_at = $1 WHERE id = $2`, msOf(at), int64(id))
	if err == nil && n == 0 {
		err = fmt.Errorf("report %s: %w", id, coop.ErrNotFound)
	}
	return err
}
