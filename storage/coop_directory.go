// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// coopFacet is one of the things that the directory sorts a co-op by.
type coopFacet struct{ facet, value string }

// facetsOfCoop are those of an account; of what is no co-op there are none.
func facetsOfCoop(a *coop.Account) []coopFacet {
	f := a.Coop
	if f == nil || a.Kind != coop.Coop && a.Kind != coop.Federation {
		return nil
	}
	facets := []coopFacet{{"type", string(f.Type)}}
	if f.Place != nil {
		facets = append(facets, coopFacet{"country", f.Place.Country})
	}
	for _, tag := range f.Languages {
		facets = append(facets, coopFacet{"language", tag})
	}
	for _, activity := range f.Activity {
		facets = append(facets, coopFacet{"sector", string(activity)})
	}
	return facets
}

// putCoopFacets keeps what the directory sorts an account by. Most accounts have
// nothing of it, and most that do are saved again as they were.
func (tx *Tx) putCoopFacets(ctx context.Context, a *coop.Account) error {
	wanted := make(map[coopFacet]bool)
	for _, f := range facetsOfCoop(a) {
		if f.value = cleanText(coop.Truncate(f.value, 2048)); f.value != "" {
			wanted[f] = true
		}
	}
	known, err := all(ctx, tx.reader, func(row pgx.CollectableRow) (f coopFacet, err error) {
		err = row.Scan(&f.facet, &f.value)
		return f, err
	}, `SELECT facet, value FROM coop_facets WHERE account_id = $1`, int64(a.ID))
	if err != nil {
		return fmt.Errorf("facets of account %s: %w", a.IRI, err)
	}
	for _, f := range known {
		if wanted[f] {
			delete(wanted, f)
			continue
		}
		if _, err := tx.exec(ctx, `DELETE FROM coop_facets WHERE account_id = $1 AND facet = $2 AND value = $3`, int64(a.ID), f.facet, f.value); err != nil {
			return fmt.Errorf("facets of account %s: %w", a.IRI, err)
		}
	}
	for f := range wanted {
		if _, err := tx.insert(ctx, "coop_facets", []column{{"account_id", int64(a.ID)}, {"facet", f.facet}, {"value", f.value}}, "ON CONFLICT DO NOTHING"); err != nil {
			return err
		}
	}
	return nil
}

// Coops lists the co-ops of the directory that answer a query, newest first: those of
// this instance, and those of others that are verified members of a federation. domain
// is the host of our handles.
func (r reader) Coops(ctx context.Context, q coop.DirectoryQuery, domain string, page coop.Page) ([]*coop.Account, error) {
	q, err := r.lookUpDirectory(ctx, q)
	if err != nil || q.Nothing || q.OfListsAlone() {
		return nil, err
	}
	var a args
	where := r.inDirectory(&a, q, domain)
	p := a.page("a.id", page)
	list, err := all(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts a
		WHERE `+where+` AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	return newestFirst(p, list), nil
}

// FacetCount is how many co-ops have one value.
type FacetCount struct {
	Facet, Value string
	Count        int
}

// mostFacets is how many values are counted for one answer.
const mostFacets = 500

// CoopFacets counts the values of the co-ops that answer a query, those that most have
// first.
func (r reader) CoopFacets(ctx context.Context, q coop.DirectoryQuery, domain string) ([]FacetCount, error) {
	q, err := r.lookUpDirectory(ctx, q)
	if err != nil || q.Nothing || q.OfListsAlone() {
		return nil, err
	}
	var a args
	where := r.inDirectory(&a, q, domain)
	list, err := all(ctx, r, func(row pgx.CollectableRow) (f FacetCount, err error) {
		err = row.Scan(&f.Facet, &f.Value, &f.Count)
		return f, err
	}, `
		WITH found AS MATERIALIZED (
			SELECT a.id, `+evidenceOf()+` AS evidence
			FROM accounts a
			WHERE `+where+`)
		SELECT m.facet, m.value, m.n
		FROM (
			SELECT f.facet, f.value, COUNT(*) AS n
			FROM coop_facets f
			JOIN found ON found.id = f.account_id
			GROUP BY f.facet, f.value
			UNION ALL
			SELECT 'evidence', found.evidence, COUNT(*)
			FROM found
			GROUP BY found.evidence) m
		ORDER BY m.facet, m.n DESC, m.value
		LIMIT `+a.add(mostFacets), a...)
	if err != nil {
		return nil, fmt.Errorf("facets of the directory: %w", err)
	}
	return list, nil
}

// verifiedIn is the condition that the account is a verified member of something.
func verifiedIn(account string) string {
	return `EXISTS (
		SELECT 1
		FROM memberships m
		JOIN accounts o ON o.id = m.organization_id
		WHERE m.member_id = ` + account + ` AND o.kind = 'federation' AND m.state = 'member' AND m.member_says AND m.organization_says
			AND o.suspended_at = 0 AND o.deleted_at = 0)`
}

// evidenceOf is the highest level of evidence that holds of the account a.
func evidenceOf() string {
	return "CASE WHEN " + inApex() + " THEN 'apex' WHEN " + verifiedIn("a.id") + " THEN 'federation' WHEN " + domainProven("'%.coop'") +
		" THEN 'coop-domain' WHEN " + domainProven("'%'") + " THEN 'domain' ELSE 'claimed' END"
}

// domainProven is the condition that a domain names the account a.
func domainProven(like string) string {
	return "EXISTS (SELECT 1 FROM domain_proofs d WHERE d.account_id = a.id AND d.how <> '' AND d.domain LIKE " + like + ")"
}

// inApex is the condition that the account a is a verified member of a federation that
// is one itself.
func inApex() string {
	return `EXISTS (
		SELECT 1
		FROM memberships m
		JOIN memberships n ON n.member_id = m.organization_id
		JOIN accounts o ON o.id = m.organization_id
		JOIN accounts x ON x.id = n.organization_id
		WHERE m.member_id = a.id AND n.organization_id <> a.id AND o.kind = 'federation' AND x.kind = 'federation'
			AND m.state = 'member' AND m.member_says AND m.organization_says
			AND n.state = 'member' AND n.member_says AND n.organization_says
			AND o.suspended_at = 0 AND o.deleted_at = 0 AND x.suspended_at = 0 AND x.deleted_at = 0)`
}
