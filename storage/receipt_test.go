// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestServersAreALineEach: what waits counts before what arrived, and what was given up
// only where nothing arrived after it.
func TestServersAreALineEach(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2030, 5, 1, hour, 0, 0, 0, time.UTC) }
	took := []ServerState{
		{Host: "all.test", State: ServerDelivered, Activity: "Create", At: at(1)},
		{Host: "update.test", State: ServerDelivered, Activity: "Create", At: at(1)},
		{Host: "later.test", State: ServerDelivered, Activity: "Update", At: at(3)},
		{Host: "before.test", State: ServerDelivered, Activity: "Create", At: at(1)},
	}
	left := []DeliveryState{
		{Host: "update.test", State: ServerWaiting, Activity: "Update", At: at(2), NextAt: at(4), Attempts: 1, Error: "500"},
		{Host: "later.test", State: ServerDead, Activity: "Create", At: at(2)},
		{Host: "before.test", State: ServerDead, Activity: "Update", At: at(2), Error: "403"},
		{Host: "dead.test", State: ServerDead, Activity: "Create", At: at(2)},
		{Host: "two.test", State: ServerResting, Activity: "Create", At: at(2)},
		{Host: "two.test", State: ServerDead, Activity: "Create", At: at(2)},
	}
	var got []string
	for _, s := range mergeServers(took, left) {
		got = append(got, s.Host+" "+s.State+" "+s.Activity)
	}
	want := []string{
		"update.test waiting Update", "two.test resting Create", "before.test dead Update", "dead.test dead Create",
		"all.test delivered Create", "later.test delivered Update",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
