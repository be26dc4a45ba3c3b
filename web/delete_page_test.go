// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"minga/coop"
)

// TestDeletingOnesOwnAccount: it takes the name, typed; who is the last steward of a co-op
// or the last owner hands that over before; then everything is gone and the session too.
func TestDeletingOnesOwnAccount(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	telar, _ := h.member("telar", "read")
	b := h.surfer("ana")
	ana, err := h.store.AccountByHandle(t.Context(), "ana", "")
	if err != nil {
		t.Fatal(err)
	}
	h.gives(telar, ana, coop.Steward)
	b.signIn("ana", "/sign-in")
	page := b.open("/settings/delete", nil)
	if page.Code != 200 || !strings.Contains(page.Body.String(), "for good") {
		t.Fatalf("the page: %d %s", page.Code, page.Body)
	}
	try := func(name string) int {
		return b.fill("/settings/delete", url.Values{"name": {name}, "when": {"now"}}).Code
	}
	if code := try("anna"); code != 422 {
		t.Errorf("with another name: %d", code)
	}
	if code := try("ana"); code != 409 {
		t.Errorf("the last steward: %d", code)
	}
	h.gives(telar, h.person("bea"), coop.Steward)
	if code := try("ana"); code != 303 {
		t.Fatalf("deleted: %d", code)
	}
	gone, err := h.store.Account(t.Context(), ana.ID)
	if !errors.Is(err, coop.ErrGone) && (err != nil || gone.DeletedAt.IsZero()) {
		t.Errorf("the account afterwards: %+v %v", gone, err)
	}
	if code := b.open("/settings", nil).Code; code == 200 {
		t.Error("the session holds")
	}
}
