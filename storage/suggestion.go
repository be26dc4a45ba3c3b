// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// suggestionColumns are those that [scanSuggestion] reads, of the table named s.
const suggestionColumns = "s.id, s.iri, s.post_id, s.by_id, s.state, s.base_version, s.result_version, s.payload, s.created_at, s.decided_at"

// suggestionPayload is what of a suggestion is shown but never asked for.
type suggestionPayload struct {
	Base   coop.SuggestedText `json:"base"`
	Text   coop.SuggestedText `json:"text"`
	Reason string             `json:"reason"`
	Answer string             `json:"answer,omitempty"`
}

// scanSuggestion reads a row of [suggestionColumns]; who made it has only an id.
func scanSuggestion(row pgx.CollectableRow) (*coop.Suggestion, error) {
	s := &coop.Suggestion{}
	var id, post, by, created, decided int64
	var iri, state, payload string
	if err := row.Scan(&id, &iri, &post, &by, &state, &s.BaseVersion, &s.ResultVersion, &payload, &created, &decided); err != nil {
		return nil, err
	}
	var p suggestionPayload
	if err := json.Unmarshal([]byte(payload), &p); err != nil {
		return nil, fmt.Errorf("suggestion %d: %w", id, err)
	}
	s.ID, s.IRI, s.PostID, s.ByID, s.State = coop.ID(id), coop.IRI(iri), coop.ID(post), coop.ID(by), coop.SuggestionState(state)
	s.Base, s.Text, s.Reason, s.Answer = p.Base, p.Text, p.Reason, p.Answer
	s.CreatedAt, s.DecidedAt = atMs(created), atMs(decided)
	return s, nil
}

// Suggestion finds a suggestion, or gives [coop.ErrNotFound]. Who may see it is for the
// caller to ask: who made it, and who wrote the article.
func (r reader) Suggestion(ctx context.Context, id coop.ID) (*coop.Suggestion, error) {
	s, err := first(ctx, r, scanSuggestion, `
		SELECT `+suggestionColumns+`
		FROM suggestions s
		WHERE s.id = $1`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("suggestion %s: %w", id, err)
	}
	return s, r.fillSuggesters(ctx, []*coop.Suggestion{s})
}

// SuggestionByIRI finds a suggestion by the id of its Offer.
func (r reader) SuggestionByIRI(ctx context.Context, iri coop.IRI) (*coop.Suggestion, error) {
	s, err := first(ctx, r, scanSuggestion, `
		SELECT `+suggestionColumns+`
		FROM suggestions s
		WHERE s.iri = $1`, cleanText(string(iri)))
	if err != nil {
		return nil, fmt.Errorf("suggestion %s: %w", iri, err)
	}
	return s, r.fillSuggesters(ctx, []*coop.Suggestion{s})
}

// SuggestionsTo lists what was suggested to articles of an author, newest first; open
// narrows to what waits for an answer. post 0: to all of them.
func (r reader) SuggestionsTo(ctx context.Context, author, post coop.ID, open bool, page coop.Page) ([]*coop.Suggestion, error) {
	a := args{int64(author)}
	states := "TRUE"
	if open {
		states = "s.state = 'open'"
	}
	if post != 0 {
		states += " AND s.post_id = " + a.add(int64(post))
	}
	return r.suggestions(ctx, a, page, `
		FROM suggestions s
		JOIN posts p ON p.id = s.post_id
		JOIN accounts w ON w.id = s.by_id
		WHERE p.author_id = $1 AND w.suspended_at = 0 AND w.deleted_at = 0 AND `+states)
}

// SuggestionsBy lists what an account suggested, newest first; post 0: for all articles.
func (r reader) SuggestionsBy(ctx context.Context, by, post coop.ID, page coop.Page) ([]*coop.Suggestion, error) {
	a, which := args{int64(by)}, "TRUE"
	if post != 0 {
		which = "s.post_id = " + a.add(int64(post))
	}
	return r.suggestions(ctx, a, page, `
		FROM suggestions s
		WHERE s.by_id = $1 AND `+which)
}

// suggestions reads a page of a question about suggestions.
func (r reader) suggestions(ctx context.Context, a args, page coop.Page, from string) ([]*coop.Suggestion, error) {
	p := a.page("s.id", page)
	list, err := all(ctx, r, scanSuggestion, "SELECT "+suggestionColumns+from+" AND "+p.where+"\n"+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("suggestions: %w", err)
	}
	list = newestFirst(p, list)
	return list, r.fillSuggesters(ctx, list)
}

// fillSuggesters names who made suggestions, by one statement.
func (r reader) fillSuggesters(ctx context.Context, list []*coop.Suggestion) error {
	ids := make([]coop.ID, len(list))
	for i, s := range list {
		ids[i] = s.ByID
	}
	who, err := r.Accounts(ctx, ids)
	for _, s := range list {
		s.By = who[s.ByID]
	}
	return err
}

// OpenSuggestions counts what waits for an answer: of one account, by 0 of all, to an
// article.
func (r reader) OpenSuggestions(ctx context.Context, post, by coop.ID) (int, error) {
	a, whose := args{int64(post)}, "TRUE"
	if by != 0 {
		whose = "s.by_id = " + a.add(int64(by))
	}
	n, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM suggestions s
		WHERE s.post_id = $1 AND s.state = 'open' AND `+whose, a...)
	if err != nil {
		return 0, fmt.Errorf("count suggestions: %w", err)
	}
	return int(n), nil
}

// AddSuggestion stores a new suggestion and fills in ID and CreatedAt; false: its IRI is
// here already.
func (tx *Tx) AddSuggestion(ctx context.Context, s *coop.Suggestion) (added bool, err error) {
	s.CreatedAt = tx.e.now()
	if s.ID, err = tx.NextID(ctx, s.CreatedAt); err != nil {
		return false, err
	}
	row, err := suggestionRow(s)
	if err != nil {
		return false, err
	}
	row = append(row, column{"id", int64(s.ID)}, column{"iri", string(s.IRI)}, column{"post_id", int64(s.PostID)}, column{"by_id", int64(s.ByID)},
		column{"base_version", s.BaseVersion}, column{"created_at", msOf(s.CreatedAt)})
	n, err := tx.insert(ctx, "suggestions", row, "ON CONFLICT (iri) DO NOTHING")
	if err != nil {
		return false, fmt.Errorf("suggestion %s: %w", s.IRI, err)
	}
	return n > 0, nil
}

// DecideSuggestion stores what became of an open suggestion; [coop.ErrState] says that
// it was decided before.
func (tx *Tx) DecideSuggestion(ctx context.Context, s *coop.Suggestion) error {
	now, err := tx.Suggestion(ctx, s.ID)
	if err != nil {
		return err
	}
	if now.State != coop.SuggestionOpen {
		return fmt.Errorf("suggestion %s is %s: %w", s.IRI, now.State, coop.ErrState)
	}
	s.DecidedAt = tx.e.now()
	row, err := suggestionRow(s)
	if err != nil {
		return err
	}
	return tx.update(ctx, "suggestions", row, "id", int64(s.ID))
}

// suggestionRow is what may change of a suggestion, as columns.
func suggestionRow(s *coop.Suggestion) ([]column, error) {
	payload, err := json.Marshal(suggestionPayload{s.Base, s.Text, s.Reason, s.Answer})
	if err != nil {
		return nil, fmt.Errorf("suggestion %s: %w", s.IRI, err)
	}
	return []column{{"state", string(s.State)}, {"result_version", s.ResultVersion}, {"payload", cleanText(string(payload))}, {"decided_at", msOf(s.DecidedAt)}}, nil
}
