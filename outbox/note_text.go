// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"minga/coop"
	"minga/outbox/text"
	"minga/storage"
)

// The media types in which a plain post may be typed.
const (
	plainText    = "text/plain"
	markdownText = "text/markdown"
)

// maxTyped is more bytes than 5,000 characters need, however they are written.
const maxTyped = 100_000

// checkNote complains about what was typed, as an *[coop.InvalidError] of the fields
// text, content_type, language, or of the poll.
func (o *Outbox) checkNote(p *coop.Post) error {
	invalid := func(field, code, problem string) error {
		return &coop.InvalidError{Field: field, Code: code, Problem: problem}
	}
	p.Source, p.Summary = coop.CleanText(p.Source, len(p.Source)), coop.CleanText(p.Summary, len(p.Summary))
	switch n := text.Length(p.Source) + text.Length(p.Summary); {
	case p.Source == "" && len(p.Attachments) == 0 && p.Poll == nil:
		return invalid("text", coop.CodeRequired, "this is needed: a text, a file or a poll")
	case n > coop.MaxPostLength || len(p.Source)+len(p.Summary) > maxTyped:
		return invalid("text", coop.CodeTooLong, fmt.Sprintf("at most %d characters, not %d", coop.MaxPostLength, n))
	case p.SourceType != "" && p.SourceType != plainText && p.SourceType != markdownText:
		return invalid("content_type", coop.CodeUnknown, "is text/plain or text/markdown")
	case p.Language != "" && !coop.ValidLanguage(p.Language):
		return invalid("language", coop.CodeUnknown, fmt.Sprintf("%.40q is no BCP 47 language", p.Language))
	}
	return nil
}

// renderNote makes the HTML of what was typed.
func (o *Outbox) renderNote(ctx context.Context, tx *storage.Tx, p, parent *coop.Post) error {
	if err := o.checkNote(p); err != nil {
		return err
	}
	var failed error
	typed := text.Typed{Tag: o.o.Local.Tag, Find: func(h coop.Handle) (text.Person, bool) {
		person, ok, err := o.person(ctx, tx, h)
		failed = errors.Join(failed, err)
		return person, ok
	}}
	write := typed.Write
	if p.SourceType == markdownText {
		write = typed.WriteMarkdown
	} else {
		p.SourceType = plainText
	}
	w := write(p.Source)
	if failed != nil {
		return failed
	}
	p.Content, p.Hashtags, p.ContentMap = w.HTML, w.Hashtags, nil
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
