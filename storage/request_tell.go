// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// mostNetwork bounds how many co-ops one request is told to.
const mostNetwork = 1000

// network are the co-ops of this instance that may answer a request: the verified members
// of its author and of the federation here.
func (r reader) network(ctx context.Context, p *coop.Post) ([]coop.Concerned, error) {
	if p.Request == nil || p.InReplyTo != "" || !p.Request.Status.Seeking() {
		return nil, nil
	}
	members, err := all(ctx, r, scanID, `
		SELECT DISTINCT m.member_id
		FROM memberships m
		JOIN accounts x ON x.id = m.member_id
		JOIN accounts o ON o.id = m.organization_id
		WHERE m.state = 'member' AND m.member_says AND m.organization_says AND x.local AND x.kind = 'coop'
			AND (o.id = $1 OR o.local AND o.kind = 'federation')
		ORDER BY 1
		LIMIT $2`, int64(p.AuthorID), mostNetwork)
	if err != nil {
		return nil, fmt.Errorf("who may answer a request: %w", err)
	}
	var concerned []coop.Concerned
	for _, id := range members {
		concerned = append(concerned, coop.Concerned{Account: id, Network: true})
	}
	return concerned, nil
}

// TellRequest tells whoever acts for the author of a request that it needs them: a client
// has sent it, its date is near or has come.
func (tx *Tx) TellRequest(ctx context.Context, p *coop.Post) error {
	return tx.tell(ctx, coop.Event{Kind: coop.EventRequest, From: p.AuthorID, Post: p.ID}, coop.Concerned{Account: p.AuthorID, Target: true})
}
