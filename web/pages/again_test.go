// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestAFormComesBackAfterTheSignIn(t *testing.T) {
	w := newWorld(t)
	_, b := w.publisher()
	form := formOf(b.do("/jobs/new", nil).Body.String())
	form.Set("title", "Baker of <bread>")
	form.Set("description", unspoken+" with three others")
	form.Set("act", "publish")
	delete(b.cookies, sessionName)
	away := b.do("/jobs/new", form)
	if away.Code != http.StatusSeeOther || away.Header().Get("Location") != "/sign-in?next="+url.QueryEscape(againPath) {
		t.Fatalf("without a session: %d %s", away.Code, away.Header().Get("Location"))
	}
	if found := readable(t, unspoken); len(found) > 0 {
		t.Errorf("what was typed lies readable in %v", found)
	}
	if to := b.signIn("ana", password, againPath).Header().Get("Location"); to != againPath {
		t.Fatalf("signed in, to %s", to)
	}
	kept := hidden(t, b.do(againPath, nil).Body.String(), "title")
	page := b.do("/jobs/new", kept)
	if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), `value="Baker of &lt;bread&gt;"`) || !strings.Contains(page.Body.String(), unspoken) {
		t.Errorf("the form comes back: %d", page.Code)
	}
	if other := w.browser(); other.do(againPath, nil).Header().Get("Location") == againPath {
		t.Error("another browser gets there")
	}
	stranger := w.browser()
	stranger.signIn("ana", password, "")
	if to := stranger.do(againPath, nil); to.Code != http.StatusSeeOther || to.Header().Get("Location") != "/" {
		t.Errorf("another browser gets %d", to.Code)
	}
	w.clock.Advance(keptLife + time.Second)
	if to := b.do(againPath, nil); to.Code != http.StatusSeeOther {
		t.Errorf("too late: %d", to.Code)
	}
	// A form with a secret in it is not kept.
	delete(b.cookies, sessionName)
	secret := url.Values{"act": {"password"}, "password": {"four other loose words"}, "form_token": {"x"}}
	if to := b.do("/settings/security", secret).Header().Get("Location"); strings.Contains(to, "again") {
		t.Errorf("a password is kept: %s", to)
	}
}
