// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"

	"minga/coop"
	"minga/storage"
)

// mostWaiting bounds what clients sent and nobody has read.
const mostWaiting = 200

// ReceiveRequest keeps what a client without an account needs: a request of the
// federation in review, which its coordinators make a draft of, and a file with who the
// client is. Nothing of it is public. Complaints are a coop.Invalid of the fields title,
// description, client, contact and mail; [coop.ErrFull] says that too many wait.
func (o *Outbox) ReceiveRequest(ctx context.Context, p *coop.Post, file *coop.RequestFile) error {
	federation, err := o.store.FederationAccount(ctx)
	if err != nil {
		return fmt.Errorf("a client's request: %w", err)
	}
	waiting, err := o.store.WaitingRequests(ctx, federation.ID)
	if err != nil {
		return err
	}
	if waiting >= mostWaiting {
		return fmt.Errorf("a client's request: %w", coop.ErrFull)
	}
	if err := checkClient(p, file, o); err != nil {
		return err
	}
	p.Request.Status = coop.RequestReview
	if err := o.SaveRequestDraft(ctx, federation, p, file); err != nil {
		return err
	}
	return o.store.Write(ctx, func(tx *storage.Tx) error { return tx.TellRequest(ctx, p) })
}

// checkClient wants a title, a text and somebody to answer.
func checkClient(p *coop.Post, file *coop.RequestFile, o *Outbox) error {
	draft := clone(p)
	draft.Author = &coop.Account{}
	o.describeRequest(draft)
	var list, all coop.Invalid
	if errors.As(draft.Request.Validate(o.now()), &list) {
		for _, e := range list {
			if e.Field == "title" || e.Field == "description" {
				all = append(all, e)
			}
		}
	}
	if errors.As(file.Validate(), &list) {
		all = append(all, list...)
	}
	return all.Or()
}
