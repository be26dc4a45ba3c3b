// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// TestPostSchema: machines are told of a public post of ours whose author wants to be found,
// in the words of the page, and of nothing else.
func TestPostSchema(t *testing.T) {
	w, _ := full(t)
	b := w.browser()
	berta := b.stranger("berta", coop.RankMember)
	indexed := func(on bool) {
		again := *berta
		again.Indexable = on
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveAccount(ctx, &again) })
	}
	indexed(true)
	hostileText := "Pan </script><!-- " + "\u2028 end"
	open, unlisted := w.writes(berta, hostileText, coop.VisiblePublic), w.writes(berta, "quiet", coop.VisibleUnlisted)
	warned := &coop.Post{Source: "behind", Summary: "a warning", Language: "en", Visibility: coop.VisiblePublic}
	w.must(w.Outbox.PublishNote(t.Context(), berta, warned))
	answer := &coop.Post{Source: "good", Language: "en", Visibility: coop.VisiblePublic, InReplyTo: open.IRI, InReplyToID: open.ID}
	w.must(w.Outbox.PublishNote(t.Context(), w.coop, answer))
	schema := func(p *coop.Post) map[string]any {
		return structured(t, w.get(w.pathOf(p), "en").Body.String(), "DiscussionForumPosting")
	}
	got := schema(open)
	author, _ := got["author"].(map[string]any)
	if text, _ := got["text"].(string); !strings.HasPrefix(text, "Pan </script><!--") || got["commentCount"] != 1.0 || author["@type"] != "Person" || author["name"] != "berta" || got["@id"] != string(open.IRI) {
		t.Errorf("said: %v", got)
	}
	for name, p := range map[string]*coop.Post{"unlisted": unlisted, "behind a warning": warned} {
		if got := schema(p); got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
	indexed(false)
	if got := schema(open); got != nil {
		t.Errorf("of who does not want to be found: %v", got)
	}
}
