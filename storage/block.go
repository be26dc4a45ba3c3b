// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Block is one account's block of another.
type Block struct {
	ID      coop.ID // set by the store
	IRI     coop.IRI
	Blocker coop.ID
	Target  coop.ID
	At      time.Time
}

// Blocked tells whether a blocks b or b blocks a.
func (r reader) Blocked(ctx context.Context, a, b coop.ID) (bool, error) {
	n, err := r.number(ctx, `
		SELECT CASE WHEN `+blockBetween("$1", "$2")+` THEN 1 ELSE 0 END`, int64(a), int64(b))
	return n > 0, err
}

// BlockByIRI finds a block by the id of its activity, or gives [coop.ErrNotFound].
func (r reader) BlockByIRI(ctx context.Context, iri coop.IRI) (*Block, error) {
	b, err := first(ctx, r, func(row pgx.CollectableRow) (*Block, error) {
		var id, blocker, target, at int64
		var name string
		err := row.Scan(&id, &name, &blocker, &target, &at)
		return &Block{coop.ID(id), coop.IRI(name), coop.ID(blocker), coop.ID(target), atMs(at)}, err
	}, `
		SELECT id, iri, blocker_id, target_id, at
		FROM blocks
		WHERE iri = $1 AND iri <> ''
		ORDER BY id DESC
		LIMIT 1`, cleanText(string(iri)))
	if err != nil {
		return nil, fmt.Errorf("block %s: %w", iri, err)
	}
	return b, nil
}

// BlockEntry is an account that another blocks.
type BlockEntry struct {
	ID      coop.ID // of the block: what pages are cut by
	Account *coop.Account
}

// Blocks lists whom an account blocks, newest first, without accounts that are
// deleted.
func (r reader) Blocks(ctx context.Context, account coop.ID, page coop.Page) ([]BlockEntry, error) {
	a := args{int64(account)}
	p := a.page("b.id", page)
	list, err := all(ctx, r, func(row pgx.CollectableRow) (BlockEntry, error) {
		var id int64
		target, err := scanAccountAfter(row, &id)
		return BlockEntry{coop.ID(id), target}, err
	}, `
		SELECT b.id, `+accountColumns+`
		FROM blocks b
		JOIN accounts a ON a.id = b.target_id
		WHERE b.blocker_id = $1 AND a.deleted_at = 0 AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("blocks of %s: %w", account, err)
	}
	return newestFirst(p, list), nil
}

// AddBlock stores a block, ends the follows both ways and takes back what each told
// the other; twice is once.
func (tx *Tx) AddBlock(ctx context.Context, b Block) error {
	if err := tx.aloneBetween(ctx, b.Blocker, b.Target); err != nil {
		return err
	}
	id, err := tx.NextID(ctx, tx.e.now())
	if err != nil {
		return err
	}
	if b.At.IsZero() {
		b.At = tx.e.now()
	}
	if _, err := tx.insert(ctx, "blocks", []column{
		{"id", int64(id)}, {"iri", string(b.IRI)}, {"blocker_id", int64(b.Blocker)}, {"target_id", int64(b.Target)}, {"at", msOf(b.At)},
	}, "ON CONFLICT DO NOTHING"); err != nil {
		return fmt.Errorf("block of %s by %s: %w", b.Target, b.Blocker, err)
	}
	for _, pair := range [2][2]coop.ID{{b.Blocker, b.Target}, {b.Target, b.Blocker}} {
		if _, err := tx.RemoveFollow(ctx, pair[0], pair[1]); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `DELETE FROM notifications WHERE account_id = $1 AND from_id = $2`, int64(pair[0]), int64(pair[1])); err != nil {
			return err
		}
	}
	return nil
}

// RemoveBlock ends a block; a missing one is no error and returns false.
func (tx *Tx) RemoveBlock(ctx context.Context, blocker, target coop.ID) (removed bool, err error) {
	n, err := tx.exec(ctx, `DELETE FROM blocks WHERE blocker_id = $1 AND target_id = $2`, int64(blocker), int64(target))
	return n > 0, err
}
