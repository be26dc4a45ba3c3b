// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"fmt"
	"testing"

	"minga/coop"
	"minga/storage"
)

// TestOneActorKeepsItsOrder: lines of different actors go side by side, each in order.
func TestOneActorKeepsItsOrder(t *testing.T) {
	var list []storage.ClaimedDelivery
	for n, signer := range []coop.ID{7, 8, 7, 9, 8, 7} {
		list = append(list, storage.ClaimedDelivery{Delivery: storage.Delivery{Signer: signer}, IRI: coop.IRI(fmt.Sprint(n))})
	}
	got := ""
	for _, line := range bySigner(list) {
		for _, d := range line {
			got += fmt.Sprintf("%d:%s ", d.Signer, d.IRI)
		}
	}
	if want := "7:0 7:2 7:5 8:1 8:4 9:3 "; got != want {
		t.Errorf("sent as %s, want %s", got, want)
	}
}
