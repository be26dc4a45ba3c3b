// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Bounds of what is looked through in the gazetteer for one name.
const (
	mostTowns     = 40  // are listed
	mostNamesakes = 200 // are compared
)

// PutTowns adds towns to the gazetteer, with the other names by which they are found. One
// whose id is there already is left as it is.
func (tx *Tx) PutTowns(ctx context.Context, towns []coop.TownEntry) error {
	rows, also := make([][]any, 0, len(towns)), [][]any{}
	for _, t := range towns {
		name := foldWords(t.Name)
		if name == "" || len(t.Country) != 2 || !t.Valid() {
			continue
		}
		rows = append(rows, []any{
			t.ID, coop.Truncate(name, 200), coop.Truncate(cleanText(t.Name), 200), coop.Truncate(cleanText(t.Region), 200),
			t.Country, fine(t.Latitude), fine(t.Longitude), t.Weight,
		})
		for _, l := range t.Labels {
			if other := foldWords(l.Text); other != "" {
				also = append(also, []any{coop.Truncate(other, 200), t.ID, coop.Truncate(l.Language, 35), coop.Truncate(cleanText(l.Text), 200)})
			}
		}
	}
	if _, err := tx.exec(ctx, `
		INSERT INTO places (id, name, label, region, country, latitude, longitude, weight)
		SELECT CAST(r.value ->> 0 AS bigint), r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4,
			CAST(r.value ->> 5 AS bigint), CAST(r.value ->> 6 AS bigint), CAST(r.value ->> 7 AS bigint)
		FROM jsonb_array_elements($1::jsonb) AS r
		WHERE TRUE
		ON CONFLICT DO NOTHING`, list(rows)); err != nil {
		return fmt.Errorf("put towns: %w", err)
	}
	if len(also) == 0 {
		return nil
	}
	_, err := tx.exec(ctx, `
		INSERT INTO place_names (name, place_id, language, label)
		SELECT r.value ->> 0, CAST(r.value ->> 1 AS bigint), r.value ->> 2, r.value ->> 3
		FROM jsonb_array_elements($1::jsonb) AS r
		WHERE TRUE
		ON CONFLICT DO NOTHING`, list(also))
	if err != nil {
		return fmt.Errorf("put names of towns: %w", err)
	}
	return nil
}

// fine is a degree as the database keeps it.
func fine(degree float64) int64 { return int64(math.Round(degree * 1e5)) }

// RemoveTowns takes so many towns out of the gazetteer and says how many it took.
func (tx *Tx) RemoveTowns(ctx context.Context, limit int) (int, error) {
	n, err := tx.exec(ctx, `DELETE FROM places WHERE id IN (SELECT id FROM places ORDER BY id LIMIT $1)`, limit)
	if err != nil {
		return 0, fmt.Errorf("remove towns: %w", err)
	}
	return int(n), nil
}

// TownCount is how many towns the gazetteer has.
func (r reader) TownCount(ctx context.Context) (int, error) {
	n, err := r.number(ctx, `SELECT COUNT(*) FROM places`)
	return int(n), err
}

// FindPlaces lists towns whose name, in any language that is known, begins with what
// somebody types, the best known first: 40 at most. After a comma a region or a country
// may be named. Towns are called as in the language, where there is such a name.
func (r reader) FindPlaces(ctx context.Context, text, language string, limit int) ([]coop.Town, error) {
	typed := coop.ParseTownName(text)
	if typed.Name == "" {
		return nil, nil
	}
	end := typed.Name
	if !strings.Contains(text, ",") {
		end += endOfText
	}
	towns, err := r.towns(ctx, typed.Name, end, typed.Country, language)
	if err != nil {
		return nil, fmt.Errorf("find places: %w", err)
	}
	towns = slices.DeleteFunc(towns, func(t coop.Town) bool { return !strings.HasPrefix(foldWords(t.Region), typed.Region) })
	return towns[:min(len(towns), max(limit, 1), mostTowns)], nil
}

// towns are those with a name from one to another, of a country if one is given, the best
// known first; the two are the same for one name.
func (r reader) towns(ctx context.Context, from, to, country, language string) ([]coop.Town, error) {
	var a args
	between := func(alias string) string {
		if from == to {
			return alias + ".name = " + a.add(from)
		}
		return alias + ".name >= " + a.add(from) + " AND " + alias + ".name < " + a.add(to)
	}
	where := "TRUE"
	if country != "" {
		where = "p.country = " + a.add(country)
	}
	language, _, _ = strings.Cut(strings.ToLower(language), "-")
	return all(ctx, r, scanTown, `
		SELECT p.id, p.region, p.country, p.latitude, p.longitude, p.weight,
			COALESCE((SELECT MIN(n.label) FROM place_names n WHERE n.place_id = p.id AND n.language = `+a.add(language)+`), p.label)
		FROM (
			SELECT p.id FROM places p WHERE `+between("p")+`
			UNION
			SELECT n.place_id FROM place_names n WHERE `+between("n")+`) found
		JOIN places p ON p.id = found.id
		WHERE `+where+`
		ORDER BY p.weight DESC, p.id
		LIMIT `+a.add(mostNamesakes), a...)
}

// scanTown reads a row of towns.
func scanTown(row pgx.CollectableRow) (t coop.Town, err error) {
	var lat, lng int64
	err = row.Scan(&t.ID, &t.Region, &t.Country, &lat, &lng, &t.Weight, &t.Name)
	t.Latitude, t.Longitude = float64(lat)/1e5, float64(lng)/1e5
	return t, err
}

// findTown is the town that a name means: of those of that name the one in the region,
// if there is one, then the best known. [coop.ErrNotFound]: there is none.
func (r reader) findTown(ctx context.Context, name coop.TownName, language string) (coop.Town, error) {
	if name.Name == "" {
		return coop.Town{}, coop.ErrNotFound
	}
	towns, err := r.towns(ctx, name.Name, name.Name, name.Country, language)
	if err != nil {
		return coop.Town{}, err
	}
	if len(towns) == 0 {
		return coop.Town{}, coop.ErrNotFound
	}
	elsewhere := func(t coop.Town) int {
		if name.Region == "" || foldWords(t.Region) == name.Region {
			return 0
		}
		return 1
	}
	return slices.MinFunc(towns, func(x, y coop.Town) int { return cmp.Compare(elsewhere(x), elsewhere(y)) }), nil
}

// Locate says where a place is: as it says itself, else as the gazetteer knows. False:
// neither does.
func (r reader) Locate(ctx context.Context, p coop.Place) (coop.Point, bool, error) {
	if at, ok := p.Point(); ok {
		return at, true, nil
	}
	name := coop.ParseTownName(strings.ReplaceAll(p.Locality, ",", " "))
	name.Region, name.Country = foldWords(p.Region), strings.ToUpper(p.Country)
	town, err := r.findTown(ctx, name, "")
	if isNotFound(err) {
		return coop.Point{}, false, nil
	}
	if err != nil {
		return coop.Point{}, false, fmt.Errorf("locate a place: %w", err)
	}
	return town.Point, true, nil
}
