// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"crypto/sha256"
	"errors"
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

// AddSavedSearch keeps a new search with its question; alert is the hash of the secret
// in its mails, nil: none. ID, QueryID and CreatedAt are filled in. The same question by
// the same account or address gives [coop.ErrConflict], more than most of them an
// *[coop.InvalidError] of code too_many. Domain is that of our handles.
func (tx *Tx) AddSavedSearch(ctx context.Context, s *coop.SavedSearch, most int, alert []byte, domain string) error {
	if err := tx.addSaved(ctx, s, most, alert, domain); err != nil {
		return fmt.Errorf("save a search: %w", err)
	}
	return nil
}

// addSaved is the story of AddSavedSearch.
func (tx *Tx) addSaved(ctx context.Context, s *coop.SavedSearch, most int, alert []byte, domain string) error {
	if err := tx.alone(ctx, "saved searches "+s.AccountID.String()+s.Email); err != nil {
		return err
	}
	n, err := tx.CountSaved(ctx, s.AccountID, s.Email)
	if err != nil {
		return err
	}
	query, err := tx.EnsureSearchQuery(ctx, s.Asked(), domain)
	if err != nil {
		return err
	}
	if _, err := tx.SavedBy(ctx, s.AccountID, s.Email, query.ID); !errors.Is(err, coop.ErrNotFound) {
		if err == nil {
			err = coop.ErrConflict
		}
		return err
	}
	if n >= most {
		return &coop.InvalidError{Field: "query", Code: coop.CodeTooMany, Problem: fmt.Sprintf("at most %d searches", most)}
	}
	now := tx.e.now()
	if s.ID, err = tx.NextID(ctx, now); err != nil {
		return err
	}
	s.QueryID, s.CreatedAt, s.Mark, s.Actor = query.ID, now, now, query.Account
	row := append(savedRow(s), column{"id", int64(s.ID)}, column{"query_id", int64(s.QueryID)}, column{"account_id", orNull(s.AccountID)},
		column{"email", s.Email}, column{"query", s.Query}, column{"created_at", msOf(now)})
	if alert != nil {
		row = append(row, column{"alert_hash", alert})
	}
	_, err = tx.insert(ctx, "saved_searches", row, "")
	return err
}

// savedRow are the columns of a search that change.
func savedRow(s *coop.SavedSearch) []column {
	return []column{
		{"language", s.Language},
		{"name", s.Name},
		{"site", s.Site},
		{"mail", string(s.Mail)},
		{"hook", s.Hook},
		{"hook_failed_at", msOf(s.HookFailed)},
		{"confirmed_at", msOf(s.ConfirmedAt)},
		{"mark", msOf(s.Mark)},
		{"due_at", msOf(s.DueAt)},
	}
}

// HoldSavedSearch lets nobody else change a search before the transaction ends.
func (tx *Tx) HoldSavedSearch(ctx context.Context, id coop.ID) error {
	_, err := all(ctx, tx.reader, scanID, `
		SELECT id
		FROM saved_searches
		WHERE id = $1
		FOR UPDATE`, int64(id))
	if err != nil {
		return fmt.Errorf("hold saved search %s: %w", id, err)
	}
	return nil
}

// SaveSavedSearch keeps what changes of a search: name, language, ways, confirmation,
// mark and when the next mail is due.
func (tx *Tx) SaveSavedSearch(ctx context.Context, s *coop.SavedSearch) error {
	return tx.update(ctx, "saved_searches", savedRow(s), "id", int64(s.ID))
}

// SetAlertHash keeps the hash of the secret that stands in the mails of a search.
func (tx *Tx) SetAlertHash(ctx context.Context, id coop.ID, hash []byte) error {
	return tx.update(ctx, "saved_searches", []column{{"alert_hash", hash}}, "id", int64(id))
}

