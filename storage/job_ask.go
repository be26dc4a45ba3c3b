// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// AskableBoards lists federations elsewhere that have a collection of jobs and are
// neither followed by the federation or a board here nor blocked or limited: of each server one,
// those first that are known longest, 20 at most.
func (r reader) AskableBoards(ctx context.Context) ([]*coop.Account, error) {
	var a args
	list, err := all(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts a
		WHERE a.id IN (
			SELECT MIN(o.id)
			FROM accounts o
			WHERE NOT o.local AND o.kind = 'federation' AND o.jobs <> '' AND o.suspended_at = 0 AND o.deleted_at = 0
				AND o.server NOT IN (
					SELECT target.server
					FROM accounts target
					WHERE target.id IN (`+whomWeFollow+`))
				AND NOT `+r.policy(&a, "o.server", "('block', 'limit')")+`
			GROUP BY o.server)
		ORDER BY a.id
		LIMIT `+a.add(coop.MostAsked), a...)
	if err != nil {
		return nil, fmt.Errorf("boards to ask: %w", err)
	}
	return list, nil
}
