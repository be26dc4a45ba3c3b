// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"strings"

	"minga/coop"
	"minga/coop/carry"
	"minga/storage"
)

// Imported is what became of a file of articles.
type Imported struct {
	Name  string
	Post  *coop.Post   // the draft, or the article; nil: it was here already
	Wrong coop.Invalid // what keeps it from being published; empty: it is complete
}

// ImportArticles keeps articles that were written elsewhere as drafts of an author, one
// for each file; whose title the author has used already is left as it is. Where they
// stood and when they were published there is kept: the address among the citations, both
// in the reason of the first version.
func (o *Outbox) ImportArticles(ctx context.Context, author *coop.Account, files []carry.Article) ([]Imported, error) {
	list := make([]Imported, 0, len(files))
	for _, file := range files {
		one, err := o.importArticle(ctx, author, file)
		if err != nil {
			return list, err
		}
		list = append(list, one)
	}
	return list, nil
}

// importArticle keeps one file as a draft.
func (o *Outbox) importArticle(ctx context.Context, author *coop.Account, file carry.Article) (Imported, error) {
	b, err := o.BringArticle(ctx, author, file, false)
	one := Imported{Name: file.Name}
	if b.State == TakenDraft {
		one.Post, one.Wrong = b.Post, b.Wrong
	}
	return one, err
}

// JudgeArticle says what would become of an article of a file, without changing anything:
// one whose key was brought before, or without a key whose title the author has used, is
// known. publish says that what lacks nothing is to be published.
func (o *Outbox) JudgeArticle(ctx context.Context, author *coop.Account, file carry.Article, publish bool) (Brought, error) {
	p := articleOfFile(file)
	p.Author, p.AuthorID = author, author.ID
	speaks(p, author)
	if file.Key != "" {
		p.IRI = carriedIRI(author, coop.KindArticle, coop.IRI(file.Key))
	}
	known, err := false, error(nil)
	if p.IRI != "" {
		known, err = o.knownHere(ctx, p.IRI)
	} else {
		known, err = o.titleFree(ctx, author, p.Title)
		known = !known
	}
	b := Brought{State: TakenDraft, Post: p}
	if err != nil || known {
		b.State = TakenKnown
		return b, err
	}
	if b.Wrong = coop.Complaints(coop.ValidateArticle(p)); publish && !file.Draft && len(b.Wrong) == 0 {
		b.State = TakenNew
	}
	return b, nil
}

// BringArticle keeps an article of a file, as [Outbox.JudgeArticle] says. One that is
// published and was so elsewhere on an earlier day keeps that day, is sent to nobody, and
// nobody is told. One without a day is news.
func (o *Outbox) BringArticle(ctx context.Context, author *coop.Account, file carry.Article, publish bool) (Brought, error) {
	b, err := o.JudgeArticle(ctx, author, file, publish)
	switch {
	case err != nil:
	case b.State == TakenDraft:
		err = o.SaveArticleDraft(ctx, author, b.Post)
	case b.State == TakenNew && o.old(file.Date):
		err = o.keepQuietly(ctx, b.Post, noonOf(file.Date), func(tx *storage.Tx, p *coop.Post) error {
			return o.prepareCarriedArticle(ctx, tx, author, p)
		})
	case b.State == TakenNew:
		err = o.PublishArticle(ctx, author, b.Post)
	}
	return b.after(err)
}

// titleFree tells whether no article of an author is named by a title.
func (o *Outbox) titleFree(ctx context.Context, author *coop.Account, title string) (bool, error) {
	_, err := o.store.PostByIRI(ctx, coop.System(), below(author.IRI, "articles/"+slug(title)))
	if isNotFound(err) || errors.Is(err, coop.ErrGone) {
		return true, nil
	}
	return false, err
}

// articleOfFile is a file as a draft.
func articleOfFile(file carry.Article) *coop.Post {
	p := &coop.Post{
		Title: file.Title, Summary: file.Summary, Source: file.Text, Language: file.Language,
		Article: &coop.Article{License: file.License, Reason: strings.TrimSpace(file.Date + " " + string(file.Origin))},
	}
	for _, topic := range file.Topics {
		p.Article.Topics = append(p.Article.Topics, coop.Term{Name: coop.CleanLine(topic, 100)})
	}
	if file.Origin != "" {
		p.Article.Citations = []coop.IRI{file.Origin}
	}
	return p
}
