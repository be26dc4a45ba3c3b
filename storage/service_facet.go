// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// ServiceCount is a term of the catalogue with how many entries of the directory have it
// or what means the same.
type ServiceCount struct {
	Term  *coop.ServiceTerm
	Count int
}

// ServiceFacets counts the featured terms of the entries of the directory that answer a
// query, accounts and imported ones, those that most have first. What was merged into a
// term counts as it.
func (r reader) ServiceFacets(ctx context.Context, q coop.DirectoryQuery, domain string) ([]ServiceCount, error) {
	q, err := r.lookUpDirectory(ctx, q)
	if err != nil || q.Nothing {
		return nil, err
	}
	var a args
	var parts []string
	if !q.OfListsAlone() {
		parts = append(parts, `
			SELECT t.root_id, s.account_id AS entry, 'account' AS sort
			FROM coop_services s
			JOIN service_terms t ON t.id = s.term_id
			JOIN accounts a ON a.id = s.account_id
			WHERE `+r.inDirectory(&a, q, domain))
	}
	if !q.OfAccountsAlone() {
		parts = append(parts, `
			SELECT t.root_id, d.id AS entry, 'list' AS sort
			FROM directory_rows d
			JOIN directory_rows e ON e.site = d.site
			JOIN directory_row_services s ON s.row_id = e.id
			JOIN service_terms t ON t.id = s.term_id
			WHERE NOT e.ended AND `+r.inLists(&a, q))
	}
	if len(parts) == 0 {
		return nil, nil
	}
	list, err := all(ctx, r, func(row pgx.CollectableRow) (c ServiceCount, err error) {
		c.Term = &coop.ServiceTerm{}
		targets, finish := termTargets(c.Term)
		if err = row.Scan(append(targets, &c.Count)...); err != nil {
			return c, err
		}
		return c, finish()
	}, `
		SELECT `+termColumns+`, counted.n
		FROM (
			SELECT found.root_id, COUNT(*) AS n
			FROM (`+strings.Join(parts, `
			UNION`)+`) found
			GROUP BY found.root_id) counted
		JOIN service_terms t ON t.id = counted.root_id
		WHERE t.state = 'featured'
		ORDER BY counted.n DESC, t.name, t.id
		LIMIT `+a.add(mostFacets), a...)
	if err != nil {
		return nil, fmt.Errorf("services of the directory: %w", err)
	}
	return list, nil
}

// ListedFacets counts the imported entries that answer a query: all of them, and by their
// countries.
func (r reader) ListedFacets(ctx context.Context, q coop.DirectoryQuery) (total int, countries map[string]int, err error) {
	countries = map[string]int{}
	q, err = r.lookUpDirectory(ctx, q)
	if err != nil || q.Nothing || q.OfAccountsAlone() {
		return 0, countries, err
	}
	var a args
	_, err = all(ctx, r, func(row pgx.CollectableRow) (none struct{}, err error) {
		var country string
		var n int
		err = row.Scan(&country, &n)
		total += n
		if country != "" {
			countries[country] += n
		}
		return none, err
	}, `
		SELECT d.country, COUNT(*)
		FROM directory_rows d
		WHERE `+r.inLists(&a, q)+`
		GROUP BY d.country`, a...)
	if err != nil {
		return 0, nil, fmt.Errorf("facets of listed co-ops: %w", err)
	}
	return total, countries, nil
}
