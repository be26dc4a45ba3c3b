// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// listArticles answers GET /api/v1/minga/articles: newest first, by one co-op or
// in one language where the query says so.
func (f *Face) listArticles(c *gin.Context) error {
	ctx := c.Request.Context()
	query := storage.PostQuery{Kinds: []coop.PostKind{coop.KindArticle}, Listed: true, LocalOnly: c.Query("source") == "own"}
	if handle := c.Query("coop"); handle != "" {
		author, err := f.byHandle(ctx, handle)
		if err != nil {
			c.JSON(http.StatusOK, []any{}) // an unknown value matches nothing
			return nil
		}
		query.Authors = []coop.ID{author.ID}
	}
	posts, err := f.Store.Posts(ctx, auth.Viewer(c), query, pageOf(c, 20, 40))
	if err != nil {
		return fmt.Errorf("list articles: %w", err)
	}
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

// revisions lists the earlier versions of an article.
func (f *Face) revisions(c *gin.Context) error {
	p, err := f.post(c, coop.KindArticle)
	if err != nil {
		return err
	}
	list, err := f.Store.Revisions(c.Request.Context(), auth.Viewer(c), p.ID)
	if err != nil {
		return fmt.Errorf("revisions of %s: %w", p.ID, err)
	}
	out := make([]gin.H, 0, len(list))
	for _, r := range list {
		out = append(out, gin.H{"version": r.Version, "at": entity.Time(r.At), "title": r.Title, "summary": r.Summary, "html": r.Content, "markdown": r.Source, "reason": r.Reason})
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// fillArticle writes what a client sent; fields stand in `article` or beside it.
func (f *Face) fillArticle(p *coop.Post, in input.Values) {
	in = in.Beside("article")
	fillHead(p, in)
	if p.Article == nil {
		p.Article = &coop.Article{License: f.License}
	}
	a := p.Article
	setText(in, "title", &p.Title)
	setText(in, "summary", &p.Summary)
	for _, name := range []string{"text", "markdown", "content"} {
		setText(in, name, &p.Source)
	}
	p.SourceType = "text/markdown"
	for _, name := range []string{"license", "licence"} {
		setText(in, name, &a.License)
	}
	setText(in, "reason", &a.Reason)
	setText(in, "checked_on", &a.CheckedOn)
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
	if in.Has("series") {
		s := in.List("series", "name")
		a.Series = nil
		if len(s) > 0 {
			a.Series = &coop.Term{URI: s[0].Text("uri"), Name: s[0].Text("name")}
		}
		a.Position = in.Number("position")
	}
	if in.Has("version") {
		a.Version = int64(in.Number("version"))
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
	draft := in.Flag("draft")
	if err := in.Err(); err != nil {
		return err
	}
	return f.answer(c, p, func(ctx context.Context) error {
		if draft != nil && *draft {
			return f.Outbox.SaveArticleDraft(ctx, author, p)
		}
		return f.Outbox.PublishArticle(ctx, author, p)
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
	if err := in.Err(); err != nil {
		return err
	}
	return f.answer(c, p, func(ctx context.Context) error {
		if p.Article.Status == coop.ArticleDraft {
			return f.Outbox.SaveArticleDraft(ctx, p.Author, p)
		}
		return f.Outbox.EditArticle(ctx, p)
	})
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

// drafts lists what the account has not published: GET /api/v1/minga/drafts.
func (f *Face) drafts(c *gin.Context) error {
	posts, err := f.Store.Posts(c.Request.Context(), auth.Viewer(c), storage.PostQuery{Authors: []coop.ID{auth.Account(c).ID}, Drafts: true}, pageOf(c, 20, 40))
	if err != nil {
		return fmt.Errorf("list drafts: %w", err)
	}
	return f.showStatuses(c, posts)
}
