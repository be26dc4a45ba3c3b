// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"fmt"
	"net/http"
	"testing"
)

// TestNamedIsATextOfTheHostsOwn: neither a page nor what a redirect leads to elsewhere is
// taken for the host's word; a file without an ending is.
func TestNamedIsATextOfTheHostsOwn(t *testing.T) {
	var p *peer
	p = newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/elsewhere":
			http.Redirect(w, r, "https://b.example.com:"+p.port+"/text/plain", http.StatusFound)
			return
		case "/none":
			w.Header()["Content-Type"] = nil
		default:
			w.Header().Set("Content-Type", r.URL.Path[1:])
		}
		fmt.Fprint(w, "https://c.example.com/coops/telar\n")
	})
	c := newClient(t, p, nil)
	for path, want := range map[string]int{
		"/text/plain": 1, "/text/plain;charset=utf-8": 1, "/application/octet-stream": 1, "/none": 1,
		"/text/html": 0, "/image/png": 0, "/application/json": 0, "/elsewhere": 0,
	} {
		if got, err := c.Named(t.Context(), "a.example.com:"+p.port, path); err != nil || len(got) != want {
			t.Errorf("%s: %v, %v, want %d", path, got, err, want)
		}
	}
}
