// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// coordinating is a browser of somebody who coordinates the federation, and somebody else's.
func coordinating(w *world) (federation *coop.Account, b, other *browser) {
	w.t.Helper()
	federation, err := w.Store.FederationAccount(w.t.Context())
	w.must(err)
	b, other = w.browser(), w.browser()
	ana := b.stranger("ana", coop.RankMember)
	other.stranger("berta", coop.RankMember)
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.GiveRole(ctx, federation.ID, ana.ID, coop.Coordinator, 0)
		return err
	})
	return federation, b, other
}

// TestRequestOfAClient follows what a client writes without an account, until it is
// published: nobody but the coordinators sees it before, and the client never.
func TestRequestOfAClient(t *testing.T) {
	w := newWorld(t)
	federation, b, other := coordinating(w)
	client := w.browser()
	form := url.Values{"title": {"Clinics"}, "language": {"en"}, "client": {"Quicksilver"}, "mail": {"x@quicksilver.example"}, "description": {"Too short"}}
	answer := client.fill("/requests/new", "mail", form)
	if body := answer.Body.String(); answer.Code != http.StatusUnprocessableEntity || !strings.Contains(body, "Quicksilver") || !strings.Contains(body, `id="description-problem"`) {
		t.Fatalf("a text that is too short: %d", answer.Code)
	}
	form.Set("description", "Fourteen rural clinics need one place where people book a visit.")
	if answer := client.fill("/requests/new", "mail", form); answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != "/requests/sent" {
		t.Fatalf("sent: %d", answer.Code)
	}
	form.Set("site", "https://spam.example")
	client.fill("/requests/new", "mail", form)
	list, err := w.Store.RequestsOf(t.Context(), federation.ID, coop.Page{Limit: 5})
	if w.must(err); len(list) != 1 || list[0].Request.Status != coop.RequestReview {
		t.Fatalf("%d requests", len(list))
	}
	at := "/requests/" + list[0].ID.String()
	for name, path := range map[string]string{"mine": "/requests/mine", "edit": at + "/edit"} {
		if answer := other.do(path, nil); answer.Code == http.StatusOK || strings.Contains(answer.Body.String(), "Clinics") {
			t.Errorf("another sees %s: %d", name, answer.Code)
		}
	}
	if answer := other.do(at+"/step", with(other.formToken(), "act", "take")); answer.Code != http.StatusNotFound {
		t.Errorf("another takes it: %d", answer.Code)
	}
	if body := b.do("/requests/mine", nil).Body.String(); !strings.Contains(body, "Clinics") {
		t.Error("the coordinator does not see it")
	}
	fields := url.Values{
		"act": {"publish"}, "version": {"0"}, "title": {"Clinics"}, "description": {form.Get("description")}, "respond_by": {w.clock.Now().AddDate(0, 0, 9).Format(time.DateOnly)},
		"slot_1_name": {"Backend"}, "slot_1_hours": {"many"}, "slot_1_required": {"1"}, "slot_2_name": {""}, "slot_3_name": {"Ops"}, "slot_3_hours": {"40"},
		"client": {"Quicksilver"}, "mail": {"x@quicksilver.example"}, "rule": {string(coop.NoMargin)},
	}
	answer = b.fill(at+"/edit", "slot_1_hours", fields)
	if body := answer.Body.String(); answer.Code != http.StatusUnprocessableEntity || !strings.Contains(body, `id="slot_1_hours-problem"`) || !strings.Contains(body, `value="many"`) {
		t.Fatalf("hours that are no number: %d", answer.Code)
	}
	fields.Set("slot_1_hours", "220")
	if answer := b.fill(at+"/edit", "slot_1_hours", fields); answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != at {
		t.Fatalf("published: %d %s", answer.Code, answer.Body.String())
	}
	p, err := w.Store.RequestOf(t.Context(), list[0].ID)
	w.must(err)
	if p.Request.Status != coop.RequestOpen || len(p.Request.Slots) != 2 || p.Request.Slots[1].Name != "Ops" {
		t.Errorf("published as %+v", p.Request)
	}
	for _, path := range []string{"/requests", "/requests.atom", "/requests.ics", "/"} {
		if body := w.get(path, "en").Body.String(); !strings.Contains(body, "Clinics") || strings.Contains(body, "uicksilver") {
			t.Errorf("%s: %s", path, body)
		}
	}
}
