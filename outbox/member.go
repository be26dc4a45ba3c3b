// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"

	"minga/coop"
)

// NewMember makes a co-op of this instance and admits it to the instance's
// federation: whoever makes a co-op here speaks for the federation, and a board
// announces members only. Errors as [Outbox.NewAccount].
func (o *Outbox) NewMember(ctx context.Context, r Registration) (*coop.Account, error) {
	r.Kind = coop.Coop
	member, err := o.NewAccount(ctx, r)
	if err != nil {
		return nil, err
	}
	federation, err := o.store.FederationAccount(ctx)
	if err != nil {
		return nil, fmt.Errorf("admit %s: %w", member.IRI, err)
	}
	m, err := o.Join(ctx, member, federation, coop.RoleFull, "")
	if err != nil {
		return nil, err
	}
	if err := o.DecideMembership(ctx, m, true, ""); err != nil {
		return nil, fmt.Errorf("admit %s: %w", member.IRI, err)
	}
	return o.store.Account(ctx, member.ID)
}
