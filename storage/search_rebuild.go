// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// rebuildRows is how many posts one transaction of a rebuild takes.
const rebuildRows = 200

// RebuildSearch writes the words of all posts anew, by which they are found. Each
// transaction takes a few hundred posts, so that others write meanwhile; what fails or
// is stopped half-way leaves the rest as it was, and is begun again. Progress (may be
// nil) hears how many posts are done.
func (s *Store) RebuildSearch(ctx context.Context, progress func(done int64)) error {
	var last coop.ID
	for done := int64(0); ; {
		var ids []coop.ID
		err := s.Write(ctx, func(tx *Tx) (err error) {
			ids, err = tx.rebuildAfter(ctx, last)
			return err
		})
		if err != nil {
			return fmt.Errorf("rebuild the search: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		last, done = ids[len(ids)-1], done+int64(len(ids))
		if progress != nil {
			progress(done)
		}
	}
}

// rebuildAfter writes the words of the posts that follow one, and gives their ids.
func (tx *Tx) rebuildAfter(ctx context.Context, last coop.ID) ([]coop.ID, error) {
	numbers, err := all(ctx, tx.reader, scanNumber, `
		SELECT p.id
		FROM posts p
		WHERE p.id > $1
		ORDER BY p.id
		LIMIT $2`, int64(last), rebuildRows)
	if err != nil || len(numbers) == 0 {
		return nil, err
	}
	ids := make([]coop.ID, len(numbers))
	for n, id := range numbers {
		ids[n] = coop.ID(id)
	}
	return ids, tx.rewriteWords(ctx, ids)
}

// rewriteWords takes posts out of the search and puts them in again.
func (tx *Tx) rewriteWords(ctx context.Context, ids []coop.ID) error {
	if err := tx.holdPosts(ctx, ids); err != nil {
		return err
	}
	posts, err := tx.PostsByID(ctx, coop.System(), ids)
	if err != nil {
		return err
	}
	for _, p := range posts {
		if err := tx.removeWords(ctx, p.ID); err != nil {
			return fmt.Errorf("words of %s: %w", p.IRI, err)
		}
		if err := tx.putWords(ctx, p); err != nil {
			return fmt.Errorf("words of %s: %w", p.IRI, err)
		}
	}
	return nil
}
