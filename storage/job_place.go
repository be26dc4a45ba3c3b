// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// lookUp finds what the words of a query mean here: the town and the skills that it
// names. Whoever asks for jobs by a query looks it up once, at the beginning.
func (r reader) lookUp(ctx context.Context, q coop.JobQuery) (coop.JobQuery, error) {
	if q.Place != "" && q.Near == nil {
		near, err := r.placeNamed(ctx, q.Place)
		if err != nil {
			return q, fmt.Errorf("look up a place: %w", err)
		}
		q.Near = &near
	}
	if len(q.Skill) > 0 && q.Terms == nil {
		terms, err := r.skillTerms(ctx, q.Skill)
		if err != nil {
			return q, fmt.Errorf("look up skills: %w", err)
		}
		q.Terms = terms
	}
	return q, nil
}

// LookUp is a query with what its words mean here: which town its place is, and which
// skills of the list it asks for. Searching does so by itself.
func (r reader) LookUp(ctx context.Context, q coop.JobQuery) (coop.JobQuery, error) {
	return r.lookUp(ctx, q)
}

// placeNamed finds the place that was typed: a country by its name, else a town.
func (r reader) placeNamed(ctx context.Context, place string) (coop.Near, error) {
	name := coop.ParseTownName(place)
	if country := coop.CountryNamed(name.Name); country != "" && name.Country == "" && name.Region == "" {
		return coop.Near{Town: coop.Town{Country: country}, Known: true, Whole: true}, nil
	}
	town, err := r.findTown(ctx, name, "")
	if isNotFound(err) {
		return coop.Near{}, nil
	}
	return coop.Near{Town: town, Known: err == nil}, err
}

// isNotFound tells that something is not there from all other errors.
func isNotFound(err error) bool { return errors.Is(err, coop.ErrNotFound) }

// nearPlace is the condition that the job j is near the place of a query, which has been
// looked up, or can be done from there without an office; it says what
// [coop.JobQuery.Match] says.
func nearPlace(a *args, q coop.JobQuery) string {
	if q.Near == nil || !q.Near.Known {
		return hasFacet(a, "place", []string{coop.ParseTownName(q.Place).Name})
	}
	remote := hasFacet(a, "from", []string{anywhere, q.Near.Country})
	if q.Near.Whole {
		return "(" + remote + " OR " + hasFacet(a, "country", []string{q.Near.Country}) + ")"
	}
	chord := coop.Chord(float64(q.Radius))
	x, y, z := q.Near.Cube()
	return "(" + remote + ` OR EXISTS (
		SELECT 1 FROM job_points t
		WHERE t.post_id = j.post_id AND t.z BETWEEN ` + a.add(z-chord) + " AND " + a.add(z+chord) + ` AND
			` + chordTo(a, x, y, z) + " <= " + a.add(chord*chord) + "))"
}

// chordTo is the square of the straight way from the point t to another.
func chordTo(a *args, x, y, z int64) string {
	px, py, pz := a.add(x), a.add(y), a.add(z)
	return "(t.x - " + px + ") * (t.x - " + px + ") + (t.y - " + py + ") * (t.y - " + py + ") + (t.z - " + pz + ") * (t.z - " + pz + ")"
}

// farAway is more than any [chordTo].
const farAway = 5_000_000_000_000

// nearestOf is how far the nearest place of the job j is from the place of a query, which
// has been looked up: the square of the straight way; farAway where nobody knows.
func nearestOf(a *args, q coop.JobQuery) string {
	if q.Near == nil || !q.Near.Known || q.Near.Whole {
		return a.add(int64(farAway)) + "::bigint"
	}
	x, y, z := q.Near.Cube()
	return "COALESCE((SELECT MIN(" + chordTo(a, x, y, z) + ") FROM job_points t WHERE t.post_id = j.post_id), " + a.add(int64(farAway)) + ")"
}

// putPoints writes where the places of a job are, as far as that is known.
func (tx *Tx) putPoints(ctx context.Context, p *coop.Post) error {
	for _, place := range p.Job.Places {
		at, known, err := tx.Locate(ctx, place)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		x, y, z := at.Cube()
		if _, err := tx.exec(ctx, `
			INSERT INTO job_points (post_id, x, y, z)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT DO NOTHING`, int64(p.ID), x, y, z); err != nil {
			return fmt.Errorf("place of a job: %w", err)
		}
	}
	return nil
}

// JobPoints are where the places of jobs are, as far as that is known.
func (r reader) JobPoints(ctx context.Context, jobs []coop.ID) (map[coop.ID][]coop.Point, error) {
	points := map[coop.ID][]coop.Point{}
	if len(jobs) == 0 {
		return points, nil
	}
	var a args
	_, err := all(ctx, r, func(row pgx.CollectableRow) (none struct{}, err error) {
		var id, x, y, z int64
		if err = row.Scan(&id, &x, &y, &z); err == nil {
			points[coop.ID(id)] = append(points[coop.ID(id)], coop.PointOf(x, y, z))
		}
		return none, err
	}, `
		SELECT post_id, x, y, z
		FROM job_points
		WHERE post_id IN `+in(&a, numbers(jobs))+`
		ORDER BY post_id, x, y, z`, a...)
	if err != nil {
		return nil, fmt.Errorf("places of jobs: %w", err)
	}
	return points, nil
}
