// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// scanFilter reads a filter without its keywords and posts.
func scanFilter(row pgx.CollectableRow) (*coop.Filter, error) {
	var id, owner, expires int64
	var contexts, act string
	f := &coop.Filter{}
	if err := row.Scan(&id, &owner, &f.Title, &contexts, &act, &expires); err != nil {
		return nil, err
	}
	f.ID, f.Owner, f.Act, f.ExpiresAt = coop.ID(id), coop.ID(owner), coop.FilterAct(act), atMs(expires)
	return f, json.Unmarshal([]byte(contexts), &f.Contexts)
}

// scanKeyword reads a keyword.
func scanKeyword(row pgx.CollectableRow) (k coop.FilterKeyword, err error) {
	var id, filter int64
	err = row.Scan(&id, &filter, &k.Keyword, &k.WholeWord)
	k.ID, k.FilterID = coop.ID(id), coop.ID(filter)
	return k, err
}

// scanFilterPost reads a post of a filter.
func scanFilterPost(row pgx.CollectableRow) (p coop.FilterPost, err error) {
	var id, filter, post int64
	err = row.Scan(&id, &filter, &post)
	p.ID, p.FilterID, p.PostID = coop.ID(id), coop.ID(filter), coop.ID(post)
	return p, err
}

// Filters are all filters of an account with their keywords and posts, oldest
// first; expired ones are among them.
func (r reader) Filters(ctx context.Context, owner coop.ID) ([]*coop.Filter, error) {
	return r.filters(ctx, "f.account_id = $1", int64(owner))
}

