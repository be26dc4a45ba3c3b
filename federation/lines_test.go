// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"fmt"
	"net/http"
	"testing"
)

// TestDeadHostsAreForgotten: of hosts that cannot be reached nothing stays in memory, however
// many there are, and those that can be are reached all the time.
func TestDeadHostsAreForgotten(t *testing.T) {
	for _, secure := range []bool{true, false} {
		p := newPeer(t, secure, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
		c := newClient(t, p, func(o *Options) { o.Dev = true })
		c.transport.most = 10
		used, since, renewed := c.transport.current.Load(), 0, 0
		for n := range 100 {
			if _, err := c.Post(t.Context(), fmt.Sprintf("http://dead%d.localhost:1/inbox", n), []byte("{}"), nil); err == nil {
				t.Fatal("a port where nobody listens answers")
			}
			if now := c.transport.current.Load(); now != used {
				used, since, renewed = now, 0, renewed+1
			} else if since++; since >= 10 {
				t.Fatalf("the transport remembers %d dead hosts", since)
			}
			if r, err := c.Post(t.Context(), p.at("a.example.com")+"/inbox", []byte("{}"), nil); err != nil || r.Err() != nil {
				t.Fatalf("HTTP/2 %v, after %d dead hosts: %v", secure, n+1, err)
			}
		}
		if renewed != 10 {
			t.Errorf("renewed %d times for 100 dead hosts", renewed)
		}
	}
}
