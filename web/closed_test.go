// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// TestClosed: whoever comes while the database is brought up to date is told to come
// again, in a form that they read.
func TestClosed(t *testing.T) {
	for _, tt := range []struct {
		name, method, path, accept string
		status                     int
		kind, says                 string
		later                      bool
	}{
		{"a browser", "GET", "/jobs", "text/html,*/*", 503, "text/html", `lang="ca"`, true},
		{"a form", "POST", "/sign-in", "text/html", 503, "text/html", `lang="es"`, true},
		{"an app", "GET", "/api/v1/timelines/home", "text/html", 503, "application/json", `"error"`, true},
		{"another server", "POST", "/inbox", "application/activity+json", 503, "application/json", `"error"`, true},
		{"who asks whether the process is up", "GET", "/healthz", "", 200, "application/json", `"up"`, false},
		{"who asks whether it is ready", "GET", "/readyz", "", 503, "application/json", `"migrations"`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, tt.path, strings.NewReader("{}"))
			r.Header.Set("Accept", tt.accept)
			w := httptest.NewRecorder()
			Closed().ServeHTTP(w, r)
			if w.Code != tt.status || !strings.HasPrefix(w.Header().Get("Content-Type"), tt.kind) || !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("%d %s %s", w.Code, w.Header(), w.Body)
			}
			if (w.Header().Get("Retry-After") != "") != tt.later {
				t.Errorf("Retry-After: %q", w.Header().Get("Retry-After"))
			}
			if w.Header().Get("Content-Security-Policy") == "" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("headers: %v", w.Header())
			}
		})
	}
}