// Filter finds a filter of an account's own, or gives [coop.ErrNotFound].
func (r reader) Filter(ctx context.Context, owner, id coop.ID) (*coop.Filter, error) {
	list, err := r.filters(ctx, "f.account_id = $1 AND f.id = $2", int64(owner), int64(id))
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("filter %s: %w", id, coop.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// filters finds filters f by a condition, each with all that is in it, by three
// questions.
func (r reader) filters(ctx context.Context, where string, values ...any) ([]*coop.Filter, error) {
	list, err := all(ctx, r, scanFilter, `
		SELECT f.id, f.account_id, f.title, f.contexts, f.act, f.expires_at
		FROM filters f
		WHERE `+where+`
		ORDER BY f.id`, values...)
	if err != nil || len(list) == 0 {
		return nil, wrapFilters(err)
	}
	byID := make(map[coop.ID]*coop.Filter, len(list))
	for _, f := range list {
		byID[f.ID] = f
	}
	keywords, err := all(ctx, r, scanKeyword, `
		SELECT k.id, k.filter_id, k.keyword, k.whole_word
		FROM filters f
		JOIN filter_keywords k ON k.filter_id = f.id
		WHERE `+where+`
		ORDER BY k.id`, values...)
	if err != nil {
		return nil, wrapFilters(err)
	}
	for _, k := range keywords {
		if f := byID[k.FilterID]; f != nil {
			f.Keywords = append(f.Keywords, k)
		}
	}
	posts, err := all(ctx, r, scanFilterPost, `
		SELECT p.id, p.filter_id, p.post_id
		FROM filters f
		JOIN filter_posts p ON p.filter_id = f.id
		WHERE `+where+`
		ORDER BY p.id`, values...)
	for _, p := range posts {
		if f := byID[p.FilterID]; f != nil {
			f.Posts = append(f.Posts, p)
		}
	}
	return list, wrapFilters(err)
}

// wrapFilters says what was being asked.
func wrapFilters(err error) error {
	if err != nil {
		return fmt.Errorf("filters: %w", err)
	}
	return nil
}

// FilterKeyword finds a keyword of an account's own, or gives [coop.ErrNotFound].
func (r reader) FilterKeyword(ctx context.Context, owner, id coop.ID) (*coop.FilterKeyword, error) {
	k, err := first(ctx, r, scanKeyword, `
		SELECT k.id, k.filter_id, k.keyword, k.whole_word
		FROM filter_keywords k
		JOIN filters f ON f.id = k.filter_id
		WHERE k.id = $1 AND f.account_id = $2`, int64(id), int64(owner))
	if err != nil {
		return nil, fmt.Errorf("keyword %s: %w", id, err)
	}
	return &k, nil
}

// FilterPost finds a post of a filter of an account's own by the id of that place,
// or gives [coop.ErrNotFound].
func (r reader) FilterPost(ctx context.Context, owner, id coop.ID) (*coop.FilterPost, error) {
	p, err := first(ctx, r, scanFilterPost, `
		SELECT p.id, p.filter_id, p.post_id
		FROM filter_posts p
		JOIN filters f ON f.id = p.filter_id
		WHERE p.id = $1 AND f.account_id = $2`, int64(id), int64(owner))
	if err != nil {
		return nil, fmt.Errorf("post %s of a filter: %w", id, err)
	}
	return &p, nil
}

// AddFilter keeps a filter with its keywords and fills in the ids. Over
// [coop.MaxFilters] or [coop.MaxKeywords] it gives a [coop.InvalidError].
func (tx *Tx) AddFilter(ctx context.Context, f *coop.Filter) error {
	if err := tx.filterRoom(ctx, f.Owner, "filters f", coop.MaxFilters, 1, "title"); err != nil {
		return err
	}
	var err error
	if f.ID, err = tx.NextID(ctx, tx.e.now()); err != nil {
		return err
	}
	row, err := filterRow(f)
	if err != nil {
		return err
	}
	row = append(row, column{"id", int64(f.ID)}, column{"account_id", int64(f.Owner)}, column{"created_at", msOf(tx.e.now())})
	if _, err := tx.insert(ctx, "filters", row, ""); err != nil {
		return err
	}
	for i := range f.Keywords {
		f.Keywords[i].FilterID = f.ID
		if err := tx.AddFilterKeyword(ctx, f.Owner, &f.Keywords[i]); err != nil {
			return err
		}
	}
	tx.filtersChanged(f.Owner)
	return nil
}

// filterRow is what may change of a filter, as columns.
func filterRow(f *coop.Filter) ([]column, error) {
	contexts, err := jsonText(f.Contexts)
	return []column{{"title", f.Title}, {"contexts", contexts}, {"act", string(f.Act)}, {"expires_at", msOf(f.ExpiresAt)}}, err
}

// filterRoom complains when an account has as many of something as it may have.
func (tx *Tx) filterRoom(ctx context.Context, owner coop.ID, tables string, most, more int, field string) error {
	if err := tx.aloneWithFilters(ctx, owner); err != nil {
		return err
	}
	n, err := tx.number(ctx, `SELECT COUNT(*) FROM `+tables+` WHERE f.account_id = $1`, int64(owner))
	if err == nil && int(n)+more > most {
		err = &coop.InvalidError{Field: field, Code: coop.CodeTooMany, Problem: fmt.Sprintf("there may be %d at most", most)}
	}
	return err
}

// SetFilter changes a filter of f.Owner, not its keywords; one of somebody else
// gives [coop.ErrNotFound].
func (tx *Tx) SetFilter(ctx context.Context, f *coop.Filter) error {
	if _, err := tx.Filter(ctx, f.Owner, f.ID); err != nil {
		return err
	}
	row, err := filterRow(f)
	if err != nil {
		return err
	}
	tx.filtersChanged(f.Owner)
	return tx.update(ctx, "filters", row, "id", int64(f.ID))
}

// RemoveFilter removes a filter of an account with all that is in it, or gives
// [coop.ErrNotFound].
func (tx *Tx) RemoveFilter(ctx context.Context, owner, id coop.ID) error {
	n, err := tx.exec(ctx, `DELETE FROM filters WHERE id = $1 AND account_id = $2`, int64(id), int64(owner))
	if err == nil && n == 0 {
		err = fmt.Errorf("filter %s: %w", id, coop.ErrNotFound)
	}
	tx.filtersChanged(owner)
	return err
}

// filtersChanged notes that the filters of an account are not what they were.
func (tx *Tx) filtersChanged(owner coop.ID) {
	tx.changed(coop.Change{Kind: coop.ChangeFilters, Account: owner})
}

// AddFilterKeyword adds a keyword to the filter k.FilterID of an account and fills
// in its ID; somebody else's filter gives [coop.ErrNotFound].
func (tx *Tx) AddFilterKeyword(ctx context.Context, owner coop.ID, k *coop.FilterKeyword) error {
	if err := tx.filterRoom(ctx, owner, "filter_keywords k JOIN filters f ON f.id = k.filter_id", coop.MaxKeywords, 1, "keyword"); err != nil {
		return err
	}
	if err := tx.ownFilter(ctx, owner, k.FilterID); err != nil {
		return err
	}
	id, err := tx.NextID(ctx, tx.e.now())
	if err != nil {
		return err
	}
	k.ID = id
	_, err = tx.insert(ctx, "filter_keywords", []column{
		{"id", int64(k.ID)}, {"filter_id", int64(k.FilterID)}, {"keyword", k.Keyword}, {"whole_word", k.WholeWord},
	}, "")
	tx.filtersChanged(owner)
	return err
}

// ownFilter tells by [coop.ErrNotFound] that a filter is not the account's.
func (r reader) ownFilter(ctx context.Context, owner, id coop.ID) error {
	n, err := r.number(ctx, `SELECT COUNT(*) FROM filters WHERE id = $1 AND account_id = $2`, int64(id), int64(owner))
	if err == nil && n == 0 {
		err = fmt.Errorf("filter %s: %w", id, coop.ErrNotFound)
	}
	return err
}

// SetFilterKeyword changes a keyword of an account, or gives [coop.ErrNotFound].
func (tx *Tx) SetFilterKeyword(ctx context.Context, owner coop.ID, k *coop.FilterKeyword) error {
	if _, err := tx.FilterKeyword(ctx, owner, k.ID); err != nil {
		return err
	}
	tx.filtersChanged(owner)
	return tx.update(ctx, "filter_keywords", []column{{"keyword", k.Keyword}, {"whole_word", k.WholeWord}}, "id", int64(k.ID))
}

// RemoveFilterKeyword removes a keyword of an account, or gives [coop.ErrNotFound].
func (tx *Tx) RemoveFilterKeyword(ctx context.Context, owner, id coop.ID) error {
	if _, err := tx.FilterKeyword(ctx, owner, id); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `DELETE FROM filter_keywords WHERE id = $1`, int64(id))
	tx.filtersChanged(owner)
	return err
}

// AddFilterPost adds a post to the filter p.FilterID of an account and fills in its
// ID; twice is once. Somebody else's filter gives [coop.ErrNotFound].
func (tx *Tx) AddFilterPost(ctx context.Context, owner coop.ID, p *coop.FilterPost) error {
	f, err := tx.Filter(ctx, owner, p.FilterID)
	if err != nil {
		return err
	}
	for _, known := range f.Posts {
		if known.PostID == p.PostID {
			p.ID = known.ID
			return nil
		}
	}
	if len(f.Posts) >= coop.MaxFilteredPosts {
		return &coop.InvalidError{Field: "status_id", Code: coop.CodeTooMany, Problem: fmt.Sprintf("there may be %d at most", coop.MaxFilteredPosts)}
	}
	if p.ID, err = tx.NextID(ctx, tx.e.now()); err != nil {
		return err
	}
	_, err = tx.insert(ctx, "filter_posts", []column{
		{"id", int64(p.ID)}, {"filter_id", int64(p.FilterID)}, {"post_id", int64(p.PostID)},
	}, "ON CONFLICT DO NOTHING")
	tx.filtersChanged(owner)
	return err
}

// RemoveFilterPost takes a post out of a filter of an account, or gives
// [coop.ErrNotFound].
func (tx *Tx) RemoveFilterPost(ctx context.Context, owner, id coop.ID) error {
	if _, err := tx.FilterPost(ctx, owner, id); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `DELETE FROM filter_posts WHERE id = $1`, int64(id))
	tx.filtersChanged(owner)
	return err
}
