// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
	"time"

	"minga/coop"
	"minga/outbox/text"
	"minga/storage"

	"golang.org/x/text/unicode/norm"
)

// SaveArticleDraft stores an article that is not published: new when p.ID is zero.
func (o *Outbox) SaveArticleDraft(ctx context.Context, author *coop.Account, p *coop.Post) error {
	return o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error {
		articleOf(p).Status = coop.ArticleDraft
		if err := o.prepareArticle(ctx, tx, author, p); err != nil {
			return err
		}
		return saveDraft(ctx, tx, p)
	})
}

// PublishArticle publishes a knowledge post, new or a draft (p.ID set): p.Title,
// p.Summary, p.Source (Markdown), p.Language and p.Article.License are required.
// p.Cc names further boards as for [Outbox.PublishJob].
func (o *Outbox) PublishArticle(ctx context.Context, author *coop.Account, p *coop.Post) error {
	return o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error {
		if p.ID != 0 {
			if err := o.mayLeave(ctx, tx, p.ID); err != nil {
				return err
			}
		}
		articleOf(p).Status = coop.ArticlePublished
		p.Article.Version = 1
		keepConfirmed(nil, p)
		speaks(p, author)
		if err := coop.ValidateArticle(p); err != nil {
			return err
		}
		if err := o.prepareArticle(ctx, tx, author, p); err != nil {
			return err
		}
		if err := o.mayTranslate(ctx, tx, p); err != nil {
			return err
		}
		send := o.publish
		if p.ID != 0 {
			send = o.publishDraft
		}
		if err := send(ctx, tx, p); err != nil {
			return err
		}
		if err := o.askAuthors(ctx, tx, nil, p); err != nil {
			return err
		}
		return o.Translated(ctx, tx, p)
	})
}

func articleOf(p *coop.Post) *coop.Article {
	if p.Article == nil {
		p.Article = &coop.Article{}
	}
	return p.Article
}

// prepareArticle fills in what the author need not say and makes the HTML.
func (o *Outbox) prepareArticle(ctx context.Context, tx *storage.Tx, author *coop.Account, p *coop.Post) error {
	p.Author, p.AuthorID, p.Local, p.Kind, p.Type = author, author.ID, true, coop.KindArticle, "Article"
	p.Published = o.now().UTC()
	speaks(p, author)
	if p.Visibility == "" {
		p.Visibility = coop.VisiblePublic
	}
	if p.IRI == "" {
		iri, err := o.articleIRI(ctx, tx, author, p.Title)
		if err != nil {
			return err
		}
		p.IRI = iri
	}
	p.URL, p.Thread = string(p.IRI), below(p.IRI, "context")
	o.renderArticle(p)
	if err := o.audience(ctx, tx, author, p); err != nil {
		return err
	}
	return o.nameOriginal(ctx, tx, p)
}

// renderArticle makes title, summary and text what others are shown.
func (o *Outbox) renderArticle(p *coop.Post) {
	p.Title, p.Summary = coop.CleanLine(p.Title, maxTitle), coop.CleanText(p.Summary, maxSummary)
	p.SourceType = "text/markdown"
	clean, pictures := text.Markdown(p.Source)
	p.Content = o.articleState(p) + clean
	p.ContentMap = map[string]string{p.Language: p.Content}
	o.showPictures(p, pictures)
	p.Hashtags = articleTags(p.Hashtags)
}

// articleState is the paragraph that says why an article is not the last word.
func (o *Outbox) articleState(p *coop.Post) string {
	switch p.Article.Status {
	case coop.ArticleArchived:
		return text.Paragraph(o.words.Say(p.Language, "article_archived", nil), true)
	case coop.ArticleSuperseded:
		link := html.EscapeString(string(p.Article.SupersededBy))
		return "<p><strong>" + html.EscapeString(o.words.Say(p.Language, "article_superseded", nil)) + ` <a href="` + link + `">` + text.Bare(link) + "</a></strong></p>"
	}
	return ""
}

// articleTags are the author's hashtags that can be such.
func articleTags(given []string) []string {
	var tags []string
	for _, t := range given {
		t = strings.Trim(strings.TrimPrefix(t, "#"), " ")
		known := slices.ContainsFunc(tags, func(s string) bool { return strings.EqualFold(s, t) })
		if len(tags) < text.MaxHashtags && !known && validTag(t) {
			tags = append(tags, t)
		}
	}
	return tags
}

// articleIRI names a new article by its title; a title that was used before gets a
// number.
func (o *Outbox) articleIRI(ctx context.Context, tx *storage.Tx, author *coop.Account, title string) (coop.IRI, error) {
	base := slug(title)
	for n := 1; n < 1000; n++ {
		name := base
		if n > 1 {
			name += "-" + strconv.Itoa(n)
		}
		iri := below(author.IRI, "articles/"+name)
		free, err := o.free(ctx, tx, iri)
		if err != nil || free {
			return iri, err
		}
	}
	return "", fmt.Errorf("name for an article of %s: %w", author.IRI, coop.ErrConflict)
}

