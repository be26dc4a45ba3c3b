// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"net/http"
	"sync"
	"testing"
)

// TestManyAtOnce: the bound on connections must never stop what HTTP/2 carries on one,
// nor what HTTP/1.1 has to queue for.
func TestManyAtOnce(t *testing.T) {
	for _, secure := range []bool{true, false} {
		p := newPeer(t, secure, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
		c := newClient(t, p, func(o *Options) { o.Dev = true })
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if r, err := c.Post(t.Context(), p.at("a.example.com")+"/inbox", []byte("{}"), nil); err != nil || r.Err() != nil {
					t.Errorf("HTTP/2 %v: %v", secure, err)
				}
			})
		}
		all.Wait()
	}
}
