// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/url"
	"strings"

	"minga/coop"
)

// boardMap is the map of jobs whose place is known.
func (f *Face) boardMap(ctx context.Context, t *tongue, posts []*coop.Post, region string, asked url.Values) (*mapView, error) {
	ids := make([]coop.ID, len(posts))
	for i, p := range posts {
		ids[i] = p.ID
	}
	known, err := f.Store.JobPoints(ctx, ids)
	if err != nil {
		return nil, err
	}
	var points []mapPoint
	for _, p := range posts {
		for _, at := range known[p.ID] {
			points = append(points, mapPoint{At: at, Name: lineOf(t.Lang, p.Language, p.Job.Title, p.Job.TitleMap).Text, URL: f.pathOf(p), Where: strings.Join(placeLines(p.Job), "; ")})
		}
	}
	view := f.worldMap(t, t.T("board_map_title"), points, region, mapLinks("/jobs", asked))
	return &view, nil
}
