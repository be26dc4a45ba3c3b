// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"io"
	"testing"
	"time"
)

// TestPauseAfter: a loop that fails again and again waits longer and longer, but not
// where only the database is away for now, nor for what happened long ago.
func TestPauseAfter(t *testing.T) {
	away := io.ErrUnexpectedEOF
	for _, tt := range []struct {
		name             string
		err              error
		pause, ran, want time.Duration
	}{
		{"the first failure", errors.New("x"), firstPause, 0, firstPause},
		{"one of many", errors.New("x"), longPause, 0, longPause},
		{"the database is away", away, longPause, 0, awayPause},
		{"it is away for the first time", away, firstPause, 0, firstPause},
		{"one after it ran well", errors.New("x"), longPause, time.Hour, firstPause},
	} {
		if got := pauseAfter(tt.err, tt.pause, tt.ran); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
