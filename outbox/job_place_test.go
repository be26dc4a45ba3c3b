// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"fmt"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// TestJobsHaveCoordinates: where the gazetteer knows the town; another town has others, and
// what the author gave stays.
func TestJobsHaveCoordinates(t *testing.T) {
	each(t, func(h *house) {
		ctx := t.Context()
		h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
			return tx.PutTowns(ctx, []coop.TownEntry{
				{Town: coop.Town{ID: 1, Name: "Rosario", Country: "AR", Point: coop.Point{Latitude: -32.95, Longitude: -60.64}, Weight: 1_000_000}},
				{Town: coop.Town{ID: 2, Name: "Roma", Country: "IT", Point: coop.Point{Latitude: 41.9, Longitude: 12.5}, Weight: 2_000_000}},
			})
		}))
		telar := h.member("telar")
		given := 1.5
		p := h.job()
		p.Job.Remote, p.Job.ApplicantsFrom = false, nil
		p.Job.Places = []coop.Place{{Locality: "Rosario", Country: "AR"}, {Locality: "Nowhere", Country: "AR"}, {Locality: "Roma", Country: "IT", Latitude: &given, Longitude: &given}}
		h.must(h.PublishJob(ctx, telar, p))
		at := func(i int) string {
			t.Helper()
			stored, err := h.store.Post(ctx, coop.System(), p.ID)
			h.must(err)
			p = stored
			if p.Job.Places[i].Latitude == nil {
				return "nowhere"
			}
			return fmt.Sprint(*p.Job.Places[i].Latitude, *p.Job.Places[i].Longitude)
		}
		first, none, own := at(0), at(1), at(2)
		if first != "-32.95 -60.64" || none != "nowhere" || own != "1.5 1.5" {
			t.Errorf("published at %s, %s, %s", first, none, own)
		}
		doc, err := h.store.Document(ctx, p.IRI)
		h.must(err)
		if !strings.Contains(string(doc.Body), "-32.95") {
			t.Errorf("on the wire: %s", doc.Body)
		}
		p.Job.Places = p.Job.Places[:1]
		p.Job.Places[0].Locality, p.Job.Places[0].Country = "Roma", "IT"
		h.must(h.EditJob(ctx, p))
		if got := at(0); got != "41.9 12.5" {
			t.Errorf("after it moved: %s", got)
		}
	})
}
