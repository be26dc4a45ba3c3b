// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"minga/coop"
	"minga/outbox/text"
	"minga/storage"
)

// maxNote is the longest plain post, in characters.
const maxNote = 5000

// PublishNote publishes a plain post of author from p.Source: text with mentions,
// hashtags and links. p.InReplyTo makes it a reply, whose author is named besides.
// p.Visibility says who may see it; p.Summary is a warning. Accounts of other servers
// are found among those that are stored: look up text.Handles before.
func (o *Outbox) PublishNote(ctx context.Context, author *coop.Account, p *coop.Post) error {
	return o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error {
		id, err := tx.NextID(ctx, o.now())
		if err != nil {
			return err
		}
		p.ID, p.IRI = id, below(author.IRI, "notes/"+id.String())
		p.Author, p.AuthorID, p.Local, p.Kind, p.Type = author, author.ID, true, coop.KindNote, "Note"
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
		if err := o.audience(ctx, tx, author, p); err != nil {
			return err
		}
		return o.publish(ctx, tx, p)
	})
}

// speaks gives a post the language of its author where none was said.
func speaks(p *coop.Post, author *coop.Account) {
	if p.Language == "" {
		p.Language = author.Language
	}
}

// answer finds what a reply answers and puts it into its thread. What the author may
// not see cannot be answered.
func (o *Outbox) answer(ctx context.Context, tx *storage.Tx, author *coop.Account, p *coop.Post) (*coop.Post, error) {
	if p.InReplyTo == "" {
		p.Thread = below(p.IRI, "context")
		return nil, nil
	}
	parent, err := tx.PostByIRI(ctx, coop.As(author.ID), p.InReplyTo)
	if err != nil {
		return nil, fmt.Errorf("answer %s: %w", p.InReplyTo, err)
	}
	p.Thread = parent.Thread
	if p.Thread == "" {
		p.Thread = parent.IRI
	}
	return parent, nil
}

// renderNote makes the HTML of what was typed.
func (o *Outbox) renderNote(ctx context.Context, tx *storage.Tx, p *coop.Post, parent *coop.Post) error {
	source := coop.CleanText(p.Source, len(p.Source))
	switch n := utf8.RuneCountInString(source); {
	case n == 0 && len(p.Attachments) == 0:
		return &coop.InvalidError{Field: "text", Code: coop.CodeRequired, Problem: "this is needed"}
	case n > maxNote:
		return &coop.InvalidError{Field: "text", Code: coop.CodeTooLong, Problem: fmt.Sprintf("at most %d characters, not %d", maxNote, n)}
	}
	var failed error
	w := text.Typed{Tag: o.o.Local.Tag, Find: func(h coop.Handle) (text.Person, bool) {
		person, ok, err := o.person(ctx, tx, h)
		failed = errors.Join(failed, err)
		return person, ok
	}}.Write(source)
	if failed != nil {
		return failed
	}
	p.Source, p.SourceType, p.Content, p.Hashtags = source, "text/plain", w.HTML, w.Hashtags
	p.ContentMap = nil
	p.Mentions = o.mentions(ctx, tx, w.Mentions, parent, p.AuthorID)
	return nil
}

// person finds an account that is named in a text.
func (o *Outbox) person(ctx context.Context, tx *storage.Tx, h coop.Handle) (text.Person, bool, error) {
	host := h.Host
	if strings.EqualFold(host, o.o.Local.AccountDomain) || strings.EqualFold(host, o.o.Local.Host) {
		host = ""
	}
	a, err := tx.AccountByHandle(ctx, h.Name, host)
	if isNotFound(err) || err == nil && a.Gone() {
		return text.Person{}, false, nil
	}
	if err != nil {
		return text.Person{}, false, fmt.Errorf("who is %s: %w", h, err)
	}
	return o.personOf(a), true, nil
}

func (o *Outbox) personOf(a *coop.Account) text.Person {
	url := a.URL
	if url == "" {
		url = string(a.IRI)
	}
	return text.Person{IRI: a.IRI, URL: url, Handle: a.Handle(o.o.Local.AccountDomain)}
}

// mentions are the named accounts, and the author of what is answered.
func (o *Outbox) mentions(ctx context.Context, tx *storage.Tx, named []text.Person, parent *coop.Post, self coop.ID) []coop.Mention {
	var list []coop.Mention
	if parent != nil && parent.Author != nil && parent.AuthorID != self {
		named = append(slices.Clone(named), o.personOf(parent.Author))
	}
	for _, p := range named {
		if slices.ContainsFunc(list, func(m coop.Mention) bool { return m.IRI == p.IRI }) {
			continue
		}
		m := coop.Mention{IRI: p.IRI, Name: "@" + p.Handle.String()}
		if a, err := tx.AccountByIRI(ctx, p.IRI); err == nil {
			m.Account = a.ID
		}
		list = append(list, m)
	}
	return list
}

// EditNote publishes a new text of a plain post of ours: p.ID, p.Source, p.Summary,
// p.Sensitive, p.Language and p.Attachments. The audience stays, but who is newly
// named is added to it.
func (o *Outbox) EditNote(ctx context.Context, p *coop.Post) error {
	return o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error {
		before, err := o.ownPost(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if before.Kind != coop.KindNote {
			return fmt.Errorf("edit %s as a note: %w", before.IRI, coop.ErrState)
		}
		var parent *coop.Post
		if before.InReplyTo != "" {
			if parent, err = tx.PostByIRI(ctx, coop.System(), before.InReplyTo); err != nil && !isNotFound(err) && ignoreGone(err) != nil {
				return err
			}
		}
		keepNote(before, p)
		p.Updated = o.now().UTC()
		if err := o.renderNote(ctx, tx, p, parent); err != nil {
			return err
		}
		mentioned(p)
		return o.update(ctx, tx, p)
	})
}

// keepNote takes over what an edit does not change.
func keepNote(before, p *coop.Post) {
	p.IRI, p.URL, p.Author, p.AuthorID, p.Local = before.IRI, before.URL, before.Author, before.AuthorID, true
	p.Kind, p.Type, p.Visibility, p.Published, p.Thread = before.Kind, before.Type, before.Visibility, before.Published, before.Thread
	p.To, p.Cc, p.Audience = slices.Clone(before.To), slices.Clone(before.Cc), before.Audience
	p.InReplyTo, p.InReplyToID = before.InReplyTo, before.InReplyToID
	if p.Language == "" {
		p.Language = before.Language
	}
}
