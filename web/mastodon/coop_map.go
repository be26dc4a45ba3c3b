// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/mastodon/entity"
)

// mapJSON is a GeoJSON FeatureCollection (RFC 7946 §3.3).
type mapJSON struct {
	Type     string      `json:"type"`
	Features []pointJSON `json:"features"`
}

type (
	// pointJSON is a Feature (RFC 7946 §3.2) of a co-op.
	pointJSON struct {
		Type       string      `json:"type"`
		ID         entity.ID   `json:"id"`
		Geometry   geometry    `json:"geometry"`
		Properties pointOfCoop `json:"properties"`
	}
	// geometry is a Point: longitude, then latitude (RFC 7946 §3.1.1).
	geometry struct {
		Type        string     `json:"type"`
		Coordinates [2]float64 `json:"coordinates"`
	}
	// pointOfCoop is what a map shows of a point.
	pointOfCoop struct {
		Name     string      `json:"name"`
		Acct     string      `json:"acct"`
		URL      string      `json:"url"`
		Locality entity.Null `json:"locality"`
		Country  entity.Null `json:"country"`
	}
)

// mostPoints is how many co-ops a map looks at.
const mostPoints = 1000

// coopMap answers GET /api/v1/minga/coops/map with the query of the directory: a point
// for each co-op that published one.
func (f *Face) coopMap(c *gin.Context) error {
	accounts, err := f.Store.Coops(c.Request.Context(), coop.ParseDirectoryQuery(c.Request.URL.Query()), f.AccountDomain, coop.Page{Limit: mostPoints})
	if err != nil {
		return err
	}
	out := mapJSON{"FeatureCollection", []pointJSON{}}
	for _, a := range accounts {
		if a.Coop == nil || !a.Coop.Place.HasPoint() {
			continue
		}
		p := a.Coop.Place
		out.Features = append(out.Features, pointJSON{
			"Feature", entity.ID(a.ID),
			geometry{"Point", [2]float64{*p.Longitude, *p.Latitude}},
			pointOfCoop{shownName(a), f.acct(a), accountURL(a), entity.Null(p.Locality), entity.Null(p.Country)},
		})
	}
	c.Header("Content-Type", "application/geo+json; charset=utf-8")
	c.JSON(http.StatusOK, out)
	return nil
}
