// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// TestReportsGoOnWithoutTheirReporter: a report that is sent on names whom and what
// it is about and nobody else; one that is not, or is about somebody here, stays.
func TestReportsGoOnWithoutTheirReporter(t *testing.T) { each(t, storyReport) }

func storyReport(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	telar := h.member("telar")
	ana := p.actor(h, coop.Person, "ana", true)
	post := &coop.Post{IRI: ana.IRI + "/notes/1", AuthorID: ana.ID, Kind: coop.KindNote, Type: "Note", Visibility: coop.VisiblePublic, To: []coop.IRI{coop.Public}, Content: "<p>spam</p>"}
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.AddPost(ctx, post, storage.Arrival{})
		return err
	}))
	report := func(forward bool, target *coop.Account, posts ...*coop.Post) *coop.Report {
		x := &coop.Report{Reporter: telar.ID, Host: "fed-sur.example", Accounts: []coop.ID{target.ID}, Comment: "Look <b>here</b>", Forwarded: forward}
		for _, p := range posts {
			x.Posts = append(x.Posts, p.ID)
		}
		h.must(h.Report(ctx, x, target, posts))
		h.drain()
		return x
	}
	if x := report(false, ana, post); x.Forwarded || x.IRI != "" || len(p.take()) != 0 {
		t.Error("a report that was to stay went out")
	}
	x := report(true, ana, post)
	got := p.take()
	if says(got) != "Flag" || !x.Forwarded {
		t.Fatalf("sent %s, forwarded %t", says(got), x.Forwarded)
	}
	flag := got[0].doc
	if flag["actor"] != "https://fed-sur.example/actor" || flag["content"] != "Look <b>here</b>" || flag["id"] != string(x.IRI) {
		t.Errorf("flag: %v", flag)
	}
	if diff := cmp.Diff([]any{string(ana.IRI), string(post.IRI)}, flag["object"]); diff != "" {
		t.Error(diff)
	}
	if bytes.Contains(got[0].body, []byte("telar")) || got[0].path == "/inbox" {
		t.Errorf("the report names who made it, or went to the shared inbox %s: %s", got[0].path, got[0].body)
	}
	if _, err := h.store.VisibleDocument(ctx, coop.Anonymous(), x.IRI); err == nil {
		t.Error("anybody may read the report")
	}
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
		return tx.PutPeer(ctx, &coop.Peer{Host: ana.IRI.Host(), Policy: coop.PolicyBlock})
	}))
	if x := report(true, ana); x.Forwarded || len(p.take()) != 0 {
		t.Error("a report went to a blocked server")
	}
	if x := report(true, telar); x.Forwarded {
		t.Error("a report about somebody here was forwarded")
	}
	list, err := h.store.Reports(ctx, storage.ReportQuery{}, coop.Page{})
	h.must(err)
	if len(list) != 4 || !list[2].Forwarded || list[3].Forwarded {
		t.Errorf("reports: %+v", list)
	}
}
