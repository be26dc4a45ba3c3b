// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// TestAnswerQuote: a yes names an authorization that anybody can look up while the post
// is there; a no names none.
func TestAnswerQuote(t *testing.T) { each(t, storyAnswerQuote) }

func storyAnswerQuote(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	ana, eva := h.account(coop.Person, "ana"), p.actor(h, coop.Person, "eva", true)
	post := &coop.Post{Source: "Hola"}
	h.must(h.PublishNote(ctx, ana, post))
	ask := func(accept bool) []received {
		t.Helper()
		h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
			return h.AnswerQuote(ctx, tx, post, eva, eva.IRI+"/requests/1", eva.IRI+"/n/1", accept)
		}))
		h.drain()
		return p.take()
	}
	got := ask(true)
	if diff := cmp.Diff("Accept", says(got)); diff != "" || got[0].path != "/eva/inbox" {
		t.Fatalf("%s to %v", diff, got)
	}
	golden(t, "quote-accept", got[0].body)
	var answer struct{ Result string }
	h.must(json.Unmarshal(got[0].body, &answer))
	stamp, err := h.store.VisibleDocument(ctx, coop.Anonymous(), coop.IRI(answer.Result))
	h.must(err)
	h.proven(stamp.Body, ana)
	var stated map[string]any
	h.must(json.Unmarshal(stamp.Body, &stated))
	delete(stated, "@context")
	delete(stated, "proof")
	want := map[string]any{
		"id": answer.Result, "type": "QuoteAuthorization", "attributedTo": string(ana.IRI),
		"interactingObject": string(eva.IRI) + "/n/1", "interactionTarget": string(post.IRI),
	}
	if diff := cmp.Diff(want, stated); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("Reject", says(ask(false))); diff != "" {
		t.Error(diff)
	}
	h.must(h.Delete(ctx, post))
	if _, err := h.store.VisibleDocument(ctx, coop.Anonymous(), coop.IRI(answer.Result)); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("the authorization outlives the post: %v", err)
	}
}
