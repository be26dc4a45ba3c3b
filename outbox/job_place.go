// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"

	"minga/coop"
	"minga/storage"
)

// locateJob gives the places of a job coordinates where its author gave none and the
// gazetteer knows the town, so that readers without a gazetteer find it on a map too.
// before is the job that is edited, nil for a new one: coordinates that stayed while the
// place is another one are those of the old place.
func (o *Outbox) locateJob(ctx context.Context, tx *storage.Tx, before, j *coop.Job) error {
	for i := range j.Places {
		p := &j.Places[i]
		if before != nil && leftBehind(before.Places, *p) {
			p.Latitude, p.Longitude = nil, nil
		}
		if p.Latitude != nil || p.Locality == "" {
			continue
		}
		at, known, err := tx.Locate(ctx, *p)
		if err != nil {
			return err
		}
		if known {
			p.Latitude, p.Longitude = &at.Latitude, &at.Longitude
		}
	}
	return nil
}

// leftBehind tells whether a place has the coordinates of one of the old places, and is
// none of them.
func leftBehind(old []coop.Place, p coop.Place) bool {
	if p.Latitude == nil || p.Longitude == nil {
		return false
	}
	moved := false
	for _, q := range old {
		if q.Latitude == nil || q.Longitude == nil || *q.Latitude != *p.Latitude || *q.Longitude != *p.Longitude {
			continue
		}
		if q.Locality == p.Locality && q.Region == p.Region && q.Country == p.Country {
			return false
		}
		moved = true
	}
	return moved
}
