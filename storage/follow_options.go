// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"minga/coop"
)

// SetFollowOptions says what a follower wants of a follow, asked or accepted. A
// missing follow gives [coop.ErrNotFound].
func (tx *Tx) SetFollowOptions(ctx context.Context, follower, target coop.ID, o coop.FollowOptions) error {
	languages := ""
	if len(o.Languages) > 0 {
		var err error
		if languages, err = jsonText(o.Languages); err != nil {
			return err
		}
	}
	n, err := tx.exec(ctx, `
		UPDATE follows
		SET boosts = $1, bell = $2, languages = $3
		WHERE follower_id = $4 AND target_id = $5`, o.Boosts, o.Bell, cleanText(languages), int64(follower), int64(target))
	if err == nil && n == 0 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("options of the follow of %s by %s: %w", target, follower, err)
	}
	return nil
}

// readLanguages reads the languages of a follow; what cannot be read is none.
func readLanguages(text string) []string {
	var list []string
	if text == "" || json.Unmarshal([]byte(text), &list) != nil {
		return nil
	}
	return list
}
