// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"time"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/storage"
)

// UseArticle says that a co-op used an article: a Like by the co-op's actor with the
// day in usedOn, which counts co-ops and not likes. Twice is once; a like that was
// there before becomes one that says so. Who is no co-op, and the author, give
// [coop.ErrForbidden]; an article that is not published [coop.ErrState].
func (o *Outbox) UseArticle(ctx context.Context, a *coop.Account, id coop.ID) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		post, err := o.usable(ctx, tx, a, id)
		if err != nil {
			return err
		}
		was, err := tx.ReactionOf(ctx, storage.Like, a.ID, post.ID)
		if err != nil && !isNotFound(err) {
			return err
		}
		if was != nil && was.UsedOn != "" {
			return nil
		}
		day := o.now().UTC().Format(time.DateOnly)
		iri, added, err := o.react(ctx, tx, storage.Reaction{Kind: storage.Like, UsedOn: day}, a, post)
		if err != nil {
			return err
		}
		if !added {
			if err := tx.MarkUsed(ctx, a.ID, post.ID, coop.IRI(iri), day); err != nil {
				return err
			}
		}
		v := o.like(a, post, iri)
		v.Extra = vocabulary.Members{{Name: "usedOn", Value: day}}
		return o.sendLike(ctx, tx, a, post, v, false)
	})
}

// usable finds the article that a co-op may say to have used.
func (o *Outbox) usable(ctx context.Context, tx *storage.Tx, a *coop.Account, id coop.ID) (*coop.Post, error) {
	post, err := tx.Post(ctx, storage.Seeing(ctx, a.ID), id)
	switch {
	case err != nil:
		return nil, fmt.Errorf("use %s: %w", id, err)
	case post.Article == nil:
		return nil, fmt.Errorf("use %s: %w", id, coop.ErrNotFound)
	case a.Kind != coop.Coop && a.Kind != coop.Federation || post.AuthorID == a.ID:
		return nil, fmt.Errorf("%s uses %s: %w", a.IRI, post.IRI, coop.ErrForbidden)
	case post.Article.Status == coop.ArticleDraft:
		return nil, fmt.Errorf("use %s, which is a draft: %w", post.IRI, coop.ErrState)
	}
	return post, nil
}

// UnuseArticle takes back that a co-op used an article, and its like with it; none is
// no error.
func (o *Outbox) UnuseArticle(ctx context.Context, a *coop.Account, p *coop.Post) error {
	return o.Unlike(ctx, a, p)
}

// CheckArticle says that an article of ours still holds: the day and who looked, in an
// Update of the same version. Twice a day is once.
func (o *Outbox) CheckArticle(ctx context.Context, id coop.ID) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		p, err := o.ownPost(ctx, tx, id)
		if err != nil {
			return err
		}
		if p.Article == nil {
			return fmt.Errorf("check %s: %w", p.IRI, coop.ErrNotFound)
		}
		if _, err := p.Article.Status.Step(coop.ArticleRevise); err != nil {
			return err
		}
		day := o.now().UTC().Format(time.DateOnly)
		if p.Article.CheckedOn == day && p.Article.CheckedBy == p.Author.IRI {
			return nil
		}
		p.Article.CheckedOn, p.Article.CheckedBy = day, p.Author.IRI
		p.Updated = o.edited(p)
		return o.update(ctx, tx, p)
	})
}

// PutSeries stores a series of a local account, new where its ID is zero, and keeps its
// document where its address leads: title, summary and language. Complaints are
// [coop.Invalid]; a series of somebody else gives [coop.ErrForbidden].
func (o *Outbox) PutSeries(ctx context.Context, owner *coop.Account, s *coop.Series) error {
	s.Title, s.Summary = coop.CleanLine(s.Title, len(s.Title)), coop.CleanText(s.Summary, len(s.Summary))
	if s.Language == "" {
		s.Language = owner.Language
	}
	if err := coop.ValidateSeries(s); err != nil {
		return err
	}
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		next := *s
		next.Owner, next.OwnerID, next.Local = owner, owner.ID, true
		if next.ID == 0 {
			iri, err := o.seriesIRI(ctx, tx, owner, next.Title)
			if err != nil {
				return err
			}
			next.IRI = iri
		}
		if err := tx.PutSeries(ctx, &next); err != nil {
			return err
		}
		body, err := o.encodeObject(ctx, tx, seriesMembers(&next), owner, true)
		if err != nil {
			return err
		}
		if _, err := tx.PutDocument(ctx, storage.Document{IRI: next.IRI, OwnerID: owner.ID, Public: true, Body: body}); err != nil {
			return err
		}
		*s = next
		return nil
	})
}

// seriesIRI names a new series by its title; a title that was used before gets a number.
func (o *Outbox) seriesIRI(ctx context.Context, tx *storage.Tx, owner *coop.Account, title string) (coop.IRI, error) {
	base := slug(title)
	for n := 1; n < 1000; n++ {
		name := base
		if n > 1 {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		iri := below(owner.IRI, "series/"+name)
		if _, err := tx.SeriesByIRI(ctx, iri); isNotFound(err) {
			return iri, nil
		} else if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("name for a series of %s: %w", owner.IRI, coop.ErrConflict)
}

// seriesMembers is a series as an object: what isPartOf of its articles names.
func seriesMembers(s *coop.Series) vocabulary.Members {
	return vocabulary.Members{
		{Name: "type", Value: "CreativeWorkSeries"},
		{Name: "id", Value: string(s.IRI)},
		{Name: "attributedTo", Value: string(s.Owner.IRI)},
		{Name: "name", Value: s.Title},
	}.Add("summary", s.Summary).Add("inLanguage", s.Language).Add("published", s.CreatedAt).Add("updated", s.UpdatedAt)
}
