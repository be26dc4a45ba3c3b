// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"slices"

	"minga/coop"
	"minga/storage"
)

// Translations: an article that says in translationOfWork of which other it is one, and
// in translatedVersion of which version. It names the author of the original in cc, who
// lists it in workTranslation. A licence that allows none, and one that a translation
// must keep, are asked before anything leaves.

// mostTranslations is how many translations an article of ours names.
const mostTranslations = 100

// original finds what an article translates, as its author may see it; nil where that
// is not here.
func (o *Outbox) original(ctx context.Context, tx *storage.Tx, p *coop.Post) (*coop.Post, error) {
	if p.Article == nil || p.Article.TranslationOf == "" || p.Article.TranslationOf == p.IRI {
		return nil, nil
	}
	q, err := tx.PostByIRI(ctx, storage.Seeing(ctx, p.AuthorID), p.Article.TranslationOf)
	switch {
	case isNotFound(err), err != nil && ignoreGone(err) == nil:
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("original of %s: %w", p.IRI, err)
	case q.Article == nil || q.Author == nil:
		return nil, nil
	}
	return q, nil
}

// mayTranslate complains about a translation that the licence of its original does not
// allow, or under another licence than that wants. What one wrote oneself one may
// always translate.
func (o *Outbox) mayTranslate(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	original, err := o.original(ctx, tx, p)
	if err != nil || original == nil || original.AuthorID == p.AuthorID {
		return err
	}
	licence := coop.LicenceOf(original.Article.License)
	if !licence.Translate {
		return &coop.InvalidError{Field: "translation_of", Code: coop.CodeNotAllowed, Problem: "the licence of the original allows no translation"}
	}
	if !licence.Keeps(coop.LicenceOf(p.Article.License)) {
		return &coop.InvalidError{Field: "license", Code: coop.CodeNotAllowed, Problem: "the licence of the original wants another: " + licence.Name}
	}
	return nil
}

// nameOriginal adds the author of the original to whom a public translation is sent.
func (o *Outbox) nameOriginal(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	if !public(p.Visibility) || draft(p) {
		return nil
	}
	original, err := o.original(ctx, tx, p)
	if err != nil || original == nil || original.AuthorID == p.AuthorID || slices.Contains(p.Cc, original.Author.IRI) {
		return err
	}
	p.Cc = append(p.Cc, original.Author.IRI)
	return nil
}

// Translated lists a public translation, of ours or of another server, on its original
// where that is of ours, and tells who holds the original. Twice is once; what the
// licence does not allow, and who is blocked, is not listed.
func (o *Outbox) Translated(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	if p.Article == nil || p.Visibility != coop.VisiblePublic || !o.o.Local.own(p.Article.TranslationOf) {
		return nil
	}
	found, err := o.original(ctx, tx, p)
	if err != nil || found == nil {
		return err
	}
	original, err := o.ownPost(ctx, tx, found.ID)
	if err != nil {
		return err
	}
	a := original.Article
	if draft(original) || a.Status != coop.ArticlePublished || slices.Contains(a.Translations, p.IRI) || len(a.Translations) >= mostTranslations {
		return nil
	}
	if original.AuthorID != p.AuthorID && !coop.LicenceOf(a.License).Translate {
		return nil
	}
	blocked, err := tx.Blocked(ctx, original.AuthorID, p.AuthorID)
	if err != nil || blocked {
		return err
	}
	a.Translations = append(slices.Clone(a.Translations), p.IRI)
	original.Updated = o.edited(original)
	return o.update(ctx, tx, original)
}
