// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"minga/coop"
)

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
