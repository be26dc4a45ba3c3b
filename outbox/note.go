// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"slices"

	"minga/coop"
	"minga/storage"
)

// PublishNote publishes a plain post of author from p.Source: text with mentions,
// hashtags and links, Markdown where p.SourceType says so. p.InReplyTo or
// p.InReplyToID makes it a reply, whose author is named besides; p.Poll makes it a
// question. p.Attachments names files of the author by their ids. p.Visibility says
// who may see it, and p.Cc the members collection where that is members; p.Summary is
// a warning. Accounts of other servers are found among those that are stored: look up
// text.Handles before. [coop.ErrNotFound] says that the author may not see what is
// answered.
func (o *Outbox) PublishNote(ctx context.Context, author *coop.Account, p *coop.Post) error {
	return o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error { return o.publishNote(ctx, tx, author, p) })
}

// publishNote is PublishNote in a transaction.
func (o *Outbox) publishNote(ctx context.Context, tx *storage.Tx, author *coop.Account, p *coop.Post) error {
	id, err := tx.NextID(ctx, o.now())
	if err != nil {
		return err
	}
	p.ID, p.IRI = id, below(author.IRI, "notes/"+id.String())
	p.Author, p.AuthorID, p.Local = author, author.ID, true
	if err := o.question(p, nil); err != nil {
		return err
	}
	p.URL, p.Published = string(p.IRI), o.now().UTC()
	speaks(p, author)
	if p.Visibility == "" {
		p.Visibility = coop.VisiblePublic
	}
	parent, err := o.answer(ctx, tx, author, p)
	if err != nil {
		return err
	}
	if err := o.renderNote(ctx, tx, p, parent); err != nil {
		return err
	}
	if err := o.attach(ctx, tx, p); err != nil {
		return err
	}
	if err := o.audience(ctx, tx, author, p); err != nil {
		return err
	}
	return o.publish(ctx, tx, p)
}

// attach takes the files that a post names by their ids.
func (o *Outbox) attach(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	var ids []coop.ID
	var foreign []coop.Attachment
	for _, a := range p.Attachments {
		if a.ID != 0 {
			ids = append(ids, a.ID)
		} else {
			foreign = append(foreign, a) // of another place, such as a picture of an article
		}
	}
	files, err := tx.AttachMedia(ctx, p.AuthorID, ids, p.ID)
	if err != nil {
		return fmt.Errorf("files of %s: %w", p.IRI, err)
	}
	p.Attachments = append(files, foreign...)
	return nil
}

// speaks gives a post the language of its author where none was said.
func speaks(p *coop.Post, author *coop.Account) {
	if p.Language == "" {
		p.Language = author.Posting.Language
	}
	if p.Language == "" {
		p.Language = author.Language
	}
}

// answer finds what a reply answers and puts it into its thread. What the author may
// not see cannot be answered.
func (o *Outbox) answer(ctx context.Context, tx *storage.Tx, author *coop.Account, p *coop.Post) (*coop.Post, error) {
	if p.InReplyTo == "" && p.InReplyToID == 0 {
		p.Thread = below(p.IRI, "context")
		return nil, nil
	}
	parent, err := o.parent(ctx, tx, author, p)
	if err != nil {
		return nil, fmt.Errorf("answer %s%s: %w", p.InReplyTo, p.InReplyToID, err)
	}
	p.InReplyTo, p.InReplyToID, p.Thread = parent.IRI, parent.ID, parent.Thread
	if p.Thread == "" {
		p.Thread = parent.IRI
	}
	return parent, o.keepClose(ctx, tx, p, parent)
}

func (o *Outbox) parent(ctx context.Context, tx *storage.Tx, author *coop.Account, p *coop.Post) (*coop.Post, error) {
	if p.InReplyTo == "" {
		return tx.Post(ctx, storage.Seeing(ctx, author.ID), p.InReplyToID)
	}
	return tx.PostByIRI(ctx, storage.Seeing(ctx, author.ID), p.InReplyTo)
}

// keepClose keeps an answer where its thread is: to what only this instance may see
// there is none elsewhere, not even the name of it; and who answers what members see
// as if it were for followers, which is what clients show them, means the members.
func (o *Outbox) keepClose(ctx context.Context, tx *storage.Tx, p, parent *coop.Post) error {
	switch {
	case parent.Visibility == coop.VisibleLocal:
		p.Visibility = coop.VisibleLocal
	case parent.Visibility == coop.VisibleMembers && p.Visibility == coop.VisibleFollowers && len(parent.To) == 1:
		may, err := o.mayAddress(ctx, tx, p.Author, parent.To[0])
		if err != nil {
			return err
		}
		if may {
			p.Visibility, p.Cc = coop.VisibleMembers, slices.Clone(parent.To)
		}
	}
	return nil
}

// EditNote publishes a new text of a plain post of ours: p.ID, p.Source, p.SourceType,
// p.Summary, p.Sensitive, p.Language, p.Poll and p.Attachments. The audience stays, but
// who is newly named is added to it. Another question in a poll takes the votes away.
func (o *Outbox) EditNote(ctx context.Context, p *coop.Post) error {
	return o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error {
		before, err := o.ownPost(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		return o.editNote(ctx, tx, before, p)
	})
}

// editNote is EditNote in a transaction.
func (o *Outbox) editNote(ctx context.Context, tx *storage.Tx, before, p *coop.Post) (err error) {
	if before.Kind != coop.KindNote && before.Kind != coop.KindQuestion || before.Decision != nil { // a decision is amended
		return fmt.Errorf("edit %s as a note: %w", before.IRI, coop.ErrState)
	}
	var parent *coop.Post
	if before.InReplyTo != "" {
		if parent, err = tx.PostByIRI(ctx, coop.System(), before.InReplyTo); err != nil && !isNotFound(err) && ignoreGone(err) != nil {
			return err
		}
	}
	keepNote(before, p)
	if err := o.question(p, before); err != nil {
		return err
	}
	p.Updated = o.edited(before)
	if err := o.renderNote(ctx, tx, p, parent); err != nil {
		return err
	}
	if err := o.attach(ctx, tx, p); err != nil {
		return err
	}
	mentioned(p)
	return o.update(ctx, tx, p)
}

// keepNote takes over what an edit does not change.
func keepNote(before, p *coop.Post) {
	p.IRI, p.URL, p.Author, p.AuthorID, p.Local, p.App = before.IRI, before.URL, before.Author, before.AuthorID, true, before.App
	p.Visibility, p.Published, p.Thread = before.Visibility, before.Published, before.Thread
	p.To, p.Cc, p.Audience = slices.Clone(before.To), slices.Clone(before.Cc), before.Audience
	p.InReplyTo, p.InReplyToID = before.InReplyTo, before.InReplyToID
	if p.Language == "" {
		p.Language = before.Language
	}
}
