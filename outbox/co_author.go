// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"slices"

	"minga/coop"
	"minga/storage"
)

// Co-authors: an article of ours names whom its owner says; until the one who is named
// says so too it is shown as naming them. Whoever is named here is asked once, and may
// take their name off at any time. Nobody else can confirm for them, whatever an edit says.

// keepConfirmed lets an edit neither confirm a co-author nor take that back.
func keepConfirmed(before, p *coop.Post) {
	for i := range p.Article.Contributors {
		c := &p.Article.Contributors[i]
		c.Confirmed = before != nil && before.Article != nil && slices.ContainsFunc(before.Article.Contributors, func(x coop.Contributor) bool { return x.IRI == c.IRI && x.Confirmed })
	}
}

// askAuthors lets those of this instance know whom an article names anew.
func (o *Outbox) askAuthors(ctx context.Context, tx *storage.Tx, before, p *coop.Post) error {
	if p.Article.Status != coop.ArticlePublished {
		return nil
	}
	for _, c := range p.Article.Contributors {
		if c.Confirmed || c.IRI == p.Author.IRI || before != nil && !draft(before) && slices.ContainsFunc(before.Article.Contributors, func(x coop.Contributor) bool { return x.IRI == c.IRI }) {
			continue
		}
		found, err := tx.AccountsByIRI(ctx, []coop.IRI{c.IRI})
		if err != nil {
			return err
		}
		a := found[c.IRI]
		if a == nil || !a.Local || a.Gone() {
			continue
		}
		said := o.words.Say(a.Language, "author_named", map[string]string{
			"Who": "@" + p.Author.Handle(o.o.Local.AccountDomain).String(), "Title": p.Title, "Link": o.o.Local.root() + "/library/" + p.ID.String() + "/author",
		})
		if err := o.tell(ctx, tx, a, said); err != nil {
			return err
		}
	}
	return nil
}

// ConfirmAuthor says for a co-author whom an article of ours names that they wrote it too,
// or takes their name off it. Who is not named gets [coop.ErrForbidden]. What was said
// before is no error.
func (o *Outbox) ConfirmAuthor(ctx context.Context, by *coop.Account, id coop.ID, yes bool) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		p, err := o.ownPost(ctx, tx, id)
		if err != nil {
			return err
		}
		if p.Article == nil {
			return fmt.Errorf("author of %s: %w", p.IRI, coop.ErrNotFound)
		}
		at := slices.IndexFunc(p.Article.Contributors, func(c coop.Contributor) bool { return c.IRI == by.IRI })
		switch {
		case at < 0 && !yes:
			return nil
		case at < 0:
			return fmt.Errorf("author of %s: %w", p.IRI, coop.ErrForbidden)
		case yes && p.Article.Contributors[at].Confirmed:
			return nil
		case yes:
			p.Article.Contributors[at].Confirmed = true
			_, err = tx.UpdatePost(ctx, p, storage.Arrival{})
			return wrapErr("confirm an author of", p.IRI, err)
		}
		p.Article.Contributors = slices.Delete(slices.Clone(p.Article.Contributors), at, at+1)
		p.Updated = o.edited(p)
		return o.update(ctx, tx, p)
	})
}
