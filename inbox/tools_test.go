// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
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

// newInside is a service on an address that must not be reached; touch is called
// for each request.
func newInside(t *testing.T, touch func()) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Skipf("no second loopback address: %v", err)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { touch() }))
	srv.Listener.Close()
	srv.Listener = listener
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL
}
