// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"strings"

	"minga/coop"
)

// HasOwner tells whether somebody owns this instance: once that is so, there is no
// first run any more.
func (r reader) HasOwner(ctx context.Context) (bool, error) {
	n, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM accounts
		WHERE local AND kind = 'person' AND rank = 'owner' AND deleted_at = 0`)
	if err != nil {
		return false, fmt.Errorf("owner of the instance: %w", err)
	}
	return n > 0, nil
}

// setUpSetting keeps when the first run was done. Its row is what two that come at
// once wait for.
const setUpSetting = "set_up_at"

// BeginSetup is the first statement of the transaction that makes the first owner: of
// two at once only one goes on, the other gets [coop.ErrConflict]. All links of the
// first run end.
func (tx *Tx) BeginSetup(ctx context.Context) error {
	if err := tx.SetSetting(ctx, setUpSetting, tx.e.now().UTC().Format("2006-01-02T15:04:05Z")); err != nil {
		return err
	}
	owned, err := tx.HasOwner(ctx)
	if err != nil {
		return err
	}
	if owned {
		return fmt.Errorf("this instance has an owner: %w", coop.ErrConflict)
	}
	if _, err := tx.exec(ctx, `DELETE FROM links WHERE purpose = $1`, string(coop.LinkSetup)); err != nil {
		return fmt.Errorf("end links of the first run: %w", err)
	}
	return nil
}

// RenameFederation gives the federation of this instance another name in its handle,
// while no other server can know the one that it has: as soon as anything was sent or
// received it is [coop.ErrForbidden]. A name that is taken gives [coop.ErrConflict].
func (tx *Tx) RenameFederation(ctx context.Context, id coop.ID, name, url string) error {
	known, err := tx.number(ctx, `
		SELECT (SELECT COUNT(*) FROM peers) + (SELECT COUNT(*) FROM follows WHERE follower_id = $1 OR target_id = $1)`, int64(id))
	if err != nil {
		return fmt.Errorf("rename the federation: %w", err)
	}
	if known > 0 {
		return fmt.Errorf("others know the federation by its name: %w", coop.ErrForbidden)
	}
	taken, err := tx.number(ctx, `SELECT COUNT(*) FROM accounts WHERE handle = $1 AND host = '' AND id <> $2`, strings.ToLower(name), int64(id))
	if err != nil {
		return fmt.Errorf("rename the federation: %w", err)
	}
	if taken > 0 {
		return fmt.Errorf("the name %.100q: %w", name, coop.ErrConflict)
	}
	_, err = tx.exec(ctx, `
		UPDATE accounts
		SET name = $1, handle = $2, url = $3
		WHERE id = $4 AND local AND kind = 'federation'`, name, strings.ToLower(name), url, int64(id))
	if err != nil {
		return fmt.Errorf("rename the federation: %w", err)
	}
	return nil
}
