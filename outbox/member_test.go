// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"encoding/json"
	"testing"

	"minga/coop"
)

// TestACoopMadeHereIsAMember: its jobs are the federation's from the first.
func TestACoopMadeHereIsAMember(t *testing.T) {
	each(t, func(h *house) {
		ctx := h.t.Context()
		made, err := h.NewMember(ctx, Registration{Name: "hilo", Language: "es"})
		h.must(err)
		federation, err := h.store.FederationAccount(ctx)
		h.must(err)
		if ok, err := h.store.VerifiedMember(ctx, made.ID, federation.ID); !ok || err != nil {
			h.t.Fatalf("verified: %v, %v", ok, err)
		}
		h.must(h.PublishJob(ctx, made, h.job()))
		body, err := h.Collection(ctx, coop.Anonymous(), federation, CollectionJobs, "first")
		h.must(err)
		var page struct{ OrderedItems []json.RawMessage }
		h.must(json.Unmarshal(body, &page))
		if len(page.OrderedItems) != 1 {
			h.t.Errorf("the federation lists %d jobs, want the member's", len(page.OrderedItems))
		}
		if _, err := h.NewMember(ctx, Registration{Name: "hilo"}); err == nil {
			h.t.Error("a name was given twice")
		}
	})
}
