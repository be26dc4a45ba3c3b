// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"
)

// TestDemoIsPatient lets an hour pass between two looks: as long as anything moves
// the demonstration waits, and only what stands still makes it stop.
func TestDemoIsPatient(t *testing.T) {
	clock := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	d := &demo{t: &terminal{err: io.Discard, now: func() time.Time { clock = clock.Add(time.Second); return clock }}}
	waitFor := func(counts ...int) error {
		return d.until(t.Context(), demoPatience, func(context.Context) (demoLeft, error) {
			clock = clock.Add(time.Hour)
			n := counts[0]
			if len(counts) > 1 {
				counts = counts[1:]
			}
			return demoLeft{deliveries: n}, nil
		})
	}
	if err := waitFor(4, 3, 5, 2, 0); err != nil {
		t.Errorf("on a slow machine: %v", err)
	}
	if err := waitFor(4, 3, 3); !errors.Is(err, errDemoStill) {
		t.Errorf("when nothing moves: %v", err)
	}
}
