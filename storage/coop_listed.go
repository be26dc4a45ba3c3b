// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// ListedCoops lists the entries of open lists that answer a query, those after an id, in
// the order in which they were read. A co-op that stands in several lists is one entry,
// with all that they say of it; one that the directory has as an account is not there,
// nor is one that has ended.
func (r reader) ListedCoops(ctx context.Context, q coop.DirectoryQuery, after coop.ID, limit int) ([]*coop.ListedCoop, error) {
	q, err := r.lookUpDirectory(ctx, q)
	if err != nil || q.Nothing || q.OfAccountsAlone() {
		return nil, err
	}
	var a args
	sites, err := all(ctx, r, scanText, `
		SELECT d.site
		FROM directory_rows d
		WHERE `+r.inLists(&a, q)+` AND d.id > `+a.add(int64(after))+`
		ORDER BY d.id
		LIMIT `+a.add(limit), a...)
	if err != nil {
		return nil, fmt.Errorf("listed co-ops: %w", err)
	}
	return r.listedAt(ctx, sites)
}

// inLists is the condition that the entry d stands for a co-op that answers the query: it
// is the first of its site, and any entry of that site may answer.
func (r reader) inLists(a *args, q coop.DirectoryQuery) string {
	where := []string{
		"NOT d.ended",
		"NOT EXISTS (SELECT 1 FROM directory_rows o WHERE o.site = d.site AND o.id < d.id AND NOT o.ended)",
		`NOT EXISTS (
			SELECT 1
			FROM coop_sites k
			JOIN accounts a ON a.id = k.account_id
			WHERE k.site = d.site AND a.suspended_at = 0 AND a.deleted_at = 0 AND (a.local OR ` + verifiedIn("a.id") + "))",
	}
	someEntry := func(condition string) {
		where = append(where, "d.site IN (SELECT e.site FROM directory_rows e WHERE "+condition+")")
	}
	if len(q.Country) > 0 {
		someEntry("e.country IN " + in(a, texts(q.Country)))
	}
	if len(q.Language) > 0 {
		// A list that says no language is stored as null, which has no elements.
		someEntry("EXISTS (SELECT 1 FROM jsonb_array_elements_text(NULLIF(e.languages, 'null')::jsonb) AS n WHERE CAST(n.value AS TEXT) IN " + in(a, texts(q.Language)) + ")")
	}
	if len(addresses(q.Sector)) > 0 {
		where = append(where, "FALSE")
	}
	for _, terms := range termsOf(q) {
		if len(terms.names) > 0 {
			someEntry("e.id IN (SELECT s.row_id FROM directory_row_services s JOIN service_terms t ON t.id = s.term_id WHERE " + meaning(a, terms) + ")")
		}
	}
	if q.Place != "" {
		someEntry(placed(a, q, "e.id", "directory_rows t", "t.id", "directory_rows c WHERE c.country", "c.id"))
	}
	if len(q.Size) > 0 {
		someEntry(sized(a, q.Size, "e.members"))
	}
	for _, word := range q.Words {
		someEntry(`(e.id IN (SELECT w.row_id FROM directory_row_words w WHERE w.word >= ` + a.add(word) + ` AND w.word < ` + a.add(word+endOfText) + `)
				OR e.id IN (SELECT s.row_id FROM directory_row_services s JOIN service_terms t ON t.id = s.term_id WHERE ` + wordMeaning(a, word) + `))`)
	}
	return strings.Join(where, " AND ")
}

// listedRow is an entry of one list.
type listedRow struct {
	coop.ListedCoop
	row, list int64
}

// listedAt puts the entries of some sites together, in the order of the sites.
func (r reader) listedAt(ctx context.Context, sites []string) ([]*coop.ListedCoop, error) {
	if len(sites) == 0 {
		return nil, nil
	}
	var a args
	rows, err := all(ctx, r, scanListed, `
		SELECT d.id, d.list_id, d.site, d.name, d.url, d.note, d.place, d.locality, d.country, d.languages, d.members, d.located, d.x, d.y, d.z
		FROM directory_rows d
		WHERE d.site IN `+in(&a, sites)+` AND NOT d.ended
		ORDER BY d.id`, a...)
	if err != nil {
		return nil, fmt.Errorf("listed co-ops: %w", err)
	}
	lists, err := r.OpenLists(ctx)
	if err != nil {
		return nil, err
	}
	services, err := r.listedServices(ctx, rows)
	if err != nil {
		return nil, err
	}
	bySite := map[string]*coop.ListedCoop{}
	for _, row := range rows {
		row.Services = services[row.row]
		if at := slices.IndexFunc(lists, func(l coop.OpenList) bool { return int64(l.ID) == row.list }); at >= 0 {
			row.Lists = lists[at : at+1 : at+1]
		}
		if known := bySite[row.Site]; known != nil {
			joinListed(known, &row.ListedCoop)
			continue
		}
		bySite[row.Site] = &row.ListedCoop
	}
	out := make([]*coop.ListedCoop, 0, len(sites))
	for _, site := range sites {
		if l := bySite[site]; l != nil {
			out = append(out, l)
		}
	}
	return out, nil
}

// scanListed reads a row of [reader.listedAt].
func scanListed(row pgx.CollectableRow) (*listedRow, error) {
	l := &listedRow{}
	var languages string
	var located bool
	var x, y, z int64
	if err := row.Scan(&l.row, &l.list, &l.Site, &l.Name, &l.URL, &l.Note, &l.Place, &l.Locality, &l.Country, &languages, &l.Members, &located, &x, &y, &z); err != nil {
		return nil, err
	}
	l.ID = coop.ID(l.row)
	if located {
		at := coop.PointOf(x, y, z)
		l.At = &at
	}
	return l, json.Unmarshal([]byte(languages), &l.Languages)
}

// joinListed adds what another list says of the same co-op.
func joinListed(to, more *coop.ListedCoop) {
	to.Lists = append(to.Lists, more.Lists...)
	to.Services = coop.TidyOfferings(append(slices.Clone(to.Services), more.Services...))
	for _, text := range []struct {
		to   *string
		more string
	}{{&to.Note, more.Note}, {&to.Place, more.Place}, {&to.Locality, more.Locality}, {&to.Country, more.Country}, {&to.URL, more.URL}} {
		if *text.to == "" {
			*text.to = text.more
		}
	}
	if to.Members < 0 {
		to.Members = more.Members
	}
	if to.At == nil {
		to.At = more.At
	}
	to.Languages = unique(append(slices.Clone(to.Languages), more.Languages...))
}

// listedServices is what entries do, by their ids.
func (r reader) listedServices(ctx context.Context, rows []*listedRow) (map[int64][]coop.Offering, error) {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.row
	}
	var a args
	out := map[int64][]coop.Offering{}
	_, err := all(ctx, r, func(row pgx.CollectableRow) (none struct{}, err error) {
		t := &coop.ServiceTerm{}
		targets, finish := termTargets(t)
		var id int64
		var label string
		if err = row.Scan(append(targets, &id, &label)...); err != nil {
			return none, err
		}
		if err = finish(); err != nil {
			return none, err
		}
		out[id] = append(out[id], coop.Offering{Kind: t.Kind, Label: label, Term: t})
		return none, nil
	}, `
		SELECT `+termColumns+`, s.row_id, s.label
		FROM directory_row_services s
		JOIN service_terms t ON t.id = s.term_id
		WHERE s.row_id IN `+in(&a, ids)+`
		ORDER BY s.row_id, s.position, s.term_id`, a...)
	if err != nil {
		return nil, fmt.Errorf("services of listed co-ops: %w", err)
	}
	return out, nil
}
