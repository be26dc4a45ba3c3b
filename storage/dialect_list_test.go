// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import "testing"

// TestListOfNothing: no list and an empty one are the same parameter on both engines.
func TestListOfNothing(t *testing.T) {
	if got := list([]string(nil)); got != "[]" {
		t.Errorf("no list is %s", got)
	}
	if got := list([]int64{1, 2}); got != "[1,2]" {
		t.Errorf("a list is %s", got)
	}
}
