// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net/http"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// mastodonBlocks is a list as Mastodon writes it, with what lists hold besides.
const mastodonBlocks = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n" +
	"spam.example,suspend,true,true,advertising,false\n" +
	"loud.example,silence,false,false,\"too loud, really\",false\n" +
	"SPAM.example,silence,false,false,,false\n" +
	"quiet.example,noop,false,false,,false\n" +
	"'=cmd.example,suspend,,,,\n" +
	"hid**en.example,suspend,,,,true\n" +
	"museum,suspend,,,,\n" +
	"coop.example,suspend,,,us,\n" +
	"friend.example,suspend,,,,\n"

// TestListsOfServers: nothing is decided before somebody says so; who is connected with
// somebody here is left out; what was applied can be taken back; our own is written as
// others read it.
func TestListsOfServers(t *testing.T) {
	eachHouse(t, oneNote, func(h *house) {
		ana := h.owned()
		h.asks("fed", "friend.example")
		for name, tt := range map[string]struct {
			field, file string
			pairs       []string
		}{
			"nothing":       {"file", "", []string{"name", "x"}},
			"no name":       {"name", "a.example\n", nil},
			"no list":       {"file", "hello there, what is this\n", []string{"name", "x"}},
			"no text":       {"file", "a\x00b", []string{"name", "x"}},
			"both":          {"url", "a.example\n", []string{"name", "x", "url", "https://lists.example/a.csv"}},
			"no address":    {"url", "", []string{"name", "x", "url", "javascript:alert(1)"}},
			"not answering": {"url", "", []string{"name", "x", "url", "https://127.0.0.1/a.csv"}},
		} {
			w := ana.file("/admin/lists", "/admin/lists", "blocks.csv", tt.file, tt.pairs...)
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="`+tt.field+`-problem"`) {
				t.Errorf("%s: %d", name, w.Code)
			}
		}
		page := ana.goes(ana.file("/admin/lists", "/admin/lists", "blocks.csv", mastodonBlocks, "name", "Common <list>", "policy", "block"))
		text := page.Body.String()
		for _, part := range []string{"Common &lt;list&gt;", "spam.example", "loud.example", "too loud, really", "6: =cmd.example (bad_host)", "7: hid**en.example (bad_host)", "8: museum (bad_suffix)", "9: coop.example (own_host)", "5: quiet.example (bad_policy)", "2 servers wait"} {
			if !strings.Contains(text, part) {
				t.Errorf("the list does not say %s", part)
			}
		}
		if h.noted().Act != "list.add" {
			t.Errorf("noted %+v", h.noted())
		}
		if board := ana.open("/admin", nil).Body.String(); !strings.Contains(board, "Common &lt;list&gt;") {
			t.Error("the board does not say that a list waits")
		}
		lists, err := h.store.PeerLists(h.Context())
		if err != nil || len(lists) != 1 {
			t.Fatalf("%d lists, %v", len(lists), err)
		}
		action := "/admin/lists/" + lists[0].ID.String()
		if kept := ana.open(action+"?show=kept", nil).Body.String(); !strings.Contains(kept, "friend.example") || !strings.Contains(kept, `value="take"`) {
			t.Error("whom somebody here is connected with is not left out")
		}
		ana.goes(ana.press(page, action, "act", "keep", "host", "loud.example"))
		if w := ana.press(page, action, "act", "burn"); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("an act that there is not: %d", w.Code)
		}
		ana.goes(ana.press(page, action, "act", "apply"))
		for host, want := range map[string]coop.PeerPolicy{"spam.example": coop.PolicyBlock, "loud.example": "", "friend.example": ""} {
			peer, err := h.store.Peer(h.Context(), host)
			if got := coop.PeerPolicy(""); err == nil {
				if got = peer.Policy; got != want {
					t.Errorf("%s: %q, want %q", host, got, want)
				}
			} else if want != "" {
				t.Errorf("%s: %v", host, err)
			}
		}
		if e := h.noted(); e.Act != "list.apply" || e.Target != "Common <list>" {
			t.Errorf("noted %+v", e)
		}
		if facts := ana.open("/admin/peers/spam.example", nil).Body.String(); !strings.Contains(facts, "Common &lt;list&gt;") {
			t.Error("the server's page does not name the list")
		}
		csv := ana.open("/admin/lists/blocks.csv", nil)
		if want := "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\nspam.example,suspend,true,true,advertising,false\n"; csv.Body.String() != want || !strings.HasPrefix(csv.Header().Get("Content-Disposition"), "attachment") {
			t.Errorf("exported %q", csv.Body)
		}
		ana.goes(ana.press(page, action, "act", "endback"))
		if peer, err := h.store.Peer(h.Context(), "spam.example"); err != nil || peer.Policy != "" || h.noted().Act != "list.remove" {
			t.Errorf("taken back: %+v, %v", peer, err)
		}
		if w := ana.open(action, nil); w.Code != http.StatusNotFound {
			t.Errorf("a list that is gone: %d", w.Code)
		}
	})
}

// TestWhatAFederationMayBring: the form says what may come, and it counts.
func TestWhatAFederationMayBring(t *testing.T) {
	eachHouse(t, oneNote, func(h *house) {
		ana := h.owned()
		fed := h.asks("fed", "far.example").Follower
		federation, err := h.store.FederationAccount(h.Context())
		if err != nil {
			t.Fatal(err)
		}
		err = h.store.Write(h.Context(), func(tx *storage.Tx) error {
			return tx.PutFollow(h.Context(), &coop.Follow{IRI: federation.IRI + "/follow", Follower: federation, Target: fed, State: coop.FollowAccepted})
		})
		if err != nil {
			t.Fatal(err)
		}
		path := "/admin/brings/" + fed.ID.String()
		if facts := ana.open("/admin/peers/far.example", nil).Body.String(); !strings.Contains(facts, path) {
			t.Fatal("the server's page does not lead to what it may bring")
		}
		page := ana.open(path, nil)
		if n := strings.Count(page.Body.String(), " checked"); n != len(coop.BringKinds()) {
			t.Errorf("%d kinds are ticked", n)
		}
		if w := ana.press(page, path, "kind", "job", "topics", strings.Repeat("a\n", coop.MaxBarredTopics+1)); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="topics-problem"`) {
			t.Errorf("too many topics: %d", w.Code)
		}
		ana.goes(ana.press(page, path, "kind", "job", "topics", "#Holzbau\nRäder"))
		b, err := h.store.Brings(h.Context(), fed.ID)
		if err != nil || strings.Join(b.NotKinds, " ") != "article other request" || len(b.NotTopics) != 2 || h.noted().Act != "peer.brings" {
			t.Errorf("kept %+v, %v, noted %+v", b, err, h.noted())
		}
		for _, other := range []string{"/admin/brings/" + federation.ID.String(), "/admin/brings/x", "/admin/brings/1"} {
			if w := ana.open(other, nil); w.Code != http.StatusNotFound {
				t.Errorf("%s: %d", other, w.Code)
			}
		}
	})
}
