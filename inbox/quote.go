// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"

	"minga/coop"
	"minga/storage"
)

// quoteRequest answers who asks whether a post of theirs may quote one of ours
// (FEP-044f): what everybody may see everybody may quote, but for whom its author
// blocks; the rest nobody. The quote itself comes as any other post.
func (w *work) quoteRequest(ctx context.Context) (effect, error) {
	quote := coop.IRI(w.doc.Ref("instrument").ID)
	if w.id == "" || quote == "" || !sameOrigin(quote, w.actor) {
		return nil, drop("foreign_object")
	}
	if !w.in.local(coop.IRI(w.doc.Ref("object").ID)) {
		return nil, drop("not_for_us")
	}
	post, actor, err := w.reactedTo(ctx)
	if err != nil {
		return nil, err
	}
	open := post.Visibility == coop.VisiblePublic || post.Visibility == coop.VisibleUnlisted
	return func(ctx context.Context, tx *storage.Tx) error {
		return w.in.o.Answers.AnswerQuote(ctx, tx, post, actor, w.id, quote, open)
	}, nil
}
