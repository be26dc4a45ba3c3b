// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// seriesColumns are those that [scanSeries] reads, of the table named s.
const seriesColumns = "s.id, s.iri, s.owner_id, s.local, s.title, s.summary, s.language, s.created_at, s.updated_at"

// scanSeries reads a row of [seriesColumns]; its owner has only an id.
func scanSeries(row pgx.CollectableRow) (*coop.Series, error) {
	s := &coop.Series{}
	var id, owner, created, updated int64
	var iri string
	err := row.Scan(&id, &iri, &owner, &s.Local, &s.Title, &s.Summary, &s.Language, &created, &updated)
	s.ID, s.IRI, s.OwnerID, s.CreatedAt, s.UpdatedAt = coop.ID(id), coop.IRI(iri), coop.ID(owner), atMs(created), atMs(updated)
	return s, err
}

// seriesSeen is the condition that a viewer may know of the series s: its owner o is
// here, and it is the viewer's own or has a published article that everybody may see.
func (r reader) seriesSeen(a *args, v coop.Viewer) string {
	seen := `EXISTS (
		SELECT 1
		FROM article_facets f
		JOIN posts p ON p.id = f.post_id
		JOIN articles t ON t.post_id = p.id
		JOIN accounts a ON a.id = p.author_id
		WHERE f.facet = 'series' AND f.value = s.iri AND t.status = 'published' AND ` + r.listed(a) + " AND " + r.visible(a, coop.Anonymous()) + ")"
	if v.Class == coop.ViewerAccount {
		seen = "(s.owner_id = " + a.add(int64(v.Account)) + " OR " + seen + ")"
	}
	return "o.suspended_at = 0 AND o.deleted_at = 0 AND " + seen
}

// Series finds a series that the viewer may know of, with its owner, or gives
// [coop.ErrNotFound].
func (r reader) Series(ctx context.Context, v coop.Viewer, id coop.ID) (*coop.Series, error) {
	a := args{int64(id)}
	s, err := first(ctx, r, scanSeries, `
		SELECT `+seriesColumns+`
		FROM series s
		JOIN accounts o ON o.id = s.owner_id
		WHERE s.id = $1 AND `+r.seriesSeen(&a, v), a...)
	if err != nil {
		return nil, fmt.Errorf("series %s: %w", id, err)
	}
	return s, r.fillOwners(ctx, []*coop.Series{s})
}

// SeriesByIRI finds a series by its address, whoever may know of it.
func (r reader) SeriesByIRI(ctx context.Context, iri coop.IRI) (*coop.Series, error) {
	s, err := first(ctx, r, scanSeries, `
		SELECT `+seriesColumns+`
		FROM series s
		WHERE s.iri = $1`, cleanText(string(iri)))
	if err != nil {
		return nil, fmt.Errorf("series %s: %w", iri, err)
	}
	return s, r.fillOwners(ctx, []*coop.Series{s})
}

// AllSeries lists the series that the viewer may know of, newest first; owner 0: of
// all.
func (r reader) AllSeries(ctx context.Context, v coop.Viewer, owner coop.ID, page coop.Page) ([]*coop.Series, error) {
	var a args
	seen := r.seriesSeen(&a, v)
	if owner != 0 {
		seen += " AND s.owner_id = " + a.add(int64(owner))
	}
	p := a.page("s.id", page)
	list, err := all(ctx, r, scanSeries, `
		SELECT `+seriesColumns+`
		FROM series s
		JOIN accounts o ON o.id = s.owner_id
		WHERE `+seen+` AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("series: %w", err)
	}
	list = newestFirst(p, list)
	return list, r.fillOwners(ctx, list)
}

// fillOwners gives series their owners, by one statement.
func (r reader) fillOwners(ctx context.Context, list []*coop.Series) error {
	ids := make([]coop.ID, len(list))
	for i, s := range list {
		ids[i] = s.OwnerID
	}
	owners, err := r.Accounts(ctx, ids)
	for _, s := range list {
		s.Owner = owners[s.OwnerID]
	}
	return err
}

// mostInSeries is how many articles of one series are listed.
const mostInSeries = 200

// InSeries lists the published articles of a series that the viewer may see, in its
// order, 200 at most.
func (r reader) InSeries(ctx context.Context, v coop.Viewer, series coop.IRI) ([]*coop.Post, error) {
	a := args{cleanText(string(series))}
	ids, err := all(ctx, r, scanID, `
		SELECT p.id
		FROM article_facets f
		JOIN posts p ON p.id = f.post_id
		JOIN articles t ON t.post_id = p.id
		JOIN accounts a ON a.id = p.author_id
		WHERE f.facet = 'series' AND f.value = $1 AND t.status = 'published' AND `+r.visible(&a, v)+`
		ORDER BY CASE WHEN f.position = 0 THEN 1 ELSE 0 END, f.position, p.id
		LIMIT `+a.add(mostInSeries), a...)
	if err != nil {
		return nil, fmt.Errorf("articles of series %s: %w", series, err)
	}
	return r.PostsByID(ctx, v, ids)
}

// PutSeries stores a series of ours by its address, new or known, and fills in ID,
// CreatedAt and UpdatedAt.
func (tx *Tx) PutSeries(ctx context.Context, s *coop.Series) error {
	known, err := tx.SeriesByIRI(ctx, s.IRI)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	s.UpdatedAt = tx.e.now()
	if known != nil {
		if known.OwnerID != s.OwnerID {
			return fmt.Errorf("series %s: %w", s.IRI, coop.ErrForbidden)
		}
		s.ID, s.CreatedAt = known.ID, known.CreatedAt
		return tx.update(ctx, "series", seriesRow(s), "id", int64(s.ID))
	}
	return tx.addSeries(ctx, s)
}

// addSeries writes a new row; one that is there already stays.
func (tx *Tx) addSeries(ctx context.Context, s *coop.Series) (err error) {
	s.CreatedAt = tx.e.now()
	if s.UpdatedAt.IsZero() {
		s.UpdatedAt = s.CreatedAt
	}
	if s.ID, err = tx.NextID(ctx, s.CreatedAt); err != nil {
		return err
	}
	row := append(seriesRow(s), column{"id", int64(s.ID)}, column{"iri", string(s.IRI)}, column{"owner_id", int64(s.OwnerID)},
		column{"local", s.Local}, column{"created_at", msOf(s.CreatedAt)})
	_, err = tx.insert(ctx, "series", row, "ON CONFLICT DO NOTHING")
	return err
}

// seriesRow is what may change of a series, as columns.
func seriesRow(s *coop.Series) []column {
	return []column{
		{"title", coop.Truncate(s.Title, 500)},
		{"summary", coop.Truncate(s.Summary, 2000)},
		{"language", coop.Truncate(s.Language, 100)},
		{"updated_at", msOf(s.UpdatedAt)},
	}
}

// learnSeries makes the series known that an article of another server is part of:
// only its own server's. What it is called is what its articles say.
func (tx *Tx) learnSeries(ctx context.Context, p *coop.Post) error {
	named := p.Article.Series
	if named == nil || p.Local || named.URI == "" || named.Name == "" || coop.IRI(named.URI).Host() != p.IRI.Host() {
		return nil
	}
	if _, err := tx.SeriesByIRI(ctx, coop.IRI(named.URI)); !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	return tx.addSeries(ctx, &coop.Series{IRI: coop.IRI(named.URI), OwnerID: p.AuthorID, Title: named.Name, Language: p.Language})
}
