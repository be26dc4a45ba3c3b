// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"testing"
	"time"
)

// TestMemoForgetsTheOldest: a hundred thousand hosts take no more room than those that
// may be remembered, the newest of them, and each for its time alone.
func TestMemoForgetsTheOldest(t *testing.T) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	m := newMemo[int](time.Minute, 1000)
	for n := range 100_000 {
		m.put(fmt.Sprintf("h%d.example", n), n, now)
		if len(m.byKey) > 1000 || m.order.Len() != len(m.byKey) {
			t.Fatalf("after %d: %d keys, %d in order", n, len(m.byKey), m.order.Len())
		}
	}
	for n, want := range map[int]bool{0: false, 98_999: false, 99_000: true, 99_999: true} {
		if _, ok := m.get(fmt.Sprintf("h%d.example", n), now); ok != want {
			t.Errorf("host %d is remembered: %t", n, ok)
		}
	}
	if _, ok := m.get("h99999.example", now.Add(time.Minute)); ok {
		t.Error("a key outlives its time")
	}
}
