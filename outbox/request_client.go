// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"minga/coop"
	"minga/outbox/mail"
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
	return o.store.Write(ctx, func(tx *storage.Tx) error { return o.tellOfClient(ctx, tx, federation, p) })
}

// tellOfClient lets the coordinators know that a client has sent a request: the federation by
// a notification, each of them by mail. Mails that still wait are one, however many send.
func (o *Outbox) tellOfClient(ctx context.Context, tx *storage.Tx, federation *coop.Account, p *coop.Post) error {
	if err := tx.TellRequest(ctx, p); err != nil || !o.SendsMail() {
		return err
	}
	return o.eachHolder(ctx, tx, federation.ID, coop.ActRequest.In(federation.Kind), func(a *coop.Account) error {
		if a.Email == "" {
			return nil
		}
		return o.addMail(ctx, tx, a.ID.String(), letter{Kind: mail.ClientRequest, To: a.Email, Language: a.Language, Account: federation.ID})
	})
}

// clientRequestLetter completes the mail about what clients sent: how many wait is counted
// when it is sent, and [coop.ErrNotFound] says that somebody has read them all. Nothing that
// a client wrote stands in a mail.
func (o *Outbox) clientRequestLetter(ctx context.Context, l *letter) (string, error) {
	waiting, err := o.store.WaitingRequests(ctx, l.Account)
	if err != nil {
		return "", err
	}
	if waiting == 0 {
		return "", coop.ErrNotFound
	}
	l.more = map[string]string{"Waiting": strconv.Itoa(waiting)}
	return o.o.Local.root() + "/requests/mine", nil
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
