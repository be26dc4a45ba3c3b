// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"maps"
	"net/http"
	"net/url"
	"testing"

	"minga/web/auth"
)

// confirm goes through the page where people prove again who they are.
func (s *surfer) confirm(next, password string) (status int, to string) {
	s.Helper()
	page := s.open("/settings/confirm?"+url.Values{"next": {next}}.Encode(), nil).Body.String()
	w := s.open("/settings/confirm", url.Values{"next": {next}, "password": {password}, auth.FormField: {s.found(formToken, page)}})
	return w.Code, w.Header().Get("Location")
}

func TestConfirmingRenewsTheSession(t *testing.T) {
	eachHouse(t, nil, func(h *house) {
		ana := h.surfer("ana")
		if w := ana.open("/settings/confirm", nil); w.Code != http.StatusSeeOther {
			h.Errorf("a stranger gets %d", w.Code)
		}
		ana.signIn("ana", "/sign-in")
		before := &surfer{h, maps.Clone(ana.cookies)}
		if status, _ := ana.confirm("/about", "not this one"); status != http.StatusUnprocessableEntity {
			h.Errorf("a wrong password answers %d", status)
		}
		if before.open("/settings/security", nil).Code != http.StatusOK {
			h.Fatal("a wrong password ended the session")
		}
		if status, to := ana.confirm("/settings/security?a=1", secret); status != http.StatusSeeOther || to != "/settings/security?a=1" {
			h.Errorf("the right one leads to %d %s", status, to)
		}
		if w := before.open("/settings/security", nil); w.Code != http.StatusSeeOther {
			h.Errorf("the cookie of before answers %d", w.Code)
		}
		if w := ana.open("/settings/security", nil); w.Code != http.StatusOK {
			h.Errorf("the new cookie answers %d", w.Code)
		}
		for _, next := range []string{"//evil.example", "https://evil.example/", "/\\evil", ""} {
			if _, to := ana.confirm(next, secret); to != "/" {
				h.Errorf("%q leads to %q", next, to)
			}
		}
	})
}
