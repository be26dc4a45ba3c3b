// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"

	"minga/coop"
	"minga/storage"
)

// ownRequest is a request of this instance.
func (o *Outbox) ownRequest(ctx context.Context, tx *storage.Tx, id coop.ID) (*coop.Post, error) {
	p, err := o.ownPost(ctx, tx, id)
	if err == nil && p.Request == nil {
		err = fmt.Errorf("request %s: %w", id, coop.ErrNotFound)
	}
	return p, err
}

// EditRequest publishes a new state of the fields of a request that is looking for
// co-ops, or saves a draft. Its state and what is accepted stay; [coop.Request.MayEdit]
// says what else must. p.Request.Version names the state that was edited, and
// [coop.ErrConflict] says that it is not the last; zero: whatever it is. file is as of
// [Outbox.PublishRequest].
func (o *Outbox) EditRequest(ctx context.Context, p *coop.Post, file *coop.RequestFile) error {
	return o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error {
		if err := tx.HoldPost(ctx, p.ID); err != nil {
			return err
		}
		before, err := o.ownRequest(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		ctx := storage.Under(ctx, coop.ActRequest.In(before.Author.Kind))
		switch v := p.Request.Version; {
		case !draft(before) && !before.Request.Takes(o.now()):
			return fmt.Errorf("edit %s: %w", before.IRI, coop.ErrState)
		case v != 0 && v != max(before.Request.Version, 1):
			return fmt.Errorf("edit version %d of %s: %w", v, before.IRI, coop.ErrConflict)
		}
		o.keepRequest(before, p)
		if err := o.editRequest(ctx, tx, before, p); err != nil {
			return err
		}
		return o.keepFile(ctx, tx, p, file)
	})
}

// keepRequest takes over what an edit does not change.
func (o *Outbox) keepRequest(before, p *coop.Post) {
	p.IRI, p.URL, p.Author, p.AuthorID, p.Local = before.IRI, before.URL, before.Author, before.AuthorID, true
	p.Kind, p.Type, p.Visibility, p.Published, p.Thread = before.Kind, before.Type, before.Visibility, before.Published, before.Thread
	p.To, p.Cc, p.Language = before.To, before.Cc, cmpOr(p.Language, before.Language)
	if p.Hashtags == nil {
		p.Hashtags = before.Hashtags
	}
	q, old := p.Request, before.Request
	q.Status, q.Closed, q.Version = old.Status, old.Closed, max(old.Version, 1)+1
	p.Updated = o.edited(before)
	o.describeRequest(p)
	p.Hashtags = requestTags(p.Hashtags)
	for i := range q.Slots {
		q.Slots[i].Accepted = 0
		if was := old.Slot(q.Slots[i].Key); was != nil {
			q.Slots[i].Accepted = was.Accepted
		}
	}
}

// editRequest checks an edit as a form is checked, and sends it.
func (o *Outbox) editRequest(ctx context.Context, tx *storage.Tx, before, p *coop.Post) error {
	if draft(before) {
		if err := p.Request.ValidateDraft(o.now()); err != nil {
			return err
		}
		p.Title, p.Ends = p.Request.Title, p.Request.RespondBy
		_, err := tx.UpdatePost(ctx, p, storage.Arrival{})
		return wrapErr("save", p.IRI, err)
	}
	offered, err := tx.RequestOffered(ctx, p.ID)
	if err == nil {
		err = before.Request.MayEdit(p.Request, offered)
	}
	if err == nil {
		err = p.Request.Validate(o.now())
	}
	if err != nil {
		return err
	}
	return o.requestChanged(ctx, tx, p)
}
