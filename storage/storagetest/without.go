// SPDX-License-Identifier: AGPL-3.0-or-later

package storagetest

import "testing"

// WithoutRace leaves a test to a run without the race detector, which scripts/test makes
// besides: tables of many thousand cells that one goroutine fills take ten times as
// long under it, and there is nothing for it to find.
func WithoutRace(t *testing.T) {
	t.Helper()
	if underRace {
		t.Skip("one goroutine, many cells: run without -race")
	}
}
