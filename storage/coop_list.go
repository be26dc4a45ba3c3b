// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// MostListed is how many entries an open list may have.
const MostListed = 5000

// PutOpenList keeps a list of co-ops with its entries, in the place of what was read of it
// before; it fills in ID. A list without source or licence gives a [coop.InvalidError].
// Two entries of one site are one: the first.
func (tx *Tx) PutOpenList(ctx context.Context, l *coop.OpenList, entries []coop.ListedCoop) error {
	for field, text := range map[string]string{"source": l.Source, "licence": l.Licence} {
		if strings.TrimSpace(text) == "" {
			return &coop.InvalidError{Field: field, Code: coop.CodeRequired, Problem: "a list says where it is from and on which terms"}
		}
	}
	if len(entries) > MostListed {
		return &coop.InvalidError{Field: "file", Code: coop.CodeTooMany, Problem: fmt.Sprintf("a list has at most %d entries, not %d", MostListed, len(entries))}
	}
	l.ImportedAt = tx.e.now()
	if _, err := tx.insert(ctx, "directory_lists", []column{
		{"source", coop.CleanLine(l.Source, 200)}, {"address", coop.Truncate(cleanText(l.Address), 2048)}, {"licence", coop.CleanLine(l.Licence, 200)}, {"imported_at", msOf(l.ImportedAt)},
	}, "ON CONFLICT (source) DO UPDATE SET address = excluded.address, licence = excluded.licence, imported_at = excluded.imported_at"); err != nil {
		return err
	}
	id, err := tx.number(ctx, `SELECT id FROM directory_lists WHERE source = $1`, coop.CleanLine(l.Source, 200))
	if err != nil {
		return fmt.Errorf("open list %s: %w", l.Source, err)
	}
	l.ID, l.Entries = coop.ID(id), 0
	if err := tx.emptyList(ctx, l.ID); err != nil {
		return err
	}
	for _, e := range entries {
		kept, err := tx.putListed(ctx, l.ID, e)
		if err != nil {
			return fmt.Errorf("open list %s: entry %.100q: %w", l.Source, e.Name, err)
		}
		if kept {
			l.Entries++
		}
	}
	return nil
}

// RemoveOpenList forgets a list and its entries; a missing one gives [coop.ErrNotFound].
func (tx *Tx) RemoveOpenList(ctx context.Context, source string) error {
	id, err := tx.number(ctx, `SELECT id FROM directory_lists WHERE source = $1`, cleanText(source))
	if err != nil || id == 0 {
		return errorsOr(err, fmt.Errorf("open list %.100q: %w", source, coop.ErrNotFound))
	}
	if err := tx.emptyList(ctx, coop.ID(id)); err != nil {
		return err
	}
	_, err = tx.exec(ctx, `DELETE FROM directory_lists WHERE id = $1`, id)
	return err
}

// emptyList takes out the entries of a list, and own terms that they alone had.
func (tx *Tx) emptyList(ctx context.Context, list coop.ID) error {
	terms, err := all(ctx, tx.reader, scanID, `
		SELECT DISTINCT s.term_id
		FROM directory_row_services s
		JOIN directory_rows d ON d.id = s.row_id
		WHERE d.list_id = $1`, int64(list))
	if err != nil {
		return fmt.Errorf("empty open list %s: %w", list, err)
	}
	if _, err := tx.exec(ctx, `DELETE FROM directory_rows WHERE list_id = $1`, int64(list)); err != nil {
		return fmt.Errorf("empty open list %s: %w", list, err)
	}
	return tx.dropUnsaid(ctx, terms)
}

// putListed adds an entry; false where its site is there already, or it has no name.
func (tx *Tx) putListed(ctx context.Context, list coop.ID, e coop.ListedCoop) (bool, error) {
	name, site := coop.CleanLine(e.Name, 200), cleanText(coop.SiteOf(e.URL, e.Name))
	if name == "" || site == "" {
		return false, nil
	}
	languages, err := jsonText(e.Languages[:min(len(e.Languages), 30)])
	if err != nil {
		return false, err
	}
	place := coop.Place{Locality: e.Locality, Country: e.Country}
	if e.At != nil {
		place.Latitude, place.Longitude = &e.At.Latitude, &e.At.Longitude
	}
	at, located, err := tx.Locate(ctx, place)
	if err != nil {
		return false, err
	}
	row := append([]column{
		{"list_id", int64(list)},
		{"site", site},
		{"name", name},
		{"url", coop.Truncate(cleanText(e.URL), 2048)},
		{"note", coop.CleanLine(e.Note, 2000)},
		{"place", coop.CleanLine(e.Place, 300)},
		{"locality", coop.Truncate(foldWords(e.Locality), 200)},
		{"country", coop.Truncate(cleanText(e.Country), 2)},
		{"languages", languages},
		{"members", int64(e.Members)},
		{"ended", e.Ended},
	}, pointColumns(at, located)...)
	id, err := tx.inserted(ctx, "directory_rows", row)
	if err != nil || id == 0 {
		return false, err
	}
	return true, tx.putListedTerms(ctx, id, name, e.Services)
}

// putListedTerms keeps what an entry does, and the words by which it is found.
func (tx *Tx) putListedTerms(ctx context.Context, id coop.ID, name string, services []coop.Offering) error {
	for i, o := range services[:min(len(services), coop.MaxServices)] {
		term, err := tx.termFor(ctx, o.Kind, o.Label)
		if err != nil {
			return err
		}
		if term == 0 {
			continue
		}
		if _, err := tx.insert(ctx, "directory_row_services", []column{
			{"row_id", int64(id)}, {"term_id", int64(term)}, {"label", coop.CleanLine(o.Label, 200)}, {"position", int64(i)},
		}, "ON CONFLICT DO NOTHING"); err != nil {
			return err
		}
	}
	words := unique(coop.Words(name))
	for _, word := range words[:min(len(words), mostNameWords)] {
		if _, err := tx.insert(ctx, "directory_row_words", []column{{"row_id", int64(id)}, {"word", coop.Truncate(word, 200)}}, "ON CONFLICT DO NOTHING"); err != nil {
			return err
		}
	}
	return nil
}

// OpenLists lists what was read in, by source.
func (r reader) OpenLists(ctx context.Context) ([]coop.OpenList, error) {
	list, err := all(ctx, r, func(row pgx.CollectableRow) (l coop.OpenList, err error) {
		var id, at int64
		err = row.Scan(&id, &l.Source, &l.Address, &l.Licence, &at, &l.Entries)
		l.ID, l.ImportedAt = coop.ID(id), atMs(at)
		return l, err
	}, `
		SELECT l.id, l.source, l.address, l.licence, l.imported_at, (SELECT COUNT(*) FROM directory_rows d WHERE d.list_id = l.id)
		FROM directory_lists l
		ORDER BY l.source`)
	if err != nil {
		return nil, fmt.Errorf("open lists: %w", err)
	}
	return list, nil
}
