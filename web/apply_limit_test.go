// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net/http"
	"net/netip"
	"testing"
)

// TestApplyingIsLimited: five forms an hour from one address, whatever they hold; reading the
// page is not counted with them, nor are other addresses.
func TestApplyingIsLimited(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} })
	_, token := h.member("telar", "read write")
	job, _ := h.publish(token, goodJob)
	path := "/jobs/" + job + "/apply"
	from := func(method, address string) int {
		w := h.ask(method, path, "", "name=x", "X-Forwarded-For", address, "Content-Type", "application/x-www-form-urlencoded")
		if w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") == "" {
			t.Error("it does not say when to come again")
		}
		return w.Code
	}
	for n := 1; n <= 6; n++ {
		if got := from("POST", "203.0.113.7"); (got == http.StatusTooManyRequests) != (n == 6) {
			t.Errorf("form %d from one address: %d", n, got)
		}
		from("GET", "203.0.113.7")
	}
	if got := from("GET", "203.0.113.7"); got == http.StatusTooManyRequests {
		t.Errorf("reading the page: %d", got)
	}
	if got := from("POST", "203.0.113.8"); got == http.StatusTooManyRequests {
		t.Errorf("from another address: %d", got)
	}
}
