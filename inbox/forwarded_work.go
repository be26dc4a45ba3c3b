// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"

	"minga/coop"
)

// lookForItself is all that a copy without proof can do: its object is fetched
// from its own origin, and what is there has its effect as if it had been
// fetched.
func (w *work) lookForItself(ctx context.Context) (effect, error) {
	id := coop.IRI(w.doc.Ref("object").ID)
	if id == "" || !sameOrigin(id, w.actor) || w.in.local(id) {
		return nil, drop("foreign_object")
	}
	switch w.doc.Type() {
	case "Create":
		return w.create(ctx)
	case "Update":
		if id == w.actor {
			return nil, drop("forwarded_actor")
		}
		return w.updatePost(ctx, id)
	case "Delete":
		if id == w.actor {
			return nil, drop("forwarded_actor")
		}
		if err := w.lookGone(ctx, id); err != nil {
			return nil, err
		}
		return w.deletePost(ctx, id)
	}
	return nil, drop("forwarded")
}
