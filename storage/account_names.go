// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// NamesOfHandles says how accounts call themselves, by their handles (name@host, in
// small letters); domain is the host of ours. Who has no name, or is unknown or gone, is
// left out.
func (r reader) NamesOfHandles(ctx context.Context, handles []string, domain string) (map[string]string, error) {
	type named struct {
		handle, host, name string
		local              bool
	}
	wanted, names := map[string]bool{}, map[string]string{}
	var bare []string
	for _, handle := range handles {
		name, _, _ := strings.Cut(handle, "@")
		wanted[handle], bare = true, append(bare, cleanText(name))
	}
	for part := range slices.Chunk(unique(bare), mostIn) {
		var a args
		list, err := all(ctx, r, func(row pgx.CollectableRow) (n named, err error) {
			err = row.Scan(&n.handle, &n.host, &n.local, &n.name)
			return n, err
		}, `
			SELECT handle, host, local, display_name
			FROM accounts
			WHERE handle IN `+in(&a, texts(part))+` AND display_name <> '' AND suspended_at = 0 AND deleted_at = 0
			LIMIT 1000`, a...)
		if err != nil {
			return nil, fmt.Errorf("names of accounts: %w", err)
		}
		for _, n := range list {
			if handle := handleAt(n.handle, n.host, n.local, domain); wanted[handle] {
				names[handle] = n.name
			}
		}
	}
	return names, nil
}
