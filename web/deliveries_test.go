// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// sent is a note by an account of ours that one server took and another did not.
func (h *house) sent(author *coop.Account) *coop.Post {
	h.Helper()
	p, ctx := h.note(author), h.Context()
	h.change(func(tx *storage.Tx) error {
		n, err := tx.PutDocument(ctx, storage.Document{IRI: p.IRI + "/sent", OwnerID: author.ID, PostID: p.ID, Public: true, Body: []byte("{}")})
		if err != nil {
			return err
		}
		var list []storage.Delivery
		for _, host := range []string{"took.example", "waits.example"} {
			list = append(list, storage.Delivery{Inbox: coop.IRI("https://" + host + "/inbox"), DocumentID: n, Activity: "Create", Signer: author.ID})
		}
		if _, err = tx.AddDeliveries(ctx, list); err != nil {
			return err
		}
		claims, err := tx.ClaimDestinations(ctx, 10, time.Minute)
		if err != nil {
			return err
		}
		for _, c := range claims {
			o := storage.Outcome{ID: c.Deliveries[0].ID, Result: storage.Delivered}
			if c.Host == "waits.example" {
				o = storage.Outcome{ID: o.ID, Result: storage.Again, At: time.Now().Add(time.Hour), Error: "status 500"}
			}
			if err := tx.SettleDestination(ctx, storage.Settlement{Host: c.Host, Fence: c.Fence, Outcomes: []storage.Outcome{o}}); err != nil {
				return err
			}
		}
		return nil
	})
	return p
}

// TestAuthorsSeeHowFarAPostCame: a line for each server in plain words, for the author and
// nobody else.
func TestAuthorsSeeHowFarAPostCame(t *testing.T) {
	eachHouse(t, oneNote, func(h *house) {
		ana, bea := h.surfer("ana"), h.surfer("bea")
		ana.signIn("ana", "/sign-in")
		bea.signIn("bea", "/sign-in")
		path := "/deliveries/" + h.sent(h.found("ana")).ID.String()
		w := ana.open(path, nil)
		for _, want := range []string{"took.example", "has it since", "waits.example", "waits; next try:", "status 500"} {
			if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
				t.Errorf("%d without %q: %s", w.Code, want, w.Body)
			}
		}
		if w := bea.open(path, nil); w.Code != http.StatusNotFound {
			t.Errorf("another person: %d", w.Code)
		}
	})
}

// TestAnAdminSeesAComparison: the page of a server says what was exchanged last and what
// was found, and compares now.
func TestAnAdminSeesAComparison(t *testing.T) {
	eachHouse(t, oneNote, func(h *house) {
		admin, ctx := h.owned(), h.Context()
		there := h.asks("patio", "patio.example").Follower
		federation, err := h.store.FederationAccount(ctx)
		if err != nil {
			t.Fatal(err)
		}
		h.change(func(tx *storage.Tx) error {
			f := &coop.Follow{IRI: federation.IRI + "/activities/f", Follower: federation, Target: there, State: coop.FollowAccepted}
			if err := tx.PutFollow(ctx, f); err != nil {
				return err
			}
			said := storage.Exchanged{Type: "Create", ID: "https://patio.example/c/1"}
			if err := tx.TouchPeer(ctx, "patio.example", storage.PeerReceived, time.Now().Add(5*time.Minute), said); err != nil {
				return err
			}
			now := time.Now()
			return tx.NoteComparison(ctx, coop.Comparison{Account: there.ID, StartedAt: now, FinishedAt: now, Looked: 12, Added: 2, Removed: 1, Missed: 1, Error: "status 503"}, nil)
		})
		page := admin.open("/admin/peers/patio.example", nil)
		for _, want := range []string{"Create https://patio.example/c/1", "Looked at 12 entries; fetched 2, changed 0, removed 1.", "1 could not be had", "status 503"} {
			if !strings.Contains(page.Body.String(), want) {
				t.Errorf("without %q: %s", want, page.Body)
			}
		}
		done := admin.goes(admin.press(page, "/admin/peers/patio.example", "act", "compare"))
		if !strings.Contains(done.Body.String(), "is being compared") || h.noted().Act != "peer.compare" {
			t.Errorf("%s, noted %+v", done.Body, h.noted())
		}
		stats, err := h.store.TaskStats(ctx)
		if err != nil || len(stats) == 0 || stats[0].Kind != "inbox.compare" {
			t.Errorf("queued %+v, %v", stats, err)
		}
	})
}
