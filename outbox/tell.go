// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"strings"

	"minga/coop"
	"minga/outbox/text"
	"minga/storage"
)

// Tell sends an account of this instance a direct post of the instance's own account:
// plain text, in which it alone is mentioned, whatever handles stand there. Apps that
// know nothing of minga show it as a private mention.
func (o *Outbox) Tell(ctx context.Context, to *coop.Account, said string) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error { return o.tell(ctx, tx, to, said) })
}

// tell is [Outbox.Tell] in a transaction, so that what is told of something is durable
// with it.
func (o *Outbox) tell(ctx context.Context, tx *storage.Tx, to *coop.Account, said string) error {
	from, err := tx.AccountByIRI(ctx, o.o.Local.actor(coop.Instance, ""))
	if err != nil {
		return fmt.Errorf("tell %s: %w", to.IRI, err)
	}
	return o.tellFrom(ctx, tx, from, to, said)
}

// tellFrom sends an account of anywhere a direct post of one of ours, in the same way.
func (o *Outbox) tellFrom(ctx context.Context, tx *storage.Tx, from, to *coop.Account, said string) error {
	id, err := tx.NextID(ctx, o.now())
	if err != nil {
		return err
	}
	called := "@" + to.Name
	if !to.Local {
		called = "@" + to.Handle("").String()
	}
	p := &coop.Post{
		ID: id, IRI: below(from.IRI, "notes/"+id.String()), Author: from, AuthorID: from.ID, Local: true, Kind: coop.KindNote, Type: "Note", Visibility: coop.VisibleDirect,
		Language: o.words.Closest(to.Language), Source: coop.CleanText(called+" "+said, coop.MaxPostLength), SourceType: plainText, Published: o.now().UTC(),
	}
	p.URL, p.Thread = string(p.IRI), below(p.IRI, "context")
	only := text.Typed{Tag: o.o.Local.Tag, Find: func(h coop.Handle) (text.Person, bool) {
		return o.personOf(to), strings.EqualFold(h.Host, to.Host) && strings.EqualFold(h.Name, to.Name)
	}}
	w := only.Write(p.Source)
	p.Content, p.Mentions = w.HTML, o.mentions(ctx, tx, []text.Person{o.personOf(to)}, nil, from.ID)
	if err := o.audience(ctx, tx, from, p); err != nil {
		return err
	}
	return o.publish(ctx, tx, p)
}