// free tells whether an id was never used.
func (o *Outbox) free(ctx context.Context, tx *storage.Tx, iri coop.IRI) (bool, error) {
	if _, err := tx.PostByIRI(ctx, coop.System(), iri); !isNotFound(err) {
		return false, ignoreGone(err)
	}
	if _, err := tx.Tombstone(ctx, iri); !isNotFound(err) {
		return false, err
	}
	return true, nil
}

// slug is a title as the end of an address: lower-case letters of ASCII and digits.
func slug(title string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(title)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case r < 0x300 || r > 0x36f: // accents are dropped, all else parts words
			if s := b.String(); s != "" && !strings.HasSuffix(s, "-") {
				b.WriteByte('-')
			}
		}
		if b.Len() >= 60 {
			break
		}
	}
	if s := strings.Trim(b.String(), "-"); s != "" {
		return s
	}
	return "article"
}

// EditArticle publishes the next version of an article; p.Article.Version names the
// version that was edited, and [coop.ErrConflict] says that it is not the last. A
// draft is saved.
func (o *Outbox) EditArticle(ctx context.Context, p *coop.Post) error {
	return o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error {
		before, err := o.ownPost(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if before.Article == nil {
			return fmt.Errorf("edit %s: %w", before.IRI, coop.ErrNotFound)
		}
		if p.Article == nil || p.Article.Version != before.Article.Version {
			return fmt.Errorf("edit %s, version %d: %w", before.IRI, before.Article.Version, coop.ErrConflict)
		}
		keepArticle(before, p)
		keepConfirmed(before, p)
		if draft(before) {
			o.renderArticle(p)
			_, err := tx.UpdatePost(ctx, p, storage.Arrival{})
			return wrapErr("save", p.IRI, err)
		}
		if _, err := before.Article.Status.Step(coop.ArticleRevise); err != nil {
			return err
		}
		if err := coop.ValidateArticle(p); err != nil {
			return err
		}
		if err := o.mayTranslate(ctx, tx, p); err != nil {
			return err
		}
		if err := o.nextVersion(ctx, tx, p, o.edited(before)); err != nil {
			return err
		}
		return o.askAuthors(ctx, tx, before, p)
	})
}

// nextVersion sends the article once more with a higher version.
func (o *Outbox) nextVersion(ctx context.Context, tx *storage.Tx, p *coop.Post, at time.Time) error {
	p.Article.Version++
	p.Updated = at
	o.renderArticle(p)
	return o.update(ctx, tx, p)
}

// keepArticle takes over what an edit does not change.
func keepArticle(before, p *coop.Post) {
	p.IRI, p.URL, p.Author, p.AuthorID, p.Local = before.IRI, before.URL, before.Author, before.AuthorID, true
	p.Kind, p.Type, p.Visibility, p.Published, p.Thread = before.Kind, before.Type, before.Visibility, before.Published, before.Thread
	p.To, p.Cc, p.Audience = before.To, before.Cc, before.Audience
	p.Article.Status, p.Article.SupersededBy = before.Article.Status, before.Article.SupersededBy
	p.Article.Translations = before.Article.Translations
	if p.Language == "" {
		p.Language = before.Language
	}
	if p.Hashtags == nil {
		p.Hashtags = before.Hashtags
	}
}

// StepArticle takes an article along its states: archive, supersede (by names the
// newer one), or withdraw, which deletes it everywhere.
func (o *Outbox) StepArticle(ctx context.Context, id coop.ID, step string, by coop.IRI) (*coop.Post, error) {
	var p *coop.Post
	err := o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		if p, err = o.ownPost(ctx, tx, id); err != nil {
			return err
		}
		if p.Article == nil {
			return fmt.Errorf("%s %s: %w", step, p.IRI, coop.ErrNotFound)
		}
		return o.stepArticle(ctx, tx, p, coop.ArticleAction(step), by)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (o *Outbox) stepArticle(ctx context.Context, tx *storage.Tx, p *coop.Post, action coop.ArticleAction, by coop.IRI) error {
	if action == coop.ArticlePublish || action == coop.ArticleRevise {
		return fmt.Errorf("%s %s by a step: %w", action, p.IRI, coop.ErrState)
	}
	next, err := p.Article.Status.Step(action)
	if err != nil || next == p.Article.Status {
		return err
	}
	if action == coop.ArticleWithdraw {
		p.Article.Status = next
		return o.remove(ctx, tx, p)
	}
	if action == coop.ArticleSupersede && !coop.ValidIRI(by) {
		return &coop.InvalidError{Field: "by", Code: coop.CodeRequired, Problem: "the address of the newer article is needed"}
	}
	p.Article.Status = next
	if action == coop.ArticleSupersede {
		p.Article.SupersededBy = by
	}
	return o.nextVersion(ctx, tx, p, o.edited(p))
}

// Markdown is clean HTML of Markdown, as an article shows it.
func Markdown(source string) string {
	clean, _ := text.Markdown(source)
	return clean
}
