// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// savedColumns are those that [scanSaved] reads, of saved_searches s and search_queries q.
const savedColumns = `s.id, s.query_id, COALESCE(s.account_id, 0), s.email, s.language, s.name, s.query, s.site, s.mail, s.hook,
	s.hook_failed_at, s.feed_hash IS NOT NULL, s.confirmed_at, s.created_at, s.mark, s.due_at, q.hit_at, COALESCE(q.account_id, 0)`

// scanSaved reads a row of [savedColumns].
func scanSaved(row pgx.CollectableRow) (*coop.SavedSearch, error) {
	s := &coop.SavedSearch{}
	var id, query, account, failed, confirmed, created, mark, due, hit, actor int64
	var mail string
	err := row.Scan(&id, &query, &account, &s.Email, &s.Language, &s.Name, &s.Query, &s.Site, &mail, &s.Hook,
		&failed, &s.Feed, &confirmed, &created, &mark, &due, &hit, &actor)
	s.ID, s.QueryID, s.AccountID, s.Actor, s.Mail = coop.ID(id), coop.ID(query), coop.ID(account), coop.ID(actor), coop.Cadence(mail)
	s.HookFailed, s.ConfirmedAt, s.CreatedAt, s.Mark, s.DueAt, s.HitAt = atMs(failed), atMs(confirmed), atMs(created), atMs(mark), atMs(due), atMs(hit)
	return s, err
}

// savedFrom is where saved searches s and their questions q are read.
const savedFrom = `
	FROM saved_searches s
	JOIN search_queries q ON q.id = s.query_id
	`

// SavedSearches lists what an account saved, newest first.
func (r reader) SavedSearches(ctx context.Context, account coop.ID) ([]*coop.SavedSearch, error) {
	list, err := all(ctx, r, scanSaved, `SELECT `+savedColumns+savedFrom+`
		WHERE s.account_id = $1
		ORDER BY s.id DESC
		LIMIT 500`, int64(account))
	if err != nil {
		return nil, fmt.Errorf("saved searches of %s: %w", account, err)
	}
	return list, nil
}

// SavedSearch is one of an account's, or [coop.ErrNotFound]; of account 0 anybody's.
func (r reader) SavedSearch(ctx context.Context, account, id coop.ID) (*coop.SavedSearch, error) {
	s, err := first(ctx, r, scanSaved, `SELECT `+savedColumns+savedFrom+`
		WHERE s.id = $1 AND (s.account_id = $2 OR $2 = 0)`, int64(id), int64(account))
	if err != nil {
		return nil, fmt.Errorf("saved search %s: %w", id, err)
	}
	return s, nil
}

// SavedByAlert finds a search by the hash of the secret that stands in its mails, or
// gives [coop.ErrNotFound].
func (r reader) SavedByAlert(ctx context.Context, hash []byte) (*coop.SavedSearch, error) {
	s, err := first(ctx, r, scanSaved, `SELECT `+savedColumns+savedFrom+`
		WHERE s.alert_hash = $1`, hash)
	if err != nil {
		return nil, fmt.Errorf("saved search by its mail: %w", err)
	}
	return s, nil
}

// SavedByFeed finds a search by the hash of the secret in the address of its feed, or
// gives [coop.ErrNotFound].
func (r reader) SavedByFeed(ctx context.Context, hash []byte) (*coop.SavedSearch, error) {
	s, err := first(ctx, r, scanSaved, `SELECT `+savedColumns+savedFrom+`
		WHERE s.feed_hash = $1`, hash)
	if err != nil {
		return nil, fmt.Errorf("saved search by its feed: %w", err)
	}
	return s, nil
}

// SavedBy finds the search of an account, or of an address of mail, for a question, or
// gives [coop.ErrNotFound].
func (r reader) SavedBy(ctx context.Context, account coop.ID, email string, query coop.ID) (*coop.SavedSearch, error) {
	s, err := first(ctx, r, scanSaved, `SELECT `+savedColumns+savedFrom+`
		WHERE s.query_id = $1 AND COALESCE(s.account_id, 0) = $2 AND s.email = $3
		ORDER BY s.id`, int64(query), int64(account), cleanText(email))
	if err != nil {
		return nil, fmt.Errorf("saved search: %w", err)
	}
	return s, nil
}

// SavedFor lists those who want to hear at once, here or by a hook, of what a question
// finds.
func (r reader) SavedFor(ctx context.Context, query coop.ID) ([]*coop.SavedSearch, error) {
	list, err := all(ctx, r, scanSaved, `SELECT `+savedColumns+savedFrom+`
		WHERE s.query_id = $1 AND (s.site OR s.hook <> '')
		ORDER BY s.id`, int64(query))
	if err != nil {
		return nil, fmt.Errorf("who asks %s: %w", query, err)
	}
	return list, nil
}

// DueAlerts lists searches whose next mail is due, the longest due first.
func (r reader) DueAlerts(ctx context.Context, now time.Time, limit int) ([]*coop.SavedSearch, error) {
	list, err := all(ctx, r, scanSaved, `SELECT `+savedColumns+savedFrom+`
		WHERE s.due_at <> 0 AND s.due_at <= $1
		ORDER BY s.due_at, s.id
		LIMIT $2`, msOf(now), limit)
	if err != nil {
		return nil, fmt.Errorf("mails that are due: %w", err)
	}
	return list, nil
}

// CountSaved says how many searches an account saved, or an address of mail asked for.
func (r reader) CountSaved(ctx context.Context, account coop.ID, email string) (int, error) {
	if account == 0 {
		n, err := r.number(ctx, `SELECT COUNT(*) FROM saved_searches WHERE email = $1 AND email <> ''`, cleanText(email))
		return int(n), err
	}
	n, err := r.number(ctx, `SELECT COUNT(*) FROM saved_searches WHERE account_id = $1`, int64(account))
	return int(n), err
}
