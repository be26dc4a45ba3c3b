// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"strings"

	"minga/coop"
	"minga/coop/carry"
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
	one := Imported{Name: file.Name}
	p := articleOfFile(file)
	free, err := o.titleFree(ctx, author, p.Title)
	if err != nil || !free {
		return one, err
	}
	if err := o.SaveArticleDraft(ctx, author, p); err != nil {
		return one, err
	}
	one.Post = p
	var list coop.Invalid
	if err := coop.ValidateArticle(p); errors.As(err, &list) {
		one.Wrong = list
	}
	return one, nil
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
