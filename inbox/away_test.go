// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"

	"minga/coop"
	"minga/federation"
)

// TestAStoreThatIsAwayEndsNothing: what the store could not do now says nothing of the
// activity. A broken connection of the database once counted as a broken answer of the
// author's server, and the activity was dropped.
func TestAStoreThatIsAwayEndsNothing(t *testing.T) {
	broken := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	for _, tt := range []struct {
		name             string
		err              error
		away, final, may bool // may: it may work later
	}{
		{"the store's connection broke", fmt.Errorf("look up: %w", broken), true, false, true},
		{"a write did not come through", fmt.Errorf("%w: %w", coop.ErrUnavailable, broken), true, false, true},
		{"a peer's connection broke", &federation.Error{Kind: federation.KindConnect, Err: broken}, false, false, true},
		{"a key was not to be had", &federation.Error{Kind: federation.KindBusy, Err: broken}, true, false, true},
		{"a peer answers nonsense", &federation.Error{Kind: federation.KindBody}, false, true, false},
		{"not found", coop.ErrNotFound, false, true, false},
		{"a mistake of ours", errors.New("x"), false, false, false},
	} {
		if away(tt.err) != tt.away || final(tt.err) != tt.final || temporary(tt.err) != tt.may {
			t.Errorf("%s: away %v, final %v, may work later %v", tt.name, away(tt.err), final(tt.err), temporary(tt.err))
		}
	}
}
