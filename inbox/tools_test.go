// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"encoding/json"
	"strings"
	"testing"
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
