// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

func mustUnmarshal(t testing.TB, body []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(body, v); err != nil {
		t.Fatal(err)
	}
}

// containsScript tells whether anything active is left.
func containsScript(s string) bool {
	s = strings.ToLower(s)
	for _, bad := range []string{"<script", "<img", "onerror", "javascript:", "<style", "<iframe", " style="} {
		if strings.Contains(s, bad) {
			return true
		}
	}
	return false
}

// panics is an outbox that breaks.
type panics struct{ silence }

func (panics) AnswerFollow(context.Context, *storage.Tx, *coop.Follow, bool, string) error {
	panic("broken")
}
