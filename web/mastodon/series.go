// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// seriesJSON is a series; its articles are there where one was asked for.
type seriesJSON struct {
	ID        entity.ID        `json:"id"`
	URI       string           `json:"uri"`
	Title     string           `json:"title"`
	Summary   string           `json:"summary"`
	Language  entity.Null      `json:"language"`
	Account   *entity.Account  `json:"account"`
	CreatedAt entity.Time      `json:"created_at"`
	UpdatedAt entity.Time      `json:"updated_at"`
	Articles  []*entity.Status `json:"articles,omitempty"`
}

// newSeriesJSON shows a series.
func (f *Face) newSeriesJSON(s *coop.Series) *seriesJSON {
	out := &seriesJSON{
		ID: entity.ID(s.ID), URI: string(s.IRI), Title: s.Title, Summary: s.Summary, Language: entity.Null(s.Language),
		CreatedAt: entity.Time(s.CreatedAt), UpdatedAt: entity.Time(s.UpdatedAt),
	}
	if s.Owner != nil {
		out.Account = f.account(s.Owner)
	}
	return out
}

// shownSeries are series with their whole owners.
func (f *Face) shownSeries(ctx context.Context, list []*coop.Series) ([]*seriesJSON, error) {
	out := make([]*seriesJSON, len(list))
	var owners []*entity.Account
	for i, s := range list {
		out[i] = f.newSeriesJSON(s)
		if out[i].Account != nil {
			owners = append(owners, out[i].Account)
		}
	}
	return out, f.complete(ctx, owners...)
}

// listSeries answers GET /api/v1/minga/series: those with articles that everybody may
// read, and one's own; `coop` narrows to one owner.
func (f *Face) listSeries(c *gin.Context) error {
	ctx := c.Request.Context()
	var owner coop.ID
	if handle := c.Query("coop"); handle != "" {
		a, err := f.byHandle(ctx, handle)
		if errors.Is(err, coop.ErrNotFound) {
			c.JSON(http.StatusOK, []any{}) // an unknown value matches nothing
			return nil
		}
		if err != nil {
			return err
		}
		owner = a.ID
	}
	list, err := f.Store.AllSeries(ctx, auth.Viewer(c), owner, pageOf(c, 20, 40))
	if err != nil {
		return err
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	out, err := f.shownSeries(ctx, list)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// getSeries answers GET /api/v1/minga/series/:id, with its articles in their order.
func (f *Face) getSeries(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	s, err := f.Store.Series(c.Request.Context(), auth.Viewer(c), id)
	if err != nil {
		return err
	}
	return f.showSeries(c, s)
}

// showSeries answers one series.
func (f *Face) showSeries(c *gin.Context, s *coop.Series) error {
	ctx := c.Request.Context()
	list, err := f.shownSeries(ctx, []*coop.Series{s})
	if err != nil {
		return err
	}
	posts, err := f.Store.InSeries(ctx, auth.Viewer(c), s.IRI)
	if err != nil {
		return err
	}
	if list[0].Articles, err = f.statuses(ctx, auth.Viewer(c), posts); err != nil {
		return err
	}
	c.JSON(http.StatusOK, list[0])
	return nil
}

// createSeries makes a series: POST /api/v1/minga/series with `title`, `summary` and
// `language`.
func (f *Face) createSeries(c *gin.Context) error {
	if err := mayPublish(auth.Account(c)); err != nil {
		return err
	}
	return f.putSeries(c, &coop.Series{})
}

// updateSeries changes a series of one's own: PUT /api/v1/minga/series/:id. What is not
// sent stays.
func (f *Face) updateSeries(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	s, err := f.Store.Series(c.Request.Context(), auth.Viewer(c), id)
	if err != nil {
		return err
	}
	if s.OwnerID != auth.Account(c).ID {
		return fmt.Errorf("series %s of another: %w", id, coop.ErrForbidden)
	}
	return f.putSeries(c, s)
}

// putSeries stores what was sent.
func (f *Face) putSeries(c *gin.Context, s *coop.Series) error {
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	setText(in, "title", &s.Title)
	setText(in, "summary", &s.Summary)
	setText(in, "language", &s.Language)
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.Outbox.PutSeries(c.Request.Context(), auth.Account(c), s); err != nil {
		return err
	}
	return f.showSeries(c, s)
}

// ownSeries names the series of an article whole: a number is the id of a series here.
// A series of this instance must be one's own.
func (f *Face) ownSeries(c *gin.Context, p *coop.Post) error {
	named := p.Article.Series
	if named == nil {
		return nil
	}
	ctx := c.Request.Context()
	known, err := f.Store.SeriesByIRI(ctx, coop.IRI(named.URI))
	if id, parsed := coop.ParseID(named.Name); named.URI == "" && parsed == nil {
		known, err = f.Store.Series(ctx, auth.Viewer(c), id)
		if errors.Is(err, coop.ErrNotFound) {
			return &coop.InvalidError{Field: "series", Code: coop.CodeUnknown, Problem: "no series has this id"}
		}
	}
	if errors.Is(err, coop.ErrNotFound) {
		return nil // a series of another place, or none but a name
	}
	if err != nil {
		return err
	}
	if known.Local && known.OwnerID != p.AuthorID {
		return &coop.InvalidError{Field: "series", Code: coop.CodeNotAllowed, Problem: "the series is somebody else's"}
	}
	p.Article.Series = &coop.Term{URI: string(known.IRI), Name: known.Title}
	return nil
}
