// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"testing"
	"time"
)

// FuzzReadCursor: whatever a client sends as a cursor is a place in the list, which is
// written and read as the same, or the first page; and no ranking is of the future.
func FuzzReadCursor(f *testing.F) {
	for _, seed := range []string{"", "0.0.0.0", "zz.-1.1.1", "1y2p0ij32e8e7.1.2.3", "-1y2p0ij32e8e8.1.2.3", "1.2.3", "1.2.3.4.5", "+1.2.3.4", "9999999999999999.1.1.1", "1.\x00.1.1"} {
		f.Add(seed)
	}
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		c := readCursor(s)
		if again := readCursor(c.String()); again != c {
			t.Errorf("%q is %+v, and that is %+v", s, c, again)
		}
		if at := c.asOf(now); at.After(now) || now.Sub(at) > 24*time.Hour {
			t.Errorf("%q is ranked at %v", s, at)
		}
	})
}
