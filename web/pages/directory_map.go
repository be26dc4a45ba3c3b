// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// directoryMap answers /directory/map: where the same co-ops are.
func (f *Face) directoryMap(c *gin.Context) error {
	ctx := c.Request.Context()
	page, query, err := f.directoryFrame(c, "/directory/map")
	if err != nil {
		return err
	}
	list, err := f.Store.Coops(ctx, query, f.AccountDomain, coop.Page{Limit: mostOnMap})
	if err != nil {
		return err
	}
	points, err := f.coopPoints(ctx, page.tongue, list)
	if err != nil {
		return err
	}
	page.Placeless = len(list) - len(points)
	listed, err := f.Store.ListedCoops(ctx, query, 0, mostOnMap)
	if err != nil {
		return err
	}
	for _, l := range listed {
		if l.At != nil {
			points = append(points, mapPoint{At: *l.At, Name: l.Name, URL: l.URL, Where: l.Place})
		} else {
			page.Placeless++
		}
	}
	asked := directoryValues(c.Request.URL.Query())
	world := f.worldMap(page.tongue, page.T("directory_map_of"), points, c.Query("map"), mapLinks("/directory/map", asked))
	page.Map = &world
	return f.show(c, http.StatusOK, "directory", page)
}

// coopPoints are where co-ops are, as they say, or as the gazetteer knows. Of those of one
// town the gazetteer is asked once.
func (f *Face) coopPoints(ctx context.Context, t *tongue, list []*coop.Account) ([]mapPoint, error) {
	type found struct {
		at    coop.Point
		known bool
	}
	towns := map[string]found{}
	var points []mapPoint
	for _, a := range list {
		if a.Coop == nil || a.Coop.Place == nil {
			continue
		}
		p := *a.Coop.Place
		key := p.Locality + "\n" + p.Region + "\n" + p.Country
		at, there := towns[key]
		if point, says := p.Point(); says {
			at = found{point, true}
		} else if !there {
			var err error
			if at.at, at.known, err = f.Store.Locate(ctx, p); err != nil {
				return nil, err
			}
			towns[key] = at
		}
		if at.known {
			who := f.person(a)
			points = append(points, mapPoint{At: at.at, Name: who.Name, URL: who.URL, Where: t.townOf(p)})
		}
	}
	return points, nil
}

// townOf is the town of a place with its country.
func (t *tongue) townOf(p coop.Place) string {
	var parts []string
	for _, part := range []string{p.Locality, t.Country(p.Country)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}
