// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/gin-gonic/gin"
)

// FuzzForwardedAddress: whatever stands in the headers of a stranger, the address is the
// one that the stranger came from; behind a proxy of ours it is an address, and never
// one that was not in the header.
func FuzzForwardedAddress(f *testing.F) {
	for _, seed := range []string{"", "198.51.100.7", "198.51.100.7, 10.0.0.1", "::1", "[::1]:80", "198.51.100.7:80", "x, 198.51.100.7", ",", "fe80::1%eth0", "198.51.100.7,,", "0177.0.0.1", "\x00"} {
		f.Add(seed, seed)
	}
	engine := gin.New()
	if err := engine.SetTrustedProxies([]string{"127.0.0.1/32"}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, forwarded, real string) {
		ask := func(from string) netip.Addr {
			c := gin.CreateTestContextOnly(httptest.NewRecorder(), engine)
			c.Request = httptest.NewRequest("GET", "/", nil)
			c.Request.RemoteAddr = from + ":4711"
			c.Request.Header["X-Forwarded-For"], c.Request.Header["X-Real-Ip"] = []string{forwarded}, []string{real}
			c.Request.Header["Forwarded"] = []string{"for=" + real}
			return clientAddr(c)
		}
		if got := ask("203.0.113.9"); got.String() != "203.0.113.9" {
			t.Errorf("a stranger became %s by %q and %q", got, forwarded, real)
		}
		if got := ask("127.0.0.1"); !got.IsValid() || askerAddr(got) == "" {
			t.Errorf("behind a proxy nobody asks: %q, %q", forwarded, real)
		}
	})
}
