// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"fmt"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/input"
)

// listArticles answers GET /api/v1/minga/articles with the query of [coop.ArticleQuery]:
// newest first, paged by ids, or, with order=used, by how many co-ops used them, paged
// by a cursor.
func (f *Face) listArticles(c *gin.Context) error {
	query := coop.ParseArticleQuery(c.Request.URL.Query())
	page := storage.ArticlePage{Page: pageOf(c, 20, 40), Cursor: c.Query("cursor"), Domain: f.AccountDomain}
	list, err := f.Store.SearchArticles(c.Request.Context(), auth.Viewer(c), query, page)
	if err != nil {
		return fmt.Errorf("list articles: %w", err)
	}
	c.Header("X-Total-Count", strconv.Itoa(list.Total))
	if query.Order == coop.ArticlesUsed {
		f.linkCursor(c, list.Next)
		return f.showStatuses(c, list.Posts)
	}
	return f.showPage(c, list.Posts)
}

// showPage answers posts in the order of their ids, with the pages beside.
func (f *Face) showPage(c *gin.Context, posts []*coop.Post) error {
	if len(posts) > 0 {
		f.link(c, posts[0].ID, posts[len(posts)-1].ID)
	}
	return f.showStatuses(c, posts)
}

// getArticle answers GET /api/v1/minga/articles/:id.
func (f *Face) getArticle(c *gin.Context) error {
	p, err := f.post(c, coop.KindArticle)
	if err != nil {
		return err
	}
	return f.showStatus(c, p)
}

// fillArticle writes what a client sent; fields stand in `article` or beside it.
func (f *Face) fillArticle(p *coop.Post, in input.Values) {
	in = in.Beside("article")
	fillHead(p, in)
	if p.Article == nil {
		p.Article = &coop.Article{License: f.License}
	}
	fillArticleTexts(p, in)
	fillArticleLinks(p, in)
	fillArticleSeries(p.Article, in)
	sent(in, "version", func(name string) int64 { return int64(in.Number(name)) }, &p.Article.Version)
}

// fillArticleTexts writes what is read of an article, and on which terms.
func fillArticleTexts(p *coop.Post, in input.Values) {
	setText(in, "title", &p.Title)
	setText(in, "summary", &p.Summary)
	for _, name := range []string{"text", "markdown", "content"} {
		setText(in, name, &p.Source)
	}
	p.SourceType = "text/markdown"
	for _, name := range []string{"license", "licence"} {
		setText(in, name, &p.Article.License)
	}
	setText(in, "reason", &p.Article.Reason)
	setText(in, "checked_on", &p.Article.CheckedOn)
}

// fillArticleLinks writes what it is about, whom it cites, of what it is a translation and
// who wrote it too.
func fillArticleLinks(p *coop.Post, in input.Values) {
	a := p.Article
	if in.Has("topic") || in.Has("topics") {
		a.Topics = nil
		for _, t := range append(in.List("topic", "name"), in.List("topics", "name")...) {
			a.Topics = append(a.Topics, coop.Term{URI: t.Text("uri"), Name: t.Text("name")})
		}
	}
	if in.Has("citations") {
		a.Citations = iris(in.Texts("citations"))
	}
	if in.Has("translation_of") {
		a.TranslationOf, a.TranslatedVersion = coop.IRI(in.Text("translation_of")), int64(in.Number("translated_version"))
	}
	if in.Has("authors") {
		a.Contributors = nil
		for _, one := range in.List("authors", "uri") {
			if uri := coop.IRI(one.Text("uri")); uri != p.Author.IRI {
				a.Contributors = append(a.Contributors, coop.Contributor{IRI: uri})
			}
		}
	}
}

// fillArticleSeries writes the series of which it is a part, and where in it.
func fillArticleSeries(a *coop.Article, in input.Values) {
	if in.Has("series") {
		a.Series = nil
		if s, ok := in.One("series", "name"); ok {
			a.Series = &coop.Term{URI: s.Text("uri"), Name: s.Text("name")}
		}
	}
	if in.Has("series") || in.Has("position") {
		a.Position = in.Number("position")
	}
}

// iris are texts as names on the network.
func iris(list []string) []coop.IRI {
	var out []coop.IRI
	for _, s := range list {
		out = append(out, coop.IRI(s))
	}
	return out
}

// createArticle publishes a knowledge post: POST /api/v1/minga/articles.
func (f *Face) createArticle(c *gin.Context) error {
	author := auth.Account(c)
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	p := &coop.Post{Author: author, AuthorID: author.ID, Local: true, Kind: coop.KindArticle}
	f.fillArticle(p, in)
	return f.publishArticle(c, p, in)
}

// publishArticle keeps a new article, or publishes it.
func (f *Face) publishArticle(c *gin.Context, p *coop.Post, in input.Values) error {
	draft := in.On("draft")
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.ownSeries(c, p); err != nil {
		return err
	}
	return f.answer(c, p, func(ctx context.Context) error {
		if draft {
			return f.Outbox.SaveArticleDraft(ctx, p.Author, p)
		}
		return f.Outbox.PublishArticle(ctx, p.Author, p)
	})
}

// updateArticle publishes the next version: PUT /api/v1/minga/articles/:id. The
// version that was edited must be sent; 409 says that it is not the last.
func (f *Face) updateArticle(c *gin.Context) error {
	p, err := f.mine(c, coop.KindArticle)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	f.fillArticle(p, in)
	draft := p.Article.Status == coop.ArticleDraft
	if !draft && !in.Beside("article").Has("version") {
		in.Complain("version", coop.CodeRequired, "say which version you edited")
	}
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.ownSeries(c, p); err != nil {
		return err
	}
	if !draft {
		return f.answerEdit(c, p)
	}
	return f.answer(c, p, func(ctx context.Context) error { return f.Outbox.SaveArticleDraft(ctx, p.Author, p) })
}

// stepArticle takes an article along its states.
func (f *Face) stepArticle(c *gin.Context) error {
	p, err := f.mine(c, coop.KindArticle)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	step := c.Param("step")
	switch step {
	case "publish":
		return f.answer(c, p, func(ctx context.Context) error {
			if p.Article.Status == coop.ArticlePublished {
				return nil // repeatable
			}
			if p.Article.Status != coop.ArticleDraft {
				return fmt.Errorf("publish an article that is %s: %w", p.Article.Status, coop.ErrState)
			}
			return f.Outbox.PublishArticle(ctx, p.Author, p)
		})
	case "archive", "withdraw", "supersede":
		by := coop.IRI(in.Text("by"))
		return f.answer(c, p, func(ctx context.Context) error {
			_, err := f.Outbox.StepArticle(ctx, p.ID, step, by)
			return err
		})
	}
	return coop.ErrNotFound
}
