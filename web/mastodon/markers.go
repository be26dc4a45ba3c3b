// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// timelines are those of which it is kept how far somebody has read.
var timelines = []string{"home", "notifications"}

// markerRoutes keep how far somebody has read.
func (f *Face) markerRoutes() []auth.Route {
	return []auth.Route{
		f.own("/v1/markers", "read:statuses", f.markers),
		f.write("POST", "/v1/markers", "write:statuses", auth.LimitAPI, f.setMarkers).For(coop.ActRead),
	}
}

// markerOf turns a marker into its entity. Where there is none, nothing was read:
// clients want an answer for each timeline that they ask about.
func markerOf(m storage.Marker) entity.Marker {
	if m.Version == 0 {
		return entity.Marker{LastReadID: "0", UpdatedAt: entity.Time(time.Unix(0, 0))}
	}
	return entity.Marker{LastReadID: m.LastRead.String(), Version: m.Version, UpdatedAt: entity.Time(m.UpdatedAt)}
}

// markers answers GET /api/v1/markers with timeline[].
func (f *Face) markers(c *gin.Context) error {
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	wanted := v.Texts("timeline")
	if err := v.Err(); err != nil {
		return err
	}
	kept, err := f.Store.Markers(c.Request.Context(), auth.Account(c).ID)
	if err != nil {
		return err
	}
	out := map[string]entity.Marker{}
	for _, name := range wanted {
		if slices.Contains(timelines, name) {
			out[name] = markerOf(kept[name])
		}
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// setMarkers answers POST /api/v1/markers with home[last_read_id] and
// notifications[last_read_id]. Of two that write at once one gets 409.
func (f *Face) setMarkers(c *gin.Context) error {
	ctx, self := c.Request.Context(), auth.Account(c).ID
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	defer func() { _ = v.Close() }()
	changes := readMarkers(v)
	if err := v.Err(); err != nil {
		return err
	}
	kept, err := f.Store.Markers(ctx, self)
	if err != nil {
		return err
	}
	out := map[string]entity.Marker{}
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error {
		for _, m := range changes {
			m.Version = kept[m.Timeline].Version
			if err := tx.SetMarker(ctx, self, &m); err != nil {
				return err
			}
			out[m.Timeline] = markerOf(m)
		}
		return nil
	}); err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// readMarkers reads what was read last of each timeline that is named.
func readMarkers(v input.Values) []storage.Marker {
	var changes []storage.Marker
	for _, name := range timelines {
		if !v.Has(name) {
			continue
		}
		text := v.Below(name).Text("last_read_id")
		id, err := coop.ParseID(text)
		if err != nil && text != "0" {
			v.Complain(name+".last_read_id", coop.CodeFormat, "is an id")
			continue
		}
		changes = append(changes, storage.Marker{Timeline: name, LastRead: id})
	}
	return changes
}