// SetFeedHash keeps the hash of the secret in the address of a search's feed; nil ends
// the feed.
func (tx *Tx) SetFeedHash(ctx context.Context, id coop.ID, hash []byte) error {
	var value any
	if hash != nil {
		value = hash
	}
	return tx.update(ctx, "saved_searches", []column{{"feed_hash", value}}, "id", int64(id))
}

// DeleteSavedSearch forgets a search, and its question where nobody else asks it.
func (tx *Tx) DeleteSavedSearch(ctx context.Context, s *coop.SavedSearch) error {
	for _, kind := range []string{SecretAlert, SecretFeed, SecretHook} {
		if err := tx.DeleteSecret(ctx, SavedSecret(s.ID, kind)); err != nil {
			return err
		}
	}
	if _, err := tx.exec(ctx, `DELETE FROM saved_searches WHERE id = $1`, int64(s.ID)); err != nil {
		return fmt.Errorf("delete saved search %s: %w", s.ID, err)
	}
	return tx.dropUnasked(ctx, s.QueryID)
}

// The secrets of a saved search, kept sealed.
const (
	SecretAlert = "alert" // stands in its mails
	SecretFeed  = "feed"  // stands in the address of its feed
	SecretHook  = "hook"  // signs what its webhook is told
)

// SavedSecret is the name of a secret of a search.
func SavedSecret(id coop.ID, kind string) string { return "search/" + id.String() + "/" + kind }

// dropUnasked forgets a question that nobody asks and no actor answers.
func (tx *Tx) dropUnasked(ctx context.Context, query coop.ID) error {
	_, err := tx.exec(ctx, `
		DELETE FROM search_queries
		WHERE id = $1 AND account_id IS NULL AND NOT EXISTS (SELECT 1 FROM saved_searches s WHERE s.query_id = $1)`, int64(query))
	return err
}

// endSearchesOf forgets what a deleted account saved, and lets go of the question that
// it was the actor of.
func (tx *Tx) endSearchesOf(ctx context.Context, account coop.ID) error {
	list, err := tx.SavedSearches(ctx, account)
	if err != nil {
		return err
	}
	for _, s := range list {
		if err := tx.DeleteSavedSearch(ctx, s); err != nil {
			return err
		}
	}
	query, err := tx.SearchByActor(ctx, account)
	if errors.Is(err, coop.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, sql := range []string{
		`UPDATE search_queries SET account_id = NULL, alone_at = 0 WHERE id = $1`,
		`UPDATE search_hits SET state = 'ended' WHERE query_id = $1 AND state <> '' AND state <> 'ended'`,
	} {
		if _, err := tx.exec(ctx, sql, int64(query.ID)); err != nil {
			return err
		}
	}
	return tx.dropUnasked(ctx, query.ID)
}

// SweepSearches removes what nobody confirmed in time, and what was found long ago and
// is announced no more: at most limit of each.
func (tx *Tx) SweepSearches(ctx context.Context, limit int) error {
	now := tx.e.now()
	list, err := all(ctx, tx.reader, scanSaved, `SELECT `+savedColumns+savedFrom+`
		WHERE s.confirmed_at = 0 AND s.created_at < $1
		ORDER BY s.id
		LIMIT $2`, msOf(now.Add(-coop.AlertLife)), limit)
	if err != nil {
		return fmt.Errorf("sweep searches: %w", err)
	}
	for _, s := range list {
		if err := tx.DeleteSavedSearch(ctx, s); err != nil {
			return err
		}
	}
	_, err = tx.exec(ctx, `
		DELETE FROM search_hits
		WHERE (query_id, post_id) IN (
			SELECT h.query_id, h.post_id
			FROM search_hits h
			WHERE h.at < $1 AND h.state IN ('', 'ended') AND NOT EXISTS (
				SELECT 1 FROM jobs j WHERE j.post_id = h.post_id AND j.status IN ('open', 'paused'))
			LIMIT $2)`, msOf(now.Add(-hitLife)), limit)
	return err
}

// hitLife is how long what was found is remembered after it ended.
const hitLife = 60 * 24 * time.Hour

// queryHash is by which a question is known.
func queryHash(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:]
}
