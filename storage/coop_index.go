// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"minga/coop"
)

// mostSites is how many sites of a co-op are kept.
const mostSites = 20

// putCoopIndex keeps what the directory asks of a co-op in numbers, and its sites.
func (tx *Tx) putCoopIndex(ctx context.Context, a *coop.Account) error {
	if a.Kind != coop.Coop {
		return nil
	}
	facts := a.Facts()
	row := []column{{"account_id", int64(a.ID)}, {"members", int64(facts.Members)}, {"workers", int64(facts.Workers)}}
	var locality string
	var at coop.Point
	located := false
	if p := facts.Place; p != nil {
		var err error
		locality = coop.Truncate(foldWords(p.Locality), 200)
		if at, located, err = tx.Locate(ctx, *p); err != nil {
			return fmt.Errorf("index of account %s: %w", a.IRI, err)
		}
	}
	row = append(append(row, column{"locality", locality}), pointColumns(at, located)...)
	if _, err := tx.insert(ctx, "coop_index", row, `ON CONFLICT (account_id) DO UPDATE SET members = excluded.members, workers = excluded.workers,
		locality = excluded.locality, located = excluded.located, x = excluded.x, y = excluded.y, z = excluded.z`); err != nil {
		return err
	}
	return tx.putSites(ctx, a)
}

// pointColumns are where something is, on a ball.
func pointColumns(at coop.Point, located bool) []column {
	var x, y, z int64
	if located {
		x, y, z = at.Cube()
	}
	return []column{{"located", located}, {"x", x}, {"y", y}, {"z", z}}
}

// sitesOf are the sites that a co-op calls its own: its domains, where its evidence is, and
// what the lines of its profile link.
func sitesOf(a *coop.Account) []string {
	var sites []string
	for _, domain := range a.Domains {
		sites = append(sites, coop.SiteOf(domain, ""))
	}
	if a.Coop != nil {
		for _, iri := range a.Coop.Evidence {
			sites = append(sites, coop.SiteOf(iri.Host(), ""))
		}
	}
	for _, f := range a.Fields {
		if _, rest, ok := strings.Cut(f.Value, `href="`); ok {
			address, _, _ := strings.Cut(rest, `"`)
			sites = append(sites, coop.SiteOf(address, ""))
		}
	}
	for i := range sites {
		sites[i] = cleanText(sites[i])
	}
	sites = unique(sites)
	return sites[:min(len(sites), mostSites)]
}

// putSites keeps the sites of a co-op.
func (tx *Tx) putSites(ctx context.Context, a *coop.Account) error {
	known, err := all(ctx, tx.reader, scanText, `SELECT site FROM coop_sites WHERE account_id = $1 ORDER BY site`, int64(a.ID))
	if err != nil {
		return fmt.Errorf("sites of account %s: %w", a.IRI, err)
	}
	sites := sitesOf(a)
	slices.Sort(sites)
	if slices.Equal(known, sites) {
		return nil
	}
	if _, err := tx.exec(ctx, `DELETE FROM coop_sites WHERE account_id = $1`, int64(a.ID)); err != nil {
		return fmt.Errorf("sites of account %s: %w", a.IRI, err)
	}
	for _, site := range sites {
		if _, err := tx.insert(ctx, "coop_sites", []column{{"account_id", int64(a.ID)}, {"site", site}}, "ON CONFLICT DO NOTHING"); err != nil {
			return err
		}
	}
	return nil
}

// IndexCoops brings co-ops that were kept before there was this index into it, so many at
// most, and says how many those were.
func (tx *Tx) IndexCoops(ctx context.Context, limit int) (int, error) {
	list, err := all(ctx, tx.reader, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts a
		WHERE a.kind = 'coop' AND a.deleted_at = 0 AND NOT EXISTS (SELECT 1 FROM coop_index i WHERE i.account_id = a.id)
		ORDER BY a.id
		LIMIT $1`, limit)
	if err != nil {
		return 0, fmt.Errorf("index co-ops: %w", err)
	}
	for _, a := range list {
		if err := tx.putCoopIndex(ctx, a); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}
