// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/gin-gonic/gin"
)

// TestForwardingHeaders: they count from a trusted proxy alone, and what a client wrote
// into them before does not.
func TestForwardingHeaders(t *testing.T) {
	s := &server{}
	s.reloaded.Store(&Reloaded{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}})
	for _, tt := range []struct {
		name, remote string
		header       []string // X-Forwarded-For
		real, want   string
	}{
		{"nobody stands before us", "203.0.113.7:99", nil, "", "203.0.113.7"},
		{"a stranger names another", "203.0.113.7:99", []string{"198.51.100.1"}, "198.51.100.1", "203.0.113.7"},
		{"a proxy names who asks", "10.1.2.3:99", []string{"198.51.100.1"}, "", "198.51.100.1"},
		{"who asks named somebody first", "10.1.2.3:99", []string{"192.0.2.66, 198.51.100.1"}, "", "198.51.100.1"},
		{"two proxies", "10.1.2.3:99", []string{"198.51.100.1, 10.9.9.9"}, "", "198.51.100.1"},
		{"in two lines", "10.1.2.3:99", []string{"192.0.2.66", "198.51.100.1"}, "", "198.51.100.1"},
		{"proxies alone", "10.1.2.3:99", []string{"10.4.4.4, 10.9.9.9"}, "", "10.4.4.4"},
		{"rubbish", "10.1.2.3:99", []string{"198.51.100.1, <script>"}, "", "10.1.2.3"},
		{"another header", "10.1.2.3:99", nil, "198.51.100.1", "198.51.100.1"},
		{"IPv6", "[fd00::1]:99", []string{"2001:db8::1"}, "", "2001:db8::1"},
		{"IPv4 in IPv6", "[::ffff:10.1.2.3]:99", []string{"::ffff:198.51.100.1"}, "", "198.51.100.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, engine := gin.CreateTestContext(httptest.NewRecorder())
			if err := engine.SetTrustedProxies(nil); err != nil {
				t.Fatal(err)
			}
			c.Request = httptest.NewRequest("GET", "/", nil)
			c.Request.RemoteAddr = tt.remote
			for _, line := range tt.header {
				c.Request.Header.Add("X-Forwarded-For", line)
			}
			if tt.real != "" {
				c.Request.Header.Set("X-Real-Ip", tt.real)
			}
			if s.locate(c); c.ClientIP() != tt.want {
				t.Errorf("is taken for %s, want %s", c.ClientIP(), tt.want)
			}
		})
	}
	s.reloaded.Store(&Reloaded{RateLimit: true})
	if len(s.proxies()) != 0 || !s.limiting() {
		t.Error("what was taken up last does not count")
	}
}
